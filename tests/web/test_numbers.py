"""The numbers of a citizen beside her thread, and what a human decides about each."""

import re
import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.people import registering, wishes
from messaging.people.actors import SYSTEM
from messaging.people.models import ContactPoint, PauseReason, PhoneNumber, Standing
from messaging.people.reaching import reach
from messaging.people.wording import ANOTHERS, PAUSES, STANDINGS
from tests.house import House, csrf_token

OTHER = "+4529390626"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen with a number in use and another that an import named."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    with house.runtime.act(SYSTEM) as act:
        registering.name_number(act, citizen_id=citizen_id, e164=OTHER, source="fagsystem.csv")
    return citizen_id


def _point(house: House, citizen_id: uuid.UUID, standing: Standing) -> ContactPoint:
    with house.runtime.database.read() as session:
        return session.scalars(sa.select(ContactPoint).filter_by(citizen_id=citizen_id, standing=standing)).one()


def _number(house: House, point: ContactPoint) -> PhoneNumber:
    with house.runtime.database.read() as session:
        return session.get_one(PhoneNumber, point.number_id)


def _decide(client: FlaskClient, point: ContactPoint, what: str, **form: str) -> TestResponse:
    path = f"/citizens/{point.citizen_id}/numbers/{point.id}/{what}"
    return client.post(path, data={"csrf_token": csrf_token(client, "/citizens"), **form})


def _audited(house: House, action: str) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(AuditEntry).filter_by(action=action)) or 0


def test_numbers_are_shown_by_their_last_digits_with_who_proposed_them(house: House, sara: uuid.UUID) -> None:
    page = house.browser("mho").get(f"/conversations/{sara}").text

    assert "Ender på 1921" in page
    assert "Foreslået af fagsystem.csv tirsdag 2. marts kl. 10.00" in page
    assert not re.search("24101921|29390626", page)


def test_a_proposed_number_is_taken_into_use(house: House, sara: uuid.UUID) -> None:
    proposed = _point(house, sara, Standing.PROPOSED)
    answer = _decide(house.browser("mho"), proposed, "accept")

    assert answer.status_code == 303
    assert _point(house, sara, Standing.IN_USE).id == proposed.id
    assert _audited(house, "number.accepted") == 1


def test_a_second_click_on_a_number_in_use_changes_nothing(house: House, sara: uuid.UUID) -> None:
    client, proposed = house.browser("mho"), _point(house, sara, Standing.PROPOSED)
    _decide(client, proposed, "accept")
    answer = _decide(client, proposed, "accept")

    assert answer.status_code == 409
    assert _point(house, sara, Standing.IN_USE).valid_to is None


def test_another_citizens_number_is_taken_into_use_only_once_it_is_marked_as_shared(
    house: House, sara: uuid.UUID
) -> None:
    other = house.citizen(caseworker=house.caseworker(), number=OTHER)
    client, proposed = house.browser("mho"), _point(house, sara, Standing.PROPOSED)
    page = client.get(f"/conversations/{sara}").text
    _decide(client, proposed, "accept")
    said, before = client.get(f"/conversations/{sara}").text, _point(house, sara, Standing.IN_USE)
    _decide(client, proposed, "shared", shared="yes")
    _decide(client, proposed, "accept")

    assert "En anden borger bruger nummeret. Markér det som delt, før du bruger det." in page
    assert str(ANOTHERS) in said
    assert before.id != proposed.id
    assert _point(house, sara, Standing.IN_USE).id == proposed.id
    with house.runtime.database.read() as session:
        assert all(reach(session, citizen_id).shared for citizen_id in (sara, other))


def test_another_system_may_not_take_another_citizens_number_either(house: House, sara: uuid.UUID) -> None:
    house.citizen(caseworker=house.caseworker(), number=OTHER)
    path = f"/api/v1/citizens/{sara}/numbers/{_point(house, sara, Standing.PROPOSED).id}"
    headers = house.key("citizens:write")
    before = house.everything()
    answer = house.app.test_client().post(f"{path}/accept", headers=headers)

    assert (answer.status_code, answer.json["code"]) == (409, "number_in_use")
    assert house.everything() == before


