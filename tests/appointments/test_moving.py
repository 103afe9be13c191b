"""A meeting that is moved after we have told of its old time. It is to. 14/10 kl. 10.30, and moves a week."""

import pytest
import sqlalchemy as sa

from messaging.appointments.cancelling import cancel_by_us
from messaging.appointments.models import Reminder
from messaging.appointments.states import MOVED, ReminderState
from messaging.conversations.models import Kind, Message, Template
from messaging.conversations.states import MessageState
from messaging.people import wishes
from messaging.people.actors import SYSTEM
from messaging.work.lanes import Lane
from tests.appointments.conftest import OFFICE, Desk, wall

REMINDED, MOVES = "2027-10-11 10:31", "2027-10-12 12:00"
LATER = {"start": "21-10-2027 13:00"}
NEW_TIME = (
    "Hej Sara. Din nye tid er to. 21/10 kl. 13.00, Mødested 1. Den gamle tid er aflyst. "
    "Svar 1=passer 2=passer ikke. Mette, Ungecenteret"
)


@pytest.fixture
def reminded(desk: Desk) -> Desk:
    """A citizen who has got the first reminder of her meeting."""
    desk.books()
    desk.reminds(at=REMINDED)
    assert len(desk.channel.sent) == 1
    return desk


def notices(desk: Desk) -> list[tuple[int, str, str | None]]:
    """Revision, state and reason of each notice of a new time."""
    return [(row.revision, row.state, row.reason) for row in desk.every(Reminder) if row.step == MOVED]


def sends(desk: Desk, *, at: str) -> list[str]:
    """Let what is due leave; return the texts that have left since the reminder."""
    desk.clock.moment = wall(at)
    desk.sends()
    return [sms.text for sms in desk.channel.sent[1:]]


def test_whoever_was_reminded_of_the_old_time_hears_of_the_new_one_and_that_the_old_is_off(reminded: Desk) -> None:
    reminded.books(at=MOVES, **LATER)

    assert sends(reminded, at=MOVES) == [NEW_TIME]
    assert notices(reminded) == [(2, ReminderState.SENT, None)]
    assert reminded.written(Kind.NOTICE) == [NEW_TIME]
    assert reminded.events()[-2:] == ["reminder.sent", "message.sent_to_provider"]


def test_whoever_has_heard_nothing_yet_hears_of_the_new_time_by_its_reminders(desk: Desk) -> None:
    desk.books()
    desk.books(at="2027-10-05 12:00", **LATER)

    assert (notices(desk), desk.every(Message)) == ([], [])


@pytest.mark.parametrize(("answer", "state"), [("1", "confirmed"), ("2", "new_time_asked")])
def test_an_answer_to_the_notice_is_about_the_new_time(reminded: Desk, answer: str, state: str) -> None:
    reminded.books(at=MOVES, **LATER)
    sends(reminded, at=MOVES)
    reminded.hears(answer, at="2027-10-12 12:30")

    assert reminded.appointment().state == state


def test_whoever_confirmed_the_old_time_is_asked_anew(reminded: Desk) -> None:
    reminded.hears("1", at="2027-10-11 11:00")
    reminded.books(at=MOVES, **LATER)

    assert reminded.appointment().state == "booked"
    assert NEW_TIME in sends(reminded, at=MOVES)


def test_of_two_moves_before_a_notice_has_left_only_the_last_is_told(reminded: Desk) -> None:
    reminded.books(at="2027-10-12 23:00", start="20-10-2027 09:00")
    reminded.books(at="2027-10-12 23:30", **LATER)

    assert reminded.written(Kind.NOTICE)[1] == NEW_TIME
    assert [message.state for message in reminded.every(Message) if message.kind is Kind.NOTICE] == [
        MessageState.CANCELLED,
        MessageState.SCHEDULED,
    ]


def test_meeting_that_is_cancelled_after_its_move_calls_the_notice_back(reminded: Desk) -> None:
    reminded.books(at="2027-10-12 23:00", **LATER)
    with reminded.runtime.act(SYSTEM) as act:
        cancel_by_us(act, appointment_id=reminded.appointment().id, office=OFFICE)

    assert not [text for text in sends(reminded, at="2027-10-13 12:00") if "nye tid" in text]


def test_notice_waits_for_the_day_unless_a_time_is_near(reminded: Desk) -> None:
    """The night of Tuesday: the old time is on Thursday, or on Wednesday morning."""
    reminded.books(at="2027-10-12 23:00", **LATER)
    (notice,) = [message for message in reminded.every(Message) if message.kind is Kind.NOTICE]

    assert notice.due_at == wall("2027-10-13 09:00")
    assert notice.lane is Lane.URGENT


def test_notice_leaves_at_six_where_she_could_be_on_her_way(reminded: Desk) -> None:
    reminded.books(at="2027-10-13 23:00", **LATER)
    (notice,) = [message for message in reminded.every(Message) if message.kind is Kind.NOTICE]

    assert notice.due_at == wall("2027-10-14 06:00")


def test_nothing_reminds_of_the_new_time_within_half_a_day_of_the_notice(reminded: Desk) -> None:
    reminded.books(at=MOVES, start="13-10-2027 16:00")

    assert reminded.reminders() == {
        "3_days": (ReminderState.SKIPPED, "near_another"),
        "1_day": (ReminderState.SKIPPED, "near_another"),
        MOVED: (ReminderState.SENT, None),
    }
    assert len(sends(reminded, at="2027-10-13 13:00")) == 1


def test_whoever_cannot_be_reached_is_told_of_like_everybody_who_could_not_be_reminded(reminded: Desk) -> None:
    with reminded.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=reminded.appointment().citizen_id)
    reminded.books(at=MOVES, **LATER)

    assert notices(reminded) == [(2, ReminderState.SKIPPED, "opted_out")]
    assert reminded.events()[-1] == "reminder.skipped"


def test_a_text_that_has_expired_stops_no_move(reminded: Desk) -> None:
    with reminded.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Template).filter_by(key="M4").values(valid_to=wall("2027-10-01 00:00")))
    reminded.books(at=MOVES, **LATER)

    assert notices(reminded) == [(2, ReminderState.SKIPPED, "no_valid_text")]
    assert reminded.appointment().starts_at == wall("2027-10-21 13:00")


def test_meeting_that_is_moved_after_it_has_begun_is_not_told_of_as_a_new_time(reminded: Desk) -> None:
    reminded.books(at="2027-10-14 11:00", **LATER)

    assert notices(reminded) == []


def test_place_that_changes_is_told_by_the_reminders_alone(reminded: Desk) -> None:
    reminded.books(at=MOVES, sted="Mødested 2")

    assert notices(reminded) == []
