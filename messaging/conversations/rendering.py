"""Approved texts with named variables: how they are shipped, filled in, and how days and times are written in them.

Filling in is strict on purpose: a text with a hole ("Hej , vi ses kl. ") must never reach a citizen.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from messaging.clock import COPENHAGEN
from messaging.conversations.content_gate import ContentClass
from messaging.errors import InvalidInput

CONTENT_FREE = "content_free"
"""The variant for numbers that several people share: no name, no purpose, no unit, no place."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_WEEKDAYS = {
    "da": ("ma.", "ti.", "on.", "to.", "fr.", "lø.", "sø."),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_NEAR = {"da": ("i dag", "i morgen"), "en": ("today", "tomorrow")}


class UnusableText(InvalidInput):
    """A text cannot be filled in."""

    code = "unusable_text"


class UnknownVariable(UnusableText):
    """The text names a variable that has no value here; `field` is its name."""

    code = "unknown_variable"


class EmptyVariable(UnusableText):
    """A variable of the text is empty; `field` is its name."""

    code = "empty_variable"


class MalformedText(UnusableText):
    """A brace stands in the text that is not part of a `{variable}`."""

    code = "malformed_text"


@dataclass(frozen=True, kw_only=True)
class ShippedTemplate:
    """One version of a text as it comes with the service; valid from a moment until, if it has ended, another."""

    key: str
    variant: str
    language: str
    version: int
    content_class: ContentClass
    text: str
    valid_from: datetime
    valid_to: datetime | None
    approved_by: str

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of what must be filled in, in the order of the text."""
        return variables_of(self.text)


class Blank(NamedTuple):
    """A text some of whose variables are still to be filled in: what stands in it and, at every second place, their
    names."""

    parts: tuple[str, ...]

    def fill(self, variables: Mapping[str, str]) -> "Blank":
        """Fill in those that have a value here; values are not looked into. Raises EmptyVariable."""
        filled, rest = [self.parts[0]], iter(self.parts[1:])
        for name, after in zip(rest, rest, strict=True):
            if name not in variables:
                filled += name, after
                continue
            value = variables[name].strip()
            if not value:
                raise EmptyVariable(f"the variable {name} is empty", field=name)
            filled[-1] += value + after
        return Blank(tuple(filled))

    def whole(self) -> str:
        """Return the text if nothing is missing. Raises UnknownVariable."""
        if len(self.parts) > 1:
            raise UnknownVariable(f"the variable {self.parts[1]} has no value", field=self.parts[1])
        return self.parts[0]


def render(text: str, variables: Mapping[str, str]) -> str:
    """Fill in `{name}` placeholders, and nothing else: no formats, no attributes, and values are not looked into.

    Raises UnknownVariable, EmptyVariable or MalformedText. Variables the text does not use are left aside.
    """
    return blank(text).fill(variables).whole()


@lru_cache(maxsize=256)
def blank(text: str) -> Blank:
    """Return a text with nothing filled in. Raises MalformedText."""
    parts = tuple(_PLACEHOLDER.split(text))
    if any("{" in between or "}" in between for between in parts[::2]):
        raise MalformedText("a brace is not part of a variable")
    return Blank(parts)


def variables_of(text: str) -> tuple[str, ...]:
    """Return the variables a text names, each once. Raises MalformedText."""
    return tuple(dict.fromkeys(blank(text).parts[1::2]))


def short_day(at: datetime, *, zone: ZoneInfo = COPENHAGEN, language: str = "da") -> str:
    """Return the day as `to. 14/10`; in a language whose days we do not know by name, as `14/10`."""
    day = at.astimezone(zone)
    figures = f"{day.day}/{day.month}"
    return f"{_WEEKDAYS[language][day.weekday()]} {figures}" if language in _WEEKDAYS else figures


def wall_clock(at: datetime, *, zone: ZoneInfo = COPENHAGEN) -> str:
    """Return the time of day as `10.30`."""
    return f"{at.astimezone(zone):%H.%M}"


def day_word(at: datetime, *, sent_at: datetime, zone: ZoneInfo = COPENHAGEN, language: str = "da") -> str:
    """Return `i dag`, `i morgen` or the short day, as it is true for a text sent at `sent_at`."""
    ahead = (at.astimezone(zone).date() - sent_at.astimezone(zone).date()).days
    if language in _NEAR and ahead in range(len(_NEAR[language])):
        return _NEAR[language][ahead]
    return short_day(at, zone=zone, language=language)


@cache
def load_templates() -> tuple[ShippedTemplate, ...]:
    """Return all texts that come with the service."""
    data = read_texts("messaging.conversations", "templates.toml")
    return tuple(
        ShippedTemplate(
            key=text["key"],
            variant=text.get("variant", ""),
            language=text.get("language", "da"),
            version=text["version"],
            content_class=ContentClass(text["content_class"]),
            text=text["text"],
            valid_from=start_of(text["valid_from"]),
            valid_to=start_of(text["valid_to"]) if "valid_to" in text else None,
            approved_by=data["approved_by"],
        )
        for text in data["template"]
    )


def read_texts(package: str, name: str) -> dict[str, Any]:
    """Read one file of texts that lies in the folder `texts` of a package."""
    return tomllib.loads(resources.files(package).joinpath("texts", name).read_text(encoding="utf-8"))


def start_of(day: date, *, zone: ZoneInfo = COPENHAGEN) -> datetime:
    """Return the moment a day begins, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
