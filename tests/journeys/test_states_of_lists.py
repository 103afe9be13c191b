"""What lists, cards and the pages of those who lead or look after show when all, nothing or a refusal is there."""

import uuid

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from messaging.appointments.seeding import seed
from messaging.clock import COPENHAGEN
from messaging.people.models import CaseloadEntry, Caseworker, ContactPoint, Role
from messaging.web.language import LANGUAGES
from tests.house import House
from tests.journeys.full_house import Ids, fill
from tests.journeys.looking import Looker
from tests.trial.lists import desk_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
    pytest.mark.parametrize("language", LANGUAGES),
]


@pytest.fixture
def looker(page: Page, address: str, axe: str, language: str) -> Looker:
    """Somebody who has not signed in yet."""
    return Looker(page=page, address=address, axe=axe, language=language)


@pytest.fixture
def ids(house: House) -> Ids:
    """What there is in a house in which there is everything."""
    return fill(house)


def staff(house: House, initials: str) -> Caseworker:
    """Somebody who works here."""
    with house.runtime.database.read() as session:
        return session.scalars(sa.select(Caseworker).filter_by(initials=initials)).one()


def new() -> str:
    """An id for a form."""
    return str(uuid.uuid4())


def test_every_list_with_nobody_in_it(house: House, looker: Looker) -> None:
    with house.runtime.database.write() as session:
        seed(session)
    for initials, role in (
        ("ny", Role.CASEWORKER),
        ("lead", Role.TEAM_LEADER),
        ("super", Role.SUPERUSER),
    ):
        house.caseworker(initials, role=role)
    looker.come("ny")
    looker.open("/conversations")
    for path in ("/citizens", "/meetings", "/batches", "/batches/new", "/triage", "/handover", "/absences"):
        looker.go(path, shows=".empty")
    looker.come("lead")
    for path in ("/incidents", "/absences"):
        looker.go(path, shows=".empty")
    looker.go("/team", shows=".figures")
    looker.come("super")
    for page in ("journal", "background", "keys"):
        looker.go(f"/administration/{page}", shows=".empty")
    looker.go("/administration/hours")
    looker.go("/administration/unit-names", shows="#change")
    looker.go("/administration/target-groups", shows="#now")

    assert looker.found == []


def test_searches_that_find_much_little_or_nothing(looker: Looker, ids: Ids) -> None:
    looker.come("mho")
    looker.page.goto(f"{looker.address}/search")
    looker.send("/search", shows=".hits ~ form", words="ringe")
    looker.send("/search", shows=".hits mark", words="cv")
    looker.send("/search", shows=".empty", words="findes ikke")
    looker.send("/search", status=422, shows="#wrong", words="")
    looker.send("/search", status=422, shows=".bounds", words="cv", since="i går")

    assert looker.found == []


def test_cards_and_ledgers_that_are_refused_or_changed(house: House, looker: Looker, ids: Ids) -> None:
    card = f"/citizens/{ids['citizen_id']}"
    with house.runtime.database.read() as session:
        in_use = session.scalars(sa.select(ContactPoint.id).filter_by(citizen_id=ids["citizen_id"])).all()[0]
    wanted = {"medium": "sms", "language": "da", "interpreter": "ar"}
    looker.come("mho")
    looker.page.goto(f"{looker.address}{card}")
    looker.send(f"{card}/numbers", status=422, shows="#wrong", number="112", source="citizen")
    looker.send(f"{card}/close", status=422, shows="#wrong", reason="")
    looker.send(f"{card}/preferences", shows=".said", **wanted)
    looker.send(f"{card}/numbers/{in_use}/verified", shows=".said", rang="yes")
    looker.send(f"{card}/numbers/{in_use}/end", shows="form[action$='/numbers']", has_none="yes")
    looker.send(f"{card}/close", shows=".mark--bad", reason="Kommet i arbejde")
    looker.send(f"{card}/reopen", shows=".card-closings", reason="Mistede arbejdet")
    looker.go(f"{card}/ledger", shows=".attempt-answer")
    looker.go(f"{card}/ledger?since=i-morgen", status=422, shows="#wrong")
    looker.go(f"{card}/ledger?since=2020-01-01&until=2020-01-02", shows=".empty")

    assert looker.found == []


