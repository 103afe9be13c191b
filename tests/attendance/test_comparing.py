"""What staff tapped and citizens answered, beside the employment system's word. The meeting is th. 14/10 kl. 10.30."""

from collections.abc import Mapping

import pytest

from messaging.appointments.citizen_answers import Answer
from messaging.appointments.last_answers import Said
from messaging.appointments.outcomes import correct_outcome, record_outcome
from messaging.appointments.reply_rules import Label
from messaging.appointments.states import OutcomeWord
from messaging.attendance.comparing import answers_compared, compared
from messaging.attendance.models import OfficialWord
from messaging.people.actors import SYSTEM
from tests.appointments.conftest import Desk, wall
from tests.appointments.test_citizen_answers import presses
from tests.appointments.test_combining import combined  # noqa: F401
from tests.appointments.test_correcting import UNSURE, corrects
from tests.attendance.test_importing import OCTOBER, freezes, tells

MONDAY = "2027-10-11 11:00"
HELD = {"udfald": "afholdt"}


@pytest.fixture
def reminded(desk: Desk) -> Desk:
    """Sara has been reminded, and it is eleven o'clock on Monday."""
    desk.books()
    desk.reminds(at="2027-10-11 10:31")
    desk.clock.moment = wall(MONDAY)
    return desk


def taps(desk: Desk, outcome: OutcomeWord) -> None:
    desk.clock.moment = wall("2027-10-14 12:00")
    with desk.runtime.act(SYSTEM) as act:
        record_outcome(act, appointment_id=desk.appointment().id, outcome=outcome)


def answered(desk: Desk) -> Mapping[tuple[Said, OfficialWord | None], int]:
    with desk.runtime.database.read() as session:
        return answers_compared(session, **OCTOBER)


def tapped(desk: Desk) -> Mapping[tuple[OfficialWord, OutcomeWord], int]:
    with desk.runtime.database.read() as session:
        return compared(session, **OCTOBER)


def test_who_taps_that_she_does_not_know_contradicts_nobody_until_she_does(reminded: Desk) -> None:
    taps(reminded, OutcomeWord.UNKNOWN)
    tells(reminded, HELD)
    before = tapped(reminded)
    with reminded.runtime.act(SYSTEM) as act:
        correct_outcome(act, appointment_id=reminded.appointment().id, outcome=OutcomeWord.NO_SHOW, reason="Kom ikke")

    assert before == {}
    assert tapped(reminded) == {(OfficialWord.HELD, OutcomeWord.NO_SHOW): 1}


def test_only_meetings_that_are_asked_for_are_compared(reminded: Desk) -> None:
    reminded.hears("1")
    freezes(reminded)
    taps(reminded, OutcomeWord.HELD)
    tells(reminded, {})
    with reminded.runtime.database.read() as session:
        assert compared(session, **OCTOBER, among=set()) == {}
        assert answers_compared(session, **OCTOBER, among=set()) == {}
        this = {(reminded.appointment().id, reminded.appointment().starts_at)}
        assert answers_compared(session, **OCTOBER, among=this) == {(Said.CONFIRMED, OfficialWord.NO_SHOW): 1}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["1"], Said.CONFIRMED),
        (["2"], Said.NEW_TIME),
        (["Jeg er syg"], Said.SICK),
        (["1", "2"], Said.NEW_TIME),
        (["2", "Ja, jeg kommer"], Said.CONFIRMED),
        (["1", "Tak"], Said.CONFIRMED),
    ],
)
def test_last_answer_stands_beside_what_became_of_the_meeting(reminded: Desk, texts: list[str], said: Said) -> None:
    for minute, text in enumerate(texts):
        reminded.hears(text, at=f"2027-10-11 11:0{minute}")
    freezes(reminded)
    before = answered(reminded)
    tells(reminded, {})

    assert before == {(said, None): 1}
    assert answered(reminded) == {(said, OfficialWord.NO_SHOW): 1}


