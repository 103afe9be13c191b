"""A caseworker's own line in a reminder. The meeting is to. 14/10 kl. 10.30, its first reminder three days before."""

import uuid

import pytest
import sqlalchemy as sa

from messaging.appointments.day import ComingReminder, one_reminder
from messaging.appointments.holding import NotWaiting, hold_reminder, let_go
from messaging.appointments.models import PersonalLine, Reminder
from messaging.appointments.personalising import LONGEST, SharedNumber, add_line, remove_line
from messaging.appointments.planning import ReminderRules
from messaging.appointments.states import ReminderState
from messaging.conversations.models import Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.states import MessageState
from messaging.errors import InvalidInput, NotFound
from messaging.journal.models import JournalEvent
from messaging.journal.recording import payload_place
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import Caseworker, PhoneNumber, Role
from messaging.people.wishes import mark_shared
from tests.appointments.conftest import Desk

BEFORE, THREE_DAYS, LATER = "2027-10-04 10:00", "2027-10-11 10:31", "2027-10-11 14:00"
LINE = "Tag din uddannelsesplan med"


@pytest.fixture
def first(desk: Desk) -> uuid.UUID:
    """The first reminder of the usual meeting."""
    desk.books(at=BEFORE)
    return min(desk.every(Reminder), key=lambda reminder: reminder.due_at).id


def mette(desk: Desk) -> Actor:
    staff = next(row for row in desk.every(Caseworker) if row.initials == "sb01")
    return Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.CASEWORKER, unit_id=staff.unit_id)


def adds(desk: Desk, reminder_id: uuid.UUID, line: str = LINE) -> None:
    with desk.runtime.act(mette(desk)) as act:
        add_line(act, reminder_id=reminder_id, line=line)


def shown(desk: Desk, reminder_id: uuid.UUID) -> ComingReminder:
    """The reminder as Mette's page shows it."""
    runtime, office = desk.runtime, Office.from_config(desk.runtime.config)
    with runtime.database.read() as session:
        row = one_reminder(
            session,
            runtime.vault,
            mette(desk),
            reminder_id=reminder_id,
            now=desk.clock.now(),
            rules=ReminderRules(),
            office=office,
        )
    assert row is not None
    return row


def shares(desk: Desk) -> None:
    """Let the number turn out to be shared."""
    with desk.runtime.act(mette(desk)) as act:
        number_id = act.session.scalars(sa.select(PhoneNumber.id)).one()
        mark_shared(act, number_id=number_id, shared=True)


def test_line_is_sent_after_the_approved_words_of_this_reminder_only(desk: Desk, first: uuid.UUID) -> None:
    adds(desk, first)
    desk.reminds(at=THREE_DAYS)
    desk.reminds(at="2027-10-13 10:31")
    with_it, without = desk.written(Kind.REMINDER)

    assert with_it.startswith("Hej Sara.")
    assert with_it.endswith(f"\n{LINE}")
    assert LINE not in without


def test_journal_says_that_there_was_a_line(desk: Desk, first: uuid.UUID) -> None:
    adds(desk, first)
    desk.reminds(at=THREE_DAYS)
    (event,) = [row for row in desk.every(JournalEvent) if row.type == "reminder.sent"]
    told = desk.runtime.vault.open(event.payload, owner=event.stream_id, place=payload_place(event.id))

    assert '"personal_line":true' in told


def test_removed_line_is_not_sent_and_removing_twice_is_once(desk: Desk, first: uuid.UUID) -> None:
    adds(desk, first)
    for _ in range(2):
        with desk.runtime.act(mette(desk)) as act:
            remove_line(act, reminder_id=first)
    desk.reminds(at=THREE_DAYS)

    assert LINE not in desk.written(Kind.REMINDER)[0]


def test_held_reminder_keeps_its_line_until_it_is_let_go(desk: Desk, first: uuid.UUID) -> None:
    with desk.runtime.act(mette(desk)) as act:
        hold_reminder(act, reminder_id=first)
    adds(desk, first)
    desk.reminds(at=THREE_DAYS)
    held = desk.written(Kind.REMINDER)
    with desk.runtime.act(mette(desk)) as act:
        let_go(act, reminder_id=first)
    desk.reminds(at=LATER)

    assert held == []
    assert desk.written(Kind.REMINDER)[0].endswith(LINE)


def test_line_does_not_go_with_the_new_time_of_a_meeting_that_is_moved(desk: Desk, first: uuid.UUID) -> None:
    adds(desk, first)
    desk.books(at=BEFORE, start="15-10-2027 10:30")
    desk.reminds(at="2027-10-12 10:31")

    assert len(desk.written(Kind.REMINDER)) == 1
    assert LINE not in desk.written(Kind.REMINDER)[0]
    with pytest.raises(NotWaiting):
        adds(desk, first)


def test_line_of_the_old_time_stands_beside_the_reminder_of_the_new_one_until_she_adds_one(
    desk: Desk, first: uuid.UUID
) -> None:
    adds(desk, first)
    desk.books(at=BEFORE, start="15-10-2027 10:30")
    moved = next(row.id for row in desk.every(Reminder) if (row.revision, row.step) == (2, "3_days"))
    before = shown(desk, moved)
    adds(desk, moved, "Husk din plan")
    after = shown(desk, moved)

    assert (before.line, before.left_behind) == (None, LINE)
    assert (after.line, after.left_behind) == ("Husk din plan", None)


def test_number_that_is_shared_refuses_a_line(desk: Desk, first: uuid.UUID) -> None:
    shares(desk)

    with pytest.raises(SharedNumber):
        adds(desk, first)


def test_line_stays_away_from_a_number_that_has_come_to_be_shared(desk: Desk, first: uuid.UUID) -> None:
    adds(desk, first)
    shares(desk)
    desk.reminds(at=THREE_DAYS)
    (message,) = desk.every(Message)

    assert LINE not in desk.written(Kind.REMINDER)[0]
    assert message.state is not MessageState.HELD


@pytest.mark.parametrize(
    ("line", "field"),
    [(" \n ", "line"), ("x" * (LONGEST + 1), "length"), ("Dit nummer 010199-1234", "cpr"), ("Se www.a.dk", "link")],
)
def test_line_that_may_not_leave_is_refused_and_says_why(desk: Desk, first: uuid.UUID, line: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        adds(desk, first, line)

    assert refused.value.field == field
    assert desk.every(PersonalLine) == []


def test_reminder_that_is_sent_or_does_not_exist_takes_no_line(desk: Desk, first: uuid.UUID) -> None:
    desk.reminds(at=THREE_DAYS)

    assert desk.reminders()["3_days"][0] == ReminderState.SENT
    with pytest.raises(NotWaiting):
        adds(desk, first)
    with pytest.raises(NotFound):
        adds(desk, uuid.uuid4())
