"""What follows from an answer without a human: read once, at most one reply, and never a cancellation.

Sara is reminded on Monday 11/10 of her meeting on Thursday 14/10 kl. 10.30.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from messaging.appointments.day import lacking_outcome
from messaging.appointments.models import Appointment, ReplyReading
from messaging.appointments.states import Action, AppointmentState
from messaging.appointments.work import AnswerReader, ReminderLane
from messaging.audit.models import AuditEntry
from messaging.conversations.automatic_models import AutoReply
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState, Waiting
from messaging.database.changes import TailPosition
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, OptOut, PauseReason, PhoneNumber, Role
from messaging.vault.sealed import Sealed
from messaging.work.lanes import Lane
from tests.appointments.conftest import AHMED, SARA, Desk, wall

REMINDED = "2027-10-11 10:31"
DAY, NIGHT = "2027-10-11 11:00", "2027-10-11 21:00"

ACKNOWLEDGED = (
    "Tak, Sara. Vi finder en ny tid. Din tid to. 14/10 kl. 10.30 gælder, til du hører fra os. "
    "Har du meldt dig syg, så hører du fra os. Mette, Ungecenteret"
)
ACKNOWLEDGED_AT_NIGHT = (
    "Tak, Sara. Din tid to. 14/10 kl. 10.30 gælder, til du hører fra os. "
    "Vi læser din sms på hverdage kl. 8-16. Er nogen i fare, ring 112. Livslinien: 70 201 201."
)


@pytest.fixture
def reminded(desk: Desk) -> Desk:
    """Sara has been reminded, and it is eleven o'clock on Monday."""
    desk.books()
    desk.reminds(at=REMINDED)
    desk.clock.moment = wall(DAY)
    return desk


def test_clean_confirmation_confirms_the_meeting_and_settles_itself(reminded: Desk) -> None:
    message_id = reminded.hears("1")

    reading = reminded.reading(message_id)
    assert reminded.appointment().state is AppointmentState.CONFIRMED
    assert (reading.label, reading.action, reading.appointment_id) == (
        "confirm",
        Action.SETTLED,
        reminded.appointment().id,
    )
    assert reminded.waiting() is Waiting.SETTLED


def test_confirmation_is_journaled_and_audited(reminded: Desk) -> None:
    """R16"""
    reminded.hears("Ja tak, jeg kommer")

    assert reminded.events()[-3:] == ["message.received", "reply.understood", "appointment.confirmed"]
    actions = {entry.action for entry in reminded.every(AuditEntry)}
    assert {"reply.understood", "appointment.confirmed", "conversation.settled"} <= actions


@pytest.mark.parametrize("text", ["1, men jeg har det dårligt", "Ja og kan I sende mig adressen på skrift"])
def test_confirmation_with_more_in_it_waits_for_a_human(reminded: Desk, text: str) -> None:
    reminded.hears(text)

    assert reminded.waiting() is Waiting.FOR_US


def test_confirmation_with_a_sign_of_danger_never_settles_itself(reminded: Desk) -> None:
    reminded.hears("1. jeg vil ikke leve mere")

    assert reminded.waiting() is Waiting.FOR_US


def test_confirmation_while_an_earlier_question_waits_does_not_hide_it(reminded: Desk) -> None:
    reminded.hears("Hvad skal vi snakke om?")
    reminded.hears("1", at="2027-10-11 11:05")

    assert reminded.appointment().state is AppointmentState.CONFIRMED
    assert reminded.waiting() is Waiting.FOR_US


def test_confirmation_that_is_read_late_does_not_hide_what_came_after_it(reminded: Desk) -> None:
    reminded.receives("1")
    reminded.receives("Hvad skal vi snakke om?", at="2027-10-11 11:01")

    reminded.reads()

    assert reminded.waiting() is Waiting.FOR_US


def test_several_messages_that_nobody_needs_to_read_settle_together(reminded: Desk) -> None:
    reminded.receives("1")
    reminded.receives("tusind tak", at="2027-10-11 11:01")

    reminded.reads()

    assert reminded.waiting() is Waiting.SETTLED


def test_thread_that_waits_for_the_citizen_stays_so_when_an_old_thanks_is_read(reminded: Desk) -> None:
    reminded.receives("tak")
    with reminded.runtime.act(SYSTEM) as act:
        citizen_id = reminded.appointment().citizen_id
        send_message(act, citizen_id=citizen_id, text="Husk dit cv", author=Author.CASEWORKER)

    reminded.reads()

    assert reminded.waiting() is Waiting.FOR_CITIZEN


