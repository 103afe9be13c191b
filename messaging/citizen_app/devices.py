"""Which phones of a citizen are in, and what a phone is called by what its browser says of itself."""

import re
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.citizen_app.models import Device

KINDS = (
    (re.compile(r"iPhone"), "iPhone"),
    (re.compile(r"iPad"), "iPad"),
    (re.compile(r"Android.*Mobile"), "Android-telefon"),
    (re.compile(r"Android"), "Android-tablet"),
    (re.compile(r"Macintosh"), "Mac"),
    (re.compile(r"Windows"), "Windows-pc"),
    (re.compile(r"Linux"), "Linux-pc"),
)
"""Coarse on purpose: enough to know one's phone again, too little to tell people apart by."""
UNKNOWN = "Ukendt telefon"


def name_of(user_agent: str) -> str:
    """Return what a phone is called by the words its browser sends."""
    return next((name for pattern, name in KINDS if pattern.search(user_agent)), UNKNOWN)


def devices_of(session: Session, citizen_id: uuid.UUID) -> Sequence[Device]:
    """Return the phones that are in, the one used last first."""
    chosen = sa.select(Device).filter_by(citizen_id=citizen_id, ended_at=None)
    return session.scalars(chosen.order_by(Device.seen_at.desc(), Device.id)).all()


def has_app(session: Session, citizen_id: uuid.UUID) -> bool:
    """Whether some phone of this citizen is in."""
    found = sa.exists().where(Device.citizen_id == citizen_id, Device.ended_at.is_(None))
    return bool(session.scalar(sa.select(found)))
