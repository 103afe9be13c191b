"""How long things take: whose turn it was decides what is a reply and what an answer, and few are not told."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from adapters.contract import DeliveryStatus
from messaging.conversations.models import Attempt, Author, Message, Receipt
from messaging.conversations.note_models import NoteKind
from messaging.conversations.noting import NewNote, write_note
from messaging.conversations.sending import send_message
from messaging.conversations.states import AttemptState, MessageState
from messaging.database.base import new_id
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.arm_models import Arm, TrialArm
from messaging.people.models import Role
from messaging.volumes.contacts import contacts
from messaging.volumes.times import Spread, Turn, spread, times, waits
from tests.house import House

BEGIN = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)


def hours(*values: float) -> list[timedelta]:
    return [timedelta(hours=value) for value in values]


@pytest.mark.parametrize(
    ("turns", "replied", "answered"),
    [
        ([(0, Turn.SENT), (2, Turn.CITIZEN), (5, Turn.STAFF)], [2], [3]),
        ([(0, Turn.SENT), (1, Turn.STAFF), (3, Turn.CITIZEN)], [2], []),
        ([(0, Turn.CITIZEN), (1, Turn.CITIZEN), (4, Turn.STAFF)], [], [4]),
        ([(0, Turn.CITIZEN), (1, Turn.SENT), (4, Turn.STAFF)], [], [4]),
        ([(0, Turn.CITIZEN), (2, Turn.TALK), (3, Turn.STAFF), (4, Turn.CITIZEN)], [1], [2]),
        ([(0, Turn.STAFF), (1, Turn.CITIZEN), (2, Turn.CITIZEN)], [1], []),
        ([(0, Turn.STAFF), (24 * 7 + 1, Turn.CITIZEN)], [], []),
        ([], [], []),
    ],
)
def test_whose_turn_it_was_decides(
    turns: list[tuple[float, Turn]], replied: list[float], answered: list[float]
) -> None:
    moments = [(BEGIN + timedelta(hours=at), turn) for at, turn in turns]

    assert waits(moments) == (hours(*replied), hours(*answered))


def test_half_and_nine_in_ten_are_by_rank_and_few_or_the_longest_are_not_told() -> None:
    assert spread(hours(*range(1, 11))) == Spread(number=10, median=hours(5)[0], ninth=hours(9)[0])
    assert spread(hours(*range(1, 10))) == Spread(number=9, median=hours(5)[0], ninth=None)
    assert spread(hours(1, 2, 3, 4)) == Spread(number=4, median=None, ninth=None)
    assert spread([]) == Spread(number=0, median=None, ninth=None)


def test_times_of_a_unit_come_from_its_threads_and_receipts(house: House) -> None:
    mette = house.caseworker()
    clock, runtime = house.runtime.clock, house.runtime
    begun = clock.now()
    for number in range(5):
        sms = f"+452410192{number}"
        citizen_id = house.citizen(caseworker=mette, number=sms)
        with runtime.act(SYSTEM) as act:
            message = send_message(
                act, citizen_id=citizen_id, text="Vi ses", author=Author.CASEWORKER, author_id=mette.id
            )
            act.session.flush()
            _delivered(act.session, message, after=timedelta(seconds=10 + number))
        clock.advance(hours=1)
        house.hears("Ja", sender=sms)
        clock.advance(hours=3)
        with runtime.act(Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER)) as act:
            note = NewNote(id=new_id(), kind=NoteKind.CALL_OUT, text="Talt sammen", reached=True)
            write_note(act, note, citizen_id=citizen_id)
    with runtime.database.read() as session:
        (unit,) = times(session, since=begun, until=clock.now() + timedelta(seconds=1))
        assert times(session, since=begun - timedelta(days=1), until=begun) == []

    assert unit.unit == "Team A"
    assert unit.delivery == Spread(number=5, median=timedelta(seconds=12), ninth=None)
    assert (unit.reply.median, unit.answer.median) == (timedelta(hours=1), timedelta(hours=3))


def _delivered(session: sa.orm.Session, message: Message, *, after: timedelta) -> None:
    """As if it had left and its receipt had come."""
    message.state = MessageState.DELIVERED
    attempt = Attempt(
        message_id=message.id,
        number=1,
        channel="fake",
        token_digest=new_id().bytes,
        body_digest=b"",
        state=AttemptState.ACCEPTED,
        intended_at=message.created_at,
        lease_until=message.created_at,
        provider_message_id=str(message.id),
    )
    session.add(attempt)
    session.flush()
    for seconds, word in ((0, DeliveryStatus.DELIVERED), (60, DeliveryStatus.READ)):
        receipt = Receipt(
            attempt_id=attempt.id,
            channel="fake",
            provider_message_id=str(message.id),
            provider_status=word,
            status=word,
            received_at=message.created_at + after + timedelta(seconds=seconds),
        )
        session.add(receipt)


def test_contacts_are_counted_by_unit_week_and_arm_and_few_are_hidden(house: House) -> None:
    mette = house.caseworker()
    runtime, now = house.runtime, house.runtime.clock.now()
    inside, outside = (house.citizen(caseworker=mette, number=None) for _ in range(2))
    with runtime.database.write() as session:
        session.add(TrialArm(citizen_id=inside, arm=Arm.APP, since=now - timedelta(days=1), locked=True))
    mho = Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER)
    with runtime.act(mho) as act:
        for citizen_id, kind, number, days in (
            (inside, NoteKind.CALL_IN, 6, 0),
            (inside, NoteKind.DESK, 4, 0),
            (inside, NoteKind.CALL_IN, 5, 8),
            (outside, NoteKind.INTERNAL, 7, 0),
        ):
            for _ in range(number):
                contact = kind is not NoteKind.INTERNAL
                note = NewNote(
                    id=new_id(),
                    kind=kind,
                    text="Noteret",
                    reached=True if contact else None,
                    occurred_at=now - timedelta(days=days) if contact else None,
                )
                write_note(act, note, citizen_id=citizen_id)
    with runtime.database.read() as session:
        before, lately = contacts(session, since=now - timedelta(weeks=4), until=now + timedelta(seconds=1))

    assert (lately.unit, lately.week, lately.arm) == ("Team A", "2027-W09", Arm.APP)
    assert (lately.counts[NoteKind.CALL_IN], lately.counts[NoteKind.DESK], lately.counts[NoteKind.VISIT]) == (
        6,
        None,
        0,
    )
    assert (before.week, before.arm, before.counts[NoteKind.CALL_IN]) == ("2027-W08", None, 5)
