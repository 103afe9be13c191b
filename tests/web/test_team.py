"""The team leader sees how her unit stands, and no figure of any one person."""

import re
import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from messaging.clock import COPENHAGEN
from messaging.people.models import Caseworker, PhoneNumber, Role
from tests.house import House


@pytest.fixture
def mette(house: House) -> Caseworker:
    house.runtime.clock.moment = datetime(2027, 10, 14, 8, tzinfo=COPENHAGEN).astimezone(UTC)
    house.caseworker("led", name="Lone Leder", role=Role.TEAM_LEADER)
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


def figures(house: House) -> dict[str, int]:
    page = house.browser("led").get("/team").text
    found = re.findall(r'id="figure-(\w+)".*?figure-count">(\d+)<', page, re.DOTALL)
    return {name: int(count) for name, count in found}


def test_figures_are_of_all_citizens_of_the_unit_and_of_no_others(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    far = house.caseworker("far", unit="Team B")
    house.citizen(caseworker=far, first_name="Fie", number="+4524101922")
    house.citizen(caseworker=mette, first_name="Anna", number=None)
    house.hears("Hej")
    house.hears("Hej", sender="+4524101922")
    house.appointment(sara, mette, in_days=0.1)
    house.appointment(sara, mette, in_days=1.1)

    assert figures(house) == {"waiting": 1, "overdue": 0, "meetings": 1, "undelivered": 0, "unreachable": 1}


def test_who_has_waited_beyond_the_promised_time_is_counted(house: House, sara: uuid.UUID) -> None:
    house.hears("Hej")
    house.runtime.clock.advance(hours=7)
    before = figures(house)["overdue"]
    house.runtime.clock.advance(hours=1)

    assert (before, figures(house)["overdue"]) == (0, 1)


def test_page_names_nobody(house: House, sara: uuid.UUID) -> None:
    house.hears("Jeg kommer for sent")
    page = house.browser("led").get("/team").text

    assert not any(word in page for word in ("Mette", "mho", "Sara", "Nielsen", "for sent"))


def test_only_a_leader_is_led_there(house: House, mette: Caseworker) -> None:
    assert 'href="/team"' in house.browser("led").get("/conversations").text
    assert 'href="/team"' not in house.browser("mho").get("/conversations").text


def test_number_that_is_blocked_counts_as_not_reached(house: House, sara: uuid.UUID) -> None:
    with house.runtime.database.write() as session:
        session.execute(sa.update(PhoneNumber).values(provider_blocked_since=house.runtime.clock.now()))

    assert figures(house)["unreachable"] == 1
