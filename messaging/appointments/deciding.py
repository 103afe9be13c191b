"""What one turn decides about reminders that are due, kept until all of it is written with a few statements."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.planning import facts_of
from messaging.appointments.states import ReminderState
from messaging.audit.trail import NewEntry
from messaging.conversations.sending_many import Drafted, send_many
from messaging.database.many_rows import update_many
from messaging.journal.events import EventType
from messaging.journal.recording import NewEvent
from messaging.people.acting import Act, Facts
from messaging.trial.withholding import Refusal, note_many_withheld


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A reminder that a message speaks, its meeting, and whether a caseworker's own line stands in it.

    `reason` says why it was spoken in the words of another, if it was.
    """

    reminder: Reminder
    appointment: Appointment
    is_personal: bool = False
    reason: str | None = None


class Decisions:
    """The decisions of one turn. The reminders themselves learn of them in the database, by `write`."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self._drafted: list[Drafted] = []
        self._rows: dict[uuid.UUID, dict[str, Any]] = {}
        self._events: list[NewEvent] = []
        self._entries: list[NewEntry] = []
        self._refusals: list[Refusal] = []

    def __contains__(self, reminder_id: object) -> bool:
        return reminder_id in self._rows

    def send(self, drafted: Drafted, spoken: Sequence[Spoken]) -> None:
        """Send these reminders in one message, which is written by `write`."""
        self._drafted.append(drafted)
        self.note_sent(drafted.message.id, spoken)

    def note_sent(self, message_id: uuid.UUID, spoken: Sequence[Spoken]) -> None:
        """Note that these reminders are sent by a message."""
        for one in spoken:
            self._change(one.reminder, ReminderState.SENT, reason=one.reason, message_id=message_id)
            more: Facts = {"message": str(message_id), "personal_line": one.is_personal}
            self._tell(EventType.REMINDER_SENT, one.reminder, one.appointment, more)

    def skip(
        self, reminder: Reminder, appointment: Appointment, *, reason: str, refusal: Refusal | None = None
    ) -> None:
        """Do not send a reminder, for this reason; with a refusal it is an arm of the trial that withholds it."""
        self._change(reminder, ReminderState.WITHHELD if refusal else ReminderState.SKIPPED, reason=reason)
        self._tell(EventType.REMINDER_SKIPPED, reminder, appointment, {"reason": reason})
        if refusal is not None:
            self._refusals.append(refusal)

    def put_off(self, reminder: Reminder, *, until: datetime) -> None:
        """Let a reminder wait."""
        self._change(reminder, ReminderState.PLANNED, due_at=until)

    def write(self) -> None:
        """Write all that was decided, and tell of it."""
        send_many(self._act, self._drafted)
        update_many(self._act.session, Reminder, list(self._rows.values()))
        note_many_withheld(self._act, self._refusals)
        self._act.journal_many(self._events)
        self._act.audit_many(self._entries)

    def _change(
        self,
        reminder: Reminder,
        state: ReminderState,
        *,
        reason: str | None = None,
        message_id: uuid.UUID | None = None,
        due_at: datetime | None = None,
    ) -> None:
        self._rows[reminder.id] = {
            "id": reminder.id,
            "state": state,
            "reason": reason,
            "message_id": message_id,
            "decided_at": None if state is ReminderState.PLANNED else self._act.now,
            "due_at": due_at or reminder.due_at,
            "words": None,  # they stand in the message by now, or are true no more
            "words_digest": None,
        }

    def _tell(self, type_: EventType, reminder: Reminder, appointment: Appointment, more: Facts) -> None:
        facts = {**facts_of(appointment_id=appointment.id, revision=reminder.revision, step=reminder.step), **more}
        stream = appointment.citizen_id
        self._events.append(
            NewEvent(stream_id=stream, type=type_, subject_id=reminder.id, occurred_at=self._act.now, facts=facts)
        )
        self._entries.append(NewEntry(action=type_, object_kind="reminder", object_id=reminder.id, facts=facts))
