"""The table of what a citizen reads about a meeting beside its purpose: what happens, what to bring, how to get there.

These texts stand in the app and beside the thread, never in a reminder, which keeps its length.
"""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Caseworker


class GuidanceKind(enum.StrEnum):
    """What a text tells, and of what its name is the name."""

    AGENDA = "agenda"
    """What happens at a meeting of a type."""
    BRING = "bring"
    """What to bring to a meeting of a type."""
    DIRECTIONS = "directions"
    """How to get to a place."""
    FORM = "form"
    """How a meeting in person, by phone or by video is held."""


OF_TYPES = frozenset({GuidanceKind.AGENDA, GuidanceKind.BRING})


class MeetingGuidance(Base):
    """One text from its draft to its end. It may be read from `valid_from`, which its approval sets; shipped ones have
    no writer.
    """

    __tablename__ = "meeting_guidance"
    __table_args__ = (
        sa.UniqueConstraint("kind", "name", "valid_from"),
        sa.CheckConstraint("written_by_id IS NULL OR approved_by_id <> written_by_id", name="four_eyes"),
        sa.CheckConstraint("(approved_by IS NULL) = (valid_from IS NULL)", name="approved_is_valid"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[GuidanceKind] = mapped_column(word_of(GuidanceKind))
    name: Mapped[str]
    """A meeting type or place as the booking system has it, or the word of a form; empty: every other meeting type."""
    text: Mapped[str]
    written_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    written_at: Mapped[datetime]
    approved_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    approved_by: Mapped[str | None]
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
