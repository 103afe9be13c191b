"""What a thread tells beside the words: which approved text and reminder they came from, and where the page lives."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from messaging.appointments.models import Appointment, MeetingText, Reminder
from messaging.appointments.seeding import seed
from messaging.appointments.states import ReminderState
from messaging.conversations.models import Author, Message
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from tests.house import House, csrf_token

ADDRESS = re.compile(r'data-address="([^"]*)"')


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    """A citizen of the caseworker `mho`."""
    return house.citizen(caseworker=mette)


def _page(house: House, sara: uuid.UUID) -> str:
    return house.browser("mho").get(f"/conversations/{sara}").text


def _remind(house: House, sara: uuid.UUID, appointment: Appointment) -> None:
    """Send what an approved text says three days before the meeting."""
    with house.runtime.act(SYSTEM) as act:
        template = "M1/in_person/da/2"
        text = send_message(act, citizen_id=sara, text="Vi ses", author=Author.SYSTEM, template=template)
        of_step = sa.update(Reminder).filter_by(appointment_id=appointment.id, step="3_days")
        act.session.execute(of_step.values(state=ReminderState.SENT, decided_at=act.now, message_id=text.id))


def test_a_message_names_the_approved_text_and_the_meeting_it_reminded_of(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    _remind(house, sara, house.appointment(sara, mette))
    page = _page(house, sara)

    assert "Påmindelse tre dage før, version 2" in page
    assert re.search(r"Påmindelse 3 dage før mødet \w+ \d+\. \w+ kl\. \d\d\.\d\d\.", page)


def test_a_reminder_of_a_meeting_that_changed_says_so(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    appointment = house.appointment(sara, mette)
    _remind(house, sara, appointment)
    with house.runtime.database.write() as session:
        session.execute(sa.update(Appointment).values(revision=2))

    assert "Påmindelse 3 dage før mødet, som siden er ændret." in _page(house, sara)


def test_a_coming_meeting_says_what_it_is_for_as_approved_for_its_time(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    appointment = house.appointment(sara, mette)
    with house.runtime.database.write() as session:
        seed(session)
        later = {"valid_from": appointment.starts_at + timedelta(hours=1), "approved_by": "Ane", "next_step": "senere"}
        session.add(MeetingText(meeting_type=appointment.meeting_type, purpose="noget andet", **later))
        then = {"valid_from": appointment.starts_at - timedelta(hours=1), "approved_by": "Ane", "next_step": "en plan"}
        session.add(MeetingText(meeting_type=appointment.meeting_type, purpose="dit cv", **then))
    page = _page(house, sara)

    assert "Formål: dit cv" in page
    assert "Næste skridt: en plan" in page
    assert "noget andet" not in page


def test_a_meeting_of_a_type_without_words_has_the_neutral_ones(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    house.appointment(sara, mette)
    with house.runtime.database.write() as session:
        seed(session)
        session.execute(sa.update(Appointment).values(meeting_type="Ukendt slags"))

    assert "Formål: din plan" in _page(house, sara)


def test_the_head_leads_to_the_card_and_says_when_we_last_had_contact(house: House, sara: uuid.UUID) -> None:
    none_yet = _page(house, sara)
    with house.runtime.act(SYSTEM) as act:
        message = send_message(act, citizen_id=sara, text="Hej", author=Author.CASEWORKER)
        at = act.now - timedelta(days=1)
        act.session.execute(
            sa.update(Message).filter_by(id=message.id).values(state=MessageState.DELIVERED, state_since=at)
        )
    page = _page(house, sara)

    assert "endnu ingen kontakt på sms" in none_yet
    assert "sidst kontakt på sms i går" in page
    assert f'<a class="to-card" href="/citizens/{sara}">Borgerkort</a>' in page


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("received/{message}/threat", {"note": ""}, 422),
        ("notes", {"note": "", "note_id": "0190a5a0-0000-7000-8000-000000000000"}, 422),
        ("settle", {"seen": "0"}, 409),
    ],
)
def test_a_page_that_answers_a_form_says_where_it_can_be_asked_for(
    house: House, sara: uuid.UUID, path: str, form: dict[str, Any], status: int
) -> None:
    house.hears("Mit nummer er 010199-1234")
    with house.runtime.database.read() as session:
        message_id = session.scalars(sa.select(Message.id)).one()
    client, thread = house.browser("mho"), f"/conversations/{sara}"
    form = form | {"csrf_token": csrf_token(client, thread)}
    answer = client.post(f"{thread}/{path.format(message=message_id)}", data=form)
    address = ADDRESS.findall(answer.text)[0]

    assert answer.status_code == status
    assert address == thread
    assert client.get(address).status_code == 200
