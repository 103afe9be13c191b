"""Which meetings count: those that stood booked four days before they begin, or at booking if that was later.

It is decided once for each time a meeting has, and kept beside it: whoever asks for another time, cancels or stays away
after that moment is still counted at the time that stood. What was off then and is booked once more for the same time
counts from that booking on. Counting what stands at the end instead would reward whatever
makes people cancel. What is booked, moved or booked again only once it has begun was planned by nobody: whoever drops
in comes. Whether the trial counts it is noted with it: people turn 30 and change their target group.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
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
    ended = _ended_at(act.session, due) if due else {}
    stood = {
        meeting.id
        for meeting in due
        if meeting.booked_at < meeting.starts_at and (meeting.id not in ended or ended[meeting.id] > _moment(meeting))
    }
    return _write(act, due, stood=stood)


def pass_over_begun(act: Act, moved: Iterable[Appointment]) -> None:
    """Decide of meetings that were moved to a time that has begun already that they did not stand at it."""
    begun = [meeting for meeting in moved if meeting.starts_at <= act.now]
    _write(act, begun, stood=set())


def decide_anew(act: Act, booked_again: Iterable[Appointment]) -> None:
    """Let meetings be decided on now that did not stand at their moment and are booked once more for the same time.

    What has begun meanwhile stays as it was decided; call `freeze` before it is booked again.
    """
    times = {meeting.id: meeting.starts_at for meeting in booked_again if meeting.starts_at > act.now}
    if times:
        at_its_time = sa.tuple_(PlannedMeeting.appointment_id, PlannedMeeting.planned_for).in_(times.items())
        act.session.execute(sa.delete(PlannedMeeting).where(at_its_time, PlannedMeeting.stood.is_(False)))


def _write(act: Act, meetings: Sequence[Appointment], *, stood: Collection[uuid.UUID]) -> int:
    if not meetings:
        return 0
    eligible = eligible_at(act.session, act.vault, [(meeting.citizen_id, meeting.starts_at) for meeting in meetings])
    rows = [
        {
            "appointment_id": meeting.id,
            "planned_for": meeting.starts_at,
            "stood": meeting.id in stood,
            "caseworker_id": meeting.caseworker_id,
            "meeting_type": meeting.meeting_type,
            "eligible": (meeting.citizen_id, meeting.starts_at) in eligible,
            "decided_at": act.now,
        }
        for meeting in meetings
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
