"""A phone is let in at the desk: by a QR code that is taken once, and six digits for the installed app."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.citizen_app.models import AppSession, Device, EndedBy, Opened, Pairing
from messaging.citizen_app.pairing import LASTS, MOST_TRIES
from messaging.citizen_app.sessions import LASTING
from messaging.clock import FixedClock
from messaging.database.base import new_id
from messaging.journal.models import JournalEvent
from tests.house import House, csrf_token

IPHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"}


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


def _offer(house: House, citizen_id: uuid.UUID, *, initials: str = "mho", pairing_id: uuid.UUID | None = None) -> str:
    """Show a QR code at the desk; return the page."""
    desk = house.browser(initials)
    form = {"pairing_id": str(pairing_id or new_id()), "seen_as": "photo_id"}
    form["csrf_token"] = csrf_token(desk, f"/citizens/{citizen_id}/app")
    answer = desk.post(f"/citizens/{citizen_id}/app/pairings", data=form, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def _address(page: str) -> str:
    found = re.search(r'href="[^"]*(/app/start/[\w-]+)"', page)
    assert found
    return found[1]


def _digits(page: str) -> str:
    found = re.search(r'class="digits">(\d{3}) (\d{3})<', page)
    assert found
    return found[1] + found[2]


def _take(client: FlaskClient, address: str) -> TestResponse:
    return client.post(address, data={"csrf_token": csrf_token(client, "/app/login")}, headers=IPHONE)


def _install(client: FlaskClient, address: str, digits: str) -> TestResponse:
    form = {"code": digits, "csrf_token": csrf_token(client, "/app/login")}
    return client.post(f"{address}/open", data=form, headers=IPHONE)


def _count(house: House, table: type) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_phone_that_scans_the_code_is_in(house: House, sara: uuid.UUID) -> None:
    phone, address = house.browser(), _address(_offer(house, sara))

    assert "Ja, det er min telefon" in phone.get(address).text
    assert _take(phone, address).location == f"{address}/done"
    assert phone.get("/app").status_code == 200
    desk = house.browser("mho").get(f"/citizens/{sara}/app").text
    assert "iPhone" in desk


def test_the_pairing_tells_who_saw_which_id(house: House, sara: uuid.UUID) -> None:
    _take(house.browser(), _address(_offer(house, sara)))

    with house.runtime.database.read() as session:
        pairing = session.scalars(sa.select(Pairing)).one()
        kinds = set(session.scalars(sa.select(JournalEvent.type)))
        actions = set(session.scalars(sa.select(AuditEntry.action)))
    assert pairing.seen_as == "photo_id"
    assert "app.device_added" in kinds
    assert {"app.pairing_offered", "app.pairing_shown", "app.device_added", "app.signed_in"} <= actions


def test_looking_at_the_address_takes_nothing(house: House, sara: uuid.UUID) -> None:
    address = _address(_offer(house, sara))
    for _ in range(3):
        assert house.browser().get(address).status_code == 200

    assert _count(house, Device) == 0
    assert _take(house.browser(), address).status_code == 303


def test_two_phones_scan_and_one_is_let_in(house: House, sara: uuid.UUID) -> None:
    address = _address(_offer(house, sara))
    first, second = house.browser(), house.browser()

    assert _take(first, address).status_code == 303
    assert _take(second, address).status_code == 410
    assert second.get("/app").location.startswith("/app/login")
    assert _count(house, Device) == 1


def test_a_code_runs_out_after_ten_minutes(house: House, sara: uuid.UUID, clock: FixedClock) -> None:
    address = _address(_offer(house, sara))
    clock.moment += LASTS

    assert house.browser().get(address).status_code == 410
    assert _take(house.browser(), address).status_code == 410


def test_a_new_code_ends_the_one_before(house: House, sara: uuid.UUID) -> None:
    before, after = _address(_offer(house, sara)), _address(_offer(house, sara))

    assert _take(house.browser(), before).status_code == 410
    assert _take(house.browser(), after).status_code == 303


def test_an_address_that_was_made_up_says_the_same_as_one_that_ran_out(
    house: House, sara: uuid.UUID, clock: FixedClock
) -> None:
    address = _address(_offer(house, sara))
    clock.moment += LASTS
    run_out, made_up = house.browser().get(address), house.browser().get("/app/start/intet")

    without_token = re.compile(r'name="csrf_token" value="[^"]+"')
    assert made_up.status_code == run_out.status_code
    assert without_token.sub("", made_up.text) == without_token.sub("", run_out.text)


def test_the_installed_app_comes_in_once_by_the_six_digits(house: House, sara: uuid.UUID) -> None:
    page = _offer(house, sara)
    address, digits = _address(page), _digits(page)
    _take(house.browser(), address)
    installed, another = house.browser(), house.browser()

    assert "Seks tal" in installed.get(f"{address}/open").text
    assert _install(installed, address, f"{digits[:3]} {digits[3:]}").status_code == 303
    assert installed.get("/app").status_code == 200
    assert installed.get(f"{address}/open").location == "/app"
    assert _install(another, address, digits).status_code == 410
    assert (_count(house, Device), _count(house, AppSession)) == (1, 2)


def test_the_digits_are_nothing_without_the_scan(house: House, sara: uuid.UUID) -> None:
    page = _offer(house, sara)

    assert _install(house.browser(), _address(page), _digits(page)).status_code == 410


def test_after_five_wrong_tries_the_right_digits_let_nobody_in(house: House, sara: uuid.UUID) -> None:
    page = _offer(house, sara)
    address, digits = _address(page), _digits(page)
    _take(house.browser(), address)
    wrong = f"{(int(digits) + 1) % 1_000_000:06d}"

    told = [_install(house.browser(), address, wrong).status_code for _ in range(MOST_TRIES)]

    assert told == [422] * (MOST_TRIES - 1) + [410]
    assert _install(house.browser(), address, digits).status_code == 410


def test_the_same_form_again_shows_the_same_code(house: House, sara: uuid.UUID) -> None:
    pairing_id = new_id()
    first = _offer(house, sara, pairing_id=pairing_id)
    again = _offer(house, sara, pairing_id=pairing_id)

    assert _address(first) == _address(again)
    assert _count(house, Pairing) == 1


def test_nobody_offers_under_anothers_id(house: House, sara: uuid.UUID) -> None:
    pairing_id = new_id()
    _offer(house, sara, pairing_id=pairing_id)
    ali = house.citizen(caseworker=house.caseworker("ali", name="Ali Abdi"), number="+4529390626")
    desk = house.browser("ali")
    form = {"pairing_id": str(pairing_id), "seen_as": "known", "csrf_token": csrf_token(desk, "/citizens")}

    assert desk.post(f"/citizens/{ali}/app/pairings", data=form).status_code == 409


def test_no_code_is_shown_before_one_says_how_one_knows_her(house: House, sara: uuid.UUID) -> None:
    desk = house.browser("mho")
    form = {"pairing_id": str(new_id()), "csrf_token": csrf_token(desk, "/citizens")}
    answer = desk.post(f"/citizens/{sara}/app/pairings", data=form)

    assert answer.status_code == 422
    assert "Vælg, hvordan du ved, hvem der sidder hos dig." in answer.text
    assert _count(house, Pairing) == 0


def test_neither_address_nor_digits_are_kept(house: House, sara: uuid.UUID) -> None:
    page = _offer(house, sara)
    token = _address(page).rsplit("/", 1)[1]

    kept = repr(house.everything()["pairings"])
    assert token not in kept
    assert _digits(page) not in kept


@pytest.mark.parametrize("closes", ["staff", "citizen", "lost"])
def test_a_phone_that_was_closed_reads_nothing_more(house: House, sara: uuid.UUID, closes: str) -> None:
    phone, other = house.phone(sara), house.phone(sara)
    with house.runtime.database.read() as session:
        device_id = session.scalars(sa.select(Device.id).order_by(Device.id)).first()
    if closes == "staff":
        desk = house.browser("mho")
        form = {"csrf_token": csrf_token(desk, "/citizens")}
        desk.post(f"/citizens/{sara}/app/devices/{device_id}/end", data=form)
    else:
        form = {"csrf_token": csrf_token(other, "/app/devices"), **({"lost": "yes"} if closes == "lost" else {})}
        other.post(f"/app/devices/{device_id}/end", data=form)

    assert phone.get("/app").location.startswith("/app/login")
    assert other.get("/app").status_code == 200
    with house.runtime.database.read() as session:
        assert session.get_one(Device, device_id).ended_by is EndedBy(closes)


def test_signing_out_leaves_nothing_in_the_browser(house: House, sara: uuid.UUID) -> None:
    phone = house.phone(sara)
    answer = phone.post("/app/sign-out", data={"csrf_token": csrf_token(phone, "/app/more")})

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert phone.get("/app").location.startswith("/app/login")


@pytest.mark.parametrize("opened", [Opened.PAIRED, Opened.CODE, Opened.MITID])
def test_a_session_that_is_not_used_ends(house: House, sara: uuid.UUID, clock: FixedClock, opened: Opened) -> None:
    phone = house.phone(sara, opened=opened)
    clock.moment += LASTING[opened].idle - timedelta(minutes=1)
    assert phone.get("/app").status_code == 200
    clock.moment += LASTING[opened].idle + timedelta(minutes=1)

    assert phone.get("/app").location.startswith("/app/login")
