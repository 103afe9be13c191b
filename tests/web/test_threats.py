"""A threat: folded in its thread, told to the leader without its words, journaled, and no end of the conversation."""

import re
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.conversations.models import Conversation, Direction, Message
from messaging.conversations.states import Waiting
from messaging.conversations.threat_models import Threat
from messaging.journal.models import JournalEvent
from messaging.people.models import Role
from tests.house import House, csrf_token

WORDS = "Jeg ved hvor du bor"
NOTE = "Skrev det efter mødet om sanktionen"
FOLDED = re.compile(r'<details class="threat" .*?</details>', re.DOTALL)


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen who has written; there is a leader of her unit, and one of another."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.caseworker("lead", name="Lone Leder", role=Role.TEAM_LEADER)
    house.caseworker("far", name="Fie Fjern", role=Role.TEAM_LEADER, unit="Team B")
    house.hears(WORDS)
    return citizen_id


def _rows(house: House, table: Any, **chosen: Any) -> list[Any]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(table).filter_by(**chosen)))


def _mark(house: House, client: FlaskClient, sara: uuid.UUID, *, note: str = NOTE) -> TestResponse:
    thread = f"/conversations/{sara}"
    received = _rows(house, Message, direction=Direction.IN)[0].id
    form = {"note": note, "csrf_token": csrf_token(client, thread)}
    return client.post(f"{thread}/received/{received}/threat", data=form)


def _take_back(house: House, client: FlaskClient, sara: uuid.UUID, *, why: str) -> TestResponse:
    thread, threat = f"/conversations/{sara}", _rows(house, Threat)[0].id
    form = {"why": why, "csrf_token": csrf_token(client, thread)}
    return client.post(f"{thread}/threats/{threat}/take-back", data=form)


def test_a_marked_message_is_folded_and_says_who_marked_it(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")
    _mark(house, client, sara)
    page = client.get(f"/conversations/{sara}").text

    assert "Markeret som trussel af Mette Holm" in page
    assert WORDS in FOLDED.findall(page)[0]
    assert WORDS not in FOLDED.sub("", page)


def test_the_thread_stays_open_and_answerable(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")
    _mark(house, client, sara)

    assert _rows(house, Conversation)[0].waiting is Waiting.FOR_US
    assert f'action="/conversations/{sara}/messages' in client.get(f"/conversations/{sara}").text


def test_it_is_journaled_audited_and_kept_unreadable(house: House, sara: uuid.UUID) -> None:
    """A3."""
    _mark(house, house.browser("mho"), sara)
    message = _rows(house, Message)[0]

    assert [event.subject_id for event in _rows(house, JournalEvent, type="threat.marked")] == [message.id]
    assert [entry.object_id for entry in _rows(house, AuditEntry, action="threat.marked")] == [message.id]
    assert NOTE not in repr(house.everything())


def test_the_leader_of_the_unit_is_told_without_a_word_of_it(house: House, sara: uuid.UUID) -> None:
    _mark(house, house.browser("mho"), sara)
    page = house.browser("lead").get("/incidents").text

    assert "Sara Nielsen" in page
    assert "Jeg har set den" in page
    assert WORDS not in page
    assert NOTE not in page


def test_she_opens_it_for_a_stated_reason_only(house: House, sara: uuid.UUID) -> None:
    _mark(house, house.browser("mho"), sara)

    assert "/reason" in house.browser("lead").get(f"/conversations/{sara}").location


def test_a_leader_of_another_unit_sees_none(house: House, sara: uuid.UUID) -> None:
    """S3."""
    _mark(house, house.browser("mho"), sara)

    assert "Ingen hændelser" in house.browser("far").get("/incidents").text


def test_an_incident_she_has_taken_notice_of_counts_no_more(house: House, sara: uuid.UUID) -> None:
    _mark(house, house.browser("mho"), sara)
    client, threat = house.browser("lead"), _rows(house, Threat)[0].id
    form = {"csrf_token": csrf_token(client, "/incidents")}
    client.post(f"/incidents/{threat}/noticed", data=form)
    page = client.get("/incidents").text

    assert "Jeg har set den" not in page
    assert "Lone Leder" in page
    assert len(_rows(house, AuditEntry, action="threat.noticed")) == 1


def test_a_message_is_marked_once_however_often_the_form_is_sent(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")

    assert [_mark(house, client, sara).status_code for _ in range(2)] == [303, 303]
    assert len(_rows(house, Threat)) == len(_rows(house, JournalEvent, type="threat.marked")) == 1


def test_another_note_on_a_marked_message_is_refused_and_comes_back_as_an_internal_note(
    house: House, sara: uuid.UUID
) -> None:
    client, other = house.browser("mho"), "Ringede også og råbte"
    _mark(house, client, sara)
    answer = _mark(house, client, sara, note=other)

    assert answer.status_code == 409
    assert "Beskeden er markeret som trussel i forvejen." in answer.text
    assert f">{other}</textarea>" in answer.text
    assert len(_rows(house, Threat)) == 1


@pytest.mark.parametrize("note", ["", "  ", "x" * 2001])
def test_a_mark_without_saying_what_happened_is_not_kept(house: House, sara: uuid.UUID, note: str) -> None:
    answer = _mark(house, house.browser("mho"), sara, note=note)

    assert answer.status_code == 422
    assert "Ikke markeret." in answer.text
    assert _rows(house, Threat) == []


def test_a_mark_is_taken_back_with_a_reason_and_the_text_unfolds(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")
    _mark(house, client, sara)
    refused = _take_back(house, client, sara, why="")
    taken_back = _take_back(house, client, sara, why="Hun mente noget andet")
    page = client.get(f"/conversations/{sara}").text

    assert (refused.status_code, taken_back.status_code) == (422, 303)
    assert FOLDED.findall(page) == []
    assert WORDS in page
    assert len(_rows(house, JournalEvent, type="threat.taken_back")) == 1


def test_a_message_may_be_marked_anew(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")
    _mark(house, client, sara)
    _take_back(house, client, sara, why="Hun mente noget andet")
    _mark(house, client, sara)

    assert [threat.taken_back_at is None for threat in _rows(house, Threat)] == [False, True]


def test_what_we_wrote_is_no_threat(house: House, sara: uuid.UUID) -> None:
    client, thread = house.browser("mho"), f"/conversations/{sara}"
    token = csrf_token(client, thread)
    reply = {"message_id": str(uuid.uuid4()), "text": "Hej", "seen": "1", "csrf_token": token}
    client.post(f"{thread}/messages", data=reply)
    ours = _rows(house, Message, direction=Direction.OUT)[0].id
    answer = client.post(f"{thread}/received/{ours}/threat", data={"note": NOTE, "csrf_token": token})

    assert answer.status_code == 404