def test_handing_over_and_a_bad_morning(house: House, looker: Looker, ids: Ids) -> None:
    mette, deputy = staff(house, "mho"), staff(house, "dep")
    kept = house.citizen(caseworker=deputy, first_name="Liv", number="+4540000002")
    with house.runtime.database.read() as session:
        entry = session.scalars(sa.select(CaseloadEntry.id).filter_by(citizen_id=kept)).one()
    looker.come("lead")
    looker.go(f"/handover?from={mette.id}", shows=".choice-row")
    looker.send("/handover/preview", status=422, shows="#wrong", **{"from": str(mette.id)})
    asked = {"entry": str(ids["entry_id"]), "to": str(deputy.id), "meetings": "yes", "note": "Ring helst først"}
    looker.send("/handover/preview", shows=".day-words", **asked)
    looker.send("/handover", shows=".said", form_id=new(), **asked)
    away = {"entry": str(entry), "to": str(mette.id), "meetings": "no"}
    looker.send("/handover/preview", shows="main .alert-warning", **away)
    looker.send("/absences", status=422, shows=".alert-error", caseworker=str(mette.id), first_day="2020-01-01")
    morning = f"/absences/{ids['absence_id']}/day"
    looker.go(morning, shows="#undecided")
    looker.send(morning, status=422, shows=".alert-error", decision="cancelled")
    meetings = [one.input_value() for one in looker.page.locator("input[name=appointment]").all()]
    looker.send(morning, shows="#decided .day-row", decision="cancelled", appointment=meetings)
    rung = looker.page.locator("#ring input[name=appointment]").first.input_value()
    looker.send(f"/absences/{ids['absence_id']}/numbers", shows=".telephone", appointment=rung)
    looker.send(f"/absences/{ids['absence_id']}/calls", shows="#ring .mark--good", appointment=rung, reached="yes")
    looker.go(f"/citizens/{kept}/reason")
    looker.send(f"/citizens/{kept}/reason", status=422, shows="#wrong", reason="x")
    looker.come("dep")
    looker.go(f"/conversations/{ids['citizen_id']}", shows=".hands-note")

    assert looker.found == []


def test_administration_that_is_refused_or_done(house: House, looker: Looker, ids: Ids) -> None:
    mette, deputy = staff(house, "mho"), staff(house, "dep")
    looker.come("super")
    looker.go("/administration")
    looker.send("/administration/keys", status=422, shows=".alert-error", name="")
    looker.send("/administration/keys", shows="#made", name="Fagsystemet", scope="citizens:read")
    looker.send(f"/administration/keys/{ids['key_id']}/revoke", shows=".said")
    new_one = {"staff_id": new(), "initials": "mho", "name": "Marie Holm", "unit": str(mette.unit_id)}
    looker.send("/administration/staff", status=409, shows=".alert-error", role="caseworker", **new_one)
    looker.send("/administration/units", status=422, shows=".alert-error", unit_id=new(), name="")
    looker.send(f"/administration/staff/{deputy.id}/password", shows=".alert-success")
    looker.send(f"/administration/staff/{mette.id}/shut-out", shows="main .alert-warning")
    looker.go("/administration/staff", shows=".mark--bad")
    looker.send("/administration/hours", status=422, shows=".alert-error", times_id=new())
    names, today = "/administration/unit-names", house.runtime.clock.now().astimezone(COPENHAGEN).date()
    looker.send(names, status=422, shows=".alert-error", name_id=new(), words="")
    looker.send(names, shows="#waiting", name_id=new(), words="Ungehuset", first_day=str(today))
    groups = "/administration/target-groups"
    looker.send(groups, status=422, shows=".alert-error", entry_id=new(), code="to ord", name="")
    group = {"code": "fleksjob", "name": "Fleksjobbere", "first_day": str(today)}
    looker.send(groups, shows="#waiting", entry_id=new(), takes_part="yes", **group)
    looker.send(f"{groups}/end", shows="#waiting", entry_id=new(), ended="jobparat", ends_on=str(today))
    signer = desk_in(house.runtime)
    signer.lists("revalidering", first=30)
    signer.lists("sygedagpenge", takes_part=True)
    signer.ends("ressourceforloeb")
    looker.go(groups, shows="#coming")
    text = {"key": "M5", "variant": "", "language": "da", "content_class": "sms_ok", "draft_id": new()}
    texts = "/administration/texts/new"
    looker.send(texts, shows=".text-preview", do="preview", text="Hej. Vi ses på torsdag.", **text)
    looker.send(texts, status=422, shows=".alert-error", do="save", text="Hej {noget}", **text)

    assert looker.found == []
