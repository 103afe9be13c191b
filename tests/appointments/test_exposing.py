"""What citizens of the trial really got is written down once, when a meeting has begun."""

import uuid
from collections.abc import Collection, Mapping

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.exposing import is_any_to_record
from messaging.appointments.exposure_models import Exposure
from messaging.appointments.models import Reminder
from messaging.appointments.work import AppointmentWork
from messaging.conversations.channel_choice import Has, Means
from messaging.conversations.models import Message
from messaging.conversations.states import MessageState
from messaging.people.actors import SYSTEM
from messaging.trial.models import Arm
from messaging.trial.taking_part import join, leave
from tests.appointments.conftest import Desk, wall

BEGINS = "2027-10-14 10:30"


def all_have_the_app(_session: Session, citizen_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Means]:
    return dict.fromkeys(citizen_ids, Means(has=Has.APP))


def books_in(desk: Desk, arm: Arm, **line: str) -> uuid.UUID:
    citizen_id = desk.books(**line).citizen_id
    with desk.runtime.act(SYSTEM) as act:
        join(act, {citizen_id: arm})
    return citizen_id


def begins(desk: Desk, *, at: str = BEGINS) -> list[Exposure]:
    desk.clock.moment = wall(at)
    work = AppointmentWork(runtime=desk.runtime, means_of=all_have_the_app)
    next(one for one in work.periodics() if one.name == "trial.exposure").run()
    return list(desk.every(Exposure))


@pytest.mark.parametrize(
    ("arm", "sms", "app", "withheld"), [(Arm.SMS, 2, 0, 0), (Arm.APP, 0, 2, 0), (Arm.CONTROL, 0, 0, 2)]
)
def test_each_arm_got_what_it_was_to_get(desk: Desk, arm: Arm, sms: int, app: int, withheld: int) -> None:
    books_in(desk, arm)
    desk.reminds(at="2027-10-11 10:30")
    desk.sends()
    desk.reminds(at="2027-10-13 10:30")
    desk.sends()
    (row,) = begins(desk)

    assert (row.sms_sent, row.app_placed, row.withheld) == (sms, app, withheld)
    assert (row.arm, row.has, row.sms_delivered, row.app_shown) == (arm, Has.APP, 0, 0)
    assert (row.reminded_by_huskeservice, row.reminded_by_nemsms, row.reminded_by_booking_system) == (False, None, None)


@pytest.mark.parametrize(
    ("state", "got"),
    [
        (MessageState.SENT, 1),
        (MessageState.DELIVERED, 1),
        (MessageState.UNCLEAR, 1),  # perhaps it left
        (MessageState.FAILED, 0),
        (MessageState.EXPIRED, 0),
        (MessageState.HELD, 0),
    ],
)
@pytest.mark.parametrize("arm", [Arm.SMS, Arm.APP])
def test_what_certainly_never_came_counts_as_nothing_that_she_got(
    desk: Desk, arm: Arm, state: MessageState, got: int
) -> None:
    books_in(desk, arm)
    desk.reminds(at="2027-10-13 10:30")
    desk.sends()
    with desk.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Message).values(state=state))
    (row,) = begins(desk)

    assert (row.sms_sent, row.app_placed) == ((got, 0) if arm is Arm.SMS else (0, got))


def test_other_reminders_are_known(desk: Desk) -> None:
    books_in(desk, Arm.CONTROL, huskeservice="Ja")

    assert [row.reminded_by_huskeservice for row in begins(desk)] == [True]


@pytest.mark.parametrize("arm", [Arm.SMS, Arm.CONTROL])
def test_texts_that_were_drawn_are_known_whether_they_were_sent_or_not(desk: Desk, arm: Arm) -> None:
    books_in(desk, arm)
    with desk.runtime.act(SYSTEM) as act:
        drawn = sa.case((Reminder.step == "1_day", "M2K"), else_="M1P")
        act.session.execute(sa.update(Reminder).values(wording=drawn))
    desk.reminds(at="2027-10-11 10:30")

    assert [row.wordings for row in begins(desk)] == ["3_days=M1P 1_day=M2K"]


def test_it_is_written_once_and_not_before_the_meeting_begins(desk: Desk) -> None:
    books_in(desk, Arm.SMS)

    assert begins(desk, at="2027-10-14 10:29") == []
    assert len(begins(desk)) == 1
    assert len(begins(desk, at="2027-10-15 10:30")) == 1
    with desk.runtime.database.read() as session:
        assert not is_any_to_record(session, at=desk.clock.now())


def test_nothing_is_written_of_who_is_in_no_arm_or_has_left_the_trial(desk: Desk) -> None:
    citizen_id = books_in(desk, Arm.SMS)
    with desk.runtime.act(SYSTEM) as act:
        leave(act, [citizen_id])

    assert begins(desk) == []
