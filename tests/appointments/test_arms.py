"""Reminders, answers by themselves and cancellations in the arms of the trial."""

import uuid

import pytest

from messaging.appointments.models import Reminder
from messaging.appointments.states import ReminderState
from messaging.appointments.urgent_notices import tell_urgently
from messaging.conversations.models import Direction, Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.states import MessageState
from messaging.people.actors import SYSTEM
from messaging.trial.models import Arm, ArmDecision
from messaging.trial.taking_part import join
from tests.appointments.conftest import Desk


def books_in(desk: Desk, arm: Arm) -> uuid.UUID:
    """Book the usual meeting of a citizen in this arm; return her id."""
    citizen_id = desk.books().citizen_id
    with desk.runtime.act(SYSTEM) as act:
        join(act, {citizen_id: arm})
    return citizen_id


def out(desk: Desk) -> list[tuple[str, str, str]]:
    return [(row.medium, row.kind, row.state) for row in desk.every(Message) if row.direction is Direction.OUT]


def test_reminder_is_withheld_in_the_control_arm_and_says_so(desk: Desk) -> None:
    books_in(desk, Arm.CONTROL)
    desk.reminds(at="2027-10-11 10:30")

    assert out(desk) == []
    assert [row.state for row in desk.every(Reminder) if row.reason == "control_arm"] == [ReminderState.WITHHELD]
    assert [(row.sort, row.arm) for row in desk.every(ArmDecision)] == [("reminder", Arm.CONTROL)]


def test_reminder_lies_in_the_app_in_the_apps_arm(desk: Desk) -> None:
    books_in(desk, Arm.APP)
    desk.reminds(at="2027-10-11 10:30")

    assert out(desk) == [("app", Kind.REMINDER, MessageState.SENT)]
    assert [row.state for row in desk.every(Reminder) if row.message_id] == [ReminderState.SENT]


def test_reminder_is_an_sms_in_the_sms_arm(desk: Desk) -> None:
    books_in(desk, Arm.SMS)
    desk.reminds(at="2027-10-11 10:30")

    assert ("sms", Kind.REMINDER) in [(medium, kind) for medium, kind, _ in out(desk)]


@pytest.mark.parametrize(("arm", "medium", "kind"), [(Arm.SMS, "sms", Kind.AUTO_REPLY), (Arm.APP, "app", Kind.NOTICE)])
def test_who_asks_for_another_time_is_answered_the_way_of_her_arm(
    desk: Desk, arm: Arm, medium: str, kind: Kind
) -> None:
    """In the app's arm in the app, as a notice of which she is told."""
    books_in(desk, arm)
    desk.reminds(at="2027-10-11 10:30")
    before = len(out(desk))
    desk.hears("2", at="2027-10-12 10:00")

    assert [(row[0], row[1]) for row in out(desk)[before:]] == [(medium, kind)]


@pytest.mark.parametrize(("arm", "medium"), [(Arm.SMS, "sms"), (Arm.APP, "app"), (Arm.CONTROL, "sms")])
def test_who_writes_at_night_hears_in_every_arm_when_somebody_reads(desk: Desk, arm: Arm, medium: str) -> None:
    books_in(desk, arm)
    desk.hears("Hvor er det henne?", at="2027-10-12 23:00")

    assert [row[0] for row in out(desk)] == [medium]


@pytest.mark.parametrize("arm", list(Arm))
def test_what_we_change_about_a_meeting_goes_by_sms_in_every_arm(desk: Desk, arm: Arm) -> None:
    books_in(desk, arm)
    with desk.runtime.act(SYSTEM) as act:
        office = Office.from_config(desk.runtime.config)
        tell_urgently(act, desk.appointment(), key="M13", office=office)
    desk.sends()

    assert [(row[0], row[2]) for row in out(desk)] == [("sms", MessageState.SENT)]
