"""A code is used once, its answers become ticks on a tally, and nothing that is kept leads back to anybody."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from messaging.clock import FixedClock
from messaging.database.base import Base
from messaging.errors import Conflict, InvalidInput
from messaging.experience.answering import UnknownCode, answer_as_staff
from messaging.experience.codes import STOCK, Cell, digest_of, in_two, read_code, take_back
from messaging.experience.models import (
    PulseCell,
    PulseCode,
    PulseTally,
    Question,
    Rating,
    StaffAnswered,
    StaffTally,
    Wave,
)
from messaging.experience.waves import open_wave, set_days
from messaging.people import registering
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.arm_models import Arm
from messaging.people.models import Role
from messaging.runtime import Runtime
from messaging.trial.models import TrialCaseworker
from tests.experience.conftest import MARCH, Desk
from tests.trial.conftest import Centre

QUESTIONS = {Question.REACHING: Rating.MOSTLY, Question.IN_TIME: Rating.NO}


def everything(runtime: Runtime) -> dict[str, list[tuple[object, ...]]]:
    with runtime.database.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(sa.select(table))]
            for table in Base.metadata.sorted_tables
        }


def test_an_answer_is_a_tick_for_each_question_and_the_code_is_gone(desk: Desk, runtime: Runtime) -> None:
    first, second = desk.hands_out(2)
    desk.hears(first)
    desk.hears(second, {Question.CONTACT: Rating.YES})

    with runtime.database.read() as session:
        told = session.execute(sa.select(PulseTally.question, PulseTally.rating, PulseTally.answers)).all()
        cell = session.scalars(sa.select(PulseCell)).one()
        left = session.scalar(sa.select(sa.func.count()).select_from(PulseCode))
    assert sorted(told) == [(Question.CONTACT, Rating.YES, 2), (Question.PURPOSE, Rating.NO, 1)]
    assert (cell.handed_out, cell.answered, left) == (2, 2, STOCK - 2)


def test_a_code_is_used_once_and_a_wrong_one_never(desk: Desk) -> None:
    (code,) = desk.hands_out()
    desk.hears(code)

    for tried in (code, "0000000000", ""):
        with pytest.raises(UnknownCode):
            desk.hears(tried)


def test_an_answer_to_nothing_or_to_what_staff_are_asked_leaves_the_code_good(desk: Desk) -> None:
    (code,) = desk.hands_out()
    for wrong in ({}, {Question.REACHING: Rating.YES}):
        with pytest.raises(InvalidInput):
            desk.hears(code, wrong)

    desk.hears(code)


def test_nothing_says_when_or_who_and_no_table_but_these_is_touched(desk: Desk, runtime: Runtime) -> None:
    codes = desk.hands_out(20)
    before = everything(runtime)
    for code in reversed(codes):
        desk.hears(code)
    after = everything(runtime)

    changed = {table for table, rows in after.items() if rows != before[table]}
    assert changed == {"pulse_cells", "pulse_codes", "pulse_tallies"}
    kept = repr([after[table] for table in changed])
    assert not any(code in kept for code in codes)
    times = (datetime, date)
    assert not [row for table in changed for row in after[table] if any(isinstance(value, times) for value in row)]


def test_the_order_of_what_is_kept_is_not_the_order_of_handing_out(desk: Desk, runtime: Runtime) -> None:
    """As the rows lie, not as a query sorts them: by their digests, whatever was shown when."""
    codes = desk.hands_out(20)
    with runtime.database.read() as session:
        lying = session.execute(sa.text("SELECT digest FROM pulse_codes")).scalars().all()

    lying = [bytes(digest) for digest in lying]
    assert lying == sorted(lying)
    assert {digest_of(runtime.vault, code) for code in codes} < set(lying)


def test_codes_come_one_by_one_or_many_at_once_and_never_twice(desk: Desk) -> None:
    codes = [*desk.hands_out(STOCK - 1), *desk.hands_out(), *desk.hands_out(STOCK + 3), *desk.hands_out()]
    others = desk.hands_out(5, cell=Cell(arm=Arm.APP, month="2027-03", meeting_type="Jobsamtale"))

    assert len({*codes, *others}) == 2 * STOCK + 9
    for code in codes[-3:]:
        desk.hears(code)


def test_codes_can_be_used_until_the_seventh_of_the_next_month(desk: Desk, clock: FixedClock, runtime: Runtime) -> None:
    in_time, late = desk.hands_out(2)
    clock.moment = datetime(2027, 4, 7, 21, 59, tzinfo=UTC)
    desk.hears(in_time)
    clock.moment = datetime(2027, 4, 7, 22, 0, tzinfo=UTC)

    with pytest.raises(UnknownCode):
        desk.hears(late)
    with pytest.raises(InvalidInput):
        desk.hands_out()
    desk.hands_out(cell=Cell(arm=Arm.SMS, month="2027-04", meeting_type="Jobsamtale"))
    with runtime.database.read() as session:
        assert set(session.scalars(sa.select(PulseCode.month))) == {"2027-04"}


def test_cards_that_came_back_count_as_never_handed_out(desk: Desk, runtime: Runtime) -> None:
    (code, *_) = desk.hands_out(10)
    desk.hears(code)
    with runtime.act(SYSTEM) as act:
        take_back(act, MARCH, number=4)
    with pytest.raises(InvalidInput), runtime.act(SYSTEM) as act:
        take_back(act, MARCH, number=6)

    with runtime.database.read() as session:
        assert session.scalars(sa.select(PulseCell.returned)).one() == 4


@pytest.mark.parametrize("typed", ["7kq4m-2xd9t", "7KQ4M 2XD9T", " 7KQ4M2XD9T "])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read_code(typed) == "7KQ4M2XD9T"
    assert in_two("7KQ4M2XD9T") == "7KQ4M-2XD9T"


def test_letters_that_look_like_digits_are_read_as_them_and_others_refused() -> None:
    assert read_code("oO1lI00000") == "0011100000"
    assert read_code("UUUUUUUUUU") is None
    assert read_code("7KQ4") is None


@pytest.fixture
def during(runtime: Runtime) -> Wave:
    """Staff are asked this week."""
    today = runtime.clock.now().date()
    with runtime.act(SYSTEM) as act:
        set_days(act, wave=Wave.DURING, first_day=today, last_day=today + timedelta(days=6))
    return Wave.DURING


def somebody(runtime: Runtime, initials: str = "mho") -> Actor:
    with runtime.act(SYSTEM) as act:
        unit = registering.register_unit(act, name="Team A")
        staff = registering.register_caseworker(
            act, initials=initials, name="Mette Holm", email=None, unit_id=unit.id, role=Role.CASEWORKER
        )
        return Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.CASEWORKER)


def test_staff_answer_once_in_a_wave_and_what_they_said_is_kept_apart(runtime: Runtime, during: Wave) -> None:
    mette = somebody(runtime)
    with runtime.act(mette) as act:
        answer_as_staff(act, wave=during, answers=QUESTIONS)
    with pytest.raises(Conflict), runtime.act(mette) as act:
        answer_as_staff(act, wave=during, answers=QUESTIONS)

    with runtime.database.read() as session:
        assert session.execute(sa.select(StaffAnswered.wave, StaffAnswered.caseworker_id)).all() == [(during, mette.id)]
        assert session.scalars(sa.select(StaffTally.answers)).all() == [1, 1]
        assert "caseworker" not in repr([column.name for column in StaffTally.__table__.columns])


def test_the_arm_of_staff_is_the_one_they_were_allocated_to(centre: Centre, during: Wave) -> None:
    centre.peopled()
    centre.locks()
    for id_ in centre.staff.values():
        with centre.runtime.act(Actor(kind=ActorKind.STAFF, id=id_, role=Role.CASEWORKER)) as act:
            answer_as_staff(act, wave=during, answers={Question.REACHING: Rating.YES})

    with centre.runtime.database.read() as session:
        arms = session.execute(sa.select(TrialCaseworker.arm, sa.func.count()).group_by(TrialCaseworker.arm)).all()
        told = session.execute(sa.select(StaffTally.staff_group, StaffTally.answers)).all()
    assert sorted((str(arm), number) for arm, number in arms) == sorted((str(group), number) for group, number in told)


def test_no_wave_no_answer(runtime: Runtime) -> None:
    with pytest.raises(Conflict), runtime.act(somebody(runtime)) as act:
        answer_as_staff(act, wave=Wave.AFTER, answers=QUESTIONS)


def test_waves_follow_each_other_and_one_that_is_over_stays_as_it_was(
    runtime: Runtime, clock: FixedClock, during: Wave
) -> None:
    today = clock.now().date()
    for wave, first, last in (
        (Wave.AFTER, 6, 20),  # begins on the last day of the one before
        (Wave.BEFORE, 10, 12),  # comes after it
        (Wave.AFTER, 20, 19),
    ):
        with pytest.raises(InvalidInput), runtime.act(SYSTEM) as act:
            set_days(act, wave=wave, first_day=today + timedelta(days=first), last_day=today + timedelta(days=last))
    with runtime.act(SYSTEM) as act:
        set_days(act, wave=during, first_day=today, last_day=today + timedelta(days=3))
        assert open_wave(act.session, day=today + timedelta(days=4)) is None
    clock.advance(days=4)
    with pytest.raises(InvalidInput, match="over"), runtime.act(SYSTEM) as act:
        set_days(act, wave=during, first_day=today, last_day=today + timedelta(days=30))
