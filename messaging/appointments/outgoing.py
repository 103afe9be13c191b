"""Reminders that have been decided on and drafted, until they are all written with a few statements."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.planning import facts_of
from messaging.appointments.states import ReminderState
from messaging.conversations.sending_many import Drafted, send_many
from messaging.journal.events import EventType
from messaging.journal.recording import NewEvent, record_many
from messaging.people.acting import Act, Facts


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A reminder that a message speaks, its meeting, and whether a caseworker's own line stands in it."""

    reminder: Reminder
    appointment: Appointment
    is_personal: bool = False


class Outgoing:
    """What one turn sends by SMS. What is put here is decided on; it is written by `write`."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self._drafted: list[Drafted] = []
        self._spoken: list[tuple[uuid.UUID, Spoken]] = []

    def put(self, drafted: Drafted, spoken: Sequence[Spoken]) -> None:
        """Keep a message until all are written, and note these reminders as sent."""
        self._drafted.append(drafted)
        for one in spoken:
            one.reminder.state, one.reminder.decided_at = ReminderState.SENT, self._act.now
            self._spoken.append((drafted.message.id, one))

    def write(self) -> None:
        """Write what was put here since the last time, and tell of it."""
        send_many(self._act, self._drafted)
        tell_sent(self._act, self._spoken)
        self._drafted.clear()
        self._spoken.clear()


def tell_sent(act: Act, spoken: Sequence[tuple[uuid.UUID, Spoken]]) -> None:
    """Note by which messages, which are written, reminders were sent; journal and audit that."""
    events = []
    for message_id, one in spoken:
        reminder = one.reminder
        reminder.message_id = message_id
        facts: Facts = {
            **facts_of(appointment_id=one.appointment.id, revision=reminder.revision, step=reminder.step),
            "message": str(message_id),
            "personal_line": one.is_personal,
        }
        stream = one.appointment.citizen_id
        events.append(
            NewEvent(
                stream_id=stream,
                type=EventType.REMINDER_SENT,
                subject_id=reminder.id,
                occurred_at=act.now,
                facts=facts,
            )
        )
        act.audit(EventType.REMINDER_SENT, object_kind="reminder", object_id=reminder.id, facts=facts)
    record_many(act.session, act.vault, events=events)
