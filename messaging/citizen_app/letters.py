"""How large the letters of the app are. The choice is a phone's: it is kept there and nowhere else."""

import enum
from collections.abc import Mapping
from datetime import timedelta

KEPT_IN = "borgerdialog-letters"
"""The cookie that holds the choice; the page without a connection reads it by script."""
KEPT_FOR = timedelta(days=365)


class Letters(enum.StrEnum):
    """A size of letters; what is kept on a phone is one of these or nothing."""

    NORMAL = "normal"
    LARGE = "large"
    LARGEST = "largest"


def letters_of(cookies: Mapping[str, str]) -> Letters:
    """Return the size a browser keeps; whatever else it may hold is the normal one."""
    return chosen_letters(cookies.get(KEPT_IN, "")) or Letters.NORMAL


def chosen_letters(word: str) -> Letters | None:
    """Return the size this word means; None if it means none."""
    try:
        return Letters(word)
    except ValueError:
        return None
