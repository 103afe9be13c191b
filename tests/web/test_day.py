"""The page of the day: what lacks an outcome, what comes, and which reminders are about to be sent."""

import re
import uuid

import sqlalchemy as sa

from messaging.appointments.models import Appointment, Place, Reminder
from messaging.appointments.states import AppointmentState, ReminderState
from messaging.appointments.work import AnswerReader, ReminderLane, TapLane
from messaging.audit.models import AuditEntry
from messaging.conversations.work import MessageLane
from messaging.journal.models import JournalEvent
from messaging.people.models import Caseworker
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane
from tests.house import House, csrf_token

OTHER_NUMBER = "+4529390626"


def reminder_of(house: House, meeting: Appointment) -> Reminder:
    with house.runtime.database.read() as session:
        chosen = sa.select(Reminder).filter_by(appointment_id=meeting.id).order_by(Reminder.due_at.desc())
        return session.scalars(chosen).first()


def part(page: str, heading: str) -> str:
    """Return the part of the page under a heading."""
    return re.search(rf'id="{heading}">.*?</section>', page, re.DOTALL)[0]


def test_past_meeting_lacks_an_outcome_until_one_tap(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    meeting = house.appointment(sara, mette, in_days=-1)
    browser = house.browser(mette.initials)
    before = browser.get("/meetings").text
    form = {"csrf_token": csrf_token(browser, "/meetings"), "outcome": "no_show", "back": "meetings"}
    answer = browser.post(f"/appointments/{meeting.id}/outcome", data=form)

    assert "Sara Nielsen" in part(before, "without")
    assert (answer.status_code, answer.location) == (303, f"/meetings#row-{meeting.id}")
    assert browser.get(answer.location).text.count('role="status"') == 1
    house.runtime.clock.advance(seconds=11)
    TapLane(house.runtime).drain()
    assert "Sara Nielsen" not in part(browser.get("/meetings").text, "without")
    with house.runtime.database.read() as session:
        assert session.get_one(Appointment, meeting.id).state is AppointmentState.NO_SHOW


def tap(house: House, mette: Caseworker, meeting: Appointment, *, then: str = "", wait: float = 0) -> str:
    """Tap an outcome, wait, perhaps undo it, and return the page that follows."""
    browser = house.browser(mette.initials)
    form = {"csrf_token": csrf_token(browser, "/meetings"), "back": "meetings"}
    browser.post(f"/appointments/{meeting.id}/outcome", data=form | {"outcome": "no_show"})
    house.runtime.clock.advance(seconds=wait)
    TapLane(house.runtime).drain()
    if then:
        return browser.post(f"/appointments/{meeting.id}/outcome/{then}", data=form, follow_redirects=True).text
    return browser.get("/meetings").text


def outcomes_journaled(house: House) -> int:
    with house.runtime.database.read() as session:
        return session.query(JournalEvent).filter_by(type="outcome.recorded").count()


def test_tap_can_be_undone_for_ten_seconds_and_is_not_journaled_before(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    page = tap(house, mette, house.appointment(sara, mette, in_days=-1), wait=9)

    assert "Fortryd" in part(page, "without")
    assert outcomes_journaled(house) == 0


def test_undone_tap_is_never_recorded(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    page = tap(house, mette, house.appointment(sara, mette, in_days=-1), then="undo")
    house.runtime.clock.advance(minutes=1)
    TapLane(house.runtime).drain()

    assert "Udfaldet er fortrudt" in page
    assert "Mødte ikke" in part(page, "without")
    assert outcomes_journaled(house) == 0


def test_late_undo_is_told_that_it_is_a_correction_now(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    page = tap(house, mette, house.appointment(sara, mette, in_days=-1), then="undo", wait=11)

    assert "Det er for sent at fortryde" in page
    assert outcomes_journaled(house) == 1


def test_coming_meeting_stands_with_its_reminder_in_its_words(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    house.appointment(sara, mette, in_days=1.05)
    with house.runtime.database.write() as session:
        session.add(Place(name="Ungecenteret, Sydhavnen", words="Ungecenteret i Sydhavnen", approved_by="MHO"))
    page = house.browser(mette.initials).get("/meetings").text

    assert "Sara Nielsen" in part(page, "coming")
    assert "Hej Sara. Husk mødet" in part(page, "reminders")


def test_reminder_is_held_and_let_go_from_the_page(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    reminder = reminder_of(house, house.appointment(sara, mette, in_days=1.05))
    browser = house.browser(mette.initials)
    form = {"csrf_token": csrf_token(browser, "/meetings")}
    browser.post(f"/reminders/{reminder.id}/hold", data=form)
    held = browser.get("/meetings").text
    browser.post(f"/reminders/{reminder.id}/let-go", data=form)

    assert "Holdt tilbage" in part(held, "reminders")
    assert "Holdt tilbage" not in part(browser.get("/meetings").text, "reminders")


def test_reminder_to_nobody_says_why_it_is_not_sent(house: House, mette: Caseworker) -> None:
    house.appointment(house.citizen(caseworker=mette, number=None), mette, in_days=1.05)

    assert "intet mobilnummer" in part(house.browser(mette.initials).get("/meetings").text, "reminders")


def test_s3_reminder_of_another_caseworkers_citizen_does_not_exist(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    reminder = reminder_of(house, house.appointment(sara, mette, in_days=1.05))
    jonas = house.caseworker("jon", name="Jonas")
    browser = house.browser(jonas.initials)
    form = {"csrf_token": csrf_token(browser, "/meetings")}

    assert browser.post(f"/reminders/{reminder.id}/hold", data=form).status_code == 404
    assert "Sara" not in browser.get("/meetings").text
    assert reminder_state(house, reminder.id) is ReminderState.PLANNED


def reminder_state(house: House, reminder_id: uuid.UUID) -> ReminderState:
    with house.runtime.database.read() as session:
        return session.get_one(Reminder, reminder_id).state


def test_who_has_a_meeting_soon_is_read_before_who_has_waited_longer(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    ahmed = house.citizen(caseworker=mette, first_name="Ahmed", last_name="Ali", number=OTHER_NUMBER)
    house.hears("Jeg har et spørgsmål")
    house.runtime.clock.advance(hours=1)
    house.hears("Jeg har også et spørgsmål", sender=OTHER_NUMBER)
    browser = house.browser(mette.initials)
    before = browser.get("/conversations").text
    house.appointment(ahmed, mette, in_days=0.1)
    after = browser.get("/conversations").text

    assert before.index("Sara Nielsen") < before.index("Ahmed Ali")
    assert after.index("Ahmed Ali") < after.index("Sara Nielsen")
    assert "Møde i dag kl." in after


def test_meeting_after_the_next_working_day_moves_nobody_up(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    house.hears("Jeg har et spørgsmål")
    house.appointment(sara, mette, in_days=8)

    assert "Møde " not in house.browser(mette.initials).get("/conversations").text.split("</h1>")[1]


def audited(house: House, action: str) -> int:
    with house.runtime.database.read() as session:
        return session.query(AuditEntry).filter_by(action=action).count()


def test_short_plain_answer_stands_in_its_own_words_beside_the_meeting(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    house.appointment(sara, mette, in_days=1.05)
    answers(house, "2")
    page = house.browser(mette.initials).get("/meetings").text

    assert "skrev “2”" in part(page, "without")
    assert audited(house, "answer.opened") == 1


def test_longer_answer_is_only_said_as_it_was_understood(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    house.appointment(sara, mette, in_days=1.05)
    answers(house, "Jeg kan desværre ikke komme, jeg er syg og ligger i sengen")
    page = house.browser(mette.initials).get("/meetings").text

    assert "ligger i sengen" not in page
    assert "skrev " in part(page, "without")
    assert audited(house, "answer.opened") == 0


def answers(house: House, text: str) -> None:
    """Let the reminder be sent, the citizen answer it, and the meeting pass."""
    house.runtime.clock.advance(hours=2)
    ReminderLane(house.runtime).drain()
    breaker = Breaker("test", waits=house.runtime.config.waits)
    MessageLane(runtime=house.runtime, breaker=breaker, lane=Lane.BULK).drain()
    house.hears(text)
    reader = AnswerReader(house.runtime)  # one and the same: it keeps in mind what it has read
    while reader.drain():
        pass
    house.runtime.clock.advance(days=1)


def test_line_is_shown_in_the_whole_text_before_it_is_saved_and_can_be_removed(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    reminder = reminder_of(house, house.appointment(sara, mette, in_days=1.05))
    browser, path = house.browser(mette.initials), f"/reminders/{reminder.id}/line"
    form = {"csrf_token": csrf_token(browser, "/meetings"), "line": "Tag din søster med"}
    shown = browser.post(path, data=form | {"action": "show"}).text
    before = browser.get("/meetings").text
    browser.post(path, data=form)
    after = browser.get("/meetings").text
    browser.post(f"{path}/remove", data=form)

    assert re.search(r'id="whole">Påmindelse: Du har en aftale .*\nTag din søster med</blockquote>', shown, re.DOTALL)
    assert "Fylder " in shown
    assert "Tag din søster med" not in before
    assert "Tag din søster med</blockquote>" in part(after, "reminders")
    assert "Tag din søster med" not in browser.get("/meetings").text


def test_line_that_is_refused_stays_in_the_form(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    reminder = reminder_of(house, house.appointment(sara, mette, in_days=1.05))
    browser = house.browser(mette.initials)
    form = {"csrf_token": csrf_token(browser, "/meetings"), "line": "Ring til 010199-1234"}
    answer = browser.post(f"/reminders/{reminder.id}/line", data=form)

    assert answer.status_code == 422
    assert "Linjen ser ud til at indeholde et CPR-nummer" in answer.text
    assert 'value="Ring til 010199-1234"' in answer.text
