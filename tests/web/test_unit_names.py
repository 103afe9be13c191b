"""The name that signs messages: dated, written by one superuser and signed by another."""

import uuid
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.clock import COPENHAGEN
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.conversations.unit_name_models import UnitName
from messaging.conversations.unit_names import LONGEST
from messaging.database.base import new_id
from messaging.people.models import Role
from tests.house import House, csrf_token

PAGE = "/administration/unit-names"


@pytest.fixture
def writer(house: House) -> FlaskClient:
    house.caseworker("chief", role=Role.SUPERUSER)
    return house.browser("chief")


@pytest.fixture
def signer(house: House) -> FlaskClient:
    house.caseworker("deputy", role=Role.SUPERUSER)
    return house.browser("deputy")


def today(house: House) -> date:
    return house.runtime.clock.now().astimezone(COPENHAGEN).date()


def post(client: FlaskClient, path: str = PAGE, **form: object) -> TestResponse:
    return client.post(path, data={**form, "csrf_token": csrf_token(client, PAGE)})


def writes(client: FlaskClient, first_day: date, words: str = "Ungehuset", **more: object) -> uuid.UUID:
    """Write a name, and return its id."""
    id_ = new_id()
    answer = post(client, name_id=id_, words=words, first_day=first_day, **more)
    assert answer.status_code == 303
    return id_


def signed_by(house: House) -> str:
    """Who signs messages now."""
    return Office.from_config(settings_now(house.runtime)).unit


def test_name_signs_once_somebody_else_has_signed_it(house: House, writer: FlaskClient, signer: FlaskClient) -> None:
    name_id = writes(writer, today(house), words="  Unge   huset ")
    before = signed_by(house)
    own = post(writer, f"{PAGE}/{name_id}/sign")
    answer = post(signer, f"{PAGE}/{name_id}/sign")

    assert before == house.runtime.config.unit_name
    assert (own.status_code, "Du har selv skrevet navnet" in own.text) == (409, True)
    assert (answer.status_code, signed_by(house)) == (303, "Unge huset")
    with house.runtime.database.read() as session:
        done = session.query(AuditEntry.action).filter_by(object_id=name_id).order_by(AuditEntry.id).all()
    assert [row.action for row in done] == ["unit_name.drafted", "unit_name.signed"]


def test_name_holds_on_its_days_and_the_settings_name_on_all_others(
    house: House, writer: FlaskClient, signer: FlaskClient
) -> None:
    first = today(house) + timedelta(days=1)
    name_id = writes(writer, first, last_day=first + timedelta(days=1))
    post(signer, f"{PAGE}/{name_id}/sign")
    found = []
    for _ in range(4):
        found.append(signed_by(house))
        house.runtime.clock.advance(days=1)  # type: ignore[attr-defined]

    usual = house.runtime.config.unit_name
    assert found == [usual, "Ungehuset", "Ungehuset", usual]


def test_of_two_names_the_one_with_the_later_first_day_holds(
    house: House, writer: FlaskClient, signer: FlaskClient
) -> None:
    early = writes(writer, today(house), words="Det gamle hus")
    later = writes(writer, today(house) + timedelta(days=1), words="Det nye hus")
    for name_id in (later, early):
        post(signer, f"{PAGE}/{name_id}/sign")
    before = signed_by(house)
    house.runtime.clock.advance(days=1)  # type: ignore[attr-defined]

    assert (before, signed_by(house)) == ("Det gamle hus", "Det nye hus")


@pytest.mark.parametrize(
    "words", ["", "U", "U" * (LONGEST + 1), "Se www.example.dk", "{unit}", "Ring 70102030", "Ungehuset 🙂"]
)
def test_what_is_no_name_is_refused_and_nothing_is_kept(house: House, writer: FlaskClient, words: str) -> None:
    answer = post(writer, name_id=new_id(), words=words, first_day=today(house))

    assert (answer.status_code, "Navnet har 2 til" in answer.text) == (422, True)
    with house.runtime.database.read() as session:
        assert session.query(UnitName).count() == 0


@pytest.mark.parametrize(("first", "last"), [(-1, None), (1, 0), (800, None)])
def test_days_that_cannot_be_are_refused(house: House, writer: FlaskClient, first: int, last: int | None) -> None:
    days = [today(house) + timedelta(days=number) if number is not None else "" for number in (first, last)]

    assert post(writer, name_id=new_id(), words="Huset", first_day=days[0], last_day=days[1]).status_code == 422


def test_name_that_is_withdrawn_or_signed_is_decided(house: House, writer: FlaskClient, signer: FlaskClient) -> None:
    withdrawn, done = writes(writer, today(house)), writes(writer, today(house), words="Huset")
    post(writer, f"{PAGE}/{withdrawn}/withdraw")
    post(signer, f"{PAGE}/{done}/sign")

    assert post(signer, f"{PAGE}/{withdrawn}/sign").status_code == 409
    assert post(signer, f"{PAGE}/{done}/withdraw").status_code == 409
    assert post(signer, f"{PAGE}/{uuid.uuid4()}/sign").status_code == 404
    assert signed_by(house) == "Huset"
