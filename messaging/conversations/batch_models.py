"""Tables of messages to several: what one caseworker wrote to many at once, and one row for each who was to get it."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.conversations.models import Message
from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Caseworker, Citizen
from messaging.vault.sealed import Sealed, sealed_column


class BatchState(enum.StrEnum):
    """waiting_for_approval → writing → written; cancelled from the first two, and from the third what has not left."""

    WAITING_FOR_APPROVAL = "waiting_for_approval"
    WRITING = "writing"
    WRITTEN = "written"
    CANCELLED = "cancelled"


class RecipientState(enum.StrEnum):
    """planned → written · left_out · cancelled. How far a written message is, the message says."""

    PLANNED = "planned"
    WRITTEN = "written"
    LEFT_OUT = "left_out"
    CANCELLED = "cancelled"


class Batch(Base):
    """One approved text to several citizens, each in her own thread. `key` is the text's, `size` how many get it."""

    __tablename__ = "batches"
    __table_args__ = (
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> writer_id", name="four_eyes"),
        sa.Index(
            "ix_batches_writing",
            "id",
            sqlite_where=sa.text("state = 'writing'"),
            postgresql_where=sa.text("state = 'writing'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    writer_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), index=True)
    key: Mapped[str]
    size: Mapped[int]
    segments: Mapped[int]
    state: Mapped[BatchState] = mapped_column(word_of(BatchState))
    created_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    """The second person who let it go."""
    decided_at: Mapped[datetime | None]


class BatchRecipient(Base):
    """That a citizen is to get a batch, in which words; or why not."""

    __tablename__ = "batch_recipients"
    __table_args__ = (
        sa.UniqueConstraint("batch_id", "citizen_id"),
        sa.UniqueConstraint("message_id"),
        sa.CheckConstraint("(state = 'written') = (message_id IS NOT NULL)", name="written_is_a_message"),
        sa.CheckConstraint("state = 'left_out' OR body IS NOT NULL", name="has_words"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Batch.id))
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    state: Mapped[RecipientState] = mapped_column(word_of(RecipientState))
    reason: Mapped[str | None]
    """Code of why she is left out."""
    template: Mapped[str | None]
    content_free: Mapped[bool] = mapped_column(default=False)
    body: Mapped[Sealed | None] = sealed_column("body", nullable=True)
    original: Mapped[Sealed | None] = sealed_column("original", nullable=True)
    """The Danish text, where `body` is in another language."""
    message_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Message.id))
