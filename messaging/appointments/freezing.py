"""Which meetings count: those that stood booked four days before they begin, or at booking if that was later.

It is decided once for each time a meeting has, and kept beside it: whoever asks for another time, cancels or stays away
after that moment is still counted at the time that stood. Counting what stands at the end instead would reward whatever
makes people cancel. Whether the trial counts it is noted with it: people turn 30 and change their target group.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Outcome
from messaging.appointments.planned_models import PlannedMeeting
from messaging.database.upserts import insert_into
from messaging.people.acting import Act
from messaging.trial.eligible import eligible_at

AHEAD = timedelta(days=4)
LATEST = timedelta(days=31)
"""A meeting that began longer ago than this is not decided on any more; we were not there to see whether it stood."""
BATCH = 500


def freeze_due(act: Act, *, limit: int = BATCH) -> int:
    """Decide on the meetings whose moment has come; return how many that were."""
    return freeze(act, act.session.scalars(_undecided(act.now).limit(limit)).all())


def is_any_to_freeze(session: Session, *, at: datetime) -> bool:
    """Whether there is a meeting to decide on."""
    return bool(session.scalar(sa.select(_undecided(at).exists())))


def freeze(act: Act, appointments: Iterable[Appointment]) -> int:
    """Decide on those of these meetings whose moment has come, before anything about them changes; return how many."""
    due = [meeting for meeting in appointments if _moment(meeting) <= act.now <= meeting.starts_at + LATEST]
    if not due:
        return 0
    ended = _ended_at(act.session, due)
    eligible = eligible_at(act.session, act.vault, [(meeting.citizen_id, meeting.starts_at) for meeting in due])
    rows = [
        {
            "appointment_id": meeting.id,
            "planned_for": meeting.starts_at,
            "stood": meeting.id not in ended or ended[meeting.id] > _moment(meeting),
            "caseworker_id": meeting.caseworker_id,
            "meeting_type": meeting.meeting_type,
            "eligible": (meeting.citizen_id, meeting.starts_at) in eligible,
            "decided_at": act.now,
        }
        for meeting in due
    ]
    act.session.execute(insert_into(act.session, PlannedMeeting).on_conflict_do_nothing(), rows)
    return len(rows)


def _moment(meeting: Appointment) -> datetime:
    return max(meeting.starts_at - AHEAD, meeting.booked_at)


def _undecided(at: datetime) -> sa.Select[Appointment]:
    decided = sa.exists().where(
        PlannedMeeting.appointment_id == Appointment.id, PlannedMeeting.planned_for == Appointment.starts_at
    )
    return (
        sa.select(Appointment)
        .where(Appointment.starts_at <= at + AHEAD, Appointment.starts_at >= at - LATEST, ~decided)
        .order_by(Appointment.starts_at, Appointment.id)
    )


def _ended_at(session: Session, meetings: Iterable[Appointment]) -> dict[object, datetime]:
    """Return when the meetings that have an outcome at their present time first got one."""
    revision = {meeting.id: meeting.revision for meeting in meetings}
    rows = session.execute(
        sa.select(Outcome.appointment_id, Outcome.revision, Outcome.recorded_at).where(
            Outcome.appointment_id.in_(revision), Outcome.corrects_id.is_(None)
        )
    )
    return {row.appointment_id: row.recorded_at for row in rows if row.revision == revision[row.appointment_id]}
