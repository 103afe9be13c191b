"""Approved texts that a caseworker chooses: which there are for a citizen today, and how one reads for her.

A text that the service sends by itself is not offered. One that may only be read after login never leaves by SMS, and
to a number that several share goes only a text without content. Whose words about a meeting they are is told by the
room of the meetings.
"""

import enum
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Template
from messaging.conversations.queries import valid_templates
from messaging.conversations.rendering import CONTENT_FREE, EmptyVariable, render, variables_of
from messaging.conversations.segments import make_gsm
from messaging.conversations.templates import DANISH, NoValidTemplate, name_of
from messaging.runtime import Runtime

SENT_BY_ITSELF = frozenset(
    {"M1", "M1P", "M2", "M2K", "M3", "M8", "M11", "M12", "M13", "M14"}
    | {"start", "help", "cover", "stand_in", "away", "closed", "code"}
)
"""Texts that only the service sends, each at its own moment."""


BY_SMS = frozenset({ContentClass.SMS_OK, ContentClass.CONSEQUENCE})
"""What may leave by SMS; the latter to nobody under 18."""


class About(enum.StrEnum):
    """Which meeting a text speaks of."""

    NEXT = "next"
    LAST = "last"


ABOUT_LAST = frozenset({"M10"})
"""Texts about the meeting that has been; all others speak of the next one."""


def about(key: str) -> About:
    """Return which meeting a text speaks of."""
    return About.LAST if key in ABOUT_LAST else About.NEXT


@dataclass(frozen=True, kw_only=True)
class MeetingWords:
    """What texts may say of a meeting, in approved words, and the variant that fits how it is held."""

    variant: str
    variables: Mapping[str, str] = field(repr=False)


MeetingsOf = Callable[
    [Runtime, Session, Sequence[uuid.UUID], datetime], Mapping[uuid.UUID, Mapping[About, MeetingWords]]
]
"""Gives the words of the next and the last meeting of each of some citizens, for a text that is read at a moment."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A text as it would be sent, the name of its template, and the Danish original of one in another language."""

    text: str = field(repr=False)
    template: str
    content_free: bool
    original: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """For whom a text is filled in: her own variables, her meetings, her language, and if her number is shared.

    `under_age`: she gets no text that says what may follow.
    """

    variables: Mapping[str, str] = field(repr=False)
    meetings: Mapping[About, MeetingWords]
    language: str = DANISH
    shared: bool = False
    under_age: bool = False


class Shelf:
    """The texts valid at a moment that are written by hand; read once, filled in for as many as there are."""

    def __init__(self, session: Session, *, at: datetime) -> None:
        self._texts: dict[tuple[str, str, str], Template] = {
            (template.key, template.variant, template.language): template  # the newest version comes last
            for template in valid_templates(session, at=at)
            if template.key not in SENT_BY_ITSELF and template.content_class in BY_SMS
        }

    def keys(self, *, shared: bool) -> Sequence[str]:
        """Return which texts there are, in order."""
        fit = {key for key, variant, _ in self._texts if not shared or variant == CONTENT_FREE}
        return sorted(fit, key=_in_order)

    def fill(self, key: str, recipient: Recipient) -> Filled:
        """Return a text as it reads for somebody, in her language where there is an approved one.

        Raises NoValidTemplate, or EmptyVariable naming what is missing.
        """
        variant = self._variant(key, recipient)
        original = self._texts.get((key, variant, DANISH))
        template = self._texts.get((key, variant, recipient.language), original)
        if template is not None and recipient.under_age and template.content_class == ContentClass.CONSEQUENCE:
            raise NoValidTemplate(f"the text {key} says what may follow, and goes to nobody under 18")
        if template is None:
            raise NoValidTemplate(f"no version of the text {key}/{variant or 'plain'} is valid now")
        meeting = recipient.meetings.get(about(key))
        values = {**(meeting.variables if meeting else {}), **recipient.variables}
        foreign = original is not None and template is not original
        return Filled(
            text=_filled(template.text, values),
            template=name_of(template),
            content_free=variant == CONTENT_FREE,
            original=_filled(original.text, values) if foreign and original else None,
        )

    def _variant(self, key: str, recipient: Recipient) -> str:
        if recipient.shared:
            return CONTENT_FREE
        variants = {variant for of_key, variant, _ in self._texts if of_key == key}
        if not variants or "" in variants:
            return ""
        meeting = recipient.meetings.get(about(key))
        if meeting is not None and meeting.variant in variants:
            return meeting.variant
        return min(variants - {CONTENT_FREE}, default=CONTENT_FREE)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Fill in; what has no value at all is missing as much as what is empty."""
    for name in variables_of(text):
        if not values.get(name, "").strip():
            raise EmptyVariable(f"the variable {name} is empty", field=name)
    return make_gsm(render(text, values))


def _in_order(key: str) -> tuple[str, int, str]:
    """M4 before M10, and what a municipality has named itself behind."""
    number = key[1:]
    return ("", int(number), key) if key[:1] == "M" and number.isdigit() else (key, 0, key)
