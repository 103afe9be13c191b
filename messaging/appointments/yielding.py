"""Under a limit of reminders a day the one goes whose meeting is nearest, also where another comes due before it."""

import uuid
from collections import defaultdict
from collections.abc import Container, Sequence

import sqlalchemy as sa

from messaging.appointments.combining import Beside
from messaging.appointments.due import Due
from messaging.appointments.limits import Tally
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.openings import Openings
from messaging.appointments.plans import Plans
from messaging.appointments.states import OPEN, ReminderState
from messaging.clock import day_around
from messaging.people.acting import Act


def still_today(act: Act, due: Due, *, plans: Plans) -> Due:
    """Return what is planned until midnight of the citizens for whose due reminders the day has a limit."""
    limited = {meeting.citizen_id for reminder, meeting in due if plans.of(reminder.plan_id).most_per_day is not None}
    if not limited:
        return []
    _, tomorrow = day_around(act.now)
    rows = act.session.execute(
        sa.select(Reminder, Appointment)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(
            Appointment.citizen_id.in_(limited),
            Appointment.state.in_(OPEN),
            Appointment.starts_at > act.now,
            Reminder.revision == Appointment.revision,
            Reminder.due_at < tomorrow,
        )
    )
    return [(reminder, meeting) for reminder, meeting in rows if reminder.state is ReminderState.PLANNED]


class Rivals:
    """The reminders of a day that share a limit with others of their citizen, and may still leave on it."""

    def __init__(self, waiting: Due, *, openings: Openings) -> None:
        self._plans = plans = openings.plans
        _, tomorrow = day_around(openings.now)
        self._of_citizen: dict[uuid.UUID, list[tuple[Reminder, Appointment]]] = defaultdict(list)
        for reminder, meeting in waiting:
            if plans.of(reminder.plan_id).most_per_day is not None and openings.next(reminder) < tomorrow:
                self._of_citizen[meeting.citizen_id].append((reminder, meeting))

    @property
    def meetings(self) -> Sequence[Appointment]:
        """All meetings that these reminders are of."""
        return [meeting for several in self._of_citizen.values() for _, meeting in several]

    def leave_none(
        self,
        reminder: Reminder,
        appointment: Appointment,
        *,
        beside: Beside | None,
        decided: Container[uuid.UUID],
        tally: Tally,
    ) -> bool:
        """Whether nearer meetings need all that is left of the day's limit. `beside` goes in the same text."""
        most = self._plans.of(reminder.plan_id).most_per_day
        if most is None:
            return False
        begins = min(appointment.starts_at, beside.appointment.starts_at) if beside else appointment.starts_at
        nearer = [
            meeting
            for other, meeting in self._of_citizen[appointment.citizen_id]
            if meeting.starts_at < begins
            and other.id not in decided
            and tally.why_enough(meeting, plan=self._plans.of(other.plan_id)) is None
        ]
        return len(nearer) >= most - tally.today(appointment)
