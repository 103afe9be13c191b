"""A bad morning: the meetings of somebody who is away are held by another or cancelled, and the citizens told at once.

Whoever does it needs to open nothing. What is done twice is done once; a meeting that has begun is left alone.
"""

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from messaging.appointments.cancelling import AlreadyBegun, cancel_by_us
from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment, Decision, Rearrangement
from messaging.appointments.states import OPEN
from messaging.appointments.urgent_notices import tell_urgently
from messaging.clock import day_around
from messaging.conversations.models import Message
from messaging.conversations.noting import note_bare_call
from messaging.conversations.office import Office
from messaging.conversations.sending import NotReachable
from messaging.conversations.threads import lock_threads
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.journal.events import EventType
from messaging.people.absence_models import Absence
from messaging.people.absences import find_absence, may_stand_in
from messaging.people.acting import Act, Facts
from messaging.people.models import Caseworker, Citizen
from messaging.people.visibility import known_to

STAND_IN = "stand_in"
"""The text that says who comes instead."""


class NotAway(Conflict):
    """The absence has not begun, or is over: her meetings are her own again."""

    code = "not_away"


def cancel_meetings(act: Act, *, absence_id: uuid.UUID, appointment_ids: Collection[uuid.UUID], office: Office) -> int:
    """Cancel these meetings of today, and write to their citizens; return how many it did now. Raises NotFound."""
    absence = find_absence(act.session, act.actor, absence_id)
    meetings = _lock_meetings(act, absence, appointment_ids)
    return sum(_cancel(act, absence, meeting, office=office) for meeting in meetings)


def let_stand_in(
    act: Act, *, absence_id: uuid.UUID, appointment_ids: Collection[uuid.UUID], stand_in_id: uuid.UUID, office: Office
) -> int:
    """Let a colleague hold these meetings of today, and write to their citizens; return how many that is new for.

    Raises NotFound, or InvalidInput if nobody of the unit who is here goes by that id.
    """
    absence = find_absence(act.session, act.actor, absence_id)
    meetings = _lock_meetings(act, absence, appointment_ids)
    if not may_stand_in(act.session, absence, stand_in_id, now=act.now):
        raise InvalidInput("the stand-in is a caseworker of the unit who is here today", field="stand_in")
    stand_in = act.session.get_one(Caseworker, stand_in_id)
    return sum(_stand_in(act, absence, meeting, stand_in, office=office) for meeting in meetings)


def note_call(act: Act, *, absence_id: uuid.UUID, appointment_id: uuid.UUID, reached: bool) -> None:
    """Note that somebody has rung the citizen of a rearranged meeting, once if she was reached. Raises NotFound."""
    absence = find_absence(act.session, act.actor, absence_id)
    appointment = lock_appointment(act, appointment_id)
    row = _row(act, appointment)
    if row is None or row.absence_id != absence.id:
        raise NotFound("there is no such meeting in this absence")
    if row.called_at is not None:
        return
    note_bare_call(act, citizen_id=appointment.citizen_id, reached=reached)
    if reached:
        row.called_at, row.called_by = act.now, act.actor.id
    act.announce("appointment.changed", object_id=appointment.id)


def show_numbers(act: Act, *, absence_id: uuid.UUID, appointment_ids: Collection[uuid.UUID]) -> None:
    """Open to the actor the numbers of these meetings' citizens, on this page. Raises NotFound."""
    absence = find_absence(act.session, act.actor, absence_id)
    rows = act.session.execute(
        sa.select(Rearrangement, Appointment.citizen_id)
        .join(Appointment, Appointment.id == Rearrangement.appointment_id)
        .where(Rearrangement.absence_id == absence.id, Rearrangement.appointment_id.in_(appointment_ids))
    )
    for row, citizen_id in rows:
        row.number_shown_to = act.actor.id
        act.audit("number.opened", object_kind="citizen", object_id=citizen_id, facts={"absence": str(absence.id)})


def _cancel(act: Act, absence: Absence, meeting: Appointment, *, office: Office) -> bool:
    try:
        done = cancel_by_us(act, appointment_id=meeting.id, office=office)
    except AlreadyBegun:
        return False
    _decide(act, absence, meeting, Decision.CANCELLED, notice=done.notice, unreachable=done.unreachable)
    return True


def _stand_in(act: Act, absence: Absence, meeting: Appointment, stand_in: Caseworker, *, office: Office) -> bool:
    row = _row(act, meeting)
    if meeting.state not in OPEN or meeting.starts_at <= act.now or (row and row.stand_in_id == stand_in.id):
        return False
    notice, unreachable = None, None
    try:
        more = {"stand_in": stand_in.first_name}
        notice = tell_urgently(act, meeting, key=STAND_IN, office=office, more=more)
    except NotReachable as error:
        unreachable = error.reason
    _decide(act, absence, meeting, Decision.STAND_IN, stand_in=stand_in, notice=notice, unreachable=unreachable)
    absent = act.session.get_one(Caseworker, absence.caseworker_id)
    facts: Facts = {"stand_in": stand_in.initials, "caseworker": absent.initials, "revision": meeting.revision}
    act.journal(EventType.APPOINTMENT_STAND_IN, stream=meeting.citizen_id, subject=meeting.id, facts=facts)
    act.audit(EventType.APPOINTMENT_STAND_IN, object_kind="appointment", object_id=meeting.id, facts=facts)
    act.announce("appointment.changed", object_id=meeting.id)
    return True


def _decide(
    act: Act,
    absence: Absence,
    meeting: Appointment,
    decision: Decision,
    *,
    stand_in: Caseworker | None = None,
    notice: Message | None,
    unreachable: str | None,
) -> None:
    """Write down what is done now, in place of what was done before; that stands in journal and audit trail."""
    act.session.flush()
    row = _row(act, meeting) or Rearrangement(appointment_id=meeting.id, revision=meeting.revision)
    row.absence_id, row.decision = absence.id, decision
    row.stand_in_id = stand_in.id if stand_in else None
    row.message_id, row.unreachable = notice.id if notice else None, unreachable
    row.decided_at, row.decided_by = act.now, _me(act)
    row.called_at = row.called_by = None
    act.session.add(row)


def _me(act: Act) -> uuid.UUID:
    if act.actor.id is None:
        raise ValueError("only a person rearranges meetings")
    return act.actor.id


def _row(act: Act, meeting: Appointment) -> Rearrangement | None:
    return act.session.get(Rearrangement, (meeting.id, meeting.revision))


def _lock_meetings(act: Act, absence: Absence, appointment_ids: Collection[uuid.UUID]) -> Sequence[Appointment]:
    """Return these meetings of the absent one today, threads first, with nobody else changing them.

    Raises NotFound, or NotAway if she is here after all.
    """
    if absence.ended_at is not None or not absence.since <= act.now < absence.until:
        raise NotAway("she is not away now")
    begins, ends = day_around(act.now)
    chosen = (
        sa.select(Appointment)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .where(
            Appointment.id.in_(appointment_ids),
            Appointment.caseworker_id == absence.caseworker_id,
            Appointment.starts_at >= begins,
            Appointment.starts_at < ends,
            known_to(act.actor),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    citizens = act.session.scalars(chosen.with_only_columns(Appointment.citizen_id)).all()
    lock_threads(act.session, citizens)
    meetings = act.session.scalars(
        chosen.with_for_update(of=Appointment).execution_options(populate_existing=True)
    ).all()
    if len(meetings) != len(set(appointment_ids)):
        raise NotFound("there is no such meeting of hers today")
    return meetings
