"""What a personal number and a name may be, whoever writes them: the booking system's file or another system."""

import re
from datetime import date

from stdnum.dk import cpr as danish_cpr
from stdnum.exceptions import ValidationError

from messaging.errors import InvalidInput

LONGEST_NAME = 100

_CPR = re.compile(r"([0-9]{6})[- ]?([0-9]{4})")
_NAME = re.compile(r"[^\W\d_][^\W\d_\u0300-\u036f]*(?:[ .'’\-]+[^\W\d_][^\W\d_\u0300-\u036f]*)*\.?")


class BrokenCpr(InvalidInput):
    """The text is no personal number."""

    code = "broken_cpr"


def read_cpr(text: str, *, today: date) -> str:
    """Return the ten digits of a personal number, or raise BrokenCpr.

    Its date must be one that has been; a replacement number has 60 added to its day. The check digit went out of use
    in 2007 and is not asked for.
    """
    match = _CPR.fullmatch(text)
    if match is None:
        raise BrokenCpr("A personal number is ten digits.", field="cpr")
    digits = "".join(match.groups())
    day = int(digits[:2])
    ordinary = f"{day - 60:02d}{digits[2:]}" if day > 60 else digits
    try:
        born = danish_cpr.get_birth_date(ordinary)
    except ValidationError:
        raise BrokenCpr("A personal number begins with a date.", field="cpr") from None
    if born > today:
        raise BrokenCpr("A personal number begins with a date that has been.", field="cpr")
    return digits


def is_name(text: str) -> bool:
    """Whether a text can stand as a name in a message: letters of any language, and what stands between them."""
    return _NAME.fullmatch(text) is not None
