"""A trial is drawn as often as one likes, locked once, joined by newcomers, and nobody changes arm in it."""

from datetime import timedelta

import pytest

from messaging.errors import Conflict, InvalidInput
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from messaging.trial import running
from messaging.trial.models import Arm, CitizenTargetGroup, Design, Trial, TrialArm, TrialCaseworker
from messaging.trial.placing import place_in
from messaging.trial.running import draw
from messaging.trial.target_groups import UnknownTargetGroup
from tests.runtime import lose_key
from tests.trial.conftest import Centre


def drawn(centre: Centre, *, design: Design = Design.CASEWORKER, seed: int = 7) -> running.Drawn:
    with centre.runtime.database.read() as session:
        return draw(session, centre.runtime.vault, design=design, seed=seed, rates={}, at=centre.clock.now())


def rows(centre: Centre, model: type) -> int:
    with centre.runtime.database.read() as session:
        return session.query(model).count()


def test_drawing_writes_nothing_and_locking_gives_what_was_drawn(centre: Centre) -> None:
    centre.peopled()
    before = drawn(centre)

    assert rows(centre, TrialArm) == rows(centre, Trial) == 0
    assert centre.locks() == before
    assert {arm: (2, centre.counted()[arm]) for arm in Arm} == before.sizes()


def test_another_seed_is_another_draw(centre: Centre) -> None:
    centre.peopled(caseworkers=9, citizens=1)

    assert len({tuple(sorted(drawn(centre, seed=seed).arms_of_caseworkers.items())) for seed in range(8)}) > 1


def test_a_citizen_has_the_arm_of_her_caseworker(centre: Centre) -> None:
    centre.peopled()
    hers = centre.citizen("sb03")
    locked = centre.locks()

    assert centre.arm_of(hers) is locked.arms_of_caseworkers[centre.staff["sb03"]]
    assert len(locked.arms_of_citizens) == 13


def test_citizens_are_allocated_within_their_caseworker(centre: Centre) -> None:
    centre.peopled(caseworkers=2, citizens=3)
    locked = centre.locks(design=Design.CITIZEN)

    assert locked.arms_of_caseworkers == {}
    assert centre.counted() == {Arm.SMS: 2, Arm.APP: 2, Arm.CONTROL: 2}


@pytest.mark.parametrize(
    ("born", "group"), [("010190", "jobparat"), ("010105", None), ("010105", "sygedagpenge")], ids=["30", "none", "out"]
)
def test_who_is_thirty_or_in_no_listed_group_takes_no_part(centre: Centre, born: str, group: str | None) -> None:
    centre.peopled()
    citizen = centre.citizen("sb00", born=born, group=group)
    centre.locks()
    centre.works()

    assert centre.arm_of(citizen) is None


def test_locked_is_locked(centre: Centre) -> None:
    centre.peopled()
    centre.locks()

    with pytest.raises(Conflict):
        centre.locks(seed=8)
    assert rows(centre, Trial) == 1


@pytest.mark.parametrize("days", [-1, 0, 30, 150])
def test_under_six_months_of_test_is_no_trial(centre: Centre, days: float) -> None:
    centre.peopled()

    with pytest.raises(InvalidInput):
        centre.locks(days=days)
    assert rows(centre, Trial) == rows(centre, TrialArm) == rows(centre, TrialCaseworker) == 0


@pytest.mark.parametrize("caseworkers", [0, 1, 2])
def test_an_empty_arm_is_no_trial(centre: Centre, caseworkers: int) -> None:
    centre.peopled(caseworkers=caseworkers)

    with pytest.raises(InvalidInput):
        centre.locks()
    assert rows(centre, Trial) == rows(centre, TrialArm) == 0


@pytest.mark.parametrize("seed", [-1, 2**53])
def test_a_seed_that_other_systems_cannot_read_is_refused(centre: Centre, seed: int) -> None:
    centre.peopled()

    with pytest.raises(InvalidInput):
        drawn(centre, seed=seed)


def test_transfers_change_no_arm_and_are_counted(centre: Centre) -> None:
    centre.peopled()
    locked = centre.locks()
    citizen = centre.citizen(centre.in_arm(Arm.SMS, locked))
    centre.works()
    centre.clock.moment += timedelta(days=1)
    centre.hands_over(citizen, centre.in_arm(Arm.CONTROL, locked))
    centre.works()

    assert centre.arm_of(citizen) is Arm.SMS
    assert centre.stands().contamination.transfers == 1


