"""Which words there are for places and meeting types, which wait, and for which coming meetings some are missing."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Form, MeetingText, MeetingWordsDraft, Place
from messaging.appointments.states import OPEN
from messaging.people.models import Caseworker


def list_places(session: Session) -> Sequence[Place]:
    """Return the places that have words."""
    return session.scalars(sa.select(Place).order_by(Place.name)).all()


def list_types(session: Session, *, at: datetime) -> Sequence[MeetingText]:
    """Return what is said of each meeting type now; the empty type is for all others."""
    rows = session.scalars(sa.select(MeetingText).where(*_valid(at)).order_by(MeetingText.valid_from))
    return sorted({row.meeting_type: row for row in rows}.values(), key=lambda row: row.meeting_type)


def list_waiting(session: Session) -> Sequence[sa.Row[MeetingWordsDraft, str]]:
    """Return the drafts that wait, oldest first, and who wrote them."""
    return session.execute(
        sa.select(MeetingWordsDraft, Caseworker.initials)
        .join(Caseworker, Caseworker.id == MeetingWordsDraft.written_by_id)
        .where(MeetingWordsDraft.approved_at.is_(None), MeetingWordsDraft.withdrawn_at.is_(None))
        .order_by(MeetingWordsDraft.written_at)
    ).all()


def places_without_words(session: Session, *, at: datetime) -> dict[str, int]:
    """Return the places of coming meetings that have no words, and of how many: their reminders name no place."""
    nameless = sa.func.coalesce(Appointment.place, "")
    rows = session.execute(
        sa.select(nameless, sa.func.count())
        .where(*_coming(at), Appointment.form == Form.IN_PERSON, nameless.not_in(sa.select(Place.name)))
        .group_by(nameless)
        .order_by(nameless)
    )
    return dict(rows.all())


def types_without_words(session: Session, *, at: datetime) -> dict[str, int]:
    """Return the types of coming meetings that have none of their own, and of how many: the neutral words go out."""
    known = sa.select(MeetingText.meeting_type).where(*_valid(at))
    rows = session.execute(
        sa.select(Appointment.meeting_type, sa.func.count())
        .where(*_coming(at), Appointment.meeting_type.not_in(known))
        .group_by(Appointment.meeting_type)
        .order_by(Appointment.meeting_type)
    )
    return dict(rows.all())


def _coming(at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return Appointment.state.in_(OPEN), Appointment.starts_at > at


def _valid(at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return MeetingText.valid_from <= at, sa.or_(MeetingText.valid_to.is_(None), MeetingText.valid_to > at)