def test_thanks_settles_itself_without_any_meeting(desk: Desk) -> None:
    desk.books()

    desk.hears("Mange tak for hjælpen!", at=DAY)

    assert desk.waiting() is Waiting.SETTLED
    assert desk.written(Kind.AUTO_REPLY) == []


@pytest.mark.parametrize("text", ["2", "jeg er syg", "Jeg må desværre melde afbud"])
def test_wish_for_another_time_is_noted_and_acknowledged_and_waits_for_a_human(reminded: Desk, text: str) -> None:
    message_id = reminded.hears(text)

    assert reminded.appointment().state is AppointmentState.NEW_TIME_ASKED
    assert reminded.reading(message_id).action is Action.NEW_TIME_ASKED
    assert reminded.written(Kind.AUTO_REPLY) == [ACKNOWLEDGED]
    assert reminded.waiting() is Waiting.FOR_US
    assert reminded.events().count("appointment.new_time_asked") == 1


def test_wish_for_another_time_cancels_nothing(reminded: Desk) -> None:
    reminded.hears("Aflyser i morgen")
    reminded.sends()

    reminded.reminds(at="2027-10-13 10:31")

    assert "Husk mødet i morgen" in reminded.channel.sent[-1].text


def test_wish_that_is_repeated_is_acknowledged_once(reminded: Desk) -> None:
    reminded.hears("2")
    reminded.hears("kan ikke komme", at="2027-10-11 11:30")

    assert len(reminded.written(Kind.AUTO_REPLY)) == 1
    assert reminded.events().count("appointment.new_time_asked") == 1


def test_acknowledgement_at_night_names_the_hours_and_is_the_only_answer(reminded: Desk) -> None:
    reminded.hears("2", at=NIGHT)
    reminded.hears("Hallo?", at="2027-10-11 23:00")

    assert reminded.written(Kind.AUTO_REPLY) == [ACKNOWLEDGED_AT_NIGHT]


def test_no_acknowledgement_in_a_night_that_was_answered_already(reminded: Desk) -> None:
    reminded.hears("hvor er det henne?", at=NIGHT)
    reminded.hears("2", at="2027-10-11 22:00")

    (answer,) = reminded.written(Kind.AUTO_REPLY)
    assert answer.startswith("Tak for din sms. Vi læser den på hverdage kl. 8-16.")
    assert reminded.appointment().state is AppointmentState.NEW_TIME_ASKED


@pytest.mark.parametrize("at", [DAY, NIGHT])
@pytest.mark.parametrize("text", ["Autosvar: jeg er syg", "Jeg kører bil lige nu. Kan ikke komme"])
def test_a_telephone_that_answers_by_itself_gets_no_acknowledgement(reminded: Desk, text: str, at: str) -> None:
    reminded.hears(text, at=at)

    assert reminded.appointment().state is AppointmentState.NEW_TIME_ASKED
    assert reminded.written(Kind.AUTO_REPLY) == []
    assert reminded.waiting() is Waiting.FOR_US


def test_acknowledgement_to_a_shared_number_says_nothing_of_the_meeting(desk: Desk) -> None:
    desk.books()
    desk.reminds(at=REMINDED)
    desk.receives("2", at=DAY)
    desk.books(at=DAY, aftale_id="A2", cpr="720202-2345", fornavn="Ahmed")

    desk.reads()

    assert desk.written(Kind.AUTO_REPLY) == ["Tak for din sms. Din tid gælder, til du hører fra os."]


def test_yes_after_a_wish_for_another_time_confirms_but_a_human_clears_it_up(reminded: Desk) -> None:
    reminded.hears("2")

    message_id = reminded.hears("1", at="2027-10-11 11:30")

    assert reminded.appointment().state is AppointmentState.CONFIRMED
    assert reminded.reading(message_id).action is Action.CONFIRMED
    assert reminded.waiting() is Waiting.FOR_US


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("hvem er det", "who_is_this"),
        ("jeg har det svært for tiden og kan ikke overskue det hele", "other"),
        ("asdkjh", "other"),
    ],
)
def test_what_only_a_human_can_answer_waits_for_one(reminded: Desk, text: str, label: str) -> None:
    message_id = reminded.hears(text)

    reading = reminded.reading(message_id)
    assert (reading.label, reading.action, reading.appointment_id) == (label, Action.TO_HUMAN, None)
    assert reminded.waiting() is Waiting.FOR_US
    assert reminded.written(Kind.AUTO_REPLY) == []


