"""One tap says what became of a meeting, and for some seconds it can be undone: only then is it recorded and journaled.

The tap is a row of its own, durable at once. Until it is recorded the meeting stands as it stood.
"""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import OutcomeTap
from messaging.appointments.outcomes import AlreadyRecorded, NotBegun, record_outcome
from messaging.appointments.states import OPEN, OutcomeWord
from messaging.errors import Conflict
from messaging.people.acting import Act
from messaging.people.actors import Actor, ActorKind

BATCH = 100


class TooLateToUndo(Conflict):
    """The outcome is in the journal: if it is wrong, it is corrected with a reason."""

    code = "too_late_to_undo"


def tap_outcome(act: Act, *, appointment_id: uuid.UUID, outcome: OutcomeWord, undo_for: timedelta) -> None:
    """Note what became of a meeting that has begun; a second tap takes the place of the first and its time.

    Raises NotFound, NotBegun or AlreadyRecorded.
    """
    appointment = lock_appointment(act, appointment_id)
    if appointment.state not in OPEN:
        raise AlreadyRecorded("this meeting has an outcome; correct it instead")
    if act.now < appointment.starts_at:
        raise NotBegun("the meeting has not begun yet")
    tap = act.session.get(OutcomeTap, appointment_id) or OutcomeTap(appointment_id=appointment_id)
    tap.revision, tap.outcome, tap.tapped_by = appointment.revision, outcome, _who(act)
    tap.tapped_at, tap.due_at = act.now, act.now + undo_for
    act.session.add(tap)
    _tell(act, appointment_id, "outcome.tapped", outcome)


def undo_tap(act: Act, *, appointment_id: uuid.UUID) -> None:
    """Take a tap back while it is not recorded; once more does nothing more. Raises NotFound or TooLateToUndo."""
    appointment = lock_appointment(act, appointment_id)
    if appointment.state not in OPEN:
        raise TooLateToUndo("this outcome is recorded; correct it with a reason")
    tap = act.session.get(OutcomeTap, appointment_id)
    if tap is None:
        return
    act.session.delete(tap)
    _tell(act, appointment_id, "outcome.undone", tap.outcome)


def forget_tap(act: Act, *, appointment_id: uuid.UUID) -> None:
    """Drop a tap because the outcome is recorded otherwise; the meeting is locked."""
    act.session.execute(sa.delete(OutcomeTap).filter_by(appointment_id=appointment_id))


def due_taps(session: Session, *, at: datetime) -> list[OutcomeTap]:
    """Return the taps nobody can undo any more, oldest first."""
    chosen = sa.select(OutcomeTap).where(OutcomeTap.due_at <= at).order_by(OutcomeTap.due_at).limit(BATCH)
    return list(session.scalars(chosen))


def who_tapped(tap: OutcomeTap) -> Actor:
    """Return in whose name a tap is recorded."""
    return Actor(kind=ActorKind.STAFF, id=tap.tapped_by)


def record_tap(act: Act, *, appointment_id: uuid.UUID) -> bool:
    """Record a tap that is due; say whether one was.

    It is dropped if the meeting has been moved or has got another outcome meanwhile; undone or tapped anew, it waits.
    """
    appointment = lock_appointment(act, appointment_id)
    tap = act.session.get(OutcomeTap, appointment_id, populate_existing=True)
    if tap is None or tap.due_at > act.now or tap.tapped_by != act.actor.id:
        return False
    act.session.delete(tap)
    if appointment.state not in OPEN or appointment.revision != tap.revision:
        _tell(act, appointment_id, "outcome.dropped", tap.outcome)
        return False
    record_outcome(act, appointment_id=appointment_id, outcome=tap.outcome)
    return True


def put_off_tap(act: Act, *, appointment_id: uuid.UUID, until: datetime) -> None:
    """Try a tap again later that could not be recorded, so that it holds back no other."""
    chosen = sa.update(OutcomeTap).filter_by(appointment_id=appointment_id)
    act.session.execute(chosen.where(OutcomeTap.due_at <= act.now).values(due_at=until))


def taps_of(session: Session, appointment_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, OutcomeWord]:
    """Return what is tapped and not yet recorded, by meeting."""
    chosen = sa.select(OutcomeTap.appointment_id, OutcomeTap.outcome)
    return dict(session.execute(chosen.where(OutcomeTap.appointment_id.in_(appointment_ids))).all())


def _who(act: Act) -> uuid.UUID:
    if act.actor.id is None:
        raise ValueError("only somebody signed in taps")
    return act.actor.id


def _tell(act: Act, appointment_id: uuid.UUID, action: str, outcome: OutcomeWord) -> None:
    act.audit(action, object_kind="appointment", object_id=appointment_id, facts={"outcome": outcome})
    act.announce("appointment.changed", object_id=appointment_id)
