"""What may not leave by SMS: personal numbers, links, and texts that belong behind a login. SMS is a postcard."""

import enum
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from messaging.conversations.phrases import without_unseen


class ContentClass(enum.StrEnum):
    """Where a text may be shown. CONSEQUENCE: by SMS, but to nobody under 18, for it says what may follow.

    LOGIN_ONLY: in the app to who has been identified, SENSITIVE: there only after a sign-in of high assurance.
    """

    SMS_OK = "sms_ok"
    CONSEQUENCE = "consequence"
    LOGIN_ONLY = "login_only"
    SENSITIVE = "sensitive"


class HoldReason(enum.StrEnum):
    """Why a message is held back."""

    CPR = "cpr"
    LINK = "link"
    LOGIN_ONLY = "login_only"


@dataclass(frozen=True, kw_only=True)
class Hold:
    """One reason to hold a message, with the sentence the caseworker reads."""

    reason: HoldReason
    sentence: str


_SENTENCES = {
    HoldReason.CPR: "Beskeden ser ud til at indeholde et CPR-nummer. Det må ikke sendes som sms. Brug appen i stedet.",
    HoldReason.LINK: "Beskeden indeholder et link. Vi sender aldrig links i sms. Brug appen i stedet.",
    HoldReason.LOGIN_ONLY: "Beskeden må kun læses efter login. Send den i appen i stedet.",
}

MASK = "••••••-••••"
"""Stands where a personal number stood."""

_GAP = r"[\s.\-\u2010-\u2015\u2212_/]"
_ALONE = rf"(?<!\d) (?<!\d{_GAP})"
"""Neither inside a longer number nor one group of a longer row of groups."""
_NO_MORE = rf"(?! (?:{_GAP}|:)? \d)"

_CPR_SHAPES = tuple(
    re.compile(shape, re.VERBOSE)
    for shape in (
        # 3105974123
        r"(?<!\d) (\d\d) (\d\d) (\d\d) \d{4} (?!\d)",
        # 310597-4123, 310597 - 4123, and with the century 31051997-4123
        rf"(?<!\d) (\d\d) (\d\d) (?:19|20)? (\d\d) {_GAP}{{1,3}} \d{{4}} (?!\d)",
        # 31.05.97-4123, 31/05-97 4123, 31 05 97 41 23
        rf"{_ALONE} (\d\d) {_GAP} (\d\d) {_GAP} (?:19|20)? (\d\d) {_GAP}{{0,3}} \d\d [\s-]? \d\d {_NO_MORE}",
        # 3 1 0 5 9 7 4 1 2 3
        rf"{_ALONE} (\d{_GAP}\d) {_GAP} (\d{_GAP}\d) {_GAP} (\d{_GAP}\d) (?:{_GAP}{{1,3}}\d){{4}} {_NO_MORE}",
    )
)

_LINK = re.compile(
    r"""
      \b https? : //
    | \b www \. \w
    | (?<![\w@.-]) (?:[\w-]+\.)+ (?:dk|com|net|org|eu|info|io|app|biz|gov|edu|link|online|site|xyz|shop) \b (?!\.?\w)
    | (?<![\w@.-]) (?=[^\W\d]) (?:[\w-]+\.)+ [a-z]{2,} / \w
    """,
    re.VERBOSE | re.IGNORECASE,
)


def examine(text: str, *, content_class: ContentClass = ContentClass.SMS_OK) -> tuple[Hold, ...]:
    """Return why this text may not be sent by SMS, empty if it may.

    A personal number is ten digits whose first six are a date, in any common way of writing. The check digit is not
    asked for (it went out of use in 2007) and replacement numbers (day + 60) count; a part of a longer number does not.
    """
    plain = unicodedata.normalize("NFKC", without_unseen(text))
    found = {
        HoldReason.CPR: contains_cpr(plain),
        HoldReason.LINK: _LINK.search(plain) is not None,
        HoldReason.LOGIN_ONLY: content_class in {ContentClass.LOGIN_ONLY, ContentClass.SENSITIVE},
    }
    return tuple(Hold(reason=reason, sentence=_SENTENCES[reason]) for reason, hit in found.items() if hit)


def contains_cpr(text: str) -> bool:
    """Whether something in the text reads as a personal number."""
    plain = unicodedata.normalize("NFKC", without_unseen(text))
    return any(_is_birth_date(*match.groups()) for shape in _CPR_SHAPES for match in shape.finditer(plain))


def mask_cpr(text: str) -> str:
    """Return the text with what reads as a personal number taken out, the rest as it was if there is none."""
    if not contains_cpr(text):
        return text
    plain = unicodedata.normalize("NFKC", without_unseen(text))
    for shape in _CPR_SHAPES:
        plain = shape.sub(lambda match: MASK if _is_birth_date(*match.groups()) else match[0], plain)
    return plain


def _is_birth_date(day: str, month: str, year: str) -> bool:
    numbers = [int("".join(filter(str.isdecimal, part))) for part in (day, month, year)]
    plain_day = numbers[0] - 60 if numbers[0] > 60 else numbers[0]
    try:
        date(2000 + numbers[2], numbers[1], plain_day)
    except ValueError:
        return False
    return True
