"""When reminders may leave, by the hours of the plan of each; asked again at every send."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from messaging.appointments.models import Reminder
from messaging.appointments.plans import Plans
from messaging.conversations.open_hours import OpenHours


@dataclass(frozen=True, kw_only=True)
class Openings:
    """The hours of plans within those of the service, as one turn at a moment asks for them."""

    plans: Plans
    service: OpenHours
    now: datetime
    _opens: dict[uuid.UUID | None, datetime] = field(default_factory=dict, init=False, repr=False)

    def next(self, reminder: Reminder) -> datetime:
        """Return when a reminder that is due may leave: now, or when its plan's hours open again."""
        opens = self._opens.get(reminder.plan_id)
        if opens is None:
            opens = self._opens[reminder.plan_id] = self._hours(reminder).next_open(self.now)
        return opens

    def go_together(self, reminder: Reminder, other: Reminder) -> bool:
        """Whether the other reminder may leave at the moment at which this one does."""
        if reminder.plan_id == other.plan_id:
            return True
        leaves = self._hours(reminder).next_open(max(reminder.due_at, self.now))
        return self._hours(other).is_open(leaves)

    def _hours(self, reminder: Reminder) -> OpenHours:
        return self.plans.of(reminder.plan_id).hours_within(self.service)
