"""Reading the form of a search: what somebody wrote and chose becomes a `Search`, or a named error."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from messaging.clock import COPENHAGEN
from messaging.conversations.models import Direction
from messaging.conversations.search_words import SoughtWord, sought_words
from messaging.conversations.searching import Search
from messaging.errors import InvalidInput

LONGEST = 200
MOST_WORDS = 8

FIELDS = ("words", "citizen_id", "since", "until", "direction", "medium", "template", "receipt_number", "papers")


class NothingSought(InvalidInput):
    """The form bounds nothing."""


class TooCommon(InvalidInput):
    """None of the words can be looked up: they stand in nearly every message."""


class TooMuch(InvalidInput):
    """More words than a search takes."""


def read_search(form: Mapping[str, str]) -> Search:
    """Return what is sought; `until` in a form is the last day that counts.

    Raises NothingSought, TooCommon, TooMuch, and InvalidInput for what no form of ours says.
    """
    given = {name: form.get(name, "").strip() or None for name in FIELDS}
    if not any(given.values()):
        raise NothingSought("a search needs a word or a bound")
    until = _day(given, "until")
    return Search(
        words=_words(given["words"] or ""),
        citizen_id=_id(given["citizen_id"]),
        since=_midnight(_day(given, "since")),
        until=_midnight(until + timedelta(days=1)) if until else None,
        direction=_direction(given["direction"]),
        medium=given["medium"],
        template=given["template"],
        receipt_number=given["receipt_number"],
        with_papers=given["papers"] is not None,
    )


def _words(text: str) -> tuple[SoughtWord, ...]:
    if len(text) > LONGEST:
        raise TooMuch(f"a search takes at most {LONGEST} letters", field="words")
    words = tuple(sought_words(text))
    if len(words) > MOST_WORDS:
        raise TooMuch(f"a search takes at most {MOST_WORDS} words", field="words")
    if text and not any(word.terms for word in words):
        raise TooCommon("none of the words can be looked up", field="words")
    return words


def _id(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise InvalidInput("this is no id", field="citizen_id") from None


def _day(given: Mapping[str, str | None], name: str) -> date | None:
    text = given[name]
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput("there is no such day", field=name) from None
    if day is not None and not 1900 < day.year < 2200:
        raise InvalidInput("there is no such day", field=name)
    return day


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=COPENHAGEN) if day else None


def _direction(text: str | None) -> Direction | None:
    try:
        return Direction(text) if text else None
    except ValueError:
        raise InvalidInput("a message goes in or out", field="direction") from None
