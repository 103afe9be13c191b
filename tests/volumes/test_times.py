"""How long things take: whose turn it was decides what is a reply and what an answer, and few are not told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

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
from messaging.people.models import Caseworker, Role
from messaging.volumes.contacts import ContactWeek, contacts
from messaging.volumes.times import Spread, Turn, spread, times, waits
from tests.house import House

_numbers = count(101921)
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


@dataclass(frozen=True, kw_only=True)
class Team:
    """Caseworkers of a unit, each with citizens who are written to, reply, and are answered by a talk."""

    house: House
    unit: str

    def talks(self, *, caseworkers: int, citizens: int, hours: float = 3) -> None:
        for one in range(caseworkers):
            staff = self.house.caseworker(f"{self.unit[-1].lower()}{one}", name=f"Navn {one}", unit=self.unit)
            for _ in range(citizens):
                self._talk(staff, hours=hours)

    def _talk(self, staff: Caseworker, *, hours: float) -> None:
        runtime, sms, place = self.house.runtime, f"+4524{next(_numbers):06}", next(_numbers)
        citizen_id = self.house.citizen(caseworker=staff, number=sms)
        with runtime.act(SYSTEM) as act:
            message = send_message(
                act, citizen_id=citizen_id, text="Vi ses", author=Author.CASEWORKER, author_id=staff.id
            )
            act.session.flush()
            _delivered(act.session, message, after=timedelta(seconds=10 + place % 5))
        runtime.clock.advance(hours=1)
        self.house.hears("Ja", sender=sms)
        runtime.clock.advance(hours=hours)
        with runtime.act(Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.CASEWORKER)) as act:
            note = NewNote(id=new_id(), kind=NoteKind.CALL_OUT, text="Talt sammen", reached=True)
            write_note(act, note, citizen_id=citizen_id)


def test_times_of_a_unit_come_from_its_threads_and_receipts(house: House) -> None:
    runtime, begun = house.runtime, house.runtime.clock.now()
    Team(house=house, unit="Team A").talks(caseworkers=3, citizens=2)
    with runtime.database.read() as session:
        (unit,) = times(session, since=begun, until=runtime.clock.now() + timedelta(seconds=1))
        assert times(session, since=begun - timedelta(days=1), until=begun) == []

    assert unit.unit == "Team A"
    assert unit.delivery.number == 6
    assert unit.delivery.median in hours(*(seconds / 3600 for seconds in range(10, 15)))
    assert (unit.reply.median, unit.answer.median) == (timedelta(hours=1), timedelta(hours=3))


@pytest.mark.parametrize(("caseworkers", "told"), [(1, False), (2, False), (3, True)])
def test_no_time_is_told_of_a_unit_of_fewer_than_three(house: House, caseworkers: int, told: bool) -> None:
    begun = house.runtime.clock.now()
    Team(house=house, unit="Team A").talks(caseworkers=caseworkers, citizens=10)
    Team(house=house, unit="Team B").talks(caseworkers=3, citizens=2)
    with house.runtime.database.read() as session:
        until = house.runtime.clock.now() + timedelta(seconds=1)
        first, second = times(session, since=begun, until=until)

    spreads = (first.delivery, first.reply, first.answer)
    assert {(one.median is not None, one.ninth is not None) for one in spreads} == {(told, told)}
    assert (first.unit, second.unit, second.answer.median) == ("Team A", "Team B", timedelta(hours=3))


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


def note(
    house: House, staff: Caseworker, kind: NoteKind, *, arm: Arm | None = None, number: int, days: int = 0
) -> None:
    """Note so many contacts with a citizen of hers in that arm."""
    citizen_id = house.citizen(caseworker=staff, number=None)
    if arm is not None:
        with house.runtime.database.write() as session:
            since = house.runtime.clock.now() - timedelta(days=20)
            session.add(TrialArm(citizen_id=citizen_id, arm=arm, since=since, locked=True))
    with house.runtime.act(Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.CASEWORKER)) as act:
        for _ in range(number):
            contact = kind is not NoteKind.INTERNAL
            told = NewNote(
                id=new_id(),
                kind=kind,
                text="Noteret",
                reached=True if contact else None,
                occurred_at=act.now - timedelta(days=days) if contact else None,
            )
            write_note(act, told, citizen_id=citizen_id)


def noted(house: House, *, apart: bool = True) -> Sequence[ContactWeek]:
    now = house.runtime.clock.now()
    with house.runtime.database.read() as session:
        return contacts(session, since=now - timedelta(weeks=4), until=now + timedelta(seconds=1), apart=apart)


def test_contacts_are_counted_by_unit_week_and_arm_and_few_are_hidden(house: House) -> None:
    for one in (house.caseworker(f"m{number}") for number in range(3)):
        note(house, one, NoteKind.CALL_IN, arm=Arm.APP, number=2)
        note(house, one, NoteKind.DESK, arm=Arm.APP, number=1)
        note(house, one, NoteKind.CALL_IN, arm=Arm.APP, number=2, days=8)
        note(house, one, NoteKind.INTERNAL, number=7)
    before, lately = noted(house)

    assert (lately.unit, lately.week, lately.arm) == ("Team A", "2027-W09", Arm.APP)
    assert (lately.counts[NoteKind.CALL_IN], lately.counts[NoteKind.DESK], lately.counts[NoteKind.VISIT]) == (
        6,
        None,
        0,
    )
    assert (before.week, before.arm, before.counts[NoteKind.CALL_IN]) == ("2027-W08", Arm.APP, 6)


def test_until_the_arms_stand_apart_a_week_is_one_row(house: House) -> None:
    for one in (house.caseworker(f"m{number}") for number in range(3)):
        for arm in (Arm.SMS, Arm.CONTROL, None):
            note(house, one, NoteKind.VISIT, arm=arm, number=2)

    together, apart = noted(house, apart=False), noted(house)
    assert [(one.arm, one.counts[NoteKind.VISIT]) for one in together] == [(None, 18)]
    assert [(one.arm, one.counts[NoteKind.VISIT]) for one in apart] == [(Arm.SMS, 6), (Arm.CONTROL, 6), (None, 6)]


def test_no_contact_is_told_of_fewer_than_three_caseworkers_not_even_that_there_was_none(house: House) -> None:
    for number in range(2):
        note(house, house.caseworker(f"m{number}"), NoteKind.CALL_OUT, number=30)
    (week,) = noted(house, apart=False)

    assert set(week.counts.values()) == {None}


def test_a_sum_that_was_told_before_gives_no_arm_away(house: House) -> None:
    staff = [house.caseworker(f"m{number}") for number in range(3)]
    note(house, staff[0], NoteKind.CALL_OUT, arm=Arm.SMS, number=10)  # hers alone
    for one in staff:
        note(house, one, NoteKind.CALL_OUT, arm=Arm.APP, number=2)
        note(house, one, NoteKind.CALL_OUT, arm=Arm.CONTROL, number=3)

    (together,) = noted(house, apart=False)
    assert together.counts[NoteKind.CALL_OUT] == 25
    assert [one.counts[NoteKind.CALL_OUT] for one in noted(house)] == [None, None, 9]