def test_a_newcomer_has_the_arm_of_her_first_caseworker_after_the_lock(centre: Centre) -> None:
    centre.peopled()
    locked = centre.locks()
    centre.clock.moment += timedelta(days=40)
    citizen = centre.citizen(centre.in_arm(Arm.APP, locked))
    centre.clock.moment += timedelta(minutes=1)
    centre.hands_over(citizen, centre.in_arm(Arm.SMS, locked))
    centre.works()

    assert centre.arm_of(citizen) is Arm.APP
    (month,) = centre.stands().inflow
    assert (month.sizes[Arm.APP], month.p) == (1, pytest.approx(0.3679, abs=1e-4))


def test_a_newcomer_who_is_erased_keeps_no_other_from_joining(centre: Centre) -> None:
    centre.peopled()
    locked = centre.locks()
    erased, joins = (centre.citizen(centre.in_arm(Arm.APP, locked)) for _ in range(2))
    lose_key(centre.runtime, erased)
    centre.works()

    assert (centre.arm_of(erased), centre.arm_of(joins)) == (None, Arm.APP)


def test_a_newcomer_of_who_was_hired_later_takes_no_part_until_she_has_taken_a_place(centre: Centre) -> None:
    centre.peopled()
    locked = centre.locks()
    leaving = centre.in_arm(Arm.CONTROL, locked)
    centre.hires("ny")
    citizen = centre.citizen("ny")
    centre.works()
    assert centre.arm_of(citizen) is None

    with centre.runtime.act(SYSTEM) as act:
        running.succeed(act, leaving=leaving, successor="ny")
    centre.works()

    assert centre.arm_of(citizen) is Arm.CONTROL
    assert set(centre.stands().caseworkers.values()) == {2}  # she has a place in it, and has made none


@pytest.mark.parametrize(("leaving", "successor"), [("sb99", "ny"), ("sb00", "sb99"), ("ny", "sb00")])
def test_strangers_succeed_nobody(centre: Centre, leaving: str, successor: str) -> None:
    centre.peopled()
    centre.hires("ny")
    centre.locks()

    with pytest.raises((InvalidInput, Conflict)), centre.runtime.act(SYSTEM) as act:
        running.succeed(act, leaving=leaving, successor=successor)


def test_newcomers_are_drawn_alike_each_time_where_citizens_are_allocated(centre: Centre) -> None:
    centre.peopled(caseworkers=2, citizens=3)
    centre.locks(design=Design.CITIZEN)
    newcomers = [centre.citizen("sb00") for _ in range(12)]
    centre.works()
    first = {citizen: centre.arm_of(citizen) for citizen in newcomers}

    assert None not in first.values()
    assert len(set(first.values())) > 1
    assert first == {citizen: running._drawn(7, citizen) for citizen in newcomers}


def test_the_end_lets_everybody_be_written_to_and_nobody_join_another(centre: Centre) -> None:
    centre.peopled()
    centre.locks()
    centre.clock.moment += timedelta(days=366)
    centre.works()

    assert centre.stands().ended_at == centre.clock.now()
    with pytest.raises(InvalidInput):
        centre.locks(seed=9)


def test_an_unknown_target_group_changes_nothing(centre: Centre) -> None:
    centre.hires("sb00")
    citizen = centre.citizen("sb00", group="jobparat")

    with pytest.raises(UnknownTargetGroup), centre.runtime.act(SYSTEM) as act:
        place_in(act, citizen_id=citizen, code="findes ikke", source="test")
    assert rows(centre, CitizenTargetGroup) == 1


def test_a_target_group_is_dated(centre: Centre) -> None:
    centre.hires("sb00")
    citizen = centre.citizen("sb00", group="jobparat")
    centre.clock.moment += timedelta(days=3)
    with centre.runtime.act(SYSTEM) as act:
        assert place_in(act, citizen_id=citizen, code="Aktivitetsparat", source="test")
        assert not place_in(act, citizen_id=citizen, code="aktivitetsparat", source="test")
    with centre.runtime.database.read() as session:
        found = session.query(CitizenTargetGroup).order_by(CitizenTargetGroup.valid_from).all()

    assert [(row.target_group, row.valid_to) for row in found] == [
        ("jobparat", centre.clock.now()),
        ("aktivitetsparat", None),
    ]


def test_nobody_is_named_where_the_trial_is_shown(centre: Centre) -> None:
    centre.peopled()
    centre.locks()
    shown = str(centre.stands())
    with centre.runtime.database.read() as session:
        names = [row.name for row in session.query(Caseworker)]

    assert not [name for name in names if name in shown]
