"""The last word of citizens on meetings: how it was understood, and in their own words where they are few and plain."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypedDict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import ReplyReading
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Message
from messaging.vault.vault import Vault

LONGEST_ANSWER = 20
"""Characters of an answer that stands in its own words; of a longer one it is said how it was understood."""


class LastAnswer(TypedDict, total=False):
    """The fields of a meeting in the day that tell of an answer."""

    answer: str
    answered_at: datetime
    answer_id: uuid.UUID
    said: str | None


def day_answers(session: Session, vault: Vault, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, LastAnswer]:
    """Return the last message about each meeting, and open those that a rule understood as a whole."""
    rows = session.execute(
        sa.select(ReplyReading, Message)
        .join(Message, Message.id == ReplyReading.message_id)
        .where(ReplyReading.appointment_id.in_(ids))
        .order_by(Message.created_at)
    )
    last = {reading.appointment_id: (reading, message) for reading, message in rows if reading.appointment_id}
    return {
        appointment_id: {
            "answer": reading.label,
            "answered_at": message.created_at,
            "answer_id": message.id,
            "said": _words(vault, message) if reading.whole_text else None,
        }
        for appointment_id, (reading, message) in last.items()
    }


def _words(vault: Vault, message: Message) -> str | None:
    """Return what a message says if that is short enough to stand in a row."""
    if message.conversation_id is None or message.body is None:
        return None
    text = vault.open(message.body, owner=message.conversation_id, place=body_place(message.id)).strip()
    return text if len(text) <= LONGEST_ANSWER else None
