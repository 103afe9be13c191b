"""The pages of the two questions: by a code alone, at the desk, for staff, and for whoever leads the trial."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from messaging.appointments.models import Appointment
from messaging.audit.models import AuditEntry
from messaging.clock import FixedClock
from messaging.experience.models import PulseCell, PulseTally, StaffTally, Wave
from messaging.experience.waves import set_days
from messaging.people.actors import SYSTEM
from messaging.people.arm_models import Arm, TrialArm
from messaging.people.models import Caseworker, Role
from messaging.trial.taking_part import join
from tests.experience.conftest import Desk
from tests.house import House, csrf_token


@pytest.fixture
def mette(house: House) -> Caseworker:
    """Whose citizen has been here this morning."""
    return house.caseworker()


@pytest.fixture
def met(house: House, mette: Caseworker, clock: FixedClock) -> Appointment:
    """A meeting of a citizen in the arm of the app, an hour ago."""
    citizen_id = house.citizen(caseworker=mette)
    with house.runtime.act(SYSTEM) as act:
        join(act, {citizen_id: Arm.APP})
    meeting = house.appointment(citizen_id, mette, in_days=0.01)
    clock.advance(hours=1)
    return meeting


def test_a_citizen_answers_without_a_cookie_and_gets_none(house: House, desk: Desk) -> None:
    (code,) = desk.hands_out()
    client = house.app.test_client(use_cookies=False)
    asked = client.get(f"/p/{code}")
    sent = client.post(f"/p/{code}", data={"contact": "yes", "purpose": "no"})
    thanked = client.get(sent.location)

    assert "Var det let at få kontakt med os før mødet?" in asked.text
    assert (sent.status_code, sent.location) == (303, "/p/thanks")
    assert "Dit svar er talt med." in thanked.text
    assert not [answer for answer in (asked, sent, thanked) if "Set-Cookie" in answer.headers]
    assert client.get(f"/p/{code}").status_code == 404


def test_english_stays_in_the_address(house: House, desk: Desk) -> None:
    (code,) = desk.hands_out()
    client = house.app.test_client(use_cookies=False)
    asked = client.get(f"/p/{code}?l=en")
    sent = client.post(re.search(r'action="([^"]+)"', asked.text)[1], data={"contact": "yes"})

    assert '<html lang="en">' in asked.text
    assert sent.location == "/p/thanks?l=en"


def test_a_code_is_typed_and_one_that_is_none_is_told(house: House, desk: Desk) -> None:
    (code,) = desk.hands_out()
    client = house.app.test_client(use_cookies=False)

    assert client.post("/p", data={"code": f"{code[:5].lower()} {code[5:]}"}).location == f"/p/{code}"
    assert client.post("/p", data={"code": "7KQ4M2XD9T"}).status_code == 422
    assert client.get("/p/7KQ4M2XD9T").status_code == 404


def test_an_empty_form_is_asked_again_and_the_code_stays_good(house: House, desk: Desk) -> None:
    (code,) = desk.hands_out()
    client = house.app.test_client(use_cookies=False)
    empty = client.post(f"/p/{code}")

    assert (empty.status_code, "Vælg et svar først." in empty.text) == (422, True)
    assert client.post(f"/p/{code}", data={"contact": "måske"}).status_code == 422
    assert client.post(f"/p/{code}", data={"contact": "unsure"}).status_code == 303


def test_who_guesses_is_stopped_and_others_are_not(house: House, desk: Desk) -> None:
    (code,) = desk.hands_out()
    guesser, other = ({"REMOTE_ADDR": f"192.0.2.{number}"} for number in (1, 2))
    client = house.app.test_client(use_cookies=False)
    tried = [client.get("/p/7KQ4M2XD9T", environ_base=guesser).status_code for _ in range(31)]

    assert tried == [404] * 30 + [429]
    assert client.get(f"/p/{code}", environ_base=guesser).status_code == 429
    assert client.get(f"/p/{code}", environ_base=other).status_code == 200


def test_the_log_names_no_code(house: House, desk: Desk) -> None:
    (code,) = desk.hands_out()
    house.app.test_client().post(f"/p/{code}", data={"contact": "yes"})

    assert code not in house.log.getvalue().decode()
    assert house.log_lines()[-1]["route"] == "/p/<code>"


def test_another_sites_form_is_refused(house: House, desk: Desk) -> None:
    (code,) = desk.hands_out()
    sent = house.app.test_client().post(
        f"/p/{code}", data={"contact": "yes"}, headers={"Origin": "https://andre.example"}
    )

    assert sent.status_code == 403


def shown_code(house: House, met: Appointment, initials: str = "mho") -> tuple[int, str]:
    client = house.browser(initials)
    token = csrf_token(client, "/citizens")
    answer = client.post(f"/appointments/{met.id}/pulse", data={"csrf_token": token})
    found = re.search(r'class="digits">([0-9A-Z-]+)<', answer.text)
    return answer.status_code, found[1] if found else ""


def test_the_desk_shows_a_fresh_code_each_time_and_keeps_nothing_of_the_meeting(house: House, met: Appointment) -> None:
    client = house.browser("mho")
    assert "Vis en kode til borgeren" in client.get(f"/conversations/{met.citizen_id}").text
    with house.runtime.database.read() as session:
        noted = session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
    (_, first), (status, second) = shown_code(house, met), shown_code(house, met)

    assert (status, first != second) == (200, True)
    assert house.app.test_client().post(f"/p/{second}", data={"contact": "no"}).status_code == 303
    with house.runtime.database.read() as session:
        cell, tally = session.scalars(sa.select(PulseCell)).one(), session.scalars(sa.select(PulseTally)).one()
        entries = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id).offset(noted)).all()
    assert (cell.arm, cell.month, cell.meeting_type, cell.handed_out) == (Arm.APP, "2027-03", "Jobsamtale", 2)
    assert (tally.arm, tally.month, tally.answers) == (Arm.APP, "2027-03", 1)
    assert not [action for action in entries if "pulse" in action or "appointment" in action]


def test_nobody_is_asked_about_a_meeting_of_somebody_elses_or_outside_the_trial_or_to_come(
    house: House, met: Appointment, mette: Caseworker
) -> None:
    house.caseworker("far", unit="Team B")
    coming = house.appointment(met.citizen_id, mette)
    assert shown_code(house, met, "far")[0] == 404
    assert shown_code(house, coming)[0] == 404
    with house.runtime.database.write() as session:
        session.execute(sa.delete(TrialArm))

    assert shown_code(house, met)[0] == 404
    assert "Vis en kode til borgeren" not in house.browser("mho").get(f"/conversations/{met.citizen_id}").text


def test_staff_are_led_to_the_questions_while_they_are_asked_and_once(house: House, mette: Caseworker) -> None:
    client = house.browser("mho")
    assert "To spørgsmål</a>" not in client.get("/conversations").text
    today = house.runtime.clock.now().date()
    with house.runtime.act(SYSTEM) as act:
        set_days(act, wave=Wave.DURING, first_day=today, last_day=today + timedelta(days=7))
    assert "To spørgsmål</a>" in client.get("/conversations").text
    form = {"wave": "during", "csrf_token": csrf_token(client, "/pulse")}
    assert client.post("/pulse", data=form).status_code == 422
    answers = form | {"reaching": "mostly", "in_time": "no"}
    assert client.post("/pulse", data=answers).status_code == 303

    assert "ingen kan se, at det er dit" in client.get("/pulse").text
    assert "To spørgsmål</a>" not in client.get("/conversations").text
    assert client.post("/pulse", data=answers).status_code == 409
    with house.runtime.database.read() as session:
        assert session.scalars(sa.select(StaffTally.answers)).all() == [1, 1]


def test_the_leader_prints_cards_sets_days_and_takes_cards_back(house: House, met: Appointment) -> None:
    house.caseworker("sus", name="Susanne Uhd", role=Role.SUPERUSER)
    client = house.browser("sus")
    page = "/administration/experience"
    form = {
        "csrf_token": csrf_token(client, page),
        "arm": "control",
        "month": "2027-03",
        "meeting_type": "Jobsamtale",
        "number": "3",
    }
    printed = client.post(f"{page}/cards", data=form)
    codes = re.findall(r'class="pulse-code">([0-9A-Z-]+)<', printed.text)
    assert len(set(codes)) == 3
    assert house.app.test_client().post(f"/p/{codes[1]}", data={"contact": "yes"}).status_code == 303
    assert client.post(f"{page}/returned", data=form).status_code == 422
    assert client.post(f"{page}/returned", data=form | {"number": "2"}).status_code == 303
    for wrong in ({"month": "marts"}, {"month": "2027-01"}, {"number": "201"}, {"arm": "alle"}, {"meeting_type": " "}):
        assert client.post(f"{page}/cards", data=form | wrong).status_code == 422
    days = {"csrf_token": form["csrf_token"], "wave": "before", "first_day": "2027-03-08", "last_day": "2027-03-12"}
    assert client.post(f"{page}/waves", data=days).status_code == 303
    assert client.post(f"{page}/waves", data=days | {"last_day": "2027-03-01"}).status_code == 422
    shown = client.get(page).text

    assert "Stadig åbne: marts 2027" in shown
    assert "Svarene vises, når runden er slut." in shown
    assert "Mette" not in shown