@pytest.mark.parametrize(("text", "label"), [("bliver 10 min forsinket", "late"), ("Hvor er det", "question")])
def test_what_is_told_of_a_meeting_stands_at_it_and_changes_nothing_of_it(
    reminded: Desk, text: str, label: str
) -> None:
    message_id = reminded.hears(text)

    reading = reminded.reading(message_id)
    assert (reading.label, reading.appointment_id) == (label, reminded.appointment().id)
    assert (reading.action, reminded.appointment().state) == (Action.TO_HUMAN, AppointmentState.BOOKED)
    assert (reminded.waiting(), reminded.written(Kind.AUTO_REPLY)) == (Waiting.FOR_US, [])


@pytest.mark.parametrize(("at", "is_about_it"), [("2027-10-14 10:40", True), ("2027-10-14 11:00", False)])
def test_who_is_late_may_say_so_until_the_meeting_is_over(reminded: Desk, at: str, is_about_it: bool) -> None:
    message_id = reminded.hears("jeg er 10 min forsinket", at=at)

    assert reminded.reading(message_id).appointment_id == (reminded.appointment().id if is_about_it else None)


def test_being_late_stands_at_the_meeting_on_the_day_page(reminded: Desk) -> None:
    reminded.hears("10 min forsinket", at="2027-10-14 10:31")
    staff = reminded.every(Caseworker)[0]
    mette = Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.CASEWORKER, unit_id=staff.unit_id)

    with reminded.runtime.database.read() as session:
        (meeting,) = lacking_outcome(session, reminded.runtime.vault, mette, now=wall("2027-10-14 10:32"))
    assert (meeting.answer, meeting.said) == ("late", "10 min forsinket")


def test_question_of_a_meeting_that_has_begun_is_about_none(reminded: Desk) -> None:
    message_id = reminded.hears("Hvor er det", at="2027-10-14 10:40")

    assert reminded.reading(message_id).appointment_id is None


def test_being_late_says_of_two_meetings_nothing(reminded_of_two: Desk) -> None:
    message_id = reminded_of_two.hears("jeg er 10 min forsinket", at="2027-10-12 11:00")

    assert reminded_of_two.reading(message_id).appointment_id is None


def test_who_writes_outside_the_hours_is_told_them_once_a_night(reminded: Desk) -> None:
    reminded.hears("hvor er det henne?", at=NIGHT)
    reminded.hears("hallo", at="2027-10-11 22:00")
    reminded.hears("hvor er det henne?", at="2027-10-12 21:00")

    assert len(reminded.written(Kind.AUTO_REPLY)) == 2
    assert len(reminded.every(AutoReply)) == 2


def test_clean_confirmation_at_night_needs_no_answer(reminded: Desk) -> None:
    reminded.hears("ja", at=NIGHT)

    assert reminded.written(Kind.AUTO_REPLY) == []


def test_wrong_number_stops_everything_that_waits_for_it_at_once(reminded: Desk) -> None:
    with reminded.runtime.act(SYSTEM) as act:
        citizen_id = reminded.appointment().citizen_id
        waiting = send_message(act, citizen_id=citizen_id, text="Husk dit cv", author=Author.CASEWORKER).id

    message_id = reminded.hears("I har fået forkert nummer")

    (number,) = reminded.every(PhoneNumber)
    message = next(message for message in reminded.every(Message) if message.id == waiting)
    assert number.pause_reason is PauseReason.WRONG_NUMBER
    assert (message.state, message.reason) == (MessageState.CANCELLED, "wrong_number")
    assert reminded.reading(message_id).action is Action.NUMBER_PAUSED
    assert reminded.waiting() is not Waiting.SETTLED


def test_wrong_number_at_night_is_not_answered(reminded: Desk) -> None:
    reminded.hears("Du skriver til den forkerte", at=NIGHT)

    assert reminded.written(Kind.AUTO_REPLY) == []


def test_wrong_number_from_a_shared_number_stops_it_too(desk: Desk) -> None:
    desk.books()
    desk.books(aftale_id="A2", cpr="720202-2345", fornavn="Ahmed")

    desk.hears("I har fået forkert nummer", at=DAY)

    (number,) = desk.every(PhoneNumber)
    assert number.pause_reason is PauseReason.WRONG_NUMBER


def test_message_from_an_unknown_number_is_read_and_left_in_triage(desk: Desk) -> None:
    message_id = desk.hears("2", sender=AHMED, at=NIGHT)

    reading = desk.reading(message_id)
    assert (reading.label, reading.action, reading.appointment_id) == ("new_time", Action.TO_HUMAN, None)
    assert desk.written(Kind.AUTO_REPLY) == []


