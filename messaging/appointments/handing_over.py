"""Handing citizens over with all that is under way: what goes along is shown before, and goes in one transaction.

Messages that wait, are planned or have failed are the thread's, and the thread is the citizen's. Meetings to come go
along if the giver says so; a reminder is signed, when it is written, by who holds the meeting then.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.booking import change_appointments, meeting_of
from messaging.appointments.models import Appointment
from messaging.appointments.planning import ReminderRules
from messaging.appointments.states import OPEN
from messaging.conversations.models import Conversation, Direction, Message
from messaging.conversations.states import MessageState, Waiting
from messaging.conversations.threads import lock_threads
from messaging.database.base import Moment
from messaging.people import transferring
from messaging.people.absence_models import Transfer
from messaging.people.acting import Act
from messaging.people.models import CaseloadEntry
from messaging.people.queries import name_citizens
from messaging.people.transferring import Handover
from messaging.vault.vault import Vault

ThreadRow = sa.Row[uuid.UUID, Waiting, datetime, int, int]
MeetingsRow = sa.Row[uuid.UUID, int, int, datetime]

NOT_THROUGH = (MessageState.FAILED, MessageState.EXPIRED, MessageState.UNCLEAR, MessageState.HELD)


@dataclass(frozen=True, kw_only=True)
class UnderWay:
    """What goes along with one citizen. `waits_since`: she waits for an answer from us."""

    entry_id: uuid.UUID
    citizen_id: uuid.UUID
    name: str = field(repr=False)
    waits_since: datetime | None
    scheduled: int
    not_through: int
    meetings: int
    with_others: int
    """Of the meetings those that are with somebody else than the giver, and stay there."""
    next_meeting: datetime | None


def under_way(
    session: Session, vault: Vault, entries: Sequence[tuple[uuid.UUID, uuid.UUID]], *, now: datetime
) -> list[UnderWay]:
    """Return what goes along with each of these citizens (entry and citizen), by name."""
    ids = [citizen_id for _, citizen_id in entries]
    names = name_citizens(session, vault, ids)
    threads = {row.id: row for row in session.execute(_threads(ids))}
    meetings = {row.citizen_id: row for row in session.execute(_meetings(ids, now))}
    listed = [
        _of_one(entry_id, citizen_id, names, threads.get(citizen_id), meetings.get(citizen_id))
        for entry_id, citizen_id in entries
    ]
    return sorted(listed, key=lambda one: one.name)


def hand_over(act: Act, handover: Handover, *, with_meetings: bool, rules: ReminderRules) -> list[Transfer]:
    """Hand citizens over, and their meetings to come with the giver if asked for. Raises as `transfer`."""
    chosen = sa.select(CaseloadEntry.citizen_id).where(CaseloadEntry.id.in_(handover.entry_ids))
    lock_threads(act.session, act.session.scalars(chosen))
    transfers = transferring.transfer(act, handover)
    if with_meetings:
        _move_meetings(act, transfers, rules=rules)
    return transfers


def _move_meetings(act: Act, transfers: Sequence[Transfer], *, rules: ReminderRules) -> None:
    """A meeting that the citizen has with somebody else stays with her."""
    givers = {transfer.citizen_id: transfer for transfer in transfers}
    coming = act.session.scalars(
        sa.select(Appointment)
        .where(Appointment.citizen_id.in_(givers), *_to_come(act.now))
        .order_by(Appointment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    changes = [
        (meeting, replace(meeting_of(meeting), caseworker_id=givers[meeting.citizen_id].to_id))
        for meeting in coming
        if meeting.caseworker_id == givers[meeting.citizen_id].from_id
    ]
    change_appointments(act, changes, rules=rules)


def _of_one(
    entry_id: uuid.UUID,
    citizen_id: uuid.UUID,
    names: dict[uuid.UUID, str],
    thread: "ThreadRow | None",
    meetings: "MeetingsRow | None",
) -> UnderWay:
    waits = thread is not None and thread.waiting is Waiting.FOR_US
    return UnderWay(
        entry_id=entry_id,
        citizen_id=citizen_id,
        name=names[citizen_id],
        waits_since=thread.waiting_since if thread is not None and waits else None,
        scheduled=thread.scheduled if thread is not None else 0,
        not_through=thread.not_through if thread is not None else 0,
        meetings=meetings.number if meetings is not None else 0,
        with_others=meetings.with_others if meetings is not None else 0,
        next_meeting=meetings.next_one if meetings is not None else None,
    )


def _threads(ids: Sequence[uuid.UUID]) -> sa.Select[uuid.UUID, Waiting, datetime, int, int]:
    def count(*states: MessageState) -> sa.ScalarSelect[int]:
        ours = (Message.conversation_id == Conversation.id, Message.direction == Direction.OUT)
        return sa.select(sa.func.count()).where(*ours, Message.state.in_(states)).scalar_subquery()

    return sa.select(
        Conversation.id,
        Conversation.waiting,
        Conversation.waiting_since,
        count(MessageState.SCHEDULED).label("scheduled"),
        count(*NOT_THROUGH).label("not_through"),
    ).where(Conversation.id.in_(ids))


def _meetings(ids: Sequence[uuid.UUID], now: datetime) -> sa.Select[uuid.UUID, int, int, datetime]:
    return (
        sa.select(
            Appointment.citizen_id,
            sa.func.count().label("number"),
            sa.func.count().filter(Appointment.caseworker_id != CaseloadEntry.caseworker_id).label("with_others"),
            sa.func.min(Appointment.starts_at, type_=Moment()).label("next_one"),
        )
        .join(CaseloadEntry, CaseloadEntry.citizen_id == Appointment.citizen_id)
        .where(Appointment.citizen_id.in_(ids), CaseloadEntry.valid_to.is_(None), *_to_come(now))
        .group_by(Appointment.citizen_id)
    )


def _to_come(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return Appointment.state.in_(OPEN), Appointment.starts_at > now
