"""What citizens read of a meeting in the app: one superuser writes it, another approves, caseworkers see it too."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.appointments.composing import Composer
from messaging.appointments.guidance_models import MeetingGuidance
from messaging.appointments.meeting_texts import load_guidance, translated
from messaging.appointments.models import Appointment
from messaging.appointments.own_meetings import OwnMeeting, coming_meetings
from messaging.appointments.seeding import seed
from messaging.audit.models import AuditEntry
from messaging.conversations.office import Office
from messaging.conversations.readability import EASY_BELOW, read
from messaging.database.base import new_id
from tests.house import House, csrf_token

PAGE = "/administration/meeting-words"
GUIDANCE = "/administration/meeting-guidance"
NAME = "Ungecenteret, Sydhavnen"
WAY = "Gå ind i gården, og ring på ved den gule dør."


def post(client: FlaskClient, path: str = GUIDANCE, **form: str) -> TestResponse:
    return client.post(path, data={"csrf_token": csrf_token(client, PAGE), "draft_id": str(new_id()), **form})


def write(client: FlaskClient, *, kind: str, name: str, text: str) -> str:
    """Write a text; return the path of its draft."""
    draft_id = str(new_id())
    assert post(client, draft_id=draft_id, kind=kind, name=name, text=text).status_code == 303
    return f"{GUIDANCE}/{draft_id}"


def card(house: House, meeting: Appointment, language: str = "da") -> OwnMeeting:
    """The meeting as its citizen sees it."""
    runtime = house.runtime
    with runtime.database.read() as session:
        (only,) = coming_meetings(
            session, runtime.vault, citizen_id=meeting.citizen_id, now=runtime.clock.now(), language=language
        )
    return only


def reminder(house: House, meeting: Appointment) -> str:
    office = Office.from_config(house.runtime.config)
    with house.runtime.database.read() as session:
        composer = Composer(session, house.runtime.vault, [meeting], now=house.runtime.clock.now(), office=office)
        return composer.compose("M1", meeting, shared=True).text


def test_text_shows_only_when_another_superuser_has_approved_it(
    house: House, meeting: Appointment, writer: FlaskClient, signer: FlaskClient
) -> None:
    draft = write(writer, kind="directions", name=NAME, text=WAY)
    own = post(writer, f"{draft}/approve")
    waiting = card(house, meeting).directions
    others = post(signer, f"{draft}/approve")

    assert (own.status_code, others.status_code) == (409, 303)
    assert waiting is None
    shown = card(house, meeting).directions
    assert shown is not None
    assert shown.text == WAY


def test_type_with_words_of_its_own_is_told_those_and_every_other_type_the_general_ones(
    house: House, meeting: Appointment, writer: FlaskClient, signer: FlaskClient
) -> None:
    before = card(house, meeting).bring
    general = write(writer, kind="bring", name="", text="Tag dig selv med.")
    post(signer, f"{general}/approve")
    still = card(house, meeting).bring
    own = write(writer, kind="bring", name=meeting.meeting_type, text="Tag dine sko med.")
    post(signer, f"{own}/approve")

    assert before == still
    after = card(house, meeting).bring
    assert after is not None
    assert after.text == "Tag dine sko med."


def test_caseworker_reads_beside_the_thread_what_the_citizen_reads(
    house: House, meeting: Appointment, writer: FlaskClient, signer: FlaskClient
) -> None:
    draft = write(writer, kind="directions", name=NAME, text=WAY)
    post(signer, f"{draft}/approve")

    page = house.browser("mho").get(f"/conversations/{meeting.citizen_id}").text

    assert "Det læser borgeren om mødet i appen" in page
    assert WAY in page
    assert "Tag dit cv med" in page


def test_reminder_says_none_of_it(house: House, meeting: Appointment, writer: FlaskClient, signer: FlaskClient) -> None:
    before = reminder(house, meeting)
    draft = write(writer, kind="directions", name=NAME, text=WAY)
    post(signer, f"{draft}/approve")

    assert reminder(house, meeting) == before


@pytest.mark.parametrize("text", ["", "x" * 301, "Se www.a.dk", "Sig 0101994000"])
def test_text_that_may_not_be_read_without_a_login_is_refused_and_keeps_standing_in_the_form(
    writer: FlaskClient, text: str
) -> None:
    answer = post(writer, kind="bring", name="", text=text)

    assert answer.status_code == 422
    assert "Skriv højst 300 tegn" in answer.text
    assert f"{text}</textarea>" in answer.text


@pytest.mark.parametrize(("kind", "name"), [("directions", " "), ("form", "hest"), ("bring", "x" * 201)])
def test_text_of_something_there_is_not_is_refused(writer: FlaskClient, kind: str, name: str) -> None:
    assert post(writer, kind=kind, name=name, text="Kom.").status_code == 422


def test_kind_there_is_not_is_refused(writer: FlaskClient) -> None:
    assert post(writer, kind="weather", name="", text="Kom.").status_code == 422


def test_decided_twice_or_sent_twice_it_is_one_draft_and_one_decision(
    house: House, writer: FlaskClient, signer: FlaskClient
) -> None:
    draft = write(writer, kind="form", name="phone", text="Vi ringer.")
    post(writer, draft_id=draft.rsplit("/", 1)[1], kind="form", name="phone", text="Vi ringer.")
    waits = signer.get(PAGE).text
    answers = [post(signer, f"{draft}/{what}").status_code for what in ("approve", "approve", "withdraw")]
    with house.runtime.database.read() as session:
        done = session.scalars(
            sa.select(AuditEntry.action).where(AuditEntry.action.like("meeting_guidance.%")).order_by(AuditEntry.action)
        ).all()
        phone = session.scalars(sa.select(MeetingGuidance).filter_by(kind="form", name="phone", valid_to=None)).all()

    assert "Godt at vide, når mødet er … Telefon:" in waits
    assert answers == [303, 409, 409]
    assert done == ["meeting_guidance.approved", "meeting_guidance.drafted"]
    assert [(row.text, row.approved_by) for row in phone] == [("Vi ringer.", "super2")]


def test_withdrawn_text_waits_no_more_and_is_never_read(
    house: House, meeting: Appointment, writer: FlaskClient
) -> None:
    draft = write(writer, kind="directions", name=NAME, text=WAY)

    post(writer, f"{draft}/withdraw")

    assert WAY not in writer.get(PAGE).text
    assert card(house, meeting).directions is None


def test_seeding_again_leaves_what_was_approved_meanwhile(
    house: House, meeting: Appointment, writer: FlaskClient, signer: FlaskClient
) -> None:
    draft = write(writer, kind="bring", name=meeting.meeting_type, text="Tag dine sko med.")
    post(signer, f"{draft}/approve")
    with house.runtime.database.write() as session:
        seed(session)

    shown = card(house, meeting).bring
    assert shown is not None
    assert shown.text == "Tag dine sko med."


def test_words_without_a_translation_stand_in_danish_and_say_so(
    house: House, meeting: Appointment, writer: FlaskClient, signer: FlaskClient
) -> None:
    draft = write(writer, kind="directions", name=NAME, text=WAY)
    post(signer, f"{draft}/approve")

    english = card(house, meeting, language="en")

    assert english.directions is not None
    assert english.bring is not None
    assert (english.directions.text, english.directions.language) == (WAY, "da")
    assert (english.bring.text[:5], english.bring.language) == ("Bring", "en")


@pytest.mark.parametrize("text", [guidance.text for guidance in load_guidance()])
def test_shipped_text_is_easy_to_read_and_is_there_in_english(text: str) -> None:
    measured = read(text)

    assert measured is not None
    assert measured.lix < EASY_BELOW
    assert translated(text, language="en") is not None
