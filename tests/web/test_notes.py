"""Notes beside the messages: kept, journaled, never sent; and calls that settle what waits and say who comes."""

import re
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from messaging.appointments.models import Appointment, Outcome
from messaging.appointments.states import AppointmentState, OutcomeWord
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Conversation, Direction, Message
from messaging.conversations.note_models import Note, NoteKind
from messaging.conversations.states import Waiting
from messaging.journal.models import JournalEvent
from tests.house import House, csrf_token

TEXT = "Ringede om cv'et; <b>træffes</b> bedst efter kl. 12"


def _note(client: FlaskClient, sara: uuid.UUID, *, note_id: uuid.UUID | None = None, text: str = TEXT) -> int:
    thread = f"/conversations/{sara}"
    form = {"note_id": str(note_id or uuid.uuid4()), "note": text, "csrf_token": csrf_token(client, thread)}
    return client.post(f"{thread}/notes", data=form).status_code


def _contact(client: FlaskClient, sara: uuid.UUID, **form: Any) -> int:
    page = f"/citizens/{sara}/contacts/new"
    whole = {"note_id": str(uuid.uuid4()), "kind": "call_out", "text": TEXT, "csrf_token": csrf_token(client, page)}
    return client.post(f"/citizens/{sara}/contacts", data=whole | form).status_code


def _rows(house: House, table: Any, **chosen: Any) -> list[Any]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(table).filter_by(**chosen)))


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hvornår er mødet?")
    return citizen_id


def test_an_internal_note_stands_among_the_messages_and_is_sent_to_nobody(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")

    assert _note(client, sara) == 303
    page = client.get(f"/conversations/{sara}").text
    assert "Ringede om cv&#39;et; &lt;b&gt;træffes&lt;/b&gt;" in page
    assert "Ikke sendt til borgeren" in page
    assert _rows(house, Message, direction=Direction.OUT) == []
    assert _rows(house, Conversation)[0].waiting is Waiting.FOR_US


def test_a_note_is_journaled_with_its_words_and_kept_unreadable(house: House, sara: uuid.UUID) -> None:
    _note(house.browser("mho"), sara)
    note, event = _rows(house, Note)[0], _rows(house, JournalEvent, type="note.written")[0]

    assert event.subject_id == note.id
    assert TEXT.encode() not in note.text.blob


def test_the_form_of_a_note_sent_twice_is_one_note(house: House, sara: uuid.UUID) -> None:
    client, note_id = house.browser("mho"), uuid.uuid4()

    assert [_note(client, sara, note_id=note_id) for _ in range(2)] == [303, 303]
    assert len(_rows(house, Note)) == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_a_note_without_text_or_too_long_is_not_kept_and_comes_back(house: House, sara: uuid.UUID, text: str) -> None:
    client = house.browser("mho")

    assert _note(client, sara, text=text) == 422
    assert _rows(house, Note) == []


def test_a_call_in_which_they_spoke_settles_what_waits(house: House, sara: uuid.UUID) -> None:
    assert _contact(house.browser("mho"), sara, reached="yes", settles="yes") == 303
    assert _rows(house, Conversation)[0].waiting is Waiting.SETTLED
    assert [(note.kind, note.reached) for note in _rows(house, Note)] == [(NoteKind.CALL_OUT, True)]


def test_a_call_without_an_answer_settles_nothing(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")

    assert _contact(client, sara, reached="no", settles="yes") == 303
    assert _rows(house, Conversation)[0].waiting is Waiting.FOR_US
    assert "Fik ikke fat i borgeren" in client.get(f"/conversations/{sara}").text


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "internal", "reached": "yes"},
        {"kind": "call_out"},
        {"reached": "yes", "occurred_at": "2099-01-01T10:00"},
        {"reached": "yes", "occurred_at": "i går"},
        {"reached": "yes", "appointment_id": "nej", "said": "comes"},
        {"reached": "yes", "said": "måske", "appointment_id": ""},
    ],
)
def test_a_call_that_does_not_fit_is_not_kept_and_the_page_says_why(
    house: House, sara: uuid.UUID, form: dict[str, str]
) -> None:
    assert _contact(house.browser("mho"), sara, **form) == 422
    assert _rows(house, Note) == []


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("comes", AppointmentState.CONFIRMED),
        ("new_time", AppointmentState.NEW_TIME_ASKED),
        ("notice", AppointmentState.CANCELLED_BY_CITIZEN),
    ],
)
def test_what_was_said_of_a_meeting_is_recorded_with_the_call(
    house: House, sara: uuid.UUID, said: str, state: AppointmentState
) -> None:
    meeting = house.appointment(sara, house.caseworker())
    form = {"reached": "yes", "appointment_id": str(meeting.id), "said": said}

    assert _contact(house.browser("mho"), sara, **form) == 303
    assert _rows(house, Appointment)[0].state is state
    outcomes = [row.outcome for row in _rows(house, Outcome)]
    assert outcomes == ([OutcomeWord.CANCELLED_BY_CITIZEN] if said == "notice" else [])


