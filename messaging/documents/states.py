"""How far a document has come, and why it was refused.

    receiving → waiting → clean
                  │ ├───→ refused
                  ↓ │
                parked ──→ waiting (tried again)

`receiving`: pieces come in. `waiting`: all are here, and it is in quarantine until it has been inspected; nobody can
open it. `clean`: it may be opened. `refused`: its content is gone, the reason stays. `parked`: the inspection itself
died several times over it; it stays in quarantine until a human lets it be tried again. What is never finished is
removed and has no state.
"""

import enum


class DocumentState(enum.StrEnum):
    """Where a document is on its way."""

    RECEIVING = "receiving"
    WAITING = "waiting"
    CLEAN = "clean"
    REFUSED = "refused"
    PARKED = "parked"


TRANSITIONS: dict[DocumentState, frozenset[DocumentState]] = {
    DocumentState.RECEIVING: frozenset({DocumentState.WAITING}),
    DocumentState.WAITING: frozenset({DocumentState.CLEAN, DocumentState.REFUSED, DocumentState.PARKED}),
    DocumentState.CLEAN: frozenset(),
    DocumentState.REFUSED: frozenset(),
    DocumentState.PARKED: frozenset({DocumentState.WAITING}),
}

IN_QUARANTINE = frozenset({DocumentState.WAITING, DocumentState.PARKED})
"""All pieces are here, and nobody may open them."""


class Refusal(enum.StrEnum):
    """Why a document was not kept; the words are in `wording.py`."""

    WRONG_TYPE = "wrong_type"
    """Its content is not what it says it is, or of no type that we take."""
    UNREADABLE = "unreadable"
    """It is broken."""
    TOO_HEAVY = "too_heavy"
    """It unpacks to more than we let anything unpack to."""
    LOCKED = "locked"
    """It needs a password."""
    ACTIVE = "active"
    """It holds a program, or other files."""
    MIXED = "mixed"
    """It is two files in one."""
    VIRUS = "virus"
    """The virus scanner knows it."""
