"""What a text must and may not say before anybody can approve it.

Every text is filled in with made-up data and looked at as the citizen would get it. What the shipped Danish text of a
key tells of time, place and ways out, its next versions and its translations must tell too: nobody can write an answer
to STOP that hides how to come back, or a reminder without its time.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from messaging.conversations.content_gate import ContentClass, HoldReason, examine
from messaging.conversations.rendering import (
    CONTENT_FREE,
    MalformedText,
    ShippedTemplate,
    load_templates,
    render,
    variables_of,
)
from messaging.conversations.segments import Encoding, Segments, make_gsm, measure
from messaging.errors import InvalidInput

MOST_PARTS = 3
"""Of a text that no shipped one sets a measure for."""
LONGEST = 600

_MEETING = frozenset({"day", "day_word", "time"})
_OFFICE = frozenset({"unit", "office_phone", "app", "opening_hours"})
_PERSONAL = frozenset({"first_name", "caseworker", "minutes", "place", "purpose", "next_step"})
_ALL_OF_A_MEETING = _MEETING | _OFFICE | _PERSONAL
_OF_KEY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "M3": _ALL_OF_A_MEETING | {"times", "wish"},
        "M7": _OFFICE | {"first_name", "caseworker"},
        "M8": frozenset(),
        "M11": _OFFICE,
        "M12": _OFFICE,
        "start": frozenset(),
        "help": frozenset(),
        "danger": _OFFICE,
        "code": frozenset({"app", "code"}),
        "away": _OFFICE | {"caseworker", "read_at"},
        "cover": _OFFICE | {"first_name", "caseworker", "deputy"},
        "stand_in": _ALL_OF_A_MEETING | {"stand_in"},
        "M14": _MEETING | _OFFICE | {"first_name", "caseworker", "later_time", "where", "later_where"},
    }
)
_TELLS_NOTHING = _MEETING | {"later_time", "opening_hours", "read_at"}
"""All that may stand in a text to a number which several share."""
_TELLING = frozenset(
    {"day", "time", "later_time", "place", "where", "later_where"}
    | {"read_at", "opening_hours", "deputy", "stand_in", "code", "times", "wish"}
)
_KEPT = ("STOP", "START", "112", "70 201 201", "Digital Post", "1=", "2=")

SAMPLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "da": MappingProxyType(
            {
                "first_name": "Sara",
                "caseworker": "Mette",
                "day": "to. 14/10",
                "day_word": "i morgen",
                "time": "10.30",
                "later_time": "13.00",
                "where": "Mødested 1",
                "later_where": "på telefon",
                "place": "Mødested 1",
                "purpose": "din plan",
                "next_step": "hvad der sker bagefter",
                "minutes": "30",
                "unit": "Ungecenteret",
                "app": "Mit Ungecenter",
                "office_phone": "00 00 00 00",
                "opening_hours": "på hverdage kl. 8-16",
                "deputy": "Ali",
                "stand_in": "Ali",
                "read_at": "to. 14/10 kl. 10.30",
                "code": "123456",
                "times": "4=ti. 19/10 10.30, 5=on. 20/10 10.30, 6=to. 21/10 10.30",
                "wish": "ti. 19/10 10.30",
            }
        ),
        "en": MappingProxyType(
            {
                "day": "Thu 14/10",
                "day_word": "tomorrow",
                "purpose": "your plan",
                "next_step": "what happens next",
                "opening_hours": "on weekdays 8-16",
                "read_at": "Thu 14/10 at 10.30",
                "later_where": "by phone",
                "times": "4=Tue 19/10 10.30, 5=Wed 20/10 10.30, 6=Thu 21/10 10.30",
                "wish": "Tue 19/10 10.30",
            }
        ),
    }
)
"""Made-up data of each language; what one lacks is as in Danish."""


class Flaw(enum.StrEnum):
    """Why a text cannot be used."""

    EMPTY = "empty"
    MALFORMED = "malformed"
    UNKNOWN_VARIABLE = "unknown_variable"
    MISSING_VARIABLE = "missing_variable"
    MISSING_WORDS = "missing_words"
    NOT_GSM = "not_gsm"
    TOO_LONG = "too_long"
    LINK = "link"
    CPR = "cpr"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong, and the names, words or characters it is about."""

    flaw: Flaw
    about: tuple[str, ...] = ()


