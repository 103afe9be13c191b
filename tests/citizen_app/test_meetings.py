"""The citizen's meetings in her app: read, answered, put into the calendar, and seen by her caseworker."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from icalendar import Calendar
from werkzeug.test import TestResponse

from messaging.appointments.booking import change_appointment, meeting_of
from messaging.appointments.models import Appointment, Form, Place
from messaging.appointments.own_meetings import token_of
from messaging.appointments.planning import reminder_rules
from messaging.appointments.seeding import seed
from messaging.appointments.states import AppointmentState
from messaging.audit.models import AuditEntry
from messaging.citizen_app.models import Opened
from messaging.clock import FixedClock
from messaging.database.base import new_id
from messaging.people.actors import SYSTEM
from tests.house import House, csrf_token

PAGE = "/app/meetings"


@pytest.fixture
def meeting(house: House) -> Appointment:
    with house.runtime.database.write() as session:
        seed(session)
        session.add(Place(name="Ungecenteret, Sydhavnen", words="Sydhavnsgade 1", approved_by="MHO"))
    mette = house.caseworker()
    return house.appointment(house.citizen(caseworker=mette), mette)


@pytest.fixture
def phone(house: House, meeting: Appointment) -> FlaskClient:
    return house.phone(meeting.citizen_id)


def path_of(house: House, meeting: Appointment) -> str:
    return f"{PAGE}/{token_of(house.runtime.vault, meeting.id)}"


def presses(house: House, phone: FlaskClient, meeting: Appointment, answer: str, **form: str) -> TestResponse:
    form = {"csrf_token": csrf_token(phone, PAGE), "answer_id": str(new_id()), "revision": "1", **form}
    return phone.post(f"{path_of(house, meeting)}/answer", data={"answer": answer, **form})


def state_of(house: House, meeting: Appointment) -> AppointmentState:
    with house.runtime.database.read() as session:
        return session.get_one(Appointment, meeting.id).state


def move(house: House, meeting: Appointment, **other: object) -> None:
    with house.runtime.act(SYSTEM) as act:
        now = meeting_of(act.session.get_one(Appointment, meeting.id))
        changed = type(now)(**{**vars(now), **other})
        rules = reminder_rules(house.runtime.config)
        change_appointment(act, appointment_id=meeting.id, meeting=changed, rules=rules)


def set_state(house: House, state: AppointmentState) -> None:
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Appointment).values(state=state))


@pytest.mark.parametrize("opened", list(Opened))
def test_card_answers_what_she_wonders_by_every_way_in(house: House, meeting: Appointment, opened: Opened) -> None:
    page = house.phone(meeting.citizen_id, opened=opened).get(PAGE).text

    for words in (
        "søndag 7. marts kl. 10.00", "ca. 45 minutter", "med Mette", "Vi taler om dine mål.", "Tag dit cv med",
        "Til sidst taler vi om de næste uger.", "Sydhavnsgade 1", "Jeg kommer", "Jeg vil have en anden tid",
    ):  # fmt: skip
        assert words in page
    assert "Jobsamtale" not in page
    assert str(meeting.id) not in page


def test_reading_meetings_is_noted(house: House, phone: FlaskClient) -> None:
    phone.get(PAGE)
    with house.runtime.database.read() as session:
        actions = session.scalars(sa.select(AuditEntry.action)).all()

    assert "meetings.shown_in_app" in actions


def test_i_come_is_said_back_and_seen_by_the_caseworker(house: House, meeting: Appointment, phone: FlaskClient) -> None:
    answer = presses(house, phone, meeting, "comes")
    after = phone.get(answer.location).text
    desk = house.browser("mho").get(f"/conversations/{meeting.citizen_id}").text

    assert (answer.status_code, state_of(house, meeting)) == (303, AppointmentState.CONFIRMED)
    assert "Tak. Dit svar er sendt." in after
    assert "Du har sagt ja til tiden." in after
    assert 'value="comes"' not in after
    assert "Jeg kommer sø. 7/3 kl. 10.00." in desk
    assert "Bekræftet af borgeren" in desk
    assert "Forstået som: borgeren kommer, fordi borgeren trykkede på knappen i appen." in desk


def test_wish_for_another_time_leads_to_the_thread_where_it_is_acknowledged(
    house: House, meeting: Appointment, phone: FlaskClient
) -> None:
    answer = presses(house, phone, meeting, "new_time", why="Jeg er på arbejde")
    thread = phone.get(answer.location).text
    card = phone.get(PAGE).text
    desk = house.browser("mho").get(f"/conversations/{meeting.citizen_id}").text

    assert answer.location == "/app#newest"
    assert "Jeg er på arbejde" in thread
    assert "Vi finder en ny tid" in thread
    assert "Du har bedt om en anden tid." in card
    assert "Jeg er på arbejde" in desk
    assert "Borgeren vil have en ny tid" in desk


def test_offered_times_are_buttons_and_the_chosen_one_is_a_wish(
    house: House, meeting: Appointment, phone: FlaskClient
) -> None:
    house.frees(meeting, 1, 2)
    asked = presses(house, phone, meeting, "new_time")
    card = phone.get(asked.location).text
    chosen = presses(house, phone, meeting, "new_time", number="5")
    after = phone.get(chosen.location).text

    assert asked.location == chosen.location == PAGE
    assert re.findall(r'name="number" value="(\d)">([^<]+)', card) == [
        ("4", "mandag 8. marts kl. 10.00"),
        ("5", "tirsdag 9. marts kl. 10.00"),
    ]
    assert "Dit valg er sendt." in after
    assert "Du ønsker i stedet tirsdag 9. marts kl. 10.00." in after
    assert re.findall(r'name="number" value="(\d)"', after) == ["4"]
    assert "Jeg vil gerne have tiden ti. 9/3 kl. 10.00." in phone.get("/app").text
    assert "Ønsker i stedet tirsdag 9. marts" in house.browser("mho").get(f"/conversations/{meeting.citizen_id}").text


def test_time_that_is_taken_meanwhile_is_said_to_be_and_the_others_stay(
    house: House, meeting: Appointment, phone: FlaskClient
) -> None:
    house.frees(meeting, 1, 2)
    presses(house, phone, meeting, "new_time")
    house.frees(meeting, 2)
    after = phone.get(presses(house, phone, meeting, "new_time", number="4").location).text

    assert "Tiden er desværre taget." in after
    assert re.findall(r'name="number" value="(\d)"', after) == ["5"]
    assert "Vælg igen: 5=ti. 9/3 10.00." in phone.get("/app").text


@pytest.mark.parametrize(("number", "status"), [("6", 409), ("x", 422)])
def test_time_that_was_not_offered_cannot_be_chosen(
    house: House, meeting: Appointment, phone: FlaskClient, number: str, status: int
) -> None:
    house.frees(meeting, 1)
    presses(house, phone, meeting, "new_time")

    assert presses(house, phone, meeting, "new_time", number=number).status_code == status


def test_who_has_said_yes_since_chooses_no_other_time(house: House, meeting: Appointment, phone: FlaskClient) -> None:
    house.frees(meeting, 1)
    presses(house, phone, meeting, "new_time")
    presses(house, phone, meeting, "comes")
    late = presses(house, phone, meeting, "new_time", number="4")

    assert "Den tid kan du ikke vælge mere." in late.text
    assert 'name="number"' not in late.text
    assert state_of(house, meeting) is AppointmentState.CONFIRMED


def test_form_sent_twice_is_one_answer(house: House, meeting: Appointment, phone: FlaskClient) -> None:
    id_ = str(new_id())
    presses(house, phone, meeting, "new_time", answer_id=id_)
    presses(house, phone, meeting, "new_time", answer_id=id_)

    assert phone.get("/app").text.count("Jeg vil gerne have en anden tid") == 1


def test_answer_about_a_moved_meeting_shows_the_new_time_and_says_why(
    house: House, meeting: Appointment, phone: FlaskClient
) -> None:
    move(house, meeting, starts_at=meeting.starts_at + timedelta(days=1))

    answer = presses(house, phone, meeting, "comes")

    assert answer.status_code == 409
    assert "Mødet er flyttet i mellemtiden." in answer.text
    assert "mandag 8. marts" in answer.text
    assert state_of(house, meeting) is AppointmentState.BOOKED


def test_answer_about_a_cancelled_meeting_says_that_she_shall_not_come(
    house: House, meeting: Appointment, phone: FlaskClient
) -> None:
    set_state(house, AppointmentState.CANCELLED_BY_US)

    answer = presses(house, phone, meeting, "comes")

    assert answer.status_code == 409
    assert "Mødet er aflyst i mellemtiden. Du skal ikke komme." in answer.text


def test_answer_about_a_meeting_that_has_begun_is_refused_kindly(
    house: House, meeting: Appointment, phone: FlaskClient, clock: FixedClock
) -> None:
    clock.moment = meeting.starts_at + timedelta(minutes=1)

    answer = presses(house, phone, meeting, "new_time")

    assert answer.status_code == 409
    assert "Mødet er begyndt eller slut." in answer.text


def test_being_late_can_be_said_on_the_day_and_not_before(
    house: House, meeting: Appointment, phone: FlaskClient, clock: FixedClock
) -> None:
    before = phone.get(PAGE).text
    clock.moment = meeting.starts_at - timedelta(minutes=20)
    phone = house.phone(meeting.citizen_id)
    on_the_day = phone.get(PAGE).text
    answer = presses(house, phone, meeting, "late")

    assert 'value="late"' not in before
    assert 'value="late"' in on_the_day
    assert answer.status_code == 303


def test_reason_that_is_too_long_is_refused_with_a_sentence(
    house: House, meeting: Appointment, phone: FlaskClient
) -> None:
    answer = presses(house, phone, meeting, "new_time", why="x" * 301)

    assert answer.status_code == 422
    assert "Skriv højst 300 tegn" in answer.text


@pytest.mark.parametrize("form", [{"what": "cancel"}, {"revision": "x"}, {"answer_id": "x"}])
def test_form_that_is_not_ours_is_refused(
    house: House, meeting: Appointment, phone: FlaskClient, form: dict[str, str]
) -> None:
    sent = {"what": "comes", **form}
    answer = presses(house, phone, meeting, sent.pop("what"), **sent)

    assert answer.status_code == 422
    assert state_of(house, meeting) is AppointmentState.BOOKED


def test_meeting_of_somebody_else_is_not_there(house: House, meeting: Appointment, phone: FlaskClient) -> None:
    mette = house.caseworker("ali", name="Ali Demir")
    others = house.appointment(house.citizen(caseworker=mette, first_name="Ahmed", number="+4528999999"), mette)

    answer = presses(house, phone, others, "comes")
    calendar = phone.get(f"{path_of(house, others)}/aftale.ics")

    assert (answer.status_code, calendar.status_code) == (404, 404)
    assert state_of(house, others) is AppointmentState.BOOKED


def test_calendar_file_holds_the_meeting_and_nothing_more(
    house: House, meeting: Appointment, phone: FlaskClient
) -> None:
    answer = phone.get(f"{path_of(house, meeting)}/aftale.ics")

    (event,) = Calendar.from_ical(answer.data).events
    assert answer.mimetype == "text/calendar"
    assert event["dtstart"].dt == meeting.starts_at
    assert event["dtend"].dt == meeting.starts_at + timedelta(minutes=45)
    assert str(event["summary"]) == f"Aftale: {house.runtime.config.unit_name}"
    assert str(event["location"]) == "Sydhavnsgade 1"
    assert b"obsamtale" not in answer.data
    assert str(meeting.id).encode() not in answer.data


def test_moved_meeting_takes_the_place_of_the_one_in_the_calendar(
    house: House, meeting: Appointment, phone: FlaskClient
) -> None:
    path = f"{path_of(house, meeting)}/aftale.ics"
    (before,) = Calendar.from_ical(phone.get(path).data).events
    move(house, meeting, starts_at=meeting.starts_at + timedelta(days=1), form=Form.PHONE)
    (after,) = Calendar.from_ical(phone.get(path).data).events

    assert before["uid"] == after["uid"]
    assert after["sequence"] > before["sequence"]
    assert str(after["location"]) == "Telefon"


def test_what_has_been_is_told_in_words_that_blame_nobody(
    house: House, meeting: Appointment, clock: FixedClock
) -> None:
    set_state(house, AppointmentState.NO_SHOW)
    clock.moment = meeting.starts_at + timedelta(days=1)
    page = house.phone(meeting.citizen_id).get(PAGE).text

    assert "Tidligere møder" in page
    assert "Ikke holdt" in page
    assert "Du har ingen møder lige nu." in page
    assert "Mødte ikke" not in page


def test_long_history_is_read_page_by_page(house: House, meeting: Appointment, clock: FixedClock) -> None:
    with house.runtime.database.read() as session:
        mette = house.caseworker()
        days = [house.appointment(meeting.citizen_id, mette, in_days=1 + count).starts_at for count in range(25)]
        assert session is not None
    clock.moment = max(days) + timedelta(days=1)
    phone = house.phone(meeting.citizen_id)
    first = phone.get(PAGE).text
    older = re.search(r'href="(/app/meetings\?before=[^"]+)"', first)
    assert older
    second = phone.get(older[1]).text

    assert first.count('class="history-when"') == 20
    assert second.count('class="history-when"') == 6
    assert "Se ældre møder" not in second


def test_next_meeting_stands_above_the_thread(house: House, meeting: Appointment, phone: FlaskClient) -> None:
    thread = phone.get("/app").text

    assert "Dit næste møde" in thread
    assert "søndag 7. marts kl. 10.00" in thread
    assert "Sydhavnsgade 1" in thread


def test_in_english_approved_danish_words_say_that_they_are_danish(
    house: House, meeting: Appointment, phone: FlaskClient
) -> None:
    phone.post("/language", data={"csrf_token": csrf_token(phone, PAGE), "language": "en"})

    page = phone.get(PAGE).text

    assert "We talk about your goals." in page
    assert '<span lang="da">Sydhavnsgade 1</span>' in page
