"""The page of the trial shows counts, to those who run the service and nobody else, and names nobody."""

import re
from datetime import timedelta

import pytest

from messaging.clock import FixedClock
from messaging.people.models import Role
from messaging.trial.models import Arm, Design
from tests.house import House
from tests.trial.conftest import Centre


@pytest.fixture
def centre(house: House, clock: FixedClock) -> Centre:
    """The house's citizens and the trial."""
    return Centre(runtime=house.runtime, clock=clock)


def page(house: House, role: Role = Role.SUPERUSER) -> str:
    house.caseworker("sus", name="Susanne Uhd", role=role)
    return house.browser("sus").get("/administration/trial").text


def test_without_a_trial_it_says_so(house: House) -> None:
    assert "Der er intet forsøg i gang." in page(house)


def test_it_shows_sizes_inflow_and_contamination_and_no_name(house: House, centre: Centre) -> None:
    centre.peopled()
    locked = centre.locks()
    centre.clock.moment += timedelta(days=30)
    newcomer = centre.citizen(centre.in_arm(Arm.APP, locked))
    centre.works()
    centre.clock.moment += timedelta(minutes=1)
    centre.hands_over(newcomer, centre.in_arm(Arm.SMS, locked))
    shown = page(house)

    assert "Der er trukket lod blandt sagsbehandlerne." in shown
    assert "Borgere i Team A" in shown
    assert "1 borger er givet videre" in shown
    assert "0 møder er aftalt med en sagsbehandler i en anden gruppe" in shown
    assert "0 møder er holdt af en afløser fra en anden gruppe" in shown
    assert re.search(r"<th scope=\"row\">\w+ 2027</th><td>0</td><td>1</td><td>0</td>", shown)
    assert "Navn sb" not in shown
    assert "Holm" not in shown


@pytest.mark.parametrize(("after", "judged"), [(timedelta(days=13), False), (timedelta(days=14), True)])
def test_balance_is_judged_no_sooner_than_the_arms_may_be_compared(
    house: House, centre: Centre, after: timedelta, judged: bool
) -> None:
    centre.peopled()
    locked = centre.locks(days=200)
    centre.clock.moment += timedelta(days=30)
    centre.citizen(centre.in_arm(Arm.APP, locked))
    centre.works()
    centre.clock.moment += timedelta(days=170) + after
    shown = page(house)

    assert ("(p = 0,368)" in shown, "Balance" in shown) == (judged, judged)


def test_where_citizens_are_allocated_no_caseworkers_are_counted(house: House, centre: Centre) -> None:
    centre.peopled(caseworkers=2, citizens=3)
    centre.locks(design=Design.CITIZEN)
    shown = page(house, Role.AUDITOR)

    assert "Der er trukket lod blandt hver sagsbehandlers borgere." in shown
    assert "Sagsbehandlere</th>" not in shown
