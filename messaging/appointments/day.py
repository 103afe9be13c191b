"""The caseworker's day: meetings that still lack an outcome, those to come, and the reminders about to be sent."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.combining import COMBINED
from messaging.appointments.composing import Composer
from messaging.appointments.day_answers import day_answers
from messaging.appointments.foreseeing import Foresight
from messaging.appointments.models import Appointment, Form, Reminder
from messaging.appointments.personalising import lines_left_behind, lines_of, open_line
from messaging.appointments.planning import ReminderRules
from messaging.appointments.readers import add
from messaging.appointments.reminder_ways import why_no_way
from messaging.appointments.states import OPEN, WAITING, AppointmentState, OutcomeWord, ReminderState
from messaging.appointments.tapping import taps_of
from messaging.appointments.writing_ahead import last_of, preview
from messaging.conversations.channel_choice import Has, Means
from messaging.conversations.office import Office
from messaging.people.acting import Act
from messaging.people.actors import SYSTEM, Actor
from messaging.people.models import Citizen
from messaging.people.queries import name_citizens
from messaging.people.reaching import reach_many
from messaging.people.visibility import visible_to
from messaging.vault.vault import Vault

MOST = 100
"""Rows of one part of the page: more than anybody has in a day."""

AppsOf = Callable[[Session, Collection[uuid.UUID]], Collection[uuid.UUID]]
"""Tells which of some citizens have the app."""


def nobody_has_it(_session: Session, _citizen_ids: Collection[uuid.UUID]) -> Collection[uuid.UUID]:
    """Stand in where nobody tells who has the app."""
    return ()


@dataclass(frozen=True, kw_only=True)
class DayMeeting:
    """A meeting in the day."""

    id: uuid.UUID
    citizen_id: uuid.UUID
    name: str = field(repr=False)
    starts_at: datetime
    meeting_type: str
    form: Form
    state: AppointmentState
    tapped: OutcomeWord | None = None
    """What is said of it and can still be undone."""
    answer: str | None = None
    """How her last word on this meeting, written `answered_at`, was understood: a code of `wording.LABELS`."""
    answered_at: datetime | None = None
    answer_id: uuid.UUID | None = None
    said: str | None = field(default=None, repr=False)
    """Her own words, where they are few and plain."""


@dataclass(frozen=True, kw_only=True)
class ComingReminder:
    """A reminder about to be sent: in these words, or not, for this reason (of `wording.REASONS`)."""

    id: uuid.UUID
    citizen_id: uuid.UUID
    name: str = field(repr=False)
    due_at: datetime
    starts_at: datetime
    is_held: bool
    approved: str | None = field(repr=False)
    """The approved words; None where they cannot be put together."""
    line: str | None = field(repr=False)
    """What a caseworker has added."""
    left_behind: str | None = field(repr=False)
    """What she had added for an earlier time of the meeting, where nothing has been added for this one."""
    together_with: datetime | None
    """When the other meeting begins that the same text tells of, if it does of two."""
    obstacle: str | None
    is_shared: bool

    @property
    def text(self) -> str | None:
        """All that would be sent now."""
        return add(self.approved, self.line) if self.approved and self.line else self.approved

    @property
    def shows_a_line(self) -> bool:
        """Whether somebody's own words stand there."""
        return self.line is not None or self.left_behind is not None


def lacking_outcome(session: Session, vault: Vault, actor: Actor, *, now: datetime) -> list[DayMeeting]:
    """Return the meetings that have begun and of which nobody has said what became of them, oldest first."""
    chosen = _meetings(actor).where(Appointment.state.in_(OPEN), Appointment.starts_at < now)
    return _opened(session, vault, chosen, with_answers=True)


def coming(session: Session, vault: Vault, actor: Actor, *, since: datetime, until: datetime) -> list[DayMeeting]:
    """Return the meetings that begin within [since, until), whatever became of them."""
    return _opened(
        session, vault, _meetings(actor).where(Appointment.starts_at >= since, Appointment.starts_at < until)
    )


def coming_reminders(
    session: Session,
    vault: Vault,
    actor: Actor,
    *,
    now: datetime,
    until: datetime,
    rules: ReminderRules,
    office: Office,
    apps_of: AppsOf = nobody_has_it,
) -> list[ComingReminder]:
    """Return the reminders due before `until` that are still to be decided on, with the words they would have now."""
    chosen = _waiting(actor, now=now).where(Reminder.due_at < until).order_by(Reminder.due_at, Reminder.id).limit(MOST)
    return _written(session, vault, chosen, now=now, rules=rules, office=office, apps_of=apps_of)


def one_reminder(
    session: Session,
    vault: Vault,
    actor: Actor,
    *,
    reminder_id: uuid.UUID,
    now: datetime,
    rules: ReminderRules,
    office: Office,
    apps_of: AppsOf = nobody_has_it,
) -> ComingReminder | None:
    """Return a reminder with the words it would have now; None if it is not, or no longer, to be decided on."""
    chosen = _waiting(actor, now=now).where(Reminder.id == reminder_id)
    return next(iter(_written(session, vault, chosen, now=now, rules=rules, office=office, apps_of=apps_of)), None)


