"""Tables of the codes by SMS: each that was asked for, and what has been spent of how many may be asked for."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.conversations.models import Message
from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Citizen


class LoginCode(Base):
    """A code that somebody asked for, whether or not we know the number: what differs could be seen from outside.

    Neither number nor code stands here. A code of a number that is nobody's has no digest and fits nothing.
    """

    __tablename__ = "login_codes"
    __table_args__ = (
        sa.Index(
            "ix_login_codes_unseen",
            "asked_at",
            sqlite_where=sa.text("seen_to_at IS NULL"),
            postgresql_where=sa.text("seen_to_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    number_index: Mapped[bytes]
    browser_digest: Mapped[bytes] = mapped_column(unique=True)
    """Keyed digest of what only the browser holds that asked."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seen_to_at: Mapped[datetime | None]
    """When the background looked whose number it is, and wrote to her if it is somebody's."""
    citizen_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    message_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Message.id), index=True)
    code_digest: Mapped[bytes | None]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class Spending(enum.StrEnum):
    """What a budget is of. SENT: of all SMS with codes together."""

    NUMBER_HOUR = "number_hour"
    NUMBER_DAY = "number_day"
    ADDRESS_HOUR = "address_hour"
    SENT = "sent"


class CodeBudget(Base):
    """One of the so many times that a budget allows; it may be spent again when its period has passed.

    The key is what holds the bound: two who spend at once cannot have the same slot. `subject` is a keyed digest.
    """

    __tablename__ = "code_budgets"

    spending: Mapped[Spending] = mapped_column(word_of(Spending), primary_key=True)
    subject: Mapped[bytes] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    spent_at: Mapped[datetime] = mapped_column(index=True)
