"""Who comes into which arm: as evenly as can be, by chance, and the same again from the same seed."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.errors import InvalidInput
from messaging.trial.allocating import REST, Caseworker, allocate, strata_of_caseworkers
from messaging.trial.models import Arm

sizes_of_strata = st.lists(st.integers(1, 12), min_size=1, max_size=8)


RECORDED = {
    "0-0": "app",
    "0-1": "sms",
    "0-2": "control",
    "1-0": "sms",
    "1-1": "app",
    "1-2": "app",
    "1-3": "control",
}


def units(*sizes: int) -> dict[str, str]:
    """Unit → stratum, so many units in each."""
    return {f"{stratum}-{number}": f"s{stratum}" for stratum, size in enumerate(sizes) for number in range(size)}


def staff(*teams: int) -> list[Caseworker]:
    """So many caseworkers in each team, with rates from low to high."""
    return [
        Caseworker(id=f"{team}-{number}", team=f"team {team}", baseline_rate=number / 100)
        for team, size in enumerate(teams)
        for number in range(size)
    ]


def test_the_pilots_45_caseworkers_make_three_arms_of_15() -> None:
    arms = allocate(strata_of_caseworkers(staff(15, 15, 15)), seed=7)

    assert Counter(arms.values()) == {Arm.SMS: 15, Arm.APP: 15, Arm.CONTROL: 15}


@settings(max_examples=60, deadline=None)
@given(sizes=sizes_of_strata, seed=st.integers(0, 2**32))
def test_every_stratum_and_the_whole_differ_by_one_unit_at_most(sizes: list[int], seed: int) -> None:
    strata = units(*sizes)
    if len(strata) < len(Arm):
        return

    arms = allocate(strata, seed=seed)

    groups = [[arms[unit] for unit, stratum in strata.items() if stratum == one] for one in set(strata.values())]
    for group in [*groups, list(arms.values())]:
        counts = [group.count(arm) for arm in Arm]
        assert max(counts) - min(counts) <= 1


def test_the_same_seed_gives_the_same_arms_in_whatever_order_units_come() -> None:
    strata = units(7, 8, 15)

    assert allocate(strata, seed=3) == allocate(dict(reversed(strata.items())), seed=3)
    assert allocate(strata, seed=3) != allocate(strata, seed=4)


def test_an_allocation_can_be_repeated_years_later() -> None:
    """What a seed gives is written down: neither Python nor this code may change it once a trial has begun."""
    arms = allocate(units(3, 4), seed=20270901)

    assert {unit: arm.value for unit, arm in arms.items()} == RECORDED


def test_chance_gives_every_unit_every_arm_equally_often() -> None:
    seen = Counter((unit, arm) for seed in range(900) for unit, arm in allocate(units(4, 3), seed=seed).items())

    assert len(seen) == 7 * 3
    assert all(240 <= count <= 360 for count in seen.values())


def test_arms_may_have_unequal_shares() -> None:
    arms = allocate(units(8, 8), seed=1, shares={Arm.SMS: 1, Arm.CONTROL: 3})

    assert Counter(arms.values()) == {Arm.SMS: 4, Arm.CONTROL: 12}


@pytest.mark.parametrize("sizes", [(), (1,), (1, 1), (2,)])
def test_no_arm_is_left_empty(sizes: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="too few"):
        allocate(units(*sizes), seed=1)


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="share"):
        allocate(units(9), seed=1, shares={Arm.SMS: 0, Arm.CONTROL: 1})


def test_a_team_is_cut_into_bands_by_its_baseline_rate() -> None:
    strata = strata_of_caseworkers(staff(8))

    assert [strata[f"0-{number}"] for number in range(8)] == ["team 0/0"] * 4 + ["team 0/1"] * 4


def test_a_stratum_holds_at_least_one_for_each_arm() -> None:
    strata = strata_of_caseworkers(staff(5, 2, 1, 9))

    assert Counter(strata.values()) == {"team 0/0": 5, f"{REST}/0": 3, "team 3/0": 4, "team 3/1": 5}


def test_one_that_is_alone_joins_the_smallest_team() -> None:
    strata = strata_of_caseworkers(staff(4, 1, 5))

    assert Counter(strata.values()) == {"team 0/0": 5, "team 2/0": 5}


def test_a_rate_that_is_not_known_counts_as_the_teams_median() -> None:
    known = staff(6)
    strata = strata_of_caseworkers([*known, Caseworker(id="new", team="team 0", baseline_rate=None)])

    assert strata["0-0"] == strata["0-1"] == strata["0-2"] == "team 0/0"
    assert strata["new"] == strata["0-3"] == "team 0/1"


def test_teams_of_nobody_known_are_allocated_too() -> None:
    strata = strata_of_caseworkers([Caseworker(id=str(one), team="a", baseline_rate=None) for one in range(6)])

    assert Counter(strata.values()) == {"a/0": 3, "a/1": 3}