@pytest.mark.parametrize("text", ["STOP", "start", "Hjælp!"])
def test_bare_keyword_was_acted_on_when_it_came_and_gets_no_second_answer(reminded: Desk, text: str) -> None:
    message_id = reminded.receives(text, at=NIGHT)
    answered = reminded.written(Kind.AUTO_REPLY) + reminded.written(Kind.STOP_ANSWER)

    reminded.reads()

    assert reminded.reading(message_id).action is Action.KEYWORD
    assert len(answered) == 1
    assert reminded.written(Kind.AUTO_REPLY) + reminded.written(Kind.STOP_ANSWER) == answered


@pytest.mark.parametrize("text", ["afmeld mig", "Stop med at sende mig sms'er"])
def test_longer_wish_to_be_left_alone_is_only_a_suggestion_for_a_human(reminded: Desk, text: str) -> None:
    message_id = reminded.hears(text)

    assert (reminded.reading(message_id).label, reminded.reading(message_id).action) == ("stop", Action.TO_HUMAN)
    assert reminded.every(OptOut) == []


@pytest.mark.parametrize("text", ["1", "2"])
def test_answer_without_any_reminder_is_left_to_a_human(desk: Desk, text: str) -> None:
    desk.books()

    message_id = desk.hears(text, at=DAY)

    assert desk.reading(message_id).action is Action.TO_HUMAN
    assert desk.appointment().state is AppointmentState.BOOKED


@pytest.fixture
def reminded_of_two(desk: Desk) -> Desk:
    """Sara has been reminded of a meeting on Monday, and of another on Tuesday."""
    desk.books()
    desk.books(aftale_id="A2", start="15-10-2027 10:30")
    desk.reminds(at=REMINDED)
    desk.reminds(at="2027-10-12 10:31")
    return desk


def test_answer_of_who_was_reminded_of_two_open_meetings_is_left_to_a_human(reminded_of_two: Desk) -> None:
    message_id = reminded_of_two.hears("1", at="2027-10-12 11:00")

    assert reminded_of_two.reading(message_id).action is Action.TO_HUMAN
    assert {row.state for row in reminded_of_two.every(Appointment)} == {AppointmentState.BOOKED}


def test_answer_found_late_is_about_the_reminder_that_had_come_when_it_was_written(reminded_of_two: Desk) -> None:
    message_id = reminded_of_two.hears("1", at="2027-10-12 10:35", written="2027-10-11 11:00")

    assert reminded_of_two.reading(message_id).appointment_id == reminded_of_two.appointment("A1").id
    assert reminded_of_two.appointment("A1").state is AppointmentState.CONFIRMED
    assert reminded_of_two.appointment("A2").state is AppointmentState.BOOKED


def test_answer_written_before_any_reminder_is_left_to_a_human_however_late_it_is_found(reminded: Desk) -> None:
    message_id = reminded.hears("1", written="2027-10-11 10:25")

    assert reminded.reading(message_id).action is Action.TO_HUMAN
    assert reminded.appointment().state is AppointmentState.BOOKED


@pytest.mark.parametrize("written", ["2027-10-11 11:01", "2027-10-10 10:59", "1970-01-01 01:00"])
def test_provider_time_that_cannot_be_right_is_not_gone_by(reminded: Desk, written: str) -> None:
    reminded.hears("1", at=DAY, written=written)

    assert reminded.appointment().state is AppointmentState.CONFIRMED


def test_answer_written_before_the_meeting_but_found_after_it_is_left_to_a_human(reminded: Desk) -> None:
    message_id = reminded.hears("2", at="2027-10-14 10:31", written="2027-10-14 10:29")

    assert reminded.reading(message_id).action is Action.TO_HUMAN
    assert reminded.appointment().state is AppointmentState.BOOKED


def test_later_meetings_nobody_was_reminded_of_do_not_make_an_answer_doubtful(desk: Desk) -> None:
    desk.books()
    desk.books(aftale_id="A2", start="15-11-2027 10:30")
    desk.reminds(at=REMINDED)

    desk.hears("1", at=DAY)

    assert desk.appointment("A1").state is AppointmentState.CONFIRMED
    assert desk.appointment("A2").state is AppointmentState.BOOKED


def test_answer_after_the_meeting_has_begun_is_left_to_a_human(reminded: Desk) -> None:
    message_id = reminded.hears("1", at="2027-10-14 10:30")

    assert reminded.reading(message_id).action is Action.TO_HUMAN
    assert reminded.appointment().state is AppointmentState.BOOKED


def test_answer_to_the_reminder_of_a_meeting_moved_since_is_left_to_a_human(reminded: Desk) -> None:
    reminded.books(at="2027-10-11 10:45", start="21-10-2027 10:30")

    message_id = reminded.hears("1", at=DAY)

    assert reminded.reading(message_id).action is Action.TO_HUMAN
    assert reminded.appointment().state is AppointmentState.BOOKED


