"""The list of target groups: written by one, signed by another, dated, and what a trial is locked with stays."""

from collections.abc import Collection
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from messaging.audit.models import AuditEntry
from messaging.audit.trail import Facts, digest_of
from messaging.errors import Conflict, InvalidInput, NotAllowed
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.trial import running
from messaging.trial.eligible import eligible_at
from messaging.trial.laying_groups import sign_entry, withdraw_entry
from messaging.trial.placing import place_in
from messaging.trial.target_groups import UnknownTargetGroup, packaged
from tests.trial.conftest import Centre
from tests.trial.lists import Desk, desk_in

PACKAGED = {group.code for group in packaged()}


@pytest.fixture
def desk(runtime: Runtime) -> Desk:
    return desk_in(runtime)


def added(desk: Desk, *, days: int = 0) -> Collection[str]:
    """The groups of a day that the packaged list has not."""
    return desk.reads().on(desk.day(days)).keys() - PACKAGED


def takes_part(desk: Desk, code: str, *, days: int = 0) -> bool:
    return code in desk.reads().taking_part(desk.day(days))


def test_packaged_list_holds_while_nobody_has_written_any(desk: Desk) -> None:
    assert desk.reads().on(desk.day()).keys() == PACKAGED


def test_what_is_packaged_is_what_trials_were_locked_with() -> None:
    """A release adds to the list and changes nothing in it: running trials read it as they did at their lock.

    What it adds takes part in none: the municipality signs an entry where it is to, and a trial knows when that was.
    """
    assert {(group.code, group.takes_part) for group in packaged() if group.first_day == date(2021, 1, 1)} == {
        ("uddannelsesparat", True),
        ("aabenlyst_uddannelsesparat", True),
        ("aktivitetsparat", True),
        ("jobparat", True),
        ("ressourceforloeb", False),
        ("sygedagpenge", False),
    }
    assert not [group.code for group in packaged() if group.first_day != date(2021, 1, 1) and group.takes_part]
    assert all(group.last_day is None for group in packaged())


def test_group_holds_once_somebody_else_has_signed_it_and_on_its_days(desk: Desk) -> None:
    entry_id = desk.writes("Fleksjob", first=1, last=2)
    before = added(desk, days=1)
    with pytest.raises(NotAllowed), desk.runtime.act(desk.writer) as act:
        sign_entry(act, entry_id=entry_id)
    desk.signs(entry_id)

    assert before == set()
    assert [set(added(desk, days=days)) for days in range(4)] == [set(), {"fleksjob"}, {"fleksjob"}, set()]


def test_what_was_withdrawn_or_signed_is_decided(desk: Desk) -> None:
    withdrawn, signed = desk.writes("fleksjob"), desk.writes("revalidering")
    with desk.runtime.act(desk.writer) as act:
        withdraw_entry(act, entry_id=withdrawn)
    desk.signs(signed)

    with pytest.raises(Conflict):
        desk.signs(withdrawn)
    with pytest.raises(Conflict), desk.runtime.act(desk.writer) as act:
        withdraw_entry(act, entry_id=signed)
    assert added(desk) == {"revalidering"}


def test_later_entry_takes_the_place_of_an_earlier_and_of_the_packaged_one(desk: Desk) -> None:
    desk.lists("jobparat", takes_part=False, first=1)
    desk.lists("jobparat", takes_part=True, first=3)

    assert [takes_part(desk, "jobparat", days=days) for days in range(4)] == [True, False, False, True]


def test_of_one_day_the_entry_that_was_signed_last_decides(desk: Desk) -> None:
    late, early = desk.writes("jobparat", takes_part=False), desk.writes("jobparat")
    desk.signs(early)
    desk.runtime.clock.advance(seconds=1)  # type: ignore[attr-defined]
    desk.signs(late)

    assert not takes_part(desk, "jobparat")


@pytest.mark.parametrize("code", ["jobparat", "fleksjob"], ids=["packaged", "written"])
def test_group_ends_by_an_entry_of_its_own_and_may_come_again(desk: Desk, code: str) -> None:
    desk.lists(code)
    desk.ends(code, first=1)
    desk.lists(code, first=3)

    held = [code in desk.reads().on(desk.day(days)) for days in range(4)]
    assert held == [True, False, False, True]


def test_packaged_group_does_not_come_back_after_the_last_day_of_what_replaced_it(desk: Desk) -> None:
    desk.lists("jobparat", first=0, last=1)

    assert ["jobparat" in desk.reads().on(desk.day(days)) for days in (1, 2)] == [True, False]


def test_group_that_has_not_begun_is_taken_back_by_an_end_of_the_same_day(desk: Desk) -> None:
    desk.lists("fleksjob", first=5)
    desk.runtime.clock.advance(seconds=1)  # type: ignore[attr-defined]
    desk.ends("fleksjob", first=5)

    assert added(desk, days=5) == set()


def test_what_is_signed_late_changes_no_day_that_is_past(desk: Desk) -> None:
    entry_id = desk.writes("fleksjob")
    desk.runtime.clock.advance(days=3)  # type: ignore[attr-defined]
    desk.signs(entry_id)

    assert [added(desk, days=days) for days in (-1, 0)] == [set(), {"fleksjob"}]


