"""The reminder log, and the lists of what a caseworker should look at."""

import pytest

from messaging.appointments.outcomes import correct_outcome, record_outcome
from messaging.appointments.reporting import LoggedAppointment, open_report, reminder_log
from messaging.appointments.states import Action, AppointmentState, OutcomeWord, ReminderState
from messaging.audit.models import AuditEntry
from messaging.conversations.states import MessageState
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, Role
from tests.appointments.conftest import AHMED, Desk, wall


def log(desk: Desk, actor: Actor = SYSTEM, **options: object) -> list[LoggedAppointment]:
    with desk.runtime.database.read() as session:
        return list(reminder_log(session, desk.runtime.vault, actor, **options))  # type: ignore[arg-type]


def caseworker(desk: Desk, initials: str) -> Actor:
    staff = next(row for row in desk.every(Caseworker) if row.initials == initials)
    return Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.CASEWORKER, unit_id=staff.unit_id)


@pytest.fixture
def story(desk: Desk) -> Desk:
    """Sara was reminded, asked for another time, came nevertheless, and the outcome was corrected."""
    desk.books()
    desk.reminds(at="2027-10-11 10:31")
    desk.hears("2", at="2027-10-11 11:00")
    desk.sends()
    desk.reminds(at="2027-10-13 10:31")
    desk.clock.moment = wall("2027-10-14 12:00")
    with desk.runtime.act(SYSTEM) as act:
        record_outcome(act, appointment_id=desk.appointment().id, outcome=OutcomeWord.NO_SHOW)
    with desk.runtime.act(SYSTEM) as act:
        correct_outcome(act, appointment_id=desk.appointment().id, outcome=OutcomeWord.HELD, reason="Var der")
    return desk


def test_log_tells_the_whole_story_of_a_meeting(story: Desk) -> None:
    (logged,) = log(story, with_words=True)

    assert (logged.external_id, logged.caseworker, logged.state) == ("A1", "sb01", AppointmentState.HELD)
    first, second = logged.reminders
    assert (first.step, first.state, first.message_state) == ("3_days", ReminderState.SENT, MessageState.SENT)
    assert (second.step, second.template) == ("1_day", "M2/in_person/da/1")
    assert first.text == story.channel.sent[0].text
    (answer,) = logged.answers
    assert (answer.text, answer.label, answer.action) == ("2", "new_time", Action.NEW_TIME_ASKED)
    no_show, held = logged.outcomes
    assert (no_show.outcome, held.outcome, held.corrects_id) == (OutcomeWord.NO_SHOW, OutcomeWord.HELD, no_show.id)


def test_words_are_opened_only_where_they_are_asked_for(story: Desk) -> None:
    (logged,) = log(story)

    assert [reminder.text for reminder in logged.reminders] == [None, None]
    assert [answer.text for answer in logged.answers] == [None]


def test_log_says_why_a_reminder_was_not_sent(desk: Desk) -> None:
    desk.books(telefon="")
    desk.reminds(at="2027-10-11 10:31")

    (logged,) = log(desk)
    first = logged.reminders[0]
    assert (first.state, first.reason, first.decided_at) == (
        ReminderState.SKIPPED,
        "no_number",
        wall("2027-10-11 10:31"),
    )


def test_log_is_read_by_pages_and_leaves_nothing_out(desk: Desk) -> None:
    desk.clock.moment = wall("2027-10-01 10:00")
    desk.take_in(*({"aftale_id": f"A{number}", "start": f"{20 + number % 3}-10-2027 10:30"} for number in range(7)))

    logged = log(desk, page=2)

    assert len(logged) == len({row.id for row in logged}) == 7
    assert [row.starts_at for row in logged] == sorted(row.starts_at for row in logged)


def test_log_keeps_to_the_period_asked_for(desk: Desk) -> None:
    desk.books()
    desk.books(aftale_id="A2", start="15-10-2027 10:30")

    logged = log(desk, since=wall("2027-10-15 00:00"), until=wall("2027-10-16 00:00"))

    assert [row.external_id for row in logged] == ["A2"]


def test_log_shows_a_caseworker_her_own_citizens_only(desk: Desk) -> None:
    desk.books()
    desk.books(aftale_id="A2", cpr="720202-2345", fornavn="Ahmed", telefon=AHMED, sagsbehandler="sb02")

    assert [row.external_id for row in log(desk, caseworker(desk, "sb02"))] == ["A2"]


@pytest.mark.parametrize(("with_words", "action"), [(True, "reminder_log.opened"), (False, "reminder_log.listed")])
def test_reading_the_log_leaves_a_trace(desk: Desk, with_words: bool, action: str) -> None:
    with desk.runtime.act(SYSTEM) as act:
        open_report(act, with_words=with_words)

    assert action in {entry.action for entry in desk.every(AuditEntry)}
