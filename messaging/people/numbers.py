"""Telephone numbers as people write them, read once into E.164: Danish first, other countries with their prefix."""

import re
from dataclasses import dataclass, field

import phonenumbers
from phonenumbers import PhoneNumberType

REGION = "DK"
LONGEST = 40
EMERGENCY = frozenset({"110", "112", "113", "114", "1813", "1812", "999", "911"})
NO_MOBILE = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.PAGER,
        PhoneNumberType.VOICEMAIL,
    }
)


@dataclass(frozen=True, kw_only=True)
class ReadNumber:
    """What a written number says. `e164` is None when it can be no number, and `reason` then says why.

    `doubtful` warns that the numbering plan does not know it; it is used all the same, because plans change.
    """

    e164: str | None = field(repr=False)
    doubtful: bool = False
    reason: str | None = None


def read_number(raw: str) -> ReadNumber:
    """Read a number such as `+4524101921`, `0045 31932646` or `41 70 67 66`."""
    if not raw.strip():
        return ReadNumber(e164=None, reason="empty")
    if len(raw) > LONGEST:
        return ReadNumber(e164=None, reason="not_a_number")
    try:
        number = phonenumbers.parse(_with_plus(raw.strip()), REGION)
    except phonenumbers.NumberParseException:
        return ReadNumber(e164=None, reason="not_a_number")
    if not phonenumbers.is_possible_number(number):
        return ReadNumber(e164=None, reason="not_possible")
    return ReadNumber(
        e164=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        doubtful=not phonenumbers.is_valid_number(number),
    )


def read_mobile(raw: str) -> ReadNumber:
    """As `read_number`, for a number to which messages are to go: one that certainly takes none is refused.

    The reasons are those of `read_number`, `emergency`, or `no_mobile`. A Danish number does not tell whether it is a
    landline, for numbers move along; whether it is the citizen's shows when it rings.
    """
    if re.sub(r"[^0-9]", "", raw) in EMERGENCY:
        return ReadNumber(e164=None, reason="emergency")
    read = read_number(raw)
    if read.e164 is None:
        return read
    if phonenumbers.number_type(phonenumbers.parse(read.e164)) in NO_MOBILE:
        return ReadNumber(e164=None, reason="no_mobile")
    return read


def _with_plus(raw: str) -> str:
    return "+" + raw[2:] if raw.startswith("00") else raw


def last_digits(e164: str) -> str:
    """Return the four digits by which staff recognise a number without reading it whole."""
    return e164[-4:]


def as_written(e164: str) -> str:
    """Return a number as people here write it, `24 10 19 21`, or `+46 70 123 45 67` if it is of another country."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    at_home = number.country_code == phonenumbers.country_code_for_region(REGION)
    kinds = phonenumbers.PhoneNumberFormat
    written: str = phonenumbers.format_number(number, kinds.NATIONAL if at_home else kinds.INTERNATIONAL)
    return written
