"""What screens and the API show of appointments: the meeting, its reminders and what became of it."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Form, Outcome, Reminder, ReplyReading
from messaging.appointments.states import OPEN, AppointmentState, OutcomeWord, ReminderState
from messaging.conversations.models import Message
from messaging.conversations.open_hours import OpenHours
from messaging.database.base import Moment
from messaging.database.changes import SeenChange
from messaging.errors import NotFound
from messaging.people.actors import Actor
from messaging.people.models import Caseworker, Citizen
from messaging.people.visibility import visible_to
from messaging.vault.place import Place
from messaging.vault.vault import Vault

LONGEST_CLOSED = 14
"""Days within which there always is a working day."""

LISTING_KINDS = (datetime, uuid.UUID)
"""The types of `AppointmentView.key`."""


@dataclass(frozen=True, kw_only=True)
class ReminderView:
    """One step of the reminder plan, and what was done about it."""

    step: str
    revision: int
    due_at: datetime
    state: ReminderState
    reason: str | None
    decided_at: datetime | None
    message_id: uuid.UUID | None


@dataclass(frozen=True, kw_only=True)
class OutcomeView:
    """What somebody said became of a meeting; `corrects_id` names the outcome it takes the place of."""

    id: uuid.UUID
    outcome: OutcomeWord
    reason: str | None = field(repr=False)
    recorded_by: str
    recorded_at: datetime
    corrects_id: uuid.UUID | None


@dataclass(frozen=True, kw_only=True)
class AppointmentView:
    """A meeting with its reminders and outcomes, oldest first. `caseworker` are her initials."""

    id: uuid.UUID
    source: str
    external_id: str
    citizen_id: uuid.UUID
    caseworker: str
    starts_at: datetime
    minutes: int
    meeting_type: str
    form: Form
    place: str | None
    self_booked: bool
    reminded_by_huskeservice: bool | None
    reminded_by_nemsms: bool | None
    reminded_by_booking_system: bool | None
    state: AppointmentState
    state_since: datetime
    revision: int
    reminders: tuple[ReminderView, ...]
    outcomes: tuple[OutcomeView, ...]

    @property
    def key(self) -> tuple[datetime, uuid.UUID]:
        """The place in the list."""
        return (self.starts_at, self.id)


def list_appointments(
    session: Session,
    vault: Vault,
    actor: Actor,
    *,
    citizen_id: uuid.UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: tuple[datetime, uuid.UUID] | None = None,
    limit: int,
) -> list[AppointmentView]:
    """Return the next meetings by time, of one citizen or of all this actor may see, within [since, until)."""
    chosen = _visible(actor).order_by(Appointment.starts_at, Appointment.id).limit(limit)
    if citizen_id is not None:
        chosen = chosen.where(Appointment.citizen_id == citizen_id)
    if since is not None:
        chosen = chosen.where(Appointment.starts_at >= since)
    if until is not None:
        chosen = chosen.where(Appointment.starts_at < until)
    if after is not None:
        place = sa.tuple_(Appointment.starts_at, Appointment.id)
        key = (sa.literal(after[0], Appointment.starts_at.type), sa.literal(after[1], Appointment.id.type))
        chosen = chosen.where(place > sa.tuple_(*key))
    return _views(session, vault, session.execute(chosen).all())


def latest_appointments(
    session: Session, vault: Vault, actor: Actor, *, citizen_id: uuid.UUID, limit: int
) -> list[AppointmentView]:
    """Return the meetings of a citizen that this actor may see, the last one first."""
    chosen = _visible(actor).where(Appointment.citizen_id == citizen_id)
    return _views(session, vault, session.execute(chosen.order_by(Appointment.starts_at.desc()).limit(limit)).all())


def one_appointment(session: Session, vault: Vault, actor: Actor, *, appointment_id: uuid.UUID) -> AppointmentView:
    """Return one meeting. Raises NotFound where there is none this actor may see."""
    rows = session.execute(_visible(actor).where(Appointment.id == appointment_id)).all()
    if not rows:
        raise NotFound("there is no such appointment")
    return _views(session, vault, rows)[0]


def ids_by_external_id(session: Session, *, source: str, external_ids: Collection[str]) -> dict[str, uuid.UUID]:
    """Return which meetings a source calls by these ids."""
    rows = session.execute(
        sa.select(Appointment.external_id, Appointment.id).where(
            Appointment.source == source, Appointment.external_id.in_(external_ids)
        )
    )
    return {row.external_id: row.id for row in rows}


def find_appointment(session: Session, actor: Actor, appointment_id: uuid.UUID) -> Appointment:
    """Return the meeting itself, before something is done with it. Raises NotFound."""
    row = session.execute(_visible(actor).where(Appointment.id == appointment_id)).first()
    if row is None:
        raise NotFound("there is no such appointment")
    return row[0]


def find_reminder(session: Session, actor: Actor, reminder_id: uuid.UUID) -> Reminder:
    """Return a reminder of a meeting this actor may see. Raises NotFound."""
    reminder = session.scalar(
        sa.select(Reminder)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .where(Reminder.id == reminder_id, visible_to(actor))
    )
    if reminder is None:
        raise NotFound("there is no such reminder")
    return reminder


def list_readings(session: Session, message_ids: Sequence[uuid.UUID]) -> Sequence[ReplyReading]:
    """Return how these messages were understood, as far as they have been read by the rules."""
    return session.scalars(sa.select(ReplyReading).where(ReplyReading.message_id.in_(message_ids))).all()


def threads_of(session: Session, message_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID | None]:
    """Return whose thread each of these messages is in; None in triage."""
    rows = session.execute(sa.select(Message.id, Message.conversation_id).where(Message.id.in_(message_ids)))
    return {row.id: row.conversation_id for row in rows}


def _visible(actor: Actor) -> sa.Select[Appointment, str]:
    return (
        sa.select(Appointment, Caseworker.initials)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .join(Caseworker, Caseworker.id == Appointment.caseworker_id)
        .where(visible_to(actor))
        .execution_options(populate_existing=True)
    )


def _views(session: Session, vault: Vault, rows: Sequence[sa.Row[Appointment, str]]) -> list[AppointmentView]:
    appointments = {appointment.id: appointment for appointment, _ in rows}
    vault.warm([appointment.citizen_id for appointment in appointments.values()])
    reminders, outcomes = _reminders(session, list(appointments)), _outcomes(session, vault, appointments)
    return [
        AppointmentView(
            id=appointment.id,
            source=appointment.source,
            external_id=appointment.external_id,
            citizen_id=appointment.citizen_id,
            caseworker=initials,
            starts_at=appointment.starts_at,
            minutes=appointment.minutes,
            meeting_type=appointment.meeting_type,
            form=appointment.form,
            place=appointment.place,
            self_booked=appointment.self_booked,
            reminded_by_huskeservice=appointment.reminded_by_huskeservice,
            reminded_by_nemsms=appointment.reminded_by_nemsms,
            reminded_by_booking_system=appointment.reminded_by_booking_system,
            state=appointment.state,
            state_since=appointment.state_since,
            revision=appointment.revision,
            reminders=tuple(reminders.get(appointment.id, ())),
            outcomes=tuple(outcomes.get(appointment.id, ())),
        )
        for appointment, initials in rows
    ]


def _reminders(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, list[ReminderView]]:
    found: dict[uuid.UUID, list[ReminderView]] = {}
    for row in session.scalars(
        sa.select(Reminder).where(Reminder.appointment_id.in_(ids)).order_by(Reminder.revision, Reminder.due_at)
    ):
        view = ReminderView(
            step=row.step,
            revision=row.revision,
            due_at=row.due_at,
            state=row.state,
            reason=row.reason,
            decided_at=row.decided_at,
            message_id=row.message_id,
        )
        found.setdefault(row.appointment_id, []).append(view)
    return found


def _outcomes(
    session: Session, vault: Vault, appointments: dict[uuid.UUID, Appointment]
) -> dict[uuid.UUID, list[OutcomeView]]:
    found: dict[uuid.UUID, list[OutcomeView]] = {}
    for row in session.scalars(sa.select(Outcome).where(Outcome.appointment_id.in_(appointments)).order_by(Outcome.id)):
        owner = appointments[row.appointment_id].citizen_id
        view = OutcomeView(
            id=row.id,
            outcome=row.outcome,
            reason=vault.open(row.reason, owner=owner, place=Place("outcomes", "reason", row.id))
            if row.reason
            else None,
            recorded_by=row.recorded_by,
            recorded_at=row.recorded_at,
            corrects_id=row.corrects_id,
        )
        found.setdefault(row.appointment_id, []).append(view)
    return found


def meeting_soon(citizen_id: Any, now: datetime, *, hours: OpenHours) -> sa.ColumnElement[datetime]:
    """Return, as a sub-query, the start of the citizen's first open meeting today or on the next working day."""
    today, until = working_days_ahead(now, hours=hours)
    return (
        sa.select(sa.func.min(Appointment.starts_at, type_=Moment()))
        .where(
            Appointment.citizen_id == citizen_id,
            Appointment.state.in_(OPEN),
            Appointment.starts_at >= today,
            Appointment.starts_at < until,
        )
        .correlate_except(Appointment)
        .scalar_subquery()
    )


def working_days_ahead(now: datetime, *, hours: OpenHours) -> tuple[datetime, datetime]:
    """Return the beginning of today and the end of the next working day, on the wall clock."""
    today = now.astimezone(hours.zone).date()
    ahead = (today + timedelta(days=count) for count in range(1, LONGEST_CLOSED))
    next_day = next((day for day in ahead if hours.is_open_day(day)), today + timedelta(days=1))
    return _midnight(today, hours), _midnight(next_day + timedelta(days=1), hours)


def _midnight(day: date, hours: OpenHours) -> datetime:
    return datetime.combine(day, time.min, hours.zone)


def citizens_concerned(session: Session, changes: Collection[SeenChange]) -> set[uuid.UUID]:
    """Return whose appointments some changes concern; those of other rooms concern none here."""
    changed = {change.object_id for change in changes if change.kind.startswith("appointment.")}
    return set(session.scalars(sa.select(Appointment.citizen_id).where(Appointment.id.in_(changed)).distinct()))
