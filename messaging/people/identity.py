"""What a personal number and a name may be, whoever writes them: the booking system's file or another system."""

import re
from datetime import date

from stdnum.dk import cpr as danish_cpr
from stdnum.exceptions import ValidationError

from messaging.errors import InvalidInput

LONGEST_NAME = 100
AGE = 18
"""From when on somebody is of age."""

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
    try:
        born = birth_date(digits)
    except ValidationError:
        raise BrokenCpr("A personal number begins with a date.", field="cpr") from None
    if born > today:
        raise BrokenCpr("A personal number begins with a date that has been.", field="cpr")
    return digits


def is_name(text: str) -> bool:
    """Whether a text can stand as a name in a message: letters of any language, and what stands between them."""
    return _NAME.fullmatch(text) is not None


def birth_date(cpr: str) -> date:
    """Return the day on which the holder of this personal number was born, as its digits tell."""
    day = int(cpr[:2])
    ordinary = f"{day - 60:02d}{cpr[2:]}" if day > 60 else cpr
    born: date = danish_cpr.get_birth_date(ordinary)
    return born


def is_under_age(cpr: str, *, today: date) -> bool:
    """Whether the holder of this personal number is not yet 18; on the 18th birthday she is."""
    return today < comes_of_age(cpr)


def comes_of_age(cpr: str) -> date:
    """Return the 18th birthday of the holder of this personal number; who was born on a leap day waits until March."""
    born = birth_date(cpr)
    try:
        return born.replace(year=born.year + AGE)
    except ValueError:
        return date(born.year + AGE, 3, 1)