class UnfitText(InvalidInput):
    """The text breaks rules; `faults` says which."""

    code = "unfit_text"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("the text cannot be used: " + ", ".join(fault.flaw for fault in self.faults), field="text")


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A text, and whose it is."""

    key: str
    variant: str
    language: str
    content_class: ContentClass
    text: str


def variables_allowed(key: str, variant: str) -> frozenset[str]:
    """Return what a text of this key and variant may have filled in."""
    allowed = _OF_KEY.get(key, _ALL_OF_A_MEETING)
    return allowed & _TELLS_NOTHING if variant == CONTENT_FREE else allowed


def filled_with_samples(text: str, *, language: str) -> str:
    """Return the text as somebody made up would get it. Raises UnusableText."""
    return make_gsm(render(text, {**SAMPLES["da"], **SAMPLES.get(language, {})}))


def faults_of(wording: Wording) -> tuple[Fault, ...]:
    """Return everything that is wrong with a text; empty if it may be approved."""
    text = wording.text.strip()
    if not text:
        return (Fault(flaw=Flaw.EMPTY),)
    try:
        named = variables_of(text)
    except MalformedText:
        return (Fault(flaw=Flaw.MALFORMED),)
    allowed = variables_allowed(wording.key, wording.variant)
    if unknown := tuple(name for name in named if name not in allowed):
        return (Fault(flaw=Flaw.UNKNOWN_VARIABLE, about=unknown),)
    shipped = shipped_danish(wording.key, wording.variant)
    filled = filled_with_samples(text, language=wording.language)
    return (*_missing(text, shipped), *_of_size(filled, wording, shipped), *_of_content(filled))


def shipped_danish(key: str, variant: str) -> ShippedTemplate | None:
    """Return the newest Danish text that came with the service under this key; None for a municipality's own."""
    versions = [text for text in load_templates() if (text.key, text.variant, text.language) == (key, variant, "da")]
    return max(versions, key=lambda text: text.version, default=None)


def _missing(text: str, shipped: ShippedTemplate | None) -> Iterable[Fault]:
    if shipped is None:
        return
    wanted, there = (_as_one(variables_of(of)) for of in (shipped.text, text))
    if variables := tuple(sorted((wanted & _TELLING) - there)):
        yield Fault(flaw=Flaw.MISSING_VARIABLE, about=variables)
    if words := tuple(word for word in _KEPT if word in shipped.text and word not in text):
        yield Fault(flaw=Flaw.MISSING_WORDS, about=words)


def _as_one(names: Iterable[str]) -> frozenset[str]:
    """Both variables for the day tell the day."""
    return frozenset("day" if name == "day_word" else name for name in names)


def _of_size(filled: str, wording: Wording, shipped: ShippedTemplate | None) -> Iterable[Fault]:
    size = measure(filled)
    most = parts_of(shipped).count if shipped else MOST_PARTS
    if size.encoding is not Encoding.GSM_7:
        if wording.language in SAMPLES:
            yield Fault(flaw=Flaw.NOT_GSM, about=size.offending)
        most = MOST_PARTS
    if size.count > most or len(filled) > LONGEST:
        yield Fault(flaw=Flaw.TOO_LONG, about=(str(size.count), str(most)))


def parts_of(shipped: ShippedTemplate) -> Segments:
    """Return the size of a shipped text, filled in with made-up data."""
    return measure(filled_with_samples(shipped.text, language=shipped.language))


def _of_content(filled: str) -> Iterable[Fault]:
    flaws = {HoldReason.LINK: Flaw.LINK, HoldReason.CPR: Flaw.CPR}
    return (Fault(flaw=flaws[hold.reason]) for hold in examine(filled) if hold.reason in flaws)
