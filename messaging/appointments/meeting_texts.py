"""The approved words about meetings: purpose and next step of each type, and places as they may stand in an SMS."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from messaging.appointments.guidance_models import GuidanceKind
from messaging.conversations.rendering import read_texts, render, start_of
from messaging.conversations.templates import DANISH

_PACKAGE, _FILE = "messaging.appointments", "meeting_texts.toml"
PHRASES = {"en": "phrases_en.toml"}


@dataclass(frozen=True, kw_only=True)
class ShippedMeetingText:
    """What an SMS may say of a meeting type: "Vi taler om <purpose> og <next_step>."

    The text of the empty type is for every type that has none of its own.
    """

    meeting_type: str
    purpose: str
    next_step: str
    valid_from: datetime
    valid_to: datetime | None
    approved_by: str


@dataclass(frozen=True, kw_only=True)
class ShippedPlace:
    """A place by its name in the booking system, and the words for it in an SMS."""

    name: str
    words: str
    approved_by: str


@dataclass(frozen=True, kw_only=True)
class ShippedGuidance:
    """What a citizen reads of meetings of a type, at a place or of a form, beside purpose and next step."""

    kind: GuidanceKind
    name: str
    text: str
    written_at: datetime
    valid_from: datetime
    valid_to: datetime | None
    approved_by: str


@cache
def load_meeting_texts() -> tuple[ShippedMeetingText, ...]:
    """Return the approved texts that come with the service."""
    data = read_texts(_PACKAGE, _FILE)
    return tuple(
        ShippedMeetingText(
            meeting_type=text["meeting_type"],
            purpose=text["purpose"],
            next_step=text["next_step"],
            valid_from=start_of(text["valid_from"]),
            valid_to=start_of(text["valid_to"]) if "valid_to" in text else None,
            approved_by=data["approved_by"],
        )
        for text in data["meeting_text"]
    )


@cache
def load_places() -> tuple[ShippedPlace, ...]:
    """Return the approved places that come with the service."""
    data = read_texts(_PACKAGE, _FILE)
    return tuple(
        ShippedPlace(name=place["name"], words=place["words"], approved_by=data["approved_by"])
        for place in data["place"]
    )


@cache
def load_guidance() -> tuple[ShippedGuidance, ...]:
    """Return what comes with the service to be read about meetings in the app."""
    data = read_texts(_PACKAGE, _FILE)
    return tuple(
        ShippedGuidance(
            kind=GuidanceKind(text["kind"]),
            name=text["name"],
            text=text["text"],
            written_at=start_of(text["valid_from"]),
            valid_from=start_of(text["valid_from"]),
            valid_to=start_of(text["valid_to"]) if "valid_to" in text else None,
            approved_by=data["approved_by"],
        )
        for text in data["guidance"]
    )


def translated(words: str, *, language: str) -> str | None:
    """Return approved Danish words about a meeting in another language; None if we have none for them."""
    return words if language == DANISH or not words else _phrases(language).get(words)


def app_text(name: str, *, language: str, **values: str) -> str:
    """Return a sentence about a meeting in the app, in one of its languages."""
    texts = _app_texts()
    return render(texts.get(language, texts[DANISH])[name], values)


@cache
def _app_texts() -> dict[str, dict[str, str]]:
    return read_texts(_PACKAGE, "app_texts.toml")


@cache
def _phrases(language: str) -> dict[str, str]:
    file = PHRASES.get(language)
    return dict(read_texts(_PACKAGE, file)["phrases"]) if file else {}