def test_nothing_is_said_by_who_was_not_reached(house: House, sara: uuid.UUID) -> None:
    meeting = house.appointment(sara, house.caseworker())
    form = {"reached": "no", "appointment_id": str(meeting.id), "said": "notice"}

    assert _contact(house.browser("mho"), sara, **form) == 422
    assert _rows(house, Note) == []
    assert _rows(house, Appointment)[0].state is AppointmentState.BOOKED


def test_a_meeting_of_another_citizen_is_none_of_this_one(house: House, sara: uuid.UUID) -> None:
    mette = house.caseworker()
    other = house.citizen(caseworker=mette, number="+4529390627")
    meeting = house.appointment(other, mette)
    form = {"reached": "yes", "appointment_id": str(meeting.id), "said": "notice"}

    assert _contact(house.browser("mho"), sara, **form) == 404
    assert _rows(house, Note) == []


def test_markers_stand_between_the_messages_of_their_time(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")
    house.hears("STOP")
    house.hears("START")
    page = client.get(f"/conversations/{sara}").text

    assert re.findall(r"Borgeren (frameldte sms|vil have sms igen)", page) == ["frameldte sms", "vil have sms igen"]


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ({"kind": "call_out", "reached": "yes"}, "(vi ringede)"),
        ({"kind": "visit", "reached": "yes"}, "(besøg)"),
        ({"kind": "call_out", "reached": "no"}, None),
    ],
)
def test_a_call_or_visit_that_reached_her_counts_as_the_last_contact(
    house: House, sara: uuid.UUID, contact: dict[str, str], told: str | None
) -> None:
    client = house.browser("mho")
    house.runtime.clock.advance(minutes=5)
    _contact(client, sara, **contact)
    page = client.get(f"/conversations/{sara}").text

    assert ("Sidst talt sammen" in page) is ("sidst kontakt på sms" not in page) is (told is not None)
    assert told is None or told in page


CPR = "010199-1234"


def test_a_personal_number_in_a_note_is_hidden_until_somebody_asks_and_that_is_audited(
    house: House, sara: uuid.UUID
) -> None:
    """A3."""
    client, thread = house.browser("mho"), f"/conversations/{sara}"
    _note(client, sara, text=f"Hendes søn har {CPR}")
    hidden, note = client.get(thread).text, _rows(house, Note)[0]
    form = {"csrf_token": csrf_token(client, thread)}
    answer = client.post(f"{thread}/notes/{note.id}/number", data=form)
    shown, again = client.get(thread).text, client.get(thread).text

    assert CPR not in hidden
    assert "Vis nummeret" in hidden
    assert (answer.status_code, CPR in answer.location) == (303, False)
    assert CPR in shown
    assert CPR not in again
    assert [entry.object_id for entry in _rows(house, AuditEntry, action="note.number_shown")] == [note.id]


def test_a_note_on_another_citizen_is_not_shown_by_way_of_ones_own(house: House, sara: uuid.UUID) -> None:
    """S3."""
    jonas = house.citizen(caseworker=house.caseworker("jon", name="Jonas"), number="+4529390626")
    _note(house.browser("jon"), jonas, text=f"Han har {CPR}")
    client, thread = house.browser("mho"), f"/conversations/{sara}"
    form = {"csrf_token": csrf_token(client, thread)}
    answer = client.post(f"{thread}/notes/{_rows(house, Note)[0].id}/number", data=form)

    assert answer.status_code == 404
    assert CPR not in answer.text