def test_answer_before_the_reminder_left_is_not_an_answer_to_it(desk: Desk) -> None:
    desk.books()
    desk.clock.moment = wall(REMINDED)
    ReminderLane(desk.runtime).drain()

    message_id = desk.hears("1", at=DAY)

    assert desk.reading(message_id).action is Action.TO_HUMAN


def test_message_is_read_once_by_two_readers(reminded: Desk) -> None:
    reminded.receives("2")
    first, second = AnswerReader(reminded.runtime), AnswerReader(reminded.runtime)

    first.drain()
    second.drain()

    assert len(reminded.written(Kind.AUTO_REPLY)) == 1


def test_reader_that_died_before_it_noted_its_place_reads_nothing_twice(reminded: Desk) -> None:
    """R2: what was read is known by its reading, not by the place in the list of changes."""
    reminded.hears("2")
    reminded.receives("hvor er det henne?")
    with reminded.runtime.act(SYSTEM) as act:
        act.session.execute(sa.delete(TailPosition))

    reminded.reads()

    assert len(reminded.written(Kind.AUTO_REPLY)) == 1
    assert [reading.label for reading in sorted(reminded.every(ReplyReading), key=lambda row: row.read_at)] == [
        "new_time",
        "question",
    ]


class Killed(BaseException):
    """The process dies here."""


@dataclass(kw_only=True)
class DyingClock:
    """A clock whose process dies when it is asked once too often."""

    moment: datetime
    lives: int

    def now(self) -> datetime:
        if self.lives == 0:
            raise Killed
        self.lives -= 1
        return self.moment


def test_reader_killed_between_two_messages_loses_and_doubles_nothing(reminded: Desk) -> None:
    reminded.receives("2")
    second = reminded.receives("tak")
    dying = replace(reminded.runtime, clock=DyingClock(moment=reminded.clock.moment, lives=2))
    with pytest.raises(Killed):
        AnswerReader(dying).drain()
    half_read = reminded.every(ReplyReading)

    reminded.reads()

    assert len(half_read) == 1
    assert reminded.reading(second).label == "thanks"
    assert len(reminded.every(ReplyReading)) == 2
    assert len(reminded.written(Kind.AUTO_REPLY)) == 1
    assert reminded.events().count("reply.understood") == 2


def test_message_that_cannot_be_opened_is_left_to_a_human_and_holds_up_nobody(reminded: Desk) -> None:
    broken = reminded.receives("1")
    with reminded.runtime.act(SYSTEM) as act:
        message = act.session.get_one(Message, broken)
        message.body = Sealed(message.body.blob[:-1] + bytes([message.body.blob[-1] ^ 1]))
    whole = reminded.receives("2")

    reminded.reads()

    assert (reminded.reading(broken).label, reminded.reading(broken).action) == ("unreadable", Action.TO_HUMAN)
    assert reminded.reading(whole).action is Action.NEW_TIME_ASKED


def test_reader_wakes_the_senders_of_what_it_wrote(reminded: Desk) -> None:
    reminded.hears("2")
    reminded.sends(Lane.INTERACTIVE)

    assert reminded.channel.sent[-1].text == ACKNOWLEDGED


def test_no_answer_of_the_list_is_taken_for_a_stop_or_settled_wrongly(reminded: Desk, shared: Path) -> None:
    """Each of the project's answers through the whole reader, to a fresh reminder."""
    answers = [
        line.split("\t", 1)
        for line in (shared / "data/replies.tsv").read_text(encoding="utf-8").splitlines()
        if "\t" in line
    ]
    wrong: list[tuple[str, str, str]] = []
    for label, text in answers:
        with reminded.runtime.act(SYSTEM) as act:
            act.session.execute(sa.update(Appointment).values(state=AppointmentState.BOOKED))
            act.session.execute(sa.update(PhoneNumber).values(paused_since=None, pause_reason=None))
        reading = reminded.reading(reminded.hears(text))
        opted_out = any(wish.lifted_at is None for wish in reminded.every(OptOut))
        if opted_out and label != "stop":
            wrong.append((label, text, "opted out"))
        if reading.label != label and reading.action is not Action.TO_HUMAN:
            wrong.append((label, text, reading.label))
        with reminded.runtime.act(SYSTEM) as act:
            act.session.execute(sa.update(OptOut).values(lifted_at=act.now))

    assert wrong == []
    assert len(answers) == 95
    assert reminded.channel.sent[0].recipient == SARA
