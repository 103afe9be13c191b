"""What sending will make of reminders that still wait, as far as their plans decide it.

The days until then are gone through as the sending will: by the same tally of what was sent and the same combining of
two meetings, so that nobody is shown words that will not leave.
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa

from messaging.appointments.combining import Besides
from messaging.appointments.due import Due
from messaging.appointments.limits import ENOUGH_TODAY, Tally
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.openings import Openings
from messaging.appointments.planning import ReminderRules
from messaging.appointments.plans import Plans
from messaging.appointments.reminder_ways import Ways
from messaging.appointments.states import OPEN, WAITING, ReminderState
from messaging.appointments.yielding import Rivals
from messaging.clock import day_around
from messaging.people.acting import Act


class Foresight:
    """What becomes of some reminders and of all others of their citizens until then; read once."""

    def __init__(self, act: Act, due: Due, *, rules: ReminderRules, has_text_for_two: bool) -> None:
        self._act = act
        self._rules = rules
        self._plans = Plans(act.session, steps=rules.steps)
        self._has_text_for_two = has_text_for_two
        self._enough: dict[uuid.UUID, str] = {}
        self._told: dict[uuid.UUID, tuple[Appointment, Appointment]] = {}
        if self._plans and due:
            self._look(_until_then(act, due))

    def why_enough(self, reminder: Reminder) -> str | None:
        """Return what the reminder's plan will have against it (of `wording.REASONS`), None if nothing."""
        return self._enough.get(reminder.id)

    def told_in_one(self, reminder: Reminder) -> tuple[Appointment, Appointment] | None:
        """Return both meetings of the text this reminder will be sent in, the one that signs first; None if alone."""
        return self._told.get(reminder.id)

    def ways(self, reminder: Reminder) -> Ways:
        """Return by which ways its plan lets a reminder go."""
        return self._plans.of(reminder.plan_id).ways

    def _look(self, every: Due) -> None:
        tally = Tally(self._act, [meeting for _, meeting in every])
        for begins, rows in groupby(every, key=lambda row: day_around(self._comes(row[0]))[0]):
            of_day = list(rows)
            as_of = replace(self._act, now=max(self._act.now, begins))
            if begins > self._act.now:
                tally = tally.of_another_day()
            openings = Openings(plans=self._plans, service=self._rules.hours, now=as_of.now)
            after = as_of.now + self._rules.useful_until
            besides = Besides(as_of, of_day, plans=self._plans, openings=openings, after=after)
            self._look_at_day(of_day, besides=besides, openings=openings, tally=tally)

    def _look_at_day(self, due: Due, *, besides: Besides, openings: Openings, tally: Tally) -> None:
        decided = set[uuid.UUID]()
        rivals = Rivals([row for row in due if row[0].state is ReminderState.PLANNED], openings=openings)
        for reminder, meeting in due:
            if reminder.id in decided:
                continue
            decided.add(reminder.id)
            if enough := tally.why_enough(meeting, plan=self._plans.of(reminder.plan_id)):
                self._enough[reminder.id] = enough
                continue
            if reminder.state is ReminderState.ON_HOLD:
                continue
            beside = besides.find(reminder, meeting, decided=decided, tally=tally) if self._has_text_for_two else None
            if rivals.leave_none(reminder, meeting, beside=beside, decided=decided, tally=tally):
                self._enough[reminder.id] = ENOUGH_TODAY
                continue
            if beside is None:
                tally.add([meeting])
                continue
            decided.add(beside.reminder.id)
            tally.add([meeting, beside.appointment])
            self._told[reminder.id] = self._told[beside.reminder.id] = meeting, beside.appointment

    def _comes(self, reminder: Reminder) -> datetime:
        return max(reminder.due_at, self._act.now)


def _until_then(act: Act, due: Due) -> Sequence[tuple[Reminder, Appointment]]:
    """Return all that waits of these citizens up to the day of the last of these reminders, as it comes due."""
    _, end = day_around(max(act.now, *(reminder.due_at for reminder, _ in due)))
    rows = act.session.execute(
        sa.select(Reminder, Appointment)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(
            Appointment.citizen_id.in_({meeting.citizen_id for _, meeting in due}),
            Appointment.state.in_(OPEN),
            Appointment.starts_at > act.now,
            Reminder.revision == Appointment.revision,
            Reminder.due_at < end,
        )
        .order_by(Reminder.due_at, Appointment.starts_at, Reminder.id)
    )
    return [(reminder, meeting) for reminder, meeting in rows if reminder.state in WAITING]