def test_a_paused_number_is_shown_with_its_reason_and_released(house: House, sara: uuid.UUID) -> None:
    client, point = house.browser("mho"), _point(house, sara, Standing.IN_USE)
    with house.runtime.act(SYSTEM) as act:
        wishes.pause_number(act, number_id=point.number_id, reason=PauseReason.WRONG_NUMBER)
    page = client.get(f"/conversations/{sara}").text
    answer = _decide(client, point, "release")

    assert str(PAUSES[PauseReason.WRONG_NUMBER]) in page
    assert answer.status_code == 303
    assert _number(house, point).paused_since is None
    assert _audited(house, "number.released") == 1


def test_a_number_is_marked_as_shared_and_as_her_own_again(house: House, sara: uuid.UUID) -> None:
    client, point = house.browser("mho"), _point(house, sara, Standing.IN_USE)
    _decide(client, point, "shared", shared="yes")
    shared = _number(house, point).shared
    _decide(client, point, "shared", shared="no")

    assert shared
    assert not _number(house, point).shared
    assert _audited(house, "number.shared") == 2


def test_a_number_blocked_at_the_provider_is_shown_with_the_way_back(house: House, sara: uuid.UUID) -> None:
    point = _point(house, sara, Standing.IN_USE)
    with house.runtime.database.write() as session:
        blocked = {"provider_blocked_since": house.runtime.clock.now()}
        session.execute(sa.update(PhoneNumber).filter_by(id=point.number_id).values(blocked))
    page = house.browser("mho").get(f"/conversations/{sara}").text

    assert "siden tirsdag 2. marts kl. 10.00. Borgeren åbner igen ved at sende START til os." in page
    assert "Du kan ikke sende sms nu. Nummeret er spærret hos sms-udbyderen." in page


def test_nobody_decides_about_a_foreign_citizens_number(house: House) -> None:
    """S3, for the routes of this panel: also not by way of one's own citizen."""
    foreign = house.citizen(caseworker=house.caseworker("foreign", unit="Team B"))
    own = house.citizen(caseworker=house.caseworker(), number=OTHER)
    client, point = house.browser("mho"), _point(house, foreign, Standing.IN_USE)
    token = csrf_token(client, "/conversations")
    paths = [f"/citizens/{citizen}/numbers/{point.id}" for citizen in (foreign, own)]
    before = _number(house, point).version
    answers = [
        client.post(f"{path}/{what}", data={"csrf_token": token, "shared": "yes"})
        for path in paths
        for what in ("accept", "release", "shared")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert _number(house, point).version == before


def test_a_number_that_ended_is_nobodys_to_decide_about(house: House, sara: uuid.UUID) -> None:
    client, old = house.browser("mho"), _point(house, sara, Standing.IN_USE)
    _decide(client, _point(house, sara, Standing.PROPOSED), "accept")

    assert _decide(client, old, "shared", shared="yes").status_code == 404


def test_another_system_decides_the_same(house: House, sara: uuid.UUID) -> None:
    client, headers = house.app.test_client(), house.key("citizens:write")
    path = f"/api/v1/citizens/{sara}/numbers/{_point(house, sara, Standing.PROPOSED).id}"
    accepted = client.post(f"{path}/accept", headers=headers)
    again = client.post(f"{path}/accept", headers=headers)
    shared = client.put(f"{path}/shared", headers=headers)
    own = client.delete(f"{path}/shared", headers=headers)
    released = client.post(f"{path}/release", headers=headers)

    assert accepted.json["numbers"][0] | {"number": OTHER, "standing": "in_use"} == accepted.json["numbers"][0]
    assert again.status_code == 409
    assert [answer.json["numbers"][0]["shared"] for answer in (shared, own)] == [True, False]
    assert released.status_code == 200


def test_every_code_of_a_number_has_its_danish_word() -> None:
    assert set(STANDINGS) == set(Standing)
    assert set(PAUSES) == set(PauseReason)
