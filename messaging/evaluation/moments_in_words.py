"""Moments as the report has them, in Danish."""

from datetime import datetime

from messaging.clock import COPENHAGEN

MONTHS = ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november",
          "december")  # fmt: skip


def month(code: str) -> str:
    """Return `oktober 2027` for `2027-10`."""
    year, number = code.split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


def day(at: datetime) -> str:
    """Return `1. oktober 2027`."""
    wall = at.astimezone(COPENHAGEN)
    return f"{wall.day}. {MONTHS[wall.month - 1]} {wall.year}"


def moment(at: datetime) -> str:
    """Return `1. oktober 2027 kl. 9.05`."""
    wall = at.astimezone(COPENHAGEN)
    return f"{day(at)} kl. {wall.hour}.{wall.minute:02}"
