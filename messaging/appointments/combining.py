"""Two meetings of a citizen on one day: the reminders of both in one text, if the plans of both have it so."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from messaging.appointments.due import Due
from messaging.appointments.limits import Tally
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.openings import Openings
from messaging.appointments.personalising import lines_of
from messaging.appointments.plans import Plan, Plans
from messaging.appointments.states import OPEN, ReminderState
from messaging.clock import day_around
from messaging.people.acting import Act

COMBINED = "M14"
"""The text about two meetings of one day."""


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A reminder that goes in the same text as another, and its meeting."""

    reminder: Reminder
    appointment: Appointment


class Besides:
    """The reminders that may go in one text with those of a turn, read for all of it. The threads are locked."""

    def __init__(self, act: Act, due: Due, *, plans: Plans, openings: Openings, after: datetime) -> None:
        """`after` is when a meeting must begin at the earliest."""
        self._plans = plans
        self._openings = openings
        combining = [(reminder, meeting) for reminder, meeting in due if plans.of(reminder.plan_id).combines]
        self._of_citizens = _coming(act, [meeting for _, meeting in combining], after=after)
        others = (one.reminder.id for several in self._of_citizens.values() for one in several)
        mine = (reminder.id for reminder, _ in combining)
        self._lined = set(lines_of(act.session, (*mine, *others))) if combining else set()

    @property
    def counted(self) -> Sequence[Appointment]:
        """The meetings of those reminders whose plans ask how many went before."""
        every = (one for several in self._of_citizens.values() for one in several)
        return [one.appointment for one in every if self._plans.of(one.reminder.plan_id).counts]

    def find(
        self, reminder: Reminder, appointment: Appointment, *, decided: Container[uuid.UUID], tally: Tally
    ) -> Beside | None:
        """Return the next reminder that may go in one text with this one; None if it goes alone.

        It is the same step before another meeting of the same day, due today and not decided on yet, and its own plan
        has nothing against one more, lets it leave at that moment and by the same ways. A reminder with a caseworker's
        own line goes alone, for the line is meant for one meeting.
        """
        plan = self._plans.of(reminder.plan_id)
        if not plan.combines or reminder.id in self._lined:
            return None
        begins, ends = day_around(appointment.starts_at)
        return next(
            (
                one
                for one in self._of_citizens[appointment.citizen_id]
                if one.appointment.id != appointment.id
                and begins <= one.appointment.starts_at < ends
                and one.reminder.id not in decided
                and one.reminder.id not in self._lined
                and self._is_alike(plan, reminder, one, tally=tally)
            ),
            None,
        )

    def _is_alike(self, plan: Plan, reminder: Reminder, beside: Beside, *, tally: Tally) -> bool:
        other = self._plans.of(beside.reminder.plan_id)
        mine, its = plan.step(reminder.step), other.step(beside.reminder.step)
        if not other.combines or mine is None or its is None or mine.days != its.days:
            return False
        if plan.ways != other.ways or not self._openings.go_together(reminder, beside.reminder):
            return False
        return tally.why_enough(beside.appointment, plan=other) is None


def _coming(act: Act, meetings: Collection[Appointment], *, after: datetime) -> Mapping[uuid.UUID, Sequence[Beside]]:
    """Return what is due today of the meetings of the same citizens up to the last of these days, by the citizen."""
    found: dict[uuid.UUID, list[Beside]] = defaultdict(list)
    if not meetings:
        return found
    _, tomorrow = day_around(act.now)
    _, last = day_around(max(meeting.starts_at for meeting in meetings))
    rows = act.session.execute(
        sa.select(Reminder, Appointment)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(
            Appointment.citizen_id.in_({meeting.citizen_id for meeting in meetings}),
            Appointment.state.in_(OPEN),
            Appointment.starts_at >= after,
            Appointment.starts_at < last,
            Reminder.revision == Appointment.revision,
            Reminder.due_at < tomorrow,
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    for reminder, appointment in rows:
        if reminder.state is ReminderState.PLANNED:
            found[appointment.citizen_id].append(Beside(reminder=reminder, appointment=appointment))
    return found
