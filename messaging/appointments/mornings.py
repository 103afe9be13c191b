"""What there is to do when somebody is away today: her meetings, what was decided, and who has to be rung.

Names and times only: nothing here opens what citizens have written.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, Decision, Form, Rearrangement
from messaging.appointments.states import OPEN
from messaging.clock import day_around
from messaging.conversations.models import Message
from messaging.conversations.note_models import Note, NoteKind
from messaging.conversations.states import PROOF, MessageState
from messaging.people.absence_models import Absence
from messaging.people.actors import Actor
from messaging.people.models import Caseworker, Citizen
from messaging.people.queries import name_citizens, numbers_in_use
from messaging.people.reaching import reach_many
from messaging.people.visibility import known_to
from messaging.vault.vault import Vault

PATIENCE = timedelta(minutes=15)
"""A text that nobody's phone has confirmed after this long is not relied on: somebody rings."""

NOT_DELIVERED = "not_delivered"
LOST = frozenset(
    {MessageState.FAILED, MessageState.EXPIRED, MessageState.CANCELLED, MessageState.UNCLEAR, MessageState.HELD}
)


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """Calls that nobody answered: how many, and the last of them. They stand in the contact ledger one by one."""

    count: int
    last_at: datetime
    last_by: str


@dataclass(frozen=True, kw_only=True)
class MorningMeeting:
    """A meeting of today whose caseworker is away. `is_open`: something can still be done about it.

    `must_ring` is a code of `wording.WHY_RING`; None where the text has arrived or may still do so.
    """

    id: uuid.UUID
    citizen_id: uuid.UUID
    name: str = field(repr=False)
    starts_at: datetime
    form: Form
    is_open: bool
    decision: Decision | None
    stand_in: str | None
    message_state: MessageState | None
    must_ring: str | None
    ring_at: datetime | None
    """When somebody should ring if the text has not arrived by then."""
    called_at: datetime | None
    attempts: Attempts | None
    """Today's calls to her in vain."""
    number: str | None = field(repr=False)
    """Only where it has been opened to the reader."""
    has_number: bool


def morning(session: Session, vault: Vault, actor: Actor, absence: Absence, *, now: datetime) -> list[MorningMeeting]:
    """Return the absent one's meetings today, by time, of citizens this actor may know of."""
    rows = session.execute(_rows(actor, absence, now)).all()
    ids = [appointment.citizen_id for appointment, *_ in rows]
    names, people = name_citizens(session, vault, ids), reach_many(session, ids)
    shown = [meeting.citizen_id for meeting, row, *_ in rows if row is not None and row.number_shown_to == actor.id]
    numbers = numbers_in_use(session, vault, shown)
    attempts = _attempts(session, ids, now=now)
    return [
        MorningMeeting(
            id=meeting.id,
            citizen_id=meeting.citizen_id,
            name=names[meeting.citizen_id],
            starts_at=meeting.starts_at,
            form=meeting.form,
            is_open=meeting.state in OPEN and meeting.starts_at > now,
            decision=row.decision if row else None,
            stand_in=stand_in,
            message_state=state,
            must_ring=_why_ring(row, state, leaves_at=leaves_at, now=now) if row else None,
            ring_at=_ring_at(row, leaves_at) if row and _may_still_arrive(state) else None,
            called_at=row.called_at if row else None,
            attempts=attempts.get(meeting.citizen_id),
            number=numbers.get(meeting.citizen_id),
            has_number=people[meeting.citizen_id].contact_point_id is not None,
        )
        for meeting, row, state, leaves_at, stand_in in rows
    ]


def count_unknown(session: Session, actor: Actor, absence: Absence, *, now: datetime) -> int:
    """Return how many of the day's meetings are with citizens of other units, whom the actor may not know of."""
    begins, ends = day_around(now)
    chosen = sa.select(sa.func.count()).select_from(Appointment).join(Citizen, Citizen.id == Appointment.citizen_id)
    mine = (Appointment.caseworker_id == absence.caseworker_id, Appointment.state.in_(OPEN), ~known_to(actor))
    return session.scalar(chosen.where(*mine, Appointment.starts_at >= begins, Appointment.starts_at < ends)) or 0


def to_ring(meetings: Sequence[MorningMeeting]) -> list[MorningMeeting]:
    """Return those to be rung, the next meeting first and whom somebody has reached last."""
    ring = [meeting for meeting in meetings if meeting.must_ring]
    return sorted(ring, key=lambda meeting: (meeting.called_at is not None, meeting.starts_at))


def _attempts(session: Session, citizen_ids: Sequence[uuid.UUID], *, now: datetime) -> dict[uuid.UUID, Attempts]:
    """Return who has been rung in vain today, whoever rang and wherever she noted it."""
    begins, ends = day_around(now)
    rows = session.execute(
        sa.select(Note.citizen_id, Note.occurred_at, Caseworker.name)
        .join(Caseworker, Caseworker.id == Note.author_id)
        .where(
            Note.citizen_id.in_(citizen_ids),
            Note.kind == NoteKind.CALL_OUT,
            Note.reached.is_(False),
            Note.occurred_at >= begins,
            Note.occurred_at < ends,
        )
        .order_by(Note.occurred_at, Note.id)
    )
    found: dict[uuid.UUID, Attempts] = {}
    for citizen_id, at, by in rows:
        before = found.get(citizen_id)
        found[citizen_id] = Attempts(count=before.count + 1 if before else 1, last_at=at, last_by=by)
    return found


def _why_ring(
    row: Rearrangement, state: MessageState | None, *, leaves_at: datetime | None, now: datetime
) -> str | None:
    if row.unreachable is not None:
        return row.unreachable
    if state in LOST:
        return state.value
    return NOT_DELIVERED if state not in PROOF and now >= _ring_at(row, leaves_at) else None


def _ring_at(row: Rearrangement, leaves_at: datetime | None) -> datetime:
    """Return until when a text may take; one that waits for the morning begins to take its time only then."""
    return max(row.decided_at, leaves_at or row.decided_at) + PATIENCE


def _may_still_arrive(state: MessageState | None) -> bool:
    return state is not None and state not in PROOF and state not in LOST


def _rows(
    actor: Actor, absence: Absence, now: datetime
) -> sa.Select[Appointment, Rearrangement | None, MessageState | None, datetime | None, str | None]:
    begins, ends = day_around(now)
    this_one = sa.and_(Rearrangement.appointment_id == Appointment.id, Rearrangement.revision == Appointment.revision)
    return (
        sa.select(Appointment, Rearrangement, Message.state, Message.due_at, Caseworker.name)
        .join(Citizen, Citizen.id == Appointment.citizen_id)
        .outerjoin(Rearrangement, this_one)
        .outerjoin(Message, Message.id == Rearrangement.message_id)
        .outerjoin(Caseworker, Caseworker.id == Rearrangement.stand_in_id)
        .where(
            Appointment.caseworker_id == absence.caseworker_id,
            Appointment.starts_at >= begins,
            Appointment.starts_at < ends,
            sa.or_(Appointment.state.in_(OPEN), Rearrangement.appointment_id.is_not(None)),
            known_to(actor),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
