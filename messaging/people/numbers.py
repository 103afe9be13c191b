"""Telephone numbers as people write them, read once into E.164: Danish first, other countries with their prefix."""

from dataclasses import dataclass, field

import phonenumbers

REGION = "DK"
LONGEST = 40


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


def _with_plus(raw: str) -> str:
    return "+" + raw[2:] if raw.startswith("00") else raw


def last_digits(e164: str) -> str:
    """Return the four digits by which staff recognise a number without reading it whole."""
    return e164[-4:]
