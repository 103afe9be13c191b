"""What a plan has against one more reminder: that she has confirmed, or that she has had enough of them."""

import uuid
from collections import Counter
from collections.abc import Collection
from copy import copy

import sqlalchemy as sa

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.plans import Plan
from messaging.appointments.states import MOVED, AppointmentState, ReminderState
from messaging.clock import day_around
from messaging.conversations.models import Message
from messaging.conversations.states import MessageState
from messaging.people.acting import Act

CONFIRMED = "confirmed"
ENOUGH_TODAY = "enough_today"
ENOUGH_FOR_MEETING = "enough_for_meeting"
NEVER_LEFT = (MessageState.CANCELLED, MessageState.EXPIRED)


class Tally:
    """How many messages reminded of some meetings, and how many reminded their citizens today.

    They are read once and counted on with `add`. One message about two meetings is one to the citizen, and one of each
    meeting. A meeting at another time is booked anew: what reminded of the old time does not count, nor does the notice
    of the new one.
    """

    def __init__(self, act: Act, appointments: Collection[Appointment]) -> None:
        meetings = {appointment.id for appointment in appointments}
        citizens = {appointment.citizen_id for appointment in appointments}
        today, tomorrow = day_around(act.now)
        of_today = Reminder.decided_at >= today, Reminder.decided_at < tomorrow
        of_this_time = Reminder.revision == Appointment.revision, Reminder.step != MOVED
        self._of_meeting = _counted(act, Appointment.id, *of_this_time, among=meetings)
        self._today = _counted(act, Appointment.citizen_id, *of_today, among=citizens)

    def add(self, appointments: Collection[Appointment]) -> None:
        """Count one message more, which reminds of these meetings of one citizen."""
        self._of_meeting.update(appointment.id for appointment in appointments)
        self._today.update({appointment.citizen_id for appointment in appointments})

    def of_another_day(self) -> "Tally":
        """Return the tally as it stands when a day begins on which nobody has been reminded yet."""
        tally = copy(self)
        tally._today = Counter()  # noqa: SLF001
        return tally

    def today(self, appointment: Appointment) -> int:
        """Return how many messages have reminded the citizen of this meeting today, of any of her meetings."""
        return self._today[appointment.citizen_id]

    def why_enough(self, appointment: Appointment, *, plan: Plan) -> str | None:
        """Return why a citizen is not to be reminded of this meeting once more, if the plan has anything against it."""
        if plan.stops_when_confirmed and appointment.state is AppointmentState.CONFIRMED:
            return CONFIRMED
        if plan.most_per_meeting is not None and self._of_meeting[appointment.id] >= plan.most_per_meeting:
            return ENOUGH_FOR_MEETING
        if plan.most_per_day is not None and self._today[appointment.citizen_id] >= plan.most_per_day:
            return ENOUGH_TODAY
        return None


def _counted(
    act: Act, by: sa.orm.InstrumentedAttribute[uuid.UUID], *when: sa.ColumnElement[bool], among: Collection[uuid.UUID]
) -> Counter[uuid.UUID]:
    """Count messages that reminded; what was called back before it left reminded nobody."""
    if not among:
        return Counter()
    rows = act.session.execute(
        sa.select(by, sa.func.count(sa.distinct(Reminder.message_id)))
        .select_from(Reminder)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .join(Message, Message.id == Reminder.message_id)
        .where(Reminder.state == ReminderState.SENT, Message.state.not_in(NEVER_LEFT), by.in_(among), *when)
        .group_by(by)
    )
    return Counter(dict(rows.all()))
