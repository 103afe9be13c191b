"""What a caseworker says that an answer means: kept beside the reading, followed by the meeting, counted by rule.

Sara is reminded on Monday 11/10 of her meeting on Thursday 14/10 kl. 10.30.
"""

import uuid

import pytest

from messaging.appointments.correcting import MEANINGS, Measured, NothingToCorrect, correct_reading, measure
from messaging.appointments.models import ReadingCorrection
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.reply_rules import Label
from messaging.appointments.states import AppointmentState, OutcomeWord
from messaging.conversations.states import Waiting
from messaging.errors import InvalidInput, NotFound
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, Role
from tests.appointments.conftest import Desk, wall

UNSURE = "Ja jeg kommer sammen med min mor"


@pytest.fixture
def reminded(desk: Desk) -> Desk:
    """Sara has been reminded, and it is eleven o'clock on Monday."""
    desk.books()
    desk.reminds(at="2027-10-11 10:31")
    desk.clock.moment = wall("2027-10-11 11:00")
    return desk


def corrects(desk: Desk, message_id: uuid.UUID, label: Label, *, at: str = "2027-10-11 12:00") -> bool:
    """Let the first caseworker correct a reading."""
    desk.clock.moment = wall(at)
    mette = next(row for row in desk.every(Caseworker) if row.initials == "sb01")
    with desk.runtime.act(Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER)) as act:
        return correct_reading(act, message_id=message_id, label=label)


def measured(desk: Desk) -> list[Measured]:
    with desk.runtime.database.read() as session:
        return measure(session)


def test_correction_is_kept_beside_the_reading_and_journaled(reminded: Desk) -> None:
    message_id = reminded.hears("Jeg er syg")
    assert corrects(reminded, message_id, Label.QUESTION)

    assert reminded.reading(message_id).label == "sick"
    assert [(row.message_id, row.label) for row in reminded.every(ReadingCorrection)] == [(message_id, "question")]
    assert reminded.events()[-1] == "reply.corrected"


@pytest.mark.parametrize(
    ("text", "label", "state"),
    [
        ("1", Label.OTHER, AppointmentState.BOOKED),
        ("1", Label.NEW_TIME, AppointmentState.NEW_TIME_ASKED),
        ("2", Label.LATE, AppointmentState.BOOKED),
        ("2", Label.SICK, AppointmentState.NEW_TIME_ASKED),
        ("2", Label.CONFIRM, AppointmentState.CONFIRMED),
        (UNSURE, Label.CONFIRM, AppointmentState.CONFIRMED),
        ("Tak", Label.NEW_TIME, AppointmentState.NEW_TIME_ASKED),
        ("Tak", Label.QUESTION, AppointmentState.BOOKED),
    ],
)
def test_meeting_stands_as_the_answer_says_in_truth(
    reminded: Desk, text: str, label: Label, state: AppointmentState
) -> None:
    corrects(reminded, reminded.hears(text), label)

    assert reminded.appointment().state is state


def test_meeting_follows_nothing_once_somebody_has_said_something_else_of_it(reminded: Desk) -> None:
    wrong = reminded.hears("1")
    reminded.hears("2", at="2027-10-11 11:30")
    corrects(reminded, wrong, Label.OTHER)

    assert reminded.appointment().state is AppointmentState.NEW_TIME_ASKED


def test_meeting_that_has_ended_is_not_opened_by_a_correction(reminded: Desk) -> None:
    message_id = reminded.hears("2")
    with reminded.runtime.act(SYSTEM) as act:
        record_outcome(act, appointment_id=reminded.appointment().id, outcome=OutcomeWord.CANCELLED_BY_CITIZEN)
    corrects(reminded, message_id, Label.CONFIRM)

    assert reminded.appointment().state is AppointmentState.CANCELLED_BY_CITIZEN


@pytest.mark.parametrize(("label", "waiting"), [(Label.QUESTION, Waiting.FOR_US), (Label.CONFIRM, Waiting.SETTLED)])
def test_thread_that_settled_itself_for_the_wrong_reason_waits_again(
    reminded: Desk, label: Label, waiting: Waiting
) -> None:
    corrects(reminded, reminded.hears("Tak"), label)

    assert reminded.waiting() is waiting


def test_same_correction_again_changes_nothing_and_another_one_counts(reminded: Desk) -> None:
    message_id = reminded.hears("Jeg er syg")

    assert not corrects(reminded, message_id, Label.SICK)
    assert corrects(reminded, message_id, Label.OTHER)
    assert not corrects(reminded, message_id, Label.OTHER, at="2027-10-11 12:01")
    assert corrects(reminded, message_id, Label.LATE, at="2027-10-11 12:02")
    assert [one.corrected_to for one in measured(reminded)] == [{"late": 1}]


def test_rules_are_measured_by_what_was_corrected_last(reminded: Desk) -> None:
    wrong = reminded.hears("2")
    reminded.hears("nej", at="2027-10-11 11:01")
    mended = reminded.hears("Jeg er syg", at="2027-10-11 11:02")
    reminded.hears("Min mor bor i Kolding", at="2027-10-11 11:03")
    corrects(reminded, wrong, Label.CONFIRM)
    corrects(reminded, mended, Label.OTHER)
    corrects(reminded, mended, Label.SICK, at="2027-10-11 12:01")

    found = [(one.rule, one.label, one.readings, one.corrections, one.precision) for one in measured(reminded)]
    assert found == [
        ("new_time_in_a_word", "new_time", 2, 1, 0.5),
        (None, "other", 1, 0, 1.0),
        ("sick", "sick", 1, 0, 1.0),
    ]
    with reminded.runtime.database.read() as session:
        assert measure(session, since=wall("2027-10-12 00:00")) == []


@pytest.mark.parametrize("text", ["STOP", "Min mor bor i Kolding"])
def test_what_no_rule_read_cannot_have_been_read_wrongly(reminded: Desk, text: str) -> None:
    with pytest.raises(NothingToCorrect):
        corrects(reminded, reminded.hears(text), Label.OTHER)


@pytest.mark.parametrize("label", sorted(set(Label) - set(MEANINGS)))
def test_correction_opts_nobody_out_and_moves_no_number(reminded: Desk, label: Label) -> None:
    with pytest.raises(InvalidInput):
        corrects(reminded, reminded.hears("Jeg er syg"), label)


def test_message_nobody_knows_cannot_be_corrected(reminded: Desk) -> None:
    with pytest.raises(NotFound):
        corrects(reminded, uuid.uuid4(), Label.OTHER)
