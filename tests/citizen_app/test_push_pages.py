"""The page on which a citizen lets her phone knock, and what her caseworker sees of it."""

import dataclasses
import json
import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.citizen_app.models import Device, Opened
from messaging.citizen_app.pages.doors import cookie_name
from messaging.citizen_app.push_models import PushSubscription
from messaging.citizen_app.sessions import begin_session
from messaging.database.base import new_id
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from tests.fakes import FakePush
from tests.house import House, csrf_token

SUBSCRIPTION = json.dumps({"endpoint": "https://push.example.dk/abc", "keys": {}})


@pytest.fixture
def push() -> FakePush | None:
    return FakePush()


@pytest.fixture
def runtime(runtime: Runtime, push: FakePush | None) -> Runtime:
    return dataclasses.replace(runtime, push=push)


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


def _app(house: House, citizen_id: uuid.UUID, *, opened: Opened = Opened.PAIRED) -> FlaskClient:
    """A phone that is in; by a code it is only passing."""
    with house.runtime.act(SYSTEM) as act:
        device = None
        if opened is Opened.PAIRED:
            device = Device(id=new_id(), citizen_id=citizen_id, name="iPhone", added_at=act.now, seen_at=act.now)
            act.session.add(device)
            act.session.flush()
        token = begin_session(act, citizen_id=citizen_id, opened=opened, device_id=device.id if device else None)
    client = house.app.test_client()
    client.set_cookie(cookie_name(house.runtime.config), token)
    return client


def _turn_on(client: FlaskClient, subscription: str = SUBSCRIPTION) -> TestResponse:
    form = {"csrf_token": csrf_token(client, "/app/more"), "subscription": subscription}
    return client.post("/app/push", data=form)


def _rows(house: House) -> list[PushSubscription]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(PushSubscription)))


def test_phone_is_turned_on_and_off_and_the_caseworker_sees_it(house: House, sara: uuid.UUID) -> None:
    phone, desk = _app(house, sara), house.browser("mho")
    assert "Giv besked på telefonen" in phone.get("/app/more").text
    assert 'data-key="public-key"' in phone.get("/app/push").text
    assert "Ingen telefon giver besked" in desk.get(f"/conversations/{sara}").text

    assert _turn_on(phone).status_code == 303
    shown = phone.get("/app/push").text
    assert "Din telefon giver nu besked" in shown
    assert "Slå fra" in shown
    assert "Telefonen giver besked, når du skriver i appen." in desk.get(f"/conversations/{sara}").text
    assert "Giver besked om nyt." in desk.get(f"/citizens/{sara}/app").text

    assert phone.post("/app/push/end", data={"csrf_token": csrf_token(phone, "/app/push")}).status_code == 303
    assert "Slå til" in phone.get("/app/push").text
    assert [row.ended_why for row in _rows(house)] == ["citizen"]
    with house.runtime.database.read() as session:
        actions = list(session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action.startswith("app.push"))))
    assert sorted(actions) == ["app.push_begun", "app.push_ended"]


@pytest.mark.parametrize("subscription", ["", "x", "[]", '{"endpoint": "https://nowhere.example/"}'])
def test_subscription_that_may_not_be_called_is_refused_in_words(
    house: House, sara: uuid.UUID, subscription: str
) -> None:
    """S4."""
    answer = _turn_on(_app(house, sara), subscription)

    assert answer.status_code == 422
    assert "Du får sms i stedet." in answer.text
    assert _rows(house) == []


def test_who_is_only_passing_is_told_how(house: House, sara: uuid.UUID) -> None:
    passing = _app(house, sara, opened=Opened.CODE)

    assert "logget ind for en kort tid" in passing.get("/app/push").text
    assert _turn_on(passing).status_code == 409
    assert _rows(house) == []


def test_closing_the_phone_at_the_desk_ends_its_pushes(house: House, sara: uuid.UUID) -> None:
    phone, desk = _app(house, sara), house.browser("mho")
    _turn_on(phone)
    (row,) = _rows(house)
    form = {"csrf_token": csrf_token(desk, f"/citizens/{sara}/app")}
    desk.post(f"/citizens/{sara}/app/devices/{row.device_id}/end", data=form)

    assert [row.ended_why for row in _rows(house)] == ["device"]


@pytest.mark.parametrize("push", [None])
def test_where_there_are_no_pushes_none_are_offered(house: House, sara: uuid.UUID) -> None:
    phone = _app(house, sara)

    assert "Giv besked på telefonen" not in phone.get("/app/more").text
    assert phone.get("/app/push").status_code == 404
    assert _turn_on(phone).status_code == 404
