"""What other systems may call a meeting: one rule for their booking files and feeds, and for whoever names it later.

The API takes any text for an id; a file or an address can name every one of them that is written on one line. A meeting
of several citizens is called something for each of them; whoever else tells of it knows only what the whole is called.
"""

import re
import uuid
from collections.abc import Callable
from datetime import date

from messaging.errors import InvalidInput
from messaging.people.actors import Actor
from messaging.people.identity import read_cpr
from messaging.vault.vault import Vault

LONGEST = 200
"""Calendars' own ids have some 110 signs."""
LONGEST_OF_GROUP = 160
"""In the API; the id of each one's part is longer by the citizen's."""
BETWEEN = "/"
"""Between the id of a meeting of several citizens and what one of them is called in it."""

_SHOWN = 40
"""Characters of a meeting's id that a report repeats."""
_PART = re.compile("[0-9a-f]{16}")
_FORMULAS = ("=", "+", "-", "@")
_LIKE_CPR = re.compile(r"(?<![0-9A-Fa-f])([0-9]{6})[-\s./\u2010-\u2015]{0,2}([0-9]{4})(?![0-9A-Fa-f])")
"""Ten digits, written in one or in two parts: those within a UUID or a longer number are nobody's."""
_UNREADABLE = "\ufffd"
"""What stands for bytes of an address that are no UTF-8: many ids would be one."""


class UnusableId(InvalidInput):
    """An address cannot call a meeting so."""

    code = "unusable_id"

    def __init__(self, why: str) -> None:
        super().__init__(why, field="external_id")


def is_external_id(text: str) -> bool:
    """Whether a meeting may be called so: signs that are seen, and nothing around them. How long it is, is no matter.

    Ids of calendars and registers have braces, spaces and signs of all kinds: `{6F96-…}`, `urn:uuid:12`, `AB 12`.
    """
    return bool(text) and text.isprintable() and text == text.strip()


def may_be_new(text: str) -> bool:
    """Whether a file may bring in a meeting by this id: a spreadsheet must not take it for a formula."""
    return is_external_id(text) and not text.startswith(_FORMULAS)


def read_addressed(text: str, *, today: date) -> str:
    """Return an id that stands in the address of a request, or raise UnusableId.

    Addresses end up in the logs of whatever lies between: an id must not be, or hold, a personal number.
    """
    if len(text) > LONGEST:
        raise UnusableId(f"an id has at most {LONGEST} characters")
    if not is_external_id(text) or _UNREADABLE in text:
        raise UnusableId("an id in an address is UTF-8, percent-encoded, with signs that are seen and no blanks around")
    if any(_is_cpr(match[1] + match[2], today=today) for match in _LIKE_CPR.finditer(text)):
        raise UnusableId("an id in an address must not be a CPR number, for addresses end up in logs")
    return text


def source_of(actor: Actor) -> str:
    """Return what another system is called as a source of meetings: it is known by its first key."""
    return f"api:{actor.system}"


def shown_id(text: str) -> str | None:
    """Return what a report repeats of an id."""
    return text[:_SHOWN] or None


def participant_namer(vault: Vault) -> Callable[[str], str]:
    """Return what calls a citizen by a word that stays the same and that nobody can trace to her without the key."""
    return lambda cpr: vault.fingerprint(cpr.encode(), purpose="participant").hex()[:16]


def group_of(external_id: str, *, citizen_id: uuid.UUID) -> str | None:
    """Return what the whole meeting is called of which this is a citizen's part; None if it is nobody's part.

    A part is called by the word that files give her, or by her id where the API booked it.
    """
    group, _, part = external_id.rpartition(BETWEEN)
    return group if group and (part == str(citizen_id) or _PART.fullmatch(part)) else None


def _is_cpr(text: str, *, today: date) -> bool:
    try:
        read_cpr(text, today=today)
    except InvalidInput:
        return False
    return True
