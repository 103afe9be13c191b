"""A reminder that is held is not sent until it is let go. The meeting is to. 14/10 kl. 10.30."""

import uuid

import pytest

from messaging.appointments.holding import NotWaiting, hold_reminder, let_go
from messaging.appointments.models import Reminder
from messaging.appointments.states import ReminderState
from messaging.appointments.work import ReminderLane
from messaging.audit.models import AuditEntry
from messaging.errors import NotFound
from messaging.people.actors import SYSTEM
from tests.appointments.conftest import Desk, wall

BEFORE, THREE_DAYS, LATER = "2027-10-04 10:00", "2027-10-11 10:31", "2027-10-11 14:00"


def held(desk: Desk) -> uuid.UUID:
    """Book the usual meeting and hold its first reminder."""
    desk.books(at=BEFORE)
    first = min(desk.every(Reminder), key=lambda reminder: reminder.due_at)
    with desk.runtime.act(SYSTEM) as act:
        hold_reminder(act, reminder_id=first.id)
    return first.id


def test_held_reminder_is_not_sent_when_it_is_due(desk: Desk) -> None:
    held(desk)
    desk.reminds(at=THREE_DAYS)

    assert desk.channel.sent == []
    assert desk.reminders()["3_days"] == (ReminderState.ON_HOLD, None)


def test_reminder_that_is_let_go_is_sent_if_it_is_still_of_use(desk: Desk) -> None:
    reminder_id = held(desk)
    desk.reminds(at=THREE_DAYS)
    with desk.runtime.act(SYSTEM) as act:
        let_go(act, reminder_id=reminder_id)
    desk.reminds(at=LATER)

    assert len(desk.channel.sent) == 1
    assert desk.reminders()["3_days"][0] == ReminderState.SENT


def test_held_reminder_of_a_meeting_that_is_moved_goes_with_the_old_time(desk: Desk) -> None:
    held(desk)
    desk.books(at=BEFORE, start="15-10-2027 10:30")

    assert {state for state, _ in desk.reminders().values()} == {ReminderState.PLANNED}


def test_held_reminder_that_nobody_let_go_is_skipped_when_its_meeting_has_begun_and_keeps_no_words(desk: Desk) -> None:
    reminder_id = held(desk)
    desk.clock.moment = wall("2027-10-14 10:29")
    ReminderLane(desk.runtime).follow_plans()
    before = desk.reminders()["3_days"]
    desk.clock.moment = wall("2027-10-15 09:00")
    ReminderLane(desk.runtime).follow_plans()
    (after,) = [row for row in desk.every(Reminder) if row.id == reminder_id]

    assert before == (ReminderState.ON_HOLD, None)
    assert (after.state, after.reason, after.words, after.words_digest) == ("skipped", "begun", None, None)
    assert "reminder.skipped" in desk.events()


def test_reminder_that_does_not_wait_cannot_be_held_or_let_go(desk: Desk) -> None:
    reminder_id = held(desk)
    with pytest.raises(NotWaiting), desk.runtime.act(SYSTEM) as act:
        hold_reminder(act, reminder_id=reminder_id)
    with desk.runtime.act(SYSTEM) as act:
        let_go(act, reminder_id=reminder_id)

    with pytest.raises(NotWaiting), desk.runtime.act(SYSTEM) as act:
        let_go(act, reminder_id=reminder_id)


def test_reminder_nobody_knows_cannot_be_held(desk: Desk) -> None:
    with pytest.raises(NotFound), desk.runtime.act(SYSTEM) as act:
        hold_reminder(act, reminder_id=uuid.uuid4())


def test_who_held_a_reminder_is_audited(desk: Desk) -> None:
    reminder_id = held(desk)

    assert [entry.object_id for entry in desk.every(AuditEntry) if entry.action == "reminder.held"] == [reminder_id]
