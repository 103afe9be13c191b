"""Sending the reminders that are due: each looked at again, written in its approved words, and handed to the senders.

What has changed since the plan was made is asked again here. Nothing leaves in closed hours: what comes due then, or
still waits when the hours end, waits for the next open moment if that is still of use.
"""

import math
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from messaging.appointments.booking import MOVED
from messaging.appointments.composing import Composer, with_line
from messaging.appointments.models import Appointment, PersonalLine, Reminder
from messaging.appointments.outcomes import CANCELLED
from messaging.appointments.personalising import lines_of, open_line
from messaging.appointments.planning import ReminderRules, facts_of
from messaging.appointments.states import OPEN, ReminderState
from messaging.appointments.timing import APART, SkipReason, why_not
from messaging.conversations.arms import refusal_of
from messaging.conversations.channel_choice import Means, MeansOf, Purpose, Way, ladder_for, means_unknown
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.rendering import EmptyVariable
from messaging.conversations.sending import send_message
from messaging.conversations.sending_in_app import send_in_app, why_no_way
from messaging.conversations.states import MessageState
from messaging.conversations.threads import lock_threads
from messaging.journal.events import EventType
from messaging.people.acting import Act, Facts
from messaging.people.reaching import Reach, reach_many
from messaging.trial import capabilities
from messaging.trial.capabilities import Sort, way_of_itself
from messaging.trial.withholding import note_withheld
from messaging.vault.errors import CannotOpen, UnknownOwner
from messaging.work.lanes import Lane

BATCH = 100
EARLY, LAST = "M1", "M2"
"""The texts of the reminders: the last one before the meeting asks for a plan."""
LATE = timedelta(hours=1)
"""A reminder sent longer than this after it was due may have come near the next one."""
ANOTHER_WAY = "another_way"
"""Why a reminder is not sent by SMS that the table of ways wants elsewhere."""
UNWRITABLE = "unwritable"
"""Why a reminder is not sent whose words cannot be put together: the citizen's name is empty or does not open."""

Due = Sequence[tuple[Reminder, Appointment]]

log = structlog.get_logger()


def is_any_due(session: Session, *, at: datetime) -> bool:
    """Whether a reminder is due, so that looking need not take the turn of a writer."""
    due = sa.exists().where(Reminder.state == ReminderState.PLANNED, Reminder.due_at <= at)
    return bool(session.scalar(sa.select(due)))


def send_due_reminders(
    act: Act, *, rules: ReminderRules, office: Office, limit: int = BATCH, means_of: MeansOf = means_unknown
) -> int:
    """Decide on up to `limit` reminders that are due; return how many, 0 if none are left.

    `means_of` tells what citizens have beside a number. In closed hours reminders wait for the next open moment, if
    that is still of use.
    """
    due = _claim(act, limit=limit)
    if due:
        turn = _Turn.begin(act, due, rules=rules, office=office, means_of=means_of)
        for reminder, appointment in due:
            turn.decide(reminder, appointment)
    return len(due)


def are_any_waiting(session: Session, *, at: datetime) -> bool:
    """Whether a written reminder waits to leave."""
    return bool(session.scalar(sa.select(sa.exists().where(_waits(at)))))


def keep_back(act: Act, *, rules: ReminderRules) -> None:
    """Let reminders that are written and have not left wait until the hours open.

    They are still here because a provider or we were down; nobody is to be woken by them. They expire by themselves.
    """
    act.session.execute(
        sa.update(Message)
        .where(_waits(act.now))
        .values(due_at=rules.hours.next_open(act.now))
        .execution_options(synchronize_session=False)
    )