def test_meeting_of_which_nothing_was_said_is_left_out(reminded: Desk) -> None:
    reminded.hears("Hvad skal vi snakke om?")
    freezes(reminded)
    tells(reminded, {})

    assert answered(reminded) == {}


@pytest.mark.parametrize(
    ("text", "meant", "counted"),
    [
        ("1", Label.NEW_TIME, {(Said.NEW_TIME, None): 1}),
        ("2", Label.QUESTION, {}),
        (UNSURE, Label.CONFIRM, {(Said.CONFIRMED, None): 1}),
        (UNSURE, Label.SICK, {(Said.SICK, None): 1}),
    ],
)
def test_answer_counts_as_staff_corrected_it(
    reminded: Desk, text: str, meant: Label, counted: Mapping[tuple[Said, None], int]
) -> None:
    corrects(reminded, reminded.hears(text), meant)
    freezes(reminded)

    assert answered(reminded) == counted


def test_corrected_answer_that_may_be_about_either_of_two_meetings_is_about_none(reminded: Desk) -> None:
    reminded.books(aftale_id="A2", start="14-10-2027 13:00")
    reminded.reminds(at="2027-10-11 13:01")
    corrects(reminded, reminded.hears(UNSURE, at="2027-10-11 14:00"), Label.CONFIRM, at="2027-10-11 15:00")
    freezes(reminded)

    assert answered(reminded) == {}


def test_each_time_of_a_moved_meeting_has_the_answer_that_was_given_about_it(reminded: Desk) -> None:
    reminded.hears("2")
    reminded.books(at="2027-10-12 09:00", start="20-10-2027 09:00")
    reminded.reminds(at="2027-10-17 09:01")
    reminded.hears("1", at="2027-10-17 10:00")
    freezes(reminded, at="2027-10-17 11:00")
    tells(
        reminded,
        {"afbud": "11-10-2027 11:00"},
        {"start": "20-10-2027 09:00", **HELD},
        at="2027-10-21 09:00",
    )

    assert answered(reminded) == {
        (Said.NEW_TIME, OfficialWord.CANCELLED_BY_CITIZEN): 1,
        (Said.CONFIRMED, OfficialWord.HELD): 1,
    }


def test_answer_about_a_time_that_the_meeting_no_longer_had_when_it_counts_is_about_none(desk: Desk) -> None:
    desk.books()
    desk.clock.moment = wall("2027-10-05 09:00")
    presses(desk, Answer.NEW_TIME)
    desk.books(at="2027-10-06 09:00", start="20-10-2027 09:00")
    freezes(desk, at="2027-10-17 11:00")

    assert answered(desk) == {}


def test_answer_stays_with_a_meeting_of_which_only_the_place_is_another(reminded: Desk) -> None:
    reminded.hears("1")
    reminded.books(at="2027-10-11 12:00", sted="Mødested 2, 3. sal")
    freezes(reminded)

    assert reminded.appointment().revision == 2
    assert answered(reminded) == {(Said.CONFIRMED, None): 1}


def test_confirmation_of_two_meetings_in_one_text_is_of_both(combined: Desk) -> None:  # noqa: F811
    combined.reminds(at="2027-10-11 10:31")
    combined.hears("1", at=MONDAY)
    freezes(combined)
    tells(combined, {}, {"aftale_id": "A2", "start": "14-10-2027 13:00", **HELD})

    assert answered(combined) == {(Said.CONFIRMED, OfficialWord.NO_SHOW): 1, (Said.CONFIRMED, OfficialWord.HELD): 1}


def test_button_in_the_app_answers_about_its_own_meeting_alone(combined: Desk) -> None:  # noqa: F811
    combined.reminds(at="2027-10-11 10:31")
    combined.clock.moment = wall(MONDAY)
    presses(combined, Answer.COMES)
    freezes(combined)
    tells(combined, {})

    assert answered(combined) == {(Said.CONFIRMED, OfficialWord.NO_SHOW): 1}
