"""Files that came with messages and lie at the provider: each is its own entry in the queue of fetching them."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.conversations.models import Message
from messaging.database.base import Base, new_id, word_of


class FetchState(enum.StrEnum):
    """How far a file has come: waiting → fetched · failed. The reason of a failure stands beside it."""

    WAITING = "waiting"
    FETCHED = "fetched"
    FAILED = "failed"


class ProviderFile(Base):
    """A file of a message; where it lies stands in the raw event alone, sealed. Its id becomes the document's."""

    __tablename__ = "provider_files"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "number"),
        sa.Index(
            "ix_provider_files_waiting",
            "next_try_at",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Message.id))
    number: Mapped[int]
    """Its place among the files of the message."""
    state: Mapped[FetchState] = mapped_column(word_of(FetchState), default=FetchState.WAITING)
    reason: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    """By the database's clock."""
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    deaths: Mapped[int] = mapped_column(default=0)
