"""What is shown only where an answer time is promised, a rehearsal has telephones, or a citizen is in the trial."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from messaging.config import Config
from messaging.people import wishes
from messaging.people.actors import SYSTEM
from messaging.people.models import ContactPoint, Role
from messaging.trial.models import Arm, TrialArm
from messaging.web.language import LANGUAGES
from tests.house import House
from tests.journeys.looking import Looker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
    pytest.mark.parametrize("language", LANGUAGES),
]

NOBODY_HERE = "http://127.0.0.1:9"
"""Where no telephones are: what they show is the stub's and not ours."""
SCHOOLCHILD = "0101124001"


@pytest.fixture
def config(config: Config) -> Config:
    """A rehearsal's that promises an answer within two hours."""
    return replace(config, answer_hours=2, stub_origins=(NOBODY_HERE,))


@pytest.fixture
def looker(page: Page, address: str, axe: str, language: str) -> Looker:
    """Somebody who has not signed in yet."""
    return Looker(page=page, address=address, axe=axe, language=language)


def test_a_promise_that_is_kept_pressing_and_broken(house: House, looker: Looker) -> None:
    mette = house.caseworker()
    house.caseworker("lead", role=Role.TEAM_LEADER)
    for number, wait in ((1, 45), (2, 90), (3, 5)):
        house.citizen(caseworker=mette, number=f"+454200000{number}")
        house.hears("Hvornår er det?", sender=f"+454200000{number}")
        house.runtime.clock.advance(minutes=wait)
    looker.come("mho")
    looker.go("/conversations", shows=".conversation .mark--bad")
    looker.go("/conversations?show=all", shows=".conversation .mark--warning")
    looker.come("lead")
    looker.go("/team", shows="#figure-overdue .figure--pressing")

    assert looker.found == []


def test_a_schoolchild_in_the_trial_whose_number_the_provider_blocks(house: House, looker: Looker) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker(), cpr=SCHOOLCHILD)
    house.hears("Jeg kommer")
    with house.runtime.act(SYSTEM) as act:
        act.session.add(TrialArm(citizen_id=citizen_id, arm=Arm.SMS, since=act.now, locked=True))
        point = act.session.scalars(sa.select(ContactPoint).filter_by(citizen_id=citizen_id)).one()
        wishes.block_number(act, number_id=point.number_id)
    house.runtime.clock.advance(minutes=60 * 24 * 400)
    looker.come("mho")
    looker.go(f"/citizens/{citizen_id}", shows=".marks .mark--warning")
    looker.go(f"/citizens/{citizen_id}", shows=".card-number .mark--warning")
    looker.go(f"/conversations/{citizen_id}", shows=".telephones iframe")
    looker.go(f"/conversations/{citizen_id}", shows=".number-why strong")

    assert looker.found == []
