"""When we were last in contact with a citizen: over a number, and by speaking with her.

Over a number tells whether a message to it would be the first; a call or a visit says nothing about the number.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.models import Direction, Message
from messaging.conversations.note_models import Note, NoteKind
from messaging.conversations.states import PROOF
from messaging.people.card_models import NumberRecord
from messaging.people.models import ContactPoint
from messaging.people.reaching import Reach


@dataclass(frozen=True, kw_only=True)
class LastContact:
    """When something last came from the number in use, and when something last arrived there; None: never."""

    received_at: datetime | None = None
    delivered_at: datetime | None = None

    @property
    def is_none_yet(self) -> bool:
        """Whether nothing has proved that this number reaches the citizen."""
        return self.at is None

    @property
    def at(self) -> datetime | None:
        """When either last happened."""
        return max((at for at in (self.received_at, self.delivered_at) if at is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A call or a visit in which we spoke with the citizen."""

    kind: NoteKind
    at: datetime


def last_spoken(session: Session, citizen_id: uuid.UUID) -> Spoken | None:
    """Return the last call or visit that reached this citizen."""
    chosen = sa.select(Note.kind, Note.occurred_at).where(Note.citizen_id == citizen_id, Note.reached.is_(True))
    row = session.execute(chosen.order_by(Note.occurred_at.desc(), Note.id.desc()).limit(1)).first()
    return Spoken(kind=row.kind, at=row.occurred_at) if row is not None else None


def last_contact(session: Session, citizen_id: uuid.UUID, person: Reach) -> LastContact:
    """Return the last contact with this citizen over the number that messages go to now."""
    from_it = sa.and_(Message.direction == Direction.IN, Message.number_id == person.number_id)
    to_it = sa.and_(
        Message.direction == Direction.OUT,
        Message.contact_point_id == person.contact_point_id,
        Message.state.in_(PROOF),
    )
    row = session.execute(
        sa.select(
            sa.func.max(Message.created_at).filter(from_it).label("received_at"),
            sa.func.max(Message.state_since).filter(to_it).label("delivered_at"),
        ).where(Message.conversation_id == citizen_id)
    ).one()
    return LastContact(received_at=row.received_at, delivered_at=row.delivered_at)


def is_verified(session: Session, *, citizen_id: uuid.UUID, contact_point_id: uuid.UUID) -> bool:
    """Whether this number is known to be this citizen's: staff heard it ring, or she has written from it.

    Only such a number gets login codes. That an SMS arrived there proves only that it exists.
    """
    rang = sa.exists().where(NumberRecord.contact_point_id == contact_point_id, NumberRecord.verified_at.is_not(None))
    number = sa.select(ContactPoint.number_id).filter_by(id=contact_point_id).scalar_subquery()
    wrote = sa.exists().where(
        Message.conversation_id == citizen_id, Message.direction == Direction.IN, Message.number_id == number
    )
    return bool(session.scalar(sa.select(sa.or_(rang, wrote))))
