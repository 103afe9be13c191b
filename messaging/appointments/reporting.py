"""The reminder log: per meeting what was planned, sent, withheld or skipped and why, and what followed from it.

It is read a page at a time and never held whole. The words themselves are opened only where they are asked for.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Form, Outcome, Reminder, ReplyReading
from messaging.appointments.states import Action, AppointmentState, OutcomeWord, ReminderState
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Message
from messaging.conversations.states import MessageState
from messaging.people.acting import Act
from messaging.people.actors import Actor
from messaging.people.models import Caseworker, Citizen
from messaging.people.queries import EVERYBODY
from messaging.people.visibility import visible_to
from messaging.vault.vault import Vault

PAGE = 200


@dataclass(frozen=True, kw_only=True)
class LoggedReminder:
    """One step: when it was due, what was decided and why, and in which words (the template's name) it was sent."""

    step: str
    revision: int
    due_at: datetime
    state: ReminderState
    reason: str | None
    decided_at: datetime | None
    message_id: uuid.UUID | None
    message_state: MessageState | None
    template: str | None
    text: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class LoggedAnswer:
    """What the citizen answered, as it was understood, and what was done."""

    message_id: uuid.UUID
    received_at: datetime
    label: str
    rule: str | None
    action: Action
    text: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class LoggedOutcome:
    """What somebody said became of the meeting; a correction names what it corrects."""

    id: uuid.UUID
    outcome: OutcomeWord
    recorded_by: str
    recorded_at: datetime
    corrects_id: uuid.UUID | None


@dataclass(frozen=True, kw_only=True)
class LoggedAppointment:
    """A meeting with all that belongs to it, in the order in which it happened. `caseworker` are her initials."""

    id: uuid.UUID
    source: str
    external_id: str
    citizen_id: uuid.UUID
    caseworker: str
    starts_at: datetime
    form: Form
    state: AppointmentState
    revision: int
    booked_at: datetime
    reminded_by_huskeservice: bool | None
    reminded_by_nemsms: bool | None
    reminded_by_booking_system: bool | None
    reminders: tuple[LoggedReminder, ...]
    answers: tuple[LoggedAnswer, ...]
    outcomes: tuple[LoggedOutcome, ...]


def open_report(act: Act, *, with_words: bool) -> None:
    """Note in the audit trail that somebody reads the reminder log, with the words in it or without."""
    action = "reminder_log.opened" if with_words else "reminder_log.listed"
    act.audit(action, object_kind="reminder_log", object_id=EVERYBODY)


def reminder_log(
    session: Session,
    vault: Vault,
    actor: Actor,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    with_words: bool = False,
    page: int = PAGE,
) -> Iterator[LoggedAppointment]:
    """Yield the meetings of whom this actor may see that begin in [since, until), by time."""
    rows = _page(session, actor, since=since, until=until, after=None, limit=page)
    while rows:
        yield from _logged(session, vault, rows, with_words=with_words)
        last = rows[-1][0]
        rows = _page(session, actor, since=since, until=until, after=(last.starts_at, last.id), limit=page)


def _page(
    session: Session,
    actor: Actor,
    *,
    since: datetime | None,
    until: datetime | None,
    after: tuple[datetime, uuid.UUID] | None,
    limit: int,
) -> Sequence[sa.Row[Appointment, str]]:
    chosen = (
        sa.select(Appointment, Caseworker.initials)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .join(Caseworker, Caseworker.id == Appointment.caseworker_id)
        .where(visible_to(actor))
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(limit)
    )
    if since is not None:
        chosen = chosen.where(Appointment.starts_at >= since)
    if until is not None:
        chosen = chosen.where(Appointment.starts_at < until)
    if after is not None:
        at, id_ = after
        same_time = sa.and_(Appointment.starts_at == at, Appointment.id > id_)
        chosen = chosen.where(sa.or_(Appointment.starts_at > at, same_time))
    return session.execute(chosen).all()


def _logged(
    session: Session, vault: Vault, rows: Sequence[sa.Row[Appointment, str]], *, with_words: bool
) -> Iterator[LoggedAppointment]:
    ids = [appointment.id for appointment, _ in rows]
    if with_words:
        vault.warm({appointment.citizen_id for appointment, _ in rows})
    words = vault if with_words else None
    reminders, answers = _reminders(session, words, ids), _answers(session, words, ids)
    outcomes = _outcomes(session, ids)
    for appointment, initials in rows:
        yield LoggedAppointment(
            id=appointment.id,
            source=appointment.source,
            external_id=appointment.external_id,
            citizen_id=appointment.citizen_id,
            caseworker=initials,
            starts_at=appointment.starts_at,
            form=appointment.form,
            state=appointment.state,
            revision=appointment.revision,
            booked_at=appointment.booked_at,
            reminded_by_huskeservice=appointment.reminded_by_huskeservice,
            reminded_by_nemsms=appointment.reminded_by_nemsms,
            reminded_by_booking_system=appointment.reminded_by_booking_system,
            reminders=tuple(reminders[appointment.id]),
            answers=tuple(answers[appointment.id]),
            outcomes=tuple(outcomes[appointment.id]),
        )


def _reminders(session: Session, vault: Vault | None, ids: list[uuid.UUID]) -> dict[uuid.UUID, list[LoggedReminder]]:
    found: dict[uuid.UUID, list[LoggedReminder]] = defaultdict(list)
    rows = session.execute(
        sa.select(Reminder, Message)
        .outerjoin(Message, Message.id == Reminder.message_id)
        .where(Reminder.appointment_id.in_(ids))
        .order_by(Reminder.revision, Reminder.due_at, Reminder.id)
    )
    for reminder, message in rows:
        logged = LoggedReminder(
            step=reminder.step,
            revision=reminder.revision,
            due_at=reminder.due_at,
            state=reminder.state,
            reason=reminder.reason,
            decided_at=reminder.decided_at,
            message_id=reminder.message_id,
            message_state=message.state if message else None,
            template=message.template if message else None,
            text=_words(vault, message),
        )
        found[reminder.appointment_id].append(logged)
    return found


def _answers(session: Session, vault: Vault | None, ids: list[uuid.UUID]) -> dict[uuid.UUID, list[LoggedAnswer]]:
    found: dict[uuid.UUID, list[LoggedAnswer]] = defaultdict(list)
    rows = session.execute(
        sa.select(Appointment.id, ReplyReading, Message)
        .join(ReplyReading, ReplyReading.appointment_id == Appointment.id)
        .join(Message, Message.id == ReplyReading.message_id)
        .where(Appointment.id.in_(ids))
        .order_by(Message.created_at, Message.id)
    )
    for appointment_id, reading, message in rows:
        logged = LoggedAnswer(
            message_id=message.id,
            received_at=message.created_at,
            label=reading.label,
            rule=reading.rule,
            action=reading.action,
            text=_words(vault, message),
        )
        found[appointment_id].append(logged)
    return found


def _outcomes(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, list[LoggedOutcome]]:
    found: dict[uuid.UUID, list[LoggedOutcome]] = defaultdict(list)
    rows = session.scalars(sa.select(Outcome).where(Outcome.appointment_id.in_(ids)).order_by(Outcome.id))
    for row in rows:
        logged = LoggedOutcome(
            id=row.id,
            outcome=row.outcome,
            recorded_by=row.recorded_by,
            recorded_at=row.recorded_at,
            corrects_id=row.corrects_id,
        )
        found[row.appointment_id].append(logged)
    return found


def _words(vault: Vault | None, message: Message | None) -> str | None:
    if vault is None or message is None or message.conversation_id is None:
        return None
    return vault.open(message.body, owner=message.conversation_id, place=body_place(message.id))
