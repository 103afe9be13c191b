"""What becomes of reminders that were held back and that nobody let go before their meeting began."""

import sqlalchemy as sa

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.planning import journal_skipped
from messaging.appointments.states import ReminderState
from messaging.appointments.timing import SkipReason
from messaging.conversations.threads import lock_threads
from messaging.people.acting import Act

BATCH = 500


def end_held(act: Act, *, limit: int = BATCH) -> int:
    """Skip them, with the words that were written for them; return how many there were."""
    held = act.session.execute(
        sa.select(Reminder.id, Appointment.citizen_id)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(Reminder.state == ReminderState.ON_HOLD, Appointment.starts_at <= act.now)
        .limit(limit)
    ).all()
    citizens = {row.id: row.citizen_id for row in held}
    lock_threads(act.session, citizens.values())
    locked = sa.select(Reminder).where(Reminder.id.in_(citizens)).with_for_update(skip_locked=True)
    for reminder in act.session.scalars(locked.execution_options(populate_existing=True)):
        if reminder.state is ReminderState.ON_HOLD:
            reminder.state, reminder.reason, reminder.decided_at = ReminderState.SKIPPED, SkipReason.BEGUN, act.now
            reminder.words = reminder.words_digest = None
            journal_skipped(act, [reminder], citizen_id=citizens[reminder.id])
    return len(held)
