"""The table of threats: messages that staff have marked, each an incident that the leader of the unit looks at."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.conversations.models import Message
from messaging.database.base import Base, new_id
from messaging.people.models import Caseworker, Citizen
from messaging.vault.sealed import Sealed, sealed_column


class Threat(Base):
    """A mark on a citizen's message; a mark taken back stays as a row, and the message may be marked anew."""

    __tablename__ = "threats"
    __table_args__ = (
        sa.Index(
            "uq_threats_standing",
            "message_id",
            unique=True,
            sqlite_where=sa.text("taken_back_at IS NULL"),
            postgresql_where=sa.text("taken_back_at IS NULL"),
        ),
        sa.Index("ix_threats_citizen", "citizen_id"),
        sa.CheckConstraint("(taken_back_at IS NULL) = (taken_back_by IS NULL)", name="taken_back_by_somebody"),
        sa.CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="seen_by_somebody"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Message.id))
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    note: Mapped[Sealed] = sealed_column("note")
    """What happened, in the words of who marked it."""
    occurred_at: Mapped[datetime]
    """When the message came in."""
    marked_at: Mapped[datetime]
    marked_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    """The leader who has taken notice of it."""
    taken_back_at: Mapped[datetime | None]
    taken_back_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    taken_back_why: Mapped[Sealed | None] = sealed_column("taken_back_why", nullable=True)
