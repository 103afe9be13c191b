"""The table of stopped channels."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Caseworker


class StopReason(enum.StrEnum):
    """Why nothing is sent by a channel; words of a list, for free text might name somebody."""

    PROVIDER_FAILS = "provider_fails"
    WRONG_MESSAGES = "wrong_messages"
    COSTS = "costs"
    SECURITY = "security"
    MAINTENANCE = "maintenance"


class ChannelStop(Base):
    """That nothing is sent by a channel from a moment until it is lifted; one at a time for each channel."""

    __tablename__ = "channel_stops"
    __table_args__ = (
        sa.Index(
            "uq_channel_stops_standing",
            "channel",
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_whole"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    channel: Mapped[str]
    reason: Mapped[StopReason] = mapped_column(word_of(StopReason))
    stopped_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    stopped_at: Mapped[datetime]
    lifted_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    lifted_at: Mapped[datetime | None]
