"""What leaves by SMS but may be read by nobody here, such as a code that lets its reader in.

The message itself says in its place that something was sent, so every page, copy, index and journal shows only that.
The words lie apart, sealed, until the message has left or ended.
"""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from messaging.conversations.models import Message
from messaging.conversations.states import MessageState
from messaging.database.base import Base
from messaging.people.acting import Act
from messaging.vault.place import Place
from messaging.vault.sealed import Sealed, sealed_column

OVER = frozenset(
    {
        MessageState.SENT,
        MessageState.DELIVERED,
        MessageState.READ,
        MessageState.FAILED,
        MessageState.EXPIRED,
        MessageState.CANCELLED,
    }
)
"""States that no message leaves towards the queue again."""


class SecretText(Base):
    """The words of one message that has not left yet."""

    __tablename__ = "secret_texts"

    message_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Message.id), primary_key=True)
    text: Mapped[Sealed] = sealed_column("text")


def keep(act: Act, message: Message, text: str) -> None:
    """Keep what is to leave in place of what the message says."""
    sealed = act.seal(text, owner=_owner(message), table="secret_texts", column="text", row=message.id)
    act.session.flush()
    act.session.add(SecretText(message_id=message.id, text=sealed))


def words_of(act: Act, message: Message) -> str | None:
    """Return what is to leave in place of what the message says; None if that is just what leaves."""
    row = act.session.get(SecretText, message.id)
    if row is None:
        return None
    return act.vault.open(row.text, owner=_owner(message), place=Place("secret_texts", "text", message.id))


def forget(session: Session, message_id: uuid.UUID) -> None:
    """Delete the words of a message that has left or ended."""
    session.execute(sa.delete(SecretText).where(SecretText.message_id == message_id))


def _owner(message: Message) -> uuid.UUID:
    if message.conversation_id is None:
        raise ValueError("an outgoing message belongs to a conversation")
    return message.conversation_id
