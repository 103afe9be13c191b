"""The table of notes: what staff write down beside the messages, and what is never sent."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Caseworker, Citizen
from messaging.vault.sealed import Sealed, sealed_column


class NoteKind(enum.StrEnum):
    """What a note is about. All but INTERNAL are contacts with the citizen, or tries at one."""

    INTERNAL = "internal"
    CALL_OUT = "call_out"
    """We rang the citizen."""
    CALL_IN = "call_in"
    """The citizen rang us."""
    VISIT = "visit"
    """We visited the citizen."""
    DESK = "desk"
    """The citizen came to the desk."""


OF_CONTACT = frozenset(NoteKind) - {NoteKind.INTERNAL}
OURS_TO_TRY = frozenset({NoteKind.CALL_OUT, NoteKind.VISIT})
"""Contacts that may fail: who rings or visits may find nobody."""


class Note(Base):
    """A note on a citizen. `reached` tells of a contact whether we spoke with her; an internal note has none."""

    __tablename__ = "notes"
    __table_args__ = (
        sa.Index("ix_notes_citizen", "citizen_id", "written_at"),
        sa.CheckConstraint("(kind = 'internal') = (reached IS NULL)", name="reached_of_a_contact"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    kind: Mapped[NoteKind] = mapped_column(word_of(NoteKind))
    reached: Mapped[bool | None]
    text: Mapped[Sealed] = sealed_column("text")
    author_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    occurred_at: Mapped[datetime]
    """When it was, as its writer says; of an internal note, when it was written."""
    written_at: Mapped[datetime]
