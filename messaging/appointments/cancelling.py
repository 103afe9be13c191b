"""Our own cancellation of a meeting: the citizen is told at once, before she is on her way."""

import uuid
from dataclasses import dataclass

from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment
from messaging.appointments.outcomes import end_before
from messaging.appointments.states import OPEN, OutcomeWord
from messaging.appointments.urgent_notices import tell_urgently
from messaging.conversations.models import Message
from messaging.conversations.office import Office
from messaging.conversations.sending import NotReachable
from messaging.errors import Conflict
from messaging.people.acting import Act

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
        notice = tell_urgently(act, appointment, key=NOTICE, office=office)
    except NotReachable as unreachable:
        return Cancellation(appointment=appointment, notice=None, unreachable=unreachable.reason)
    return Cancellation(appointment=appointment, notice=notice, unreachable=None)