def shows_content(meetings: Sequence[DayMeeting], reminders: Sequence[ComingReminder]) -> bool:
    """Whether anything stands there that somebody wrote."""
    return any(meeting.said is not None for meeting in meetings) or any(row.shows_a_line for row in reminders)


def note_reading(act: Act, meetings: Sequence[DayMeeting], reminders: Sequence[ComingReminder]) -> None:
    """Note that somebody has read what these citizens wrote, and what colleagues added to these reminders."""
    for meeting in meetings:
        if meeting.said is not None and meeting.answer_id is not None:
            act.audit("answer.opened", object_kind="message", object_id=meeting.answer_id)
    for reminder in reminders:
        if reminder.shows_a_line:
            act.audit("reminder.opened", object_kind="reminder", object_id=reminder.id)


def _waiting(actor: Actor, *, now: datetime) -> sa.Select[Reminder, Appointment]:
    return (
        sa.select(Reminder, Appointment)
        .join(Appointment, Appointment.id == Reminder.appointment_id)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .where(
            visible_to(actor),
            Reminder.state.in_(WAITING),
            Reminder.revision == Appointment.revision,
            Appointment.state.in_(OPEN),
            Appointment.starts_at > now,
        )
    )


def _written(
    session: Session,
    vault: Vault,
    chosen: sa.Select[Reminder, Appointment],
    *,
    now: datetime,
    rules: ReminderRules,
    office: Office,
    apps_of: AppsOf,
) -> list[ComingReminder]:
    rows = session.execute(chosen).all()
    citizens = list({appointment.citizen_id for _, appointment in rows})
    names = name_citizens(session, vault, citizens)
    people, apps = reach_many(session, citizens), apps_of(session, citizens)
    composer = Composer(session, vault, [appointment for _, appointment in rows], now=now, office=office)
    foresight = Foresight(
        Act(session=session, vault=vault, now=now, actor=SYSTEM),
        [(reminder, appointment) for reminder, appointment in rows],
        rules=rules,
        has_text_for_two=composer.has_text_for_two(COMBINED),
    )
    last = last_of(rules.steps)
    ids = [reminder.id for reminder, _ in rows]
    sealed, earlier = lines_of(session, ids), lines_left_behind(session, ids)
    owners = {row.id: of.citizen_id for row, of in rows if not people[of.citizen_id].shared}
    lines = {id_: open_line(vault, sealed, reminder_id=id_, citizen_id=owner) for id_, owner in owners.items()}
    left_behind = {
        id_: open_line(vault, earlier, reminder_id=id_, citizen_id=owner)
        for id_, owner in owners.items()
        if lines[id_] is None
    }
    return [
        ComingReminder(
            id=reminder.id,
            citizen_id=appointment.citizen_id,
            name=names[appointment.citizen_id],
            due_at=reminder.due_at,
            starts_at=appointment.starts_at,
            is_held=reminder.state is ReminderState.ON_HOLD,
            approved=preview(
                composer,
                reminder,
                appointment,
                both=foresight.told_in_one(reminder),
                last=last,
                shared=people[appointment.citizen_id].shared,
                at=max(reminder.due_at, now),
            ),
            line=lines.get(reminder.id),
            left_behind=left_behind.get(reminder.id),
            together_with=_other(appointment, foresight.told_in_one(reminder)),
            obstacle=why_no_way(
                people[appointment.citizen_id],
                Means(has=Has.APP if appointment.citizen_id in apps else Has.NUMBER),
                ways=foresight.ways(reminder),
            )
            or foresight.why_enough(reminder),
            is_shared=people[appointment.citizen_id].shared,
        )
        for reminder, appointment in rows
    ]


def _other(appointment: Appointment, both: tuple[Appointment, Appointment] | None) -> datetime | None:
    return next((one.starts_at for one in both or () if one.id != appointment.id), None)


def _meetings(actor: Actor) -> sa.Select[*tuple[Appointment]]:
    return (
        sa.select(Appointment)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .where(visible_to(actor))
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(MOST)
    )


def _opened(
    session: Session, vault: Vault, chosen: sa.Select[*tuple[Appointment]], *, with_answers: bool = False
) -> list[DayMeeting]:
    rows: Sequence[Appointment] = session.scalars(chosen).all()
    names = name_citizens(session, vault, [row.citizen_id for row in rows])
    ids = [row.id for row in rows]
    taps, answers = taps_of(session, ids), day_answers(session, vault, ids) if with_answers else {}
    return [
        DayMeeting(
            id=row.id,
            citizen_id=row.citizen_id,
            name=names[row.citizen_id],
            starts_at=row.starts_at,
            meeting_type=row.meeting_type,
            form=row.form,
            state=row.state,
            tapped=taps.get(row.id),
            **answers.get(row.id, {}),
        )
        for row in rows
    ]