@pytest.mark.parametrize("code", ["", "-", "to ord", "010199_1234", "x" * 41, "<b>"])
def test_what_is_no_code_is_refused(desk: Desk, code: str) -> None:
    with pytest.raises(InvalidInput, match="a code has"):
        desk.writes(code)


@pytest.mark.parametrize(("first", "last"), [(-1, None), (2, 1), (800, None)])
def test_days_that_cannot_be_are_refused(desk: Desk, first: int, last: int | None) -> None:
    with pytest.raises(InvalidInput):
        desk.writes("fleksjob", first=first, last=last)


def test_what_is_not_in_the_list_cannot_end(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        desk.writes_end("fleksjob")


def test_error_of_an_unknown_group_names_the_living_list(centre: Centre, desk: Desk) -> None:
    centre.hires("sb00")
    citizen = centre.citizen("sb00", group=None)
    desk.lists("fleksjob")
    desk.ends("sygedagpenge")

    with pytest.raises(UnknownTargetGroup) as refused, desk.runtime.act(SYSTEM) as act:
        place_in(act, citizen_id=citizen, code="findes ikke", source="test")
    assert "fleksjob" in str(refused.value)
    assert "sygedagpenge" not in str(refused.value)


def locked_with(centre: Centre, drawn: running.Drawn, groups: str) -> bool:
    """Whether the lock's entry of the audit trail was made of these groups."""
    facts: Facts = {
        "design": drawn.design,
        "seed": drawn.seed,
        "citizens": len(drawn.arms_of_citizens),
        "target_groups": groups,
    }
    with centre.runtime.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).filter_by(action="trial.locked")).one()
    return entry.digest == digest_of(centre.runtime.vault, facts)


def test_trial_takes_whom_the_signed_list_takes_and_writes_down_which_groups_these_were(
    centre: Centre, desk: Desk
) -> None:
    centre.peopled()
    desk.lists("fleksjob")
    desk.lists("jobparat", takes_part=False)
    joins, stays_out = centre.citizen("sb00", group="fleksjob"), centre.citizen("sb00", group="jobparat")
    for number in range(1, 6):
        centre.citizen(f"sb{number:02}", group="fleksjob")
    drawn = centre.locks()

    assert (centre.arm_of(joins) is None, centre.arm_of(stays_out)) == (False, None)
    assert locked_with(centre, drawn, "aabenlyst_uddannelsesparat aktivitetsparat fleksjob uddannelsesparat")


def test_lock_names_no_group_that_was_signed_after_it_drew(centre: Centre, desk: Desk) -> None:
    centre.peopled()
    before = centre.clock.moment
    centre.clock.moment += timedelta(seconds=1)
    desk.lists("fleksjob")  # by another process, whose clock is ahead
    centre.clock.moment = before
    drawn = centre.locks()

    assert locked_with(centre, drawn, "aabenlyst_uddannelsesparat aktivitetsparat jobparat uddannelsesparat")


def test_no_signature_after_the_lock_moves_a_newcomer_in_or_out(centre: Centre, desk: Desk) -> None:
    centre.peopled()
    desk.lists("revalidering", first=20)
    centre.locks()
    centre.clock.moment += timedelta(days=1)
    desk.lists("fleksjob")
    desk.lists("sygedagpenge", takes_part=True)
    desk.lists("jobparat", takes_part=False)
    desk.ends("aktivitetsparat", first=2)
    left_behind = centre.citizen("sb02", group="aktivitetsparat")
    centre.clock.moment += timedelta(days=40)
    joins = [centre.citizen("sb00", group=group) for group in ("jobparat", "revalidering")]
    stays_out = [centre.citizen("sb01", group=group) for group in ("fleksjob", "sygedagpenge")]
    centre.works()

    assert None not in [centre.arm_of(citizen) for citizen in (*joins, left_behind)]
    assert [centre.arm_of(citizen) for citizen in stays_out] == [None, None]


def test_meetings_of_a_trial_count_by_the_list_of_its_lock_and_others_by_their_own_day(
    centre: Centre, desk: Desk
) -> None:
    centre.peopled()
    citizen = centre.citizen("sb00")
    before = centre.clock.now() + timedelta(days=1)
    centre.clock.moment += timedelta(days=2)
    centre.locks()
    during = centre.clock.now() + timedelta(days=30)
    after = centre.clock.now() + timedelta(days=60)
    centre.clock.moment += timedelta(days=10)
    desk.lists("jobparat", takes_part=False)
    while_it_lasts = counted(centre, citizen, before, during)
    centre.clock.moment += timedelta(days=40)
    with centre.runtime.act(SYSTEM) as act:
        running.end(act)

    assert while_it_lasts == [True, True]
    assert counted(centre, citizen, before, during, after) == [True, True, False]


def counted(centre: Centre, citizen_id: object, *times: object) -> list[bool]:
    """Whether meetings of a citizen count at these times, as decided now."""
    asked = [(citizen_id, at) for at in times]
    with centre.runtime.database.read() as session:
        found = eligible_at(session, centre.runtime.vault, asked)  # type: ignore[arg-type]
    return [one in found for one in asked]
