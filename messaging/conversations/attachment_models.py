"""Which documents came with which message."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.conversations.models import Message
from messaging.database.base import Base
from messaging.documents.models import Document


class Attachment(Base):
    """That a document came with a message."""

    __tablename__ = "attachments"

    message_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Message.id), primary_key=True)
    document_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey(Document.id, ondelete="CASCADE"), primary_key=True, index=True
    )
