"""The citizen closes her phones by herself: one, or all but the one in her hand."""

import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from messaging.audit.models import AuditEntry
from messaging.citizen_app.models import Device, EndedBy, Opened
from messaging.citizen_app.pages.doors import beneath_name, cookie_name
from messaging.citizen_app.sessions import VISIT
from messaging.clock import FixedClock
from tests.house import House, csrf_token

DEVICES = "/app/devices"
CLOSE_OTHERS = "Luk for alle andre"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


def _close_others(phone: FlaskClient) -> None:
    answer = phone.post(f"{DEVICES}/end-others", data={"csrf_token": csrf_token(phone, DEVICES)})
    assert (answer.status_code, answer.location) == (303, DEVICES)


def _is_in(phone: FlaskClient) -> bool:
    return phone.get("/app").status_code == 200


def _devices(house: House, citizen_id: uuid.UUID) -> list[Device]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(Device).filter_by(citizen_id=citizen_id).order_by(Device.id)))


def _put_beneath(house: House, phone: FlaskClient, citizen_id: uuid.UUID, opened: Opened) -> FlaskClient:
    """Let a visit lie above what a phone holds."""
    above, config = house.phone(citizen_id, opened=opened), house.runtime.config
    kept = phone.get_cookie(cookie_name(config))
    assert kept is not None
    above.set_cookie(beneath_name(config), kept.value, secure=True)
    return above


def test_one_tap_closes_every_other_phone_and_visit_and_nothing_else(house: House, sara: uuid.UUID) -> None:
    here, lost, visit = house.phone(sara), house.phone(sara), house.phone(sara, opened=Opened.CODE)
    emil = house.citizen(caseworker=house.caseworker("ali", name="Ali Abdi"), first_name="Emil", number="+4529390626")
    emils, emils_visit = house.phone(emil), house.phone(emil, opened=Opened.CODE)
    shown = here.get(DEVICES).text
    assert CLOSE_OTHERS in shown
    assert "Du er også logget ind et andet sted" in shown
    _close_others(here)
    told = here.get(DEVICES).text

    assert "Alle andre er lukket ude." in told
    assert CLOSE_OTHERS not in told
    assert [_is_in(phone) for phone in (here, lost, visit)] == [True, False, False]
    assert _is_in(emils)
    assert _is_in(emils_visit)
    mine, closed = _devices(house, sara)
    assert (mine.ended_at, closed.ended_by) == (None, EndedBy.CITIZEN)
    with house.runtime.database.read() as session:
        ended = session.scalars(sa.select(AuditEntry.object_id).filter_by(action="app.device_ended")).all()
    assert ended == [closed.id]


def test_once_more_closes_nothing_more(house: House, sara: uuid.UUID) -> None:
    here, _lost = house.phone(sara), house.phone(sara)
    _close_others(here)
    before = house.everything()
    _close_others(here)
    after = house.everything()

    assert {table for table in before if before[table] != after[table]} == {"audit_entries"}
    assert len(after["audit_entries"]) - len(before["audit_entries"]) == 1


@pytest.mark.parametrize("opened", [Opened.MITID, Opened.CODE])
def test_a_visit_that_lies_above_a_phone_keeps_that_phone(house: House, sara: uuid.UUID, opened: Opened) -> None:
    phone, lost = house.phone(sara), house.phone(sara)
    above = _put_beneath(house, phone, sara, opened)
    shown = above.get(DEVICES).text
    assert shown.count("Denne telefon</span>") == 1
    _close_others(above)

    assert [_is_in(each) for each in (above, phone, lost)] == [True, True, False]
    assert [device.ended_at is None for device in _devices(house, sara)] == [True, False]


def test_a_visit_on_no_phone_of_hers_closes_them_all(house: House, sara: uuid.UUID) -> None:
    lost, visit = house.phone(sara), house.phone(sara, opened=Opened.MITID)
    _close_others(visit)

    assert [_is_in(each) for each in (visit, lost)] == [True, False]


def test_closing_the_phone_in_her_hand_ends_the_visit_above_it_too(house: House, sara: uuid.UUID) -> None:
    above = _put_beneath(house, house.phone(sara), sara, Opened.MITID)
    (mine,) = _devices(house, sara)
    answer = above.post(f"{DEVICES}/{mine.id}/end", data={"csrf_token": csrf_token(above, DEVICES)})

    assert answer.location == "/app/login"
    assert not _is_in(above)


def test_with_one_phone_there_is_nothing_else_to_close(house: House, clock: FixedClock, sara: uuid.UUID) -> None:
    here, _visit = house.phone(sara), house.phone(sara, opened=Opened.CODE)
    clock.moment += VISIT.idle

    assert CLOSE_OTHERS not in here.get(DEVICES).text
