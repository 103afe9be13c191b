"""What a text that a caseworker writes may say of a citizen's meetings: the next one, and the last that has been."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.composing import Composer
from messaging.appointments.models import Appointment
from messaging.appointments.states import OPEN, AppointmentState
from messaging.conversations.by_hand import About, MeetingWords
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.runtime import Runtime

HAS_BEEN = (*OPEN, AppointmentState.HELD, AppointmentState.NO_SHOW, AppointmentState.UNKNOWN)
AHEAD = timedelta(days=120)
BEHIND = timedelta(days=30)
"""A meeting further away is not the one that a text speaks of."""


def meetings_of(
    runtime: Runtime, session: Session, citizen_ids: Sequence[uuid.UUID], at: datetime
) -> dict[uuid.UUID, dict[About, MeetingWords]]:
    """Return the approved words of the meetings these citizens have around a moment."""
    of_them = sa.select(Appointment).where(Appointment.citizen_id.in_(citizen_ids))
    coming = of_them.where(
        Appointment.state.in_(OPEN), Appointment.starts_at > at, Appointment.starts_at < at + AHEAD
    ).order_by(Appointment.starts_at.desc())
    gone = of_them.where(
        Appointment.state.in_(HAS_BEEN), Appointment.starts_at <= at, Appointment.starts_at > at - BEHIND
    ).order_by(Appointment.starts_at)
    # The nearest comes last, and so is the one that stays.
    nearest = {
        About.NEXT: {meeting.citizen_id: meeting for meeting in session.scalars(coming)},
        About.LAST: {meeting.citizen_id: meeting for meeting in session.scalars(gone)},
    }
    meetings = [meeting for of in nearest.values() for meeting in of.values()]
    composer = Composer(session, runtime.vault, meetings, now=at, office=Office.from_config(settings_now(runtime)))
    return {
        citizen_id: {about: composer.words_of(of[citizen_id]) for about, of in nearest.items() if citizen_id in of}
        for citizen_id in citizen_ids
    }
