"""Superusers keep who works here; nobody can lock the house from inside."""

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.database.base import new_id
from messaging.people.models import Caseworker, Role
from tests.house import PASSWORD, House, csrf_token


def post(client: FlaskClient, path: str, **form: object) -> TestResponse:
    return client.post(path, data={**form, "csrf_token": csrf_token(client, "/administration/staff")})


def particulars(one: Caseworker, **changed: object) -> dict[str, object]:
    kept = {"initials": one.initials, "name": one.name, "email": "", "role": one.role, "unit": one.unit_id}
    return kept | changed


@pytest.fixture
def chief(house: House) -> Caseworker:
    return house.caseworker("chief", name="Søren Skov", role=Role.SUPERUSER)


def test_new_member_of_staff_signs_in_with_the_password_that_is_shown_once(house: House, chief: Caseworker) -> None:
    client, staff_id = house.browser("chief"), new_id()
    form = {"initials": "nyt", "name": "Nadia Ny", "email": "nadia@example.dk", "role": "caseworker"}
    added = post(client, "/administration/staff", staff_id=staff_id, unit=chief.unit_id, **form)
    shown = post(client, f"/administration/staff/{staff_id}/password").text
    password = re.search(r"<code>([^<]+)</code>", shown)
    again = client.get(f"/administration/staff/{staff_id}").text
    fresh = house.app.test_client()
    page = {"initials": "nyt", "password": password[1] if password else "", "csrf_token": csrf_token(fresh, "/sign-in")}

    assert added.status_code == 303
    assert password is not None
    assert password[1] not in again
    assert fresh.post("/sign-in", data=page).status_code == 303


def test_form_that_is_sent_twice_adds_one_person(house: House, chief: Caseworker) -> None:
    client, staff_id = house.browser("chief"), new_id()
    form = {"initials": "nyt", "name": "Nadia Ny", "role": "caseworker", "unit": chief.unit_id}
    answers = [post(client, "/administration/staff", staff_id=staff_id, **form).status_code for _ in range(2)]

    assert answers == [303, 303]


def test_initials_in_other_letters_are_the_same_initials(house: House, chief: Caseworker) -> None:
    form = {"initials": "CHIEF", "name": "En anden", "role": "auditor", "unit": chief.unit_id}
    answer = post(house.browser("chief"), "/administration/staff", staff_id=new_id(), **form)

    assert answer.status_code == 409
    assert "bruges allerede" in answer.text


def test_nobody_shuts_herself_out(house: House, chief: Caseworker) -> None:
    house.caseworker("other", role=Role.SUPERUSER)
    answer = post(house.browser("chief"), f"/administration/staff/{chief.id}/shut-out")

    assert answer.status_code == 409
    assert "Bed en anden superbruger" in answer.text


def test_nobody_gives_herself_another_role(house: House, chief: Caseworker) -> None:
    form = particulars(chief, role="caseworker")

    assert post(house.browser("chief"), f"/administration/staff/{chief.id}", **form).status_code == 409


def test_role_change_ends_sessions_and_is_audited(house: House, chief: Caseworker) -> None:
    mette = house.caseworker()
    hers = house.browser("mho")
    post(house.browser("chief"), f"/administration/staff/{mette.id}", **particulars(mette, role="team_leader"))
    with house.runtime.database.read() as session:
        entries = sa.select(AuditEntry.id).filter_by(action="staff.role_changed", object_id=mette.id)
        noted = len(session.scalars(entries).all())

    assert hers.get("/conversations").location.startswith("/sign-in")
    assert noted == 1


def test_who_is_shut_out_leaves_citizens_to_hand_over(house: House, chief: Caseworker) -> None:
    mette = house.caseworker()
    house.citizen(caseworker=mette, first_name="Kanariefugl")
    client, hers = house.browser("chief"), house.browser("mho")
    post(client, f"/administration/staff/{mette.id}/shut-out")
    page = client.get("/administration/staff").text

    assert "1 borger skal overdrages" in page
    assert "Kanariefugl" not in page
    assert hers.get("/conversations").location.startswith("/sign-in")


def test_who_comes_back_signs_in_again(house: House, chief: Caseworker) -> None:
    mette, client = house.caseworker(), house.browser("chief")
    for door in ("shut-out", "let-in"):
        post(client, f"/administration/staff/{mette.id}/{door}")
    hers = house.app.test_client()
    form = {"initials": "mho", "password": PASSWORD, "csrf_token": csrf_token(hers, "/sign-in")}

    assert hers.post("/sign-in", data=form).status_code == 303


def test_auditor_reads_and_finds_nothing_to_change(house: House, chief: Caseworker) -> None:
    house.caseworker("audit", role=Role.AUDITOR)
    client = house.browser("audit")

    assert "Tilføj" not in client.get("/administration/staff").text
    assert "<form class" not in client.get(f"/administration/staff/{chief.id}").text


def test_two_units_cannot_have_one_name(house: House, chief: Caseworker) -> None:
    client = house.browser("chief")

    assert post(client, "/administration/units", unit_id=new_id(), name="Team B").status_code == 303
    assert post(client, "/administration/units", unit_id=new_id(), name="Team B").status_code == 409
