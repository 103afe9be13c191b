"""A team leader knows who waits in her unit, and opens content only for a reason that is kept."""

import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.conversations.models import Conversation
from messaging.people.models import Role, StatedReason
from messaging.vault.place import Place
from tests.house import House, csrf_token

REASON = "Mette er syg i dag, og Sara har møde kl. 10"
WORDS = "Jeg kommer for sent"


@pytest.fixture
def citizen_id(house: House) -> uuid.UUID:
    """A citizen of the unit, who has written."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears(WORDS)
    house.caseworker("lead", name="Lone Leder", role=Role.TEAM_LEADER)
    return citizen_id


def _state(client: FlaskClient, citizen_id: uuid.UUID, *, reason: str = REASON, **more: str) -> TestResponse:
    page = f"/citizens/{citizen_id}/reason"
    return client.post(page, data={"reason": reason, "csrf_token": csrf_token(client, page), **more})


def test_she_sees_who_waits_and_no_content(house: House, citizen_id: uuid.UUID) -> None:
    client = house.browser("lead")
    pages = [client.get(path) for path in ("/conversations", "/citizens", "/triage", "/meetings")]

    assert f"/conversations/{citizen_id}" in pages[0].text
    assert {page.status_code for page in pages} == {200}
    assert not any(WORDS in page.text for page in pages)


def test_opening_a_thread_leads_to_the_question_why(house: House, citizen_id: uuid.UUID) -> None:
    client = house.browser("lead")
    answer = client.get(f"/conversations/{citizen_id}")
    asked = client.get(answer.location)

    assert answer.status_code == 303
    assert WORDS not in answer.text
    assert "Hvorfor åbner du samtalen?" in asked.text
    assert f'name="next" value="/conversations/{citizen_id}"' in asked.text
    assert WORDS not in asked.text


def test_a_stated_reason_opens_this_thread_and_no_other(house: House, citizen_id: uuid.UUID) -> None:
    other = house.citizen(caseworker=house.caseworker("hol"), number="+4529390626")
    client = house.browser("lead")
    answer = _state(client, citizen_id, next=f"/conversations/{citizen_id}")
    opened = client.get(answer.location)

    assert (answer.status_code, opened.status_code) == (303, 200)
    assert WORDS in opened.text
    assert client.get(f"/conversations/{other}").status_code == 303


def test_the_reason_is_sealed_and_the_opening_audited(house: House, citizen_id: uuid.UUID) -> None:
    """A3."""
    _state(house.browser("lead"), citizen_id)
    with house.runtime.database.read() as session:
        row = session.scalars(sa.select(StatedReason)).one()
        entry = session.scalars(sa.select(AuditEntry).filter_by(action="content.opened_for_reason")).one()
    place = Place("stated_reasons", "reason", row.id)

    assert (entry.actor_id, entry.object_id) == (row.caseworker_id, citizen_id)
    assert house.runtime.vault.open(row.reason, owner=citizen_id, place=place) == REASON
    assert REASON not in repr(house.everything())


def test_a_reason_holds_for_an_hour(house: House, citizen_id: uuid.UUID) -> None:
    client = house.browser("lead")
    _state(client, citizen_id)
    house.runtime.clock.advance(minutes=59)
    assert client.get(f"/conversations/{citizen_id}").status_code == 200
    house.runtime.clock.advance(minutes=1)

    assert client.get(f"/conversations/{citizen_id}").status_code == 303


def test_a_reason_ends_with_the_session(house: House, citizen_id: uuid.UUID) -> None:
    _state(house.browser("lead"), citizen_id)
    house.runtime.clock.advance(minutes=1)

    assert house.browser("lead").get(f"/conversations/{citizen_id}").status_code == 303


@pytest.mark.parametrize("reason", ["", "   ", "fordi", "x" * 501])
def test_a_reason_that_says_nothing_opens_nothing(house: House, citizen_id: uuid.UUID, reason: str) -> None:
    client = house.browser("lead")

    assert _state(client, citizen_id, reason=reason).status_code == 422
    assert client.get(f"/conversations/{citizen_id}").status_code == 303


def test_what_she_reads_stays_unread_to_its_caseworker(house: House, citizen_id: uuid.UUID) -> None:
    client = house.browser("lead")
    _state(client, citizen_id)
    client.get(f"/conversations/{citizen_id}")
    with house.runtime.database.read() as session:
        assert session.get_one(Conversation, citizen_id).unread == 1


def test_no_reason_opens_another_units_citizen(house: House, citizen_id: uuid.UUID) -> None:
    """S3."""
    foreign = house.citizen(caseworker=house.caseworker("far", unit="Team B"), number="+4529390626")
    client = house.browser("lead")
    form = {"reason": REASON, "csrf_token": csrf_token(client, f"/citizens/{citizen_id}/reason")}

    assert client.get(f"/citizens/{foreign}/reason").status_code == 404
    assert client.post(f"/citizens/{foreign}/reason", data=form).status_code == 404
    assert client.get(f"/conversations/{foreign}").status_code == 404


def test_nobody_else_is_asked(house: House, citizen_id: uuid.UUID) -> None:
    assert house.browser("mho").get(f"/citizens/{citizen_id}/reason").status_code == 404
