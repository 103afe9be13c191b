"""How the text of a variable becomes a value. Each raises ValueError with the words that follow the variable's name."""

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path


def text(value: str) -> str:
    """Return a text that is not empty."""
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def file_or_nothing(value: str) -> str:
    """Return the path of a file that can be read, or nothing."""
    if value and not os.access(value, os.R_OK):
        raise ValueError("must name a file that can be read")
    return value


def folder_or_nothing(value: str) -> str:
    """Return the path of a folder that can be read, or nothing."""
    if value and not (Path(value).is_dir() and os.access(value, os.R_OK | os.X_OK)):
        raise ValueError("must name a folder that can be read")
    return value


def path(value: str) -> Path:
    """Return a path."""
    return Path(text(value))


def words(value: str) -> tuple[str, ...]:
    """Return words apart by spaces or commas."""
    return tuple(value.replace(",", " ").split())


def prefixes(value: str) -> tuple[str, ...]:
    """Return the prefixes of countries."""
    given = words(value)
    if not given or not all(re.fullmatch(r"\+[1-9]\d{0,3}", word, re.ASCII) for word in given):
        raise ValueError("must be prefixes such as +45,+46")
    return given


def truth(value: str) -> bool:
    """Return what `yes` or `no` says."""
    if value not in {"yes", "no"}:
        raise ValueError("must be yes or no")
    return value == "yes"


def number(least: int, most: int = 1_000_000) -> Callable[[str], int]:
    """Return a reader of whole numbers within bounds."""

    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(value)

    return read


def factor(value: str) -> float:
    """Return a factor above 0."""
    factor = float(value) if value.replace(".", "", 1).isdigit() else 0
    if not 0 < factor <= 1000:
        raise ValueError("must be a number above 0, such as 0.02")
    return factor


def hours(value: str) -> tuple[int, int]:
    """Return two hours of a day such as `09-20`."""
    found = re.fullmatch(r"(\d\d?)-(\d\d?)", value, re.ASCII)
    opens, closes = map(int, found.groups()) if found else (0, 0)
    if not 0 <= opens < closes <= 24:
        raise ValueError("must be two hours such as 09-20")
    return opens, closes


def dates(value: str) -> tuple[date, ...]:
    """Return dates."""
    try:
        return tuple(date.fromisoformat(word) for word in words(value))
    except ValueError:
        raise ValueError("must be dates such as 2027-12-24") from None


def days(value: str) -> tuple[int, ...]:
    """Return days before a meeting, the farthest first."""
    given = words(value)
    if not all(re.fullmatch(r"\d\d?", word, re.ASCII) and 0 < int(word) <= 60 for word in given):
        raise ValueError("must be days before the meeting, such as 3,1")
    return tuple(sorted(map(int, given), reverse=True))


def database(value: str) -> str:
    """Return the address of a database."""
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
    return value


def web_address(value: str) -> str:
    """Return the address of a web site, without a slash at its end."""
    if not re.match(r"https?://[^/\s]", value):
        raise ValueError("must begin with https:// (or http:// in a rehearsal)")
    return value.rstrip("/")


def secure_address(value: str) -> str:
    """Return the address of a page that is fetched by TLS, as it is written."""
    if not re.fullmatch(r"https://[^/\s\"<>]+(/[^\s\"<>]*)?", value, re.ASCII):
        raise ValueError("must begin with https://")
    return value


def web_addresses(value: str) -> tuple[str, ...]:
    """Return several of them."""
    return tuple(web_address(word) for word in words(value))


def scanner_or_waived(value: str) -> str:
    """Return where a virus scanner listens, `HOST:PORT` or the path of a socket, or that there is to be none."""
    found = re.fullmatch(r"waived|/\S+|[^\s:/]+:(\d{1,5})", value, re.ASCII)
    if value and (found is None or int(found[1] or 1) not in range(1, 65536)):
        raise ValueError("must be HOST:PORT or the path of a socket of clamd, or waived")
    return value


def address_or_nothing(value: str) -> str:
    """Keep it to the letter: an issuer is compared, not only called."""
    if value:
        web_address(value)
    return value
