"""What is shown of the answers: closed months and waves only, and no count that points to somebody."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.clock import FixedClock
from messaging.experience.answering import answer_as_staff
from messaging.experience.codes import Cell
from messaging.experience.figures import ALL, HIDDEN, Share, pulse, shares, staff_waves
from messaging.experience.models import Question, Rating, Wave
from messaging.experience.waves import set_days
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.arm_models import Arm
from messaging.people.models import Role
from messaging.runtime import Runtime
from tests.experience.conftest import MARCH, Desk
from tests.trial.conftest import Centre

APRIL_8 = datetime(2027, 4, 8, 10, 0, tzinfo=UTC)


def test_a_month_is_shown_only_when_no_answer_can_come_in_any_more(desk: Desk, clock: FixedClock) -> None:
    desk.told(*[Rating.YES] * 6, *[Rating.HARDLY] * 5, Rating.UNSURE)
    running = desk.figures()
    clock.moment = APRIL_8
    closed = desk.figures()

    assert (running.asked, running.by_month, running.running) == ([], {}, ["2027-03"])
    with desk.runtime.database.read() as session:
        assert pulse(session, at=APRIL_8, through="2027-02").asked == []
    (asked,) = closed.asked
    assert asked.whole.shares[Arm.SMS] == Share(good=6, bad=5)
    assert closed.response[Arm.SMS].rate == 1
    assert [row.label for row in asked.months] == ["2027-03"]
    assert [row.label for row in asked.meeting_types] == ["Jobsamtale"]


def test_fewer_than_five_of_a_kind_are_hidden_and_never_told_by_the_sum(desk: Desk, clock: FixedClock) -> None:
    for number, kind in enumerate(("Jobsamtale", "Opfølgning", "Sygesamtale")):
        cell = Cell(arm=Arm.SMS, month="2027-03", meeting_type=kind)
        desk.told(*[Rating.YES] * (5 + number), *[Rating.NO] * (6 if number else 4), cell=cell)
    clock.moment = APRIL_8
    (asked,) = desk.figures().asked

    by_kind = {row.label: row.shares[Arm.SMS] for row in asked.meeting_types}
    assert by_kind == {"Jobsamtale": HIDDEN, "Opfølgning": HIDDEN, "Sygesamtale": Share(good=7, bad=6)}
    assert asked.whole.shares[Arm.SMS] == Share(good=18, bad=16)
    assert asked.whole.shares[Arm.APP] == HIDDEN


@pytest.mark.parametrize(
    ("counted", "shown"),
    [
        ([(9, 5), (4, 9)], [False, False]),
        ([(9, 5), (4, 9), (5, 9), (9, 9)], [False, False, True, True]),
        ([(9, 5), (0, 0)], [True, False]),
        ([(9, 4), (4, 9), (9, 9)], [False, False, True]),
        ([], []),
    ],
)
def test_one_row_is_never_hidden_alone(counted: list[tuple[int, int]], shown: list[bool]) -> None:
    assert [share is not HIDDEN for share in shares(counted)] == shown


def test_until_the_arms_stand_apart_all_of_them_are_one_column_and_response_is_not(
    desk: Desk, clock: FixedClock
) -> None:
    for arm in Arm:
        desk.told(*[Rating.YES] * 3, *[Rating.NO] * 2, cell=Cell(arm=arm, month=MARCH.month, meeting_type="Jobsamtale"))
    clock.moment = APRIL_8
    with desk.runtime.database.read() as session:
        told = pulse(session, at=APRIL_8)

    assert told.asked[0].whole.shares == {ALL: Share(good=9, bad=6)}
    assert [row.shares for row in told.asked[0].months] == [{ALL: Share(good=9, bad=6)}]
    assert {arm: one.answered for arm, one in told.response.items()} == dict.fromkeys(Arm, 5)
    assert desk.figures().asked[0].whole.shares == dict.fromkeys(Arm, HIDDEN)


def test_no_arm_is_hidden_alone_beside_the_sum_that_was_told_before(desk: Desk, clock: FixedClock) -> None:
    for arm, (yes, no) in zip(Arm, ((9, 4), (8, 7), (12, 11)), strict=True):
        cell = Cell(arm=arm, month=MARCH.month, meeting_type="Jobsamtale")
        desk.told(*[Rating.YES] * yes, *[Rating.NO] * no, cell=cell)
    clock.moment = APRIL_8
    (asked,) = desk.figures().asked

    for row in (asked.whole, *asked.months, *asked.meeting_types):
        assert row.shares == {Arm.SMS: HIDDEN, Arm.APP: HIDDEN, Arm.CONTROL: Share(good=12, bad=11)}


def test_what_is_hidden_of_the_whole_is_not_told_by_its_months(desk: Desk, clock: FixedClock) -> None:
    of_arms = {
        "2027-03": {Arm.SMS: (9, 4), Arm.CONTROL: (6, 6)},
        "2027-04": {Arm.CONTROL: (30, 30)},
        "2027-05": {Arm.APP: (10, 10)},
        "2027-06": {Arm.APP: (11, 11)},
    }
    for month, counted in of_arms.items():
        clock.moment = datetime.fromisoformat(f"{month}-02T10:00:00+00:00")
        for arm, (yes, no) in counted.items():
            cell = Cell(arm=arm, month=month, meeting_type="Jobsamtale")
            desk.told(*[Rating.YES] * yes, *[Rating.NO] * no, cell=cell)
    clock.moment = datetime(2027, 7, 20, 10, 0, tzinfo=UTC)
    (asked,) = desk.figures().asked

    told = {row.label: {arm for arm in Arm if row.shares[arm] is not HIDDEN} for row in (asked.whole, *asked.months)}
    # The app is hidden beside sms, and its months do not add up to it.
    assert told == {"": {Arm.CONTROL}, "2027-03": set(), "2027-04": set(), "2027-05": set(), "2027-06": {Arm.APP}}


def test_response_counts_what_was_handed_out_and_hides_few_answers(desk: Desk, clock: FixedClock) -> None:
    desk.told(*[Rating.YES] * 4)
    desk.hands_out(16)
    desk.told(*[Rating.NO] * 5, cell=Cell(arm=Arm.APP, month=MARCH.month, meeting_type="Jobsamtale"))
    clock.moment = APRIL_8
    response = desk.figures().response

    assert (response[Arm.SMS].handed_out, response[Arm.SMS].answered) == (20, None)
    assert response[Arm.APP].rate == 1
    assert (response[Arm.CONTROL].handed_out, response[Arm.CONTROL].rate) == (0, None)


def test_a_wave_of_staff_is_shown_when_it_is_over(centre: Centre, clock: FixedClock, runtime: Runtime) -> None:
    centre.peopled(caseworkers=12, citizens=1)
    today = clock.now().date()
    with runtime.act(SYSTEM) as act:
        set_days(act, wave=Wave.BEFORE, first_day=today, last_day=today + timedelta(days=2))
    for number, id_ in enumerate(centre.staff.values()):
        rating = Rating.YES if number % 2 else Rating.NO
        with runtime.act(Actor(kind=ActorKind.STAFF, id=id_, role=Role.CASEWORKER)) as act:
            answer_as_staff(act, wave=Wave.BEFORE, answers={Question.IN_TIME: rating})
    with runtime.database.read() as session:
        (running,) = staff_waves(session, at=clock.now())
        (over,) = staff_waves(session, at=clock.now() + timedelta(days=3), apart=True)
        (together,) = staff_waves(session, at=clock.now() + timedelta(days=3))

    assert running.asked == ()
    assert running.response.rate == 1
    assert over.asked[0].whole.shares["none"] == Share(good=6, bad=6)
    assert over.asked[0].whole.shares["sms"] == HIDDEN
    assert together.asked[0].whole.shares == {ALL: Share(good=6, bad=6)}
