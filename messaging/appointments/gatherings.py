"""Meetings with several citizens. Each has her own appointment; what they share is caseworker, time, kind and place."""

from datetime import datetime, timedelta
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment
from messaging.appointments.states import OPEN
from messaging.conversations.participants import Gathering
from messaging.people.actors import Actor
from messaging.people.models import Citizen
from messaging.people.visibility import visible_to

AHEAD = timedelta(days=60)
MOST = 2000
"""Appointments looked at."""


def gatherings_of(session: Session, actor: Actor, now: datetime) -> list[Gathering]:
    """Return the coming meetings of several of this actor's citizens, the nearest first."""
    rows = session.execute(
        sa.select(
            Appointment.starts_at,
            Appointment.caseworker_id,
            Appointment.meeting_type,
            sa.func.coalesce(Appointment.place, "").label("place"),
            Appointment.citizen_id,
            Appointment.id,
        )
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .where(
            visible_to(actor),
            Appointment.state.in_(OPEN),
            Appointment.starts_at > now,
            Appointment.starts_at < now + AHEAD,
        )
        .order_by("starts_at", "caseworker_id", "meeting_type", "place", "id")
        .limit(MOST)
    ).all()
    together = [list(meeting) for _what, meeting in groupby(rows, key=lambda row: row[:4])]
    return [
        Gathering(
            id=meeting[0].id,
            starts_at=meeting[0].starts_at,
            meeting_type=meeting[0].meeting_type,
            place=meeting[0].place or None,
            citizen_ids=tuple(dict.fromkeys(row.citizen_id for row in meeting)),
        )
        for meeting in together
        if len({row.citizen_id for row in meeting}) > 1
    ]
