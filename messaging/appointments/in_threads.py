"""What a thread says of meetings: of which one a message reminded, and what those to come are for."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, MeetingText, Reminder
from messaging.appointments.queries import AppointmentView

ANY_TYPE = ""
"""The meeting type whose approved words hold for every type that has none."""


@dataclass(frozen=True, kw_only=True)
class Reminded:
    """That a message reminded of a meeting, and when that is now; `is_changed_since`: it was another time or place."""

    message_id: uuid.UUID
    step: str
    starts_at: datetime
    is_changed_since: bool


def list_reminded(session: Session, message_ids: Collection[uuid.UUID]) -> list[Reminded]:
    """Return of which meetings these messages reminded, as far as they are reminders."""
    rows = session.execute(
        sa.select(Reminder.message_id, Reminder.step, Appointment.starts_at, Reminder.revision, Appointment.revision)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(Reminder.message_id.in_(message_ids))
    )
    return [
        Reminded(message_id=message_id, step=step, starts_at=starts_at, is_changed_since=reminded_of != revision)
        for message_id, step, starts_at, reminded_of, revision in rows
        if message_id is not None
    ]


def list_purposes(
    session: Session, rows: Sequence[AppointmentView] | Sequence[Appointment]
) -> dict[uuid.UUID, MeetingText]:
    """Return by meeting what it is for and what follows, as approved for its time; the newest of several holds.

    A type without words of its own has those of the type without a name.
    """
    types = {row.meeting_type for row in rows} | {ANY_TYPE}
    chosen = sa.select(MeetingText).where(MeetingText.meeting_type.in_(types)).order_by(MeetingText.valid_from)
    texts = session.scalars(chosen).all()
    found = {}
    for row in rows:
        valid = {text.meeting_type: text for text in texts if _is_valid(text, at=row.starts_at)}
        text = valid.get(row.meeting_type) or valid.get(ANY_TYPE)
        if text is not None:
            found[row.id] = text
    return found


def _is_valid(text: MeetingText, *, at: datetime) -> bool:
    return text.valid_from <= at and (text.valid_to is None or at < text.valid_to)
