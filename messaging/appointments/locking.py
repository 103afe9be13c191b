"""The order in which everybody locks: threads by their ids, then meetings, then reminders; the journal's streams last.

Import, reminders, answers and outcomes meet at the same rows. Who keeps to one order waits; who does not, deadlocks.
"""

import uuid

import sqlalchemy as sa

from messaging.appointments.models import Appointment
from messaging.conversations.threads import lock_thread
from messaging.errors import NotFound
from messaging.people.acting import Act


def lock_appointment(act: Act, appointment_id: uuid.UUID) -> Appointment:
    """Return a meeting as it is now, with nobody else changing it or its citizen's thread. Raises NotFound."""
    citizen_id = act.session.scalar(sa.select(Appointment.citizen_id).filter_by(id=appointment_id))
    if citizen_id is None:
        raise NotFound("there is no such appointment")
    lock_thread(act.session, citizen_id)
    return act.session.get_one(Appointment, appointment_id, with_for_update=True, populate_existing=True)