def _claim(act: Act, *, limit: int) -> Due:
    """Lock due reminders, their citizens' threads first, and return them with their meetings, by citizen."""
    due = act.session.execute(
        sa.select(Reminder.id, Appointment.citizen_id)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(Reminder.state == ReminderState.PLANNED, Reminder.due_at <= act.now)
        .order_by(Reminder.due_at)
        .limit(limit)
    ).all()
    lock_threads(act.session, [row.citizen_id for row in due])
    rows = act.session.execute(
        sa.select(Reminder, Appointment)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .where(Reminder.id.in_([row.id for row in due]), Reminder.state == ReminderState.PLANNED)
        .with_for_update(of=Reminder, skip_locked=True)
    )
    return sorted(rows, key=lambda row: (row[1].citizen_id, row[0].due_at))


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """One batch of due reminders, with all that is read for the whole of it. What is sent now leaves at `open_at`."""

    act: Act
    rules: ReminderRules
    open_at: datetime
    people: Mapping[uuid.UUID, Reach]
    means: Mapping[uuid.UUID, Means]
    composer: Composer
    planned: Mapping[uuid.UUID, Sequence[Reminder]]
    """What is still planned of each meeting when the turn begins."""
    lines: Mapping[uuid.UUID, PersonalLine]
    """What caseworkers have added, by reminder."""

    @classmethod
    def begin(cls, act: Act, due: Due, *, rules: ReminderRules, office: Office, means_of: MeansOf) -> "_Turn":
        appointments = [appointment for _, appointment in due]
        citizens = [appointment.citizen_id for appointment in appointments]
        planned: dict[uuid.UUID, list[Reminder]] = defaultdict(list)
        for reminder in act.session.scalars(
            sa.select(Reminder).where(
                Reminder.appointment_id.in_([appointment.id for appointment in appointments]),
                Reminder.state == ReminderState.PLANNED,
            )
        ):
            planned[reminder.appointment_id].append(reminder)
        return cls(
            act=act,
            rules=rules,
            open_at=rules.hours.next_open(act.now),
            people=reach_many(act.session, citizens),
            means=means_of(act.session, citizens),
            composer=Composer(act.session, act.vault, appointments, now=act.now, office=office),
            planned=planned,
            lines=lines_of(act.session, [reminder.id for reminder, _ in due]),
        )

    def decide(self, reminder: Reminder, appointment: Appointment) -> None:
        if reason := self._why_not(reminder, appointment):
            self._skip(reminder, appointment, reason)
        elif self.open_at > self.act.now:
            reminder.due_at = self.open_at
        else:
            self._send(reminder, appointment)

    def _why_not(self, reminder: Reminder, appointment: Appointment) -> str | None:
        """Return why this reminder is not to be sent any more, if anything speaks against it."""
        if appointment.state not in OPEN:
            return CANCELLED
        if reminder.revision != appointment.revision:
            return MOVED
        if late := why_not(appointment.starts_at, at=self.open_at, useful_until=self.rules.useful_until):
            return late
        if self._is_followed_soon(reminder):
            return SkipReason.NEAR_ANOTHER
        person = self.people[appointment.citizen_id]
        means = self.means.get(appointment.citizen_id, Means())
        if person.arm is None and Way.SMS not in ladder_for(Purpose.REMINDER, means):
            return ANOTHER_WAY
        return why_no_way(person, Kind.REMINDER, Sort.REMINDER)

    def _is_followed_soon(self, reminder: Reminder) -> bool:
        """Whether a step nearer the meeting comes within a day of this one, which is late: the plan held them apart."""
        return self.open_at - reminder.due_at > LATE and any(
            other.revision == reminder.revision
            and _days(self.rules, other.step) < _days(self.rules, reminder.step)
            and other.due_at - self.open_at < APART
            for other in self.planned[reminder.appointment_id]
        )

    def _send(self, reminder: Reminder, appointment: Appointment) -> None:
        try:
            with self.act.session.begin_nested():
                message = self._write(reminder, appointment)
        except (EmptyVariable, CannotOpen, UnknownOwner) as error:
            # Only what this citizen's row causes: a fault of the texts keeps all reminders waiting until it is mended.
            log.warning("reminder.unwritable", reminder=str(reminder.id), code=error.code)
            self._skip(reminder, appointment, UNWRITABLE)
            return
        reminder.state, reminder.message_id, reminder.decided_at = ReminderState.SENT, message.id, self.act.now
        is_personal = reminder.id in self.lines and not self.people[appointment.citizen_id].shared
        facts: Facts = {"message": str(message.id), "personal_line": is_personal}
        self._tell(EventType.REMINDER_SENT, reminder, appointment, facts)

    def _write(self, reminder: Reminder, appointment: Appointment) -> Message:
        person = self.people[appointment.citizen_id]
        in_app = way_of_itself(person.arm, Sort.REMINDER) is capabilities.Way.APP
        shared = person.shared and not in_app
        words = self.composer.compose(text_key(self.rules, reminder.step), appointment, shared=shared)
        if not shared:  # a number may have come to be shared since the line was added
            owner = appointment.citizen_id
            line = open_line(self.act.vault, self.lines, reminder_id=reminder.id, citizen_id=owner)
            words = with_line(words, line)
        expires_at = appointment.starts_at - self.rules.useful_until
        if in_app:
            return send_in_app(
                self.act,
                citizen_id=appointment.citizen_id,
                text=words.text,
                content_class=ContentClass.SMS_OK,
                kind=Kind.REMINDER,
                author=Author.SYSTEM,
                template=words.template,
                original=words.original,
                expires_at=expires_at,
            )
        return send_message(
            self.act,
            citizen_id=appointment.citizen_id,
            text=words.text,
            kind=Kind.REMINDER,
            lane=Lane.BULK,
            author=Author.SYSTEM,
            template=words.template,
            original=words.original,
            content_free=words.content_free,
            expires_at=expires_at,
            person=person,
        )

    def _skip(self, reminder: Reminder, appointment: Appointment, reason: str) -> None:
        refusal = refusal_of(
            self.people[appointment.citizen_id],
            citizen_id=appointment.citizen_id,
            sort=Sort.REMINDER,
            way=capabilities.Way.SMS,
        )
        withheld = refusal is not None and reason == capabilities.REASONS[refusal.arm]
        if refusal is not None and withheld:
            note_withheld(self.act, refusal)
        reminder.state = ReminderState.WITHHELD if withheld else ReminderState.SKIPPED
        reminder.reason, reminder.decided_at = reason, self.act.now
        self._tell(EventType.REMINDER_SKIPPED, reminder, appointment, {"reason": reason})

    def _tell(self, type_: EventType, reminder: Reminder, appointment: Appointment, more: Facts) -> None:
        about = facts_of(appointment_id=appointment.id, revision=reminder.revision, step=reminder.step)
        self.act.journal(type_, stream=appointment.citizen_id, subject=reminder.id, facts={**about, **more})
        self.act.audit(type_, object_kind="reminder", object_id=reminder.id, facts={**about, **more})


def text_key(rules: ReminderRules, step: str) -> str:
    """Return which text a step of the plan uses: the last one before the meeting has its own."""
    is_last = _days(rules, step) == min(step.days for step in rules.steps)
    return LAST if is_last else EARLY


def _days(rules: ReminderRules, key: str) -> float:
    """How many days before the meeting a step is; one that has been taken out of the settings is the farthest."""
    return next((step.days for step in rules.steps if step.key == key), math.inf)


def _waits(at: datetime) -> sa.ColumnElement[bool]:
    """Queued, or unclear and so perhaps queued again at any hour; due, and not in the hands of a sender."""
    return sa.and_(
        Message.lane == Lane.BULK,
        Message.kind == Kind.REMINDER,
        Message.state.in_((MessageState.QUEUED, MessageState.UNCLEAR)),
        Message.due_at <= at,
        Message.lease_token.is_(None),
    )
