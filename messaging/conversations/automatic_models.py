"""Tables of what is said by itself once: the welcome of a citizen, and the reply in a closed period."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.conversations.models import Message
from messaging.database.base import Base
from messaging.people.models import Citizen


class AutoReply(Base):
    """That a citizen was told in a closed period when we read; one per citizen and period."""

    __tablename__ = "auto_replies"

    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Message.id))


class Welcome(Base):
    """That a citizen was told, in the first SMS ever to her, who writes and what for; `template` names the words."""

    __tablename__ = "welcomes"

    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), primary_key=True)
    message_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Message.id), unique=True)
    template: Mapped[str]
    at: Mapped[datetime]
