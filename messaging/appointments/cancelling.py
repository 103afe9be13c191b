"""Our own cancellation of a meeting: the citizen is told at once, before she is on her way."""

import uuid
from dataclasses import dataclass

from messaging.appointments.composing import Composer
from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment
from messaging.appointments.outcomes import end_before
from messaging.appointments.states import OPEN, OutcomeWord
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.open_hours import URGENT_HOURS
from messaging.conversations.sending import NotReachable, send_message
from messaging.errors import Conflict
from messaging.people.acting import Act
from messaging.people.reaching import reach
from messaging.work.lanes import Lane

NOTICE = "M13"


class AlreadyBegun(Conflict):
    """The meeting has begun or ended: it cannot be cancelled any more, only its outcome recorded."""

    code = "already_begun"


@dataclass(frozen=True, kw_only=True)
class Cancellation:
    """A cancelled meeting, and the notice of it. Where there is none, `unreachable` says why: somebody must ring."""

    appointment: Appointment
    notice: Message | None
    unreachable: str | None


def cancel_by_us(act: Act, *, appointment_id: uuid.UUID, reason: str | None = None, office: Office) -> Cancellation:
    """Cancel a meeting that has not begun, stop its reminders and tell the citizen by an urgent message.

    The notice leaves on any day from six in the morning, before everything else. Raises NotFound or AlreadyBegun.
    """
    appointment = lock_appointment(act, appointment_id)
    if appointment.state not in OPEN or appointment.starts_at <= act.now:
        raise AlreadyBegun("the meeting has begun or ended; record its outcome instead")
    end_before(act, appointment, outcome=OutcomeWord.CANCELLED_BY_US, reason=reason)
    try:
        notice = _tell_citizen(act, appointment, office=office)
    except NotReachable as unreachable:
        return Cancellation(appointment=appointment, notice=None, unreachable=unreachable.reason)
    return Cancellation(appointment=appointment, notice=notice, unreachable=None)


def _tell_citizen(act: Act, appointment: Appointment, *, office: Office) -> Message:
    person = reach(act.session, appointment.citizen_id)
    opens = URGENT_HOURS.next_open(act.now)
    composer = Composer(act.session, act.vault, [appointment], now=act.now, office=office)
    words = composer.compose(NOTICE, appointment, shared=person.shared)
    return send_message(
        act,
        citizen_id=appointment.citizen_id,
        text=words.text,
        kind=Kind.NOTICE,
        lane=Lane.URGENT,
        author=Author.SYSTEM,
        template=words.template,
        content_free=words.content_free,
        due_at=opens if opens < appointment.starts_at else act.now,
        expires_at=appointment.starts_at,
        person=person,
    )
