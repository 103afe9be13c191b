"""Words for places and meeting types: what is missing is seen, one writes, another approves, and reminders use them."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.appointments.composing import Composer
from messaging.appointments.models import Appointment, MeetingText, Place
from messaging.audit.models import AuditEntry
from messaging.conversations.office import Office
from messaging.database.base import new_id
from tests.house import House, csrf_token

PAGE = "/administration/meeting-words"
NAME = "Ungecenteret, Sydhavnen"
"""Where the house's meetings are, a place the service does not bring words for."""


def post(client: FlaskClient, path: str = PAGE, **form: str) -> TestResponse:
    return client.post(path, data={"csrf_token": csrf_token(client, PAGE), "draft_id": str(new_id()), **form})


def place(client: FlaskClient, words: str = "Sydhavnsgade 1", **more: str) -> str:
    """Write words for the place; return the path of their draft."""
    draft_id = str(new_id())
    post(client, draft_id=draft_id, kind="place", name=NAME, words=words, **more)
    return f"{PAGE}/{draft_id}"


def reminder(house: House, meeting: Appointment) -> str:
    office = Office.from_config(house.runtime.config)
    with house.runtime.database.read() as session:
        composer = Composer(session, house.runtime.vault, [meeting], now=house.runtime.clock.now(), office=office)
        return composer.compose("M1", meeting, shared=False).text


def test_place_of_a_coming_meeting_without_words_is_shown_with_the_next_step(writer: FlaskClient) -> None:
    page = writer.get(PAGE).text

    assert "Mangler ord" in page
    assert "1 kommende møde. Påmindelsen nævner hverken sted eller formål." in page
    assert "Skriv ord for stedet" in page
    assert "1 sted mangler ord" in writer.get("/administration").text


def test_words_leave_only_when_another_superuser_has_approved_them(
    house: House, meeting: Appointment, writer: FlaskClient, signer: FlaskClient
) -> None:
    draft = place(writer)
    own = post(writer, f"{draft}/approve")
    waiting = reminder(house, meeting)
    others = post(signer, f"{draft}/approve")

    assert (own.status_code, others.status_code) == (409, 303)
    assert "Sydhavnsgade 1" not in waiting
    assert "Sydhavnsgade 1" in reminder(house, meeting)
    assert "Mangler ord" not in signer.get(PAGE).text


def test_purpose_of_a_type_takes_the_place_of_the_one_before(
    house: House, meeting: Appointment, writer: FlaskClient, signer: FlaskClient
) -> None:
    post(signer, f"{place(writer)}/approve")
    draft_id = str(new_id())
    about = {"name": meeting.meeting_type, "words": "dit første job", "next_step": "vejen dertil"}
    post(writer, draft_id=draft_id, kind="meeting_type", **about)
    post(signer, f"{PAGE}/{draft_id}/approve")
    with house.runtime.database.read() as session:
        valid = sa.select(MeetingText).filter_by(meeting_type=meeting.meeting_type, valid_to=None)

        assert session.scalars(valid).one().purpose == "dit første job"
    assert "Vi taler om dit første job og vejen dertil" in reminder(house, meeting)


@pytest.mark.parametrize("words", ["", "x" * 61, "Se www.a.dk", "0101994000", "Lokale {place}"])
def test_words_that_may_not_stand_in_an_sms_are_refused_and_keep_standing_in_the_form(
    writer: FlaskClient, words: str
) -> None:
    answer = post(writer, kind="place", name=NAME, words=words)

    assert answer.status_code == 422
    assert "Skriv højst 60 tegn" in answer.text
    assert f'value="{words}"' in answer.text


def test_decided_twice_or_sent_twice_it_is_one_draft_and_one_decision(
    house: House, writer: FlaskClient, signer: FlaskClient
) -> None:
    draft = place(writer)
    post(writer, draft_id=draft.rsplit("/", 1)[1], kind="place", name=NAME, words="Sydhavnsgade 1")
    answers = [post(signer, f"{draft}/{what}").status_code for what in ("approve", "approve", "withdraw")]
    with house.runtime.database.read() as session:
        done = session.scalars(
            sa.select(AuditEntry.action).where(AuditEntry.action.like("meeting_words.%")).order_by(AuditEntry.action)
        ).all()

        assert session.get_one(Place, NAME).approved_by == "super2"
    assert answers == [303, 409, 409]
    assert done == ["meeting_words.approved", "meeting_words.drafted"]
