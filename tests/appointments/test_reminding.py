"""Due reminders: looked at again, written in approved words, sent in open hours. The meeting is to. 14/10 kl. 10.30."""

import uuid
from collections.abc import Collection
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from messaging.appointments.importing import import_appointments
from messaging.appointments.models import Appointment, MeetingText, Reminder
from messaging.appointments.planning import ReminderRules
from messaging.appointments.reminding import send_due_reminders
from messaging.appointments.states import AppointmentState, ReminderState
from messaging.appointments.timing import Step
from messaging.appointments.work import ReminderLane
from messaging.conversations.channel_choice import Has, Means
from messaging.conversations.models import Kind, Message, Template
from messaging.conversations.office import Office
from messaging.conversations.rendering import MalformedText
from messaging.conversations.segments import Encoding, measure
from messaging.conversations.states import MessageState
from messaging.people import wishes
from messaging.people.actors import SYSTEM
from messaging.people.card_models import Medium
from messaging.people.models import Citizen, PauseReason, PhoneNumber
from tests.appointments.conftest import AHMED, OFFICE, SARA, Desk, booking_file, wall
from tests.runtime import lose_key

THREE_DAYS, ONE_DAY = "2027-10-11 10:31", "2027-10-13 10:31"
SENT = (ReminderState.SENT, None)


def test_both_reminders_of_a_meeting_reach_the_citizen_in_the_approved_words(desk: Desk) -> None:
    desk.books()

    desk.reminds(at=THREE_DAYS)
    desk.reminds(at=ONE_DAY)

    first, second = desk.channel.sent
    assert (first.recipient, second.recipient) == (SARA, SARA)
    assert first.text == (
        "Hej Sara. Vi ses to. 14/10 kl. 10.30, Mødested 1. Vi taler om dine mål og de næste uger. Ca. 30 min. "
        "Svar 1=kommer 2=ny tid. Mette, Ungecenteret"
    )
    assert second.text == (
        "Hej Sara. Husk mødet i morgen kl. 10.30, Mødested 1. Hvornår skal du hjemmefra? "
        "Kan du ikke komme, så svar 2, og vi finder en ny tid. Mette, Ungecenteret"
    )


def test_a_curly_apostrophe_in_a_name_does_not_make_a_reminder_longer(desk: Desk) -> None:
    desk.books(fornavn="D’Angelo")

    desk.reminds(at=THREE_DAYS)

    (sent,) = desk.channel.sent
    assert "D'Angelo" in sent.text
    assert measure(sent.text).encoding is Encoding.GSM_7
    assert desk.written(Kind.REMINDER) == [sent.text]


def test_phone_meeting_says_who_rings_and_names_no_place(desk: Desk) -> None:
    desk.books(afholdelsesform="Telefon")

    desk.reminds(at=THREE_DAYS)
    desk.reminds(at=ONE_DAY)

    first, second = (message.text for message in desk.channel.sent)
    assert "Mette ringer til dig to. 14/10 kl. 10.30" in first
    assert "Mette ringer til dig i morgen kl. 10.30" in second
    assert "Mødested" not in first + second


def test_video_meeting_says_where_to_log_in_without_a_link(desk: Desk) -> None:
    desk.books(afholdelsesform="Video")

    desk.reminds(at=THREE_DAYS)

    (message,) = desk.channel.sent
    assert "Log ind i Mit Ungecenter" in message.text
    assert "http" not in message.text
    assert "Mødested" not in message.text


def test_words_of_the_booking_system_never_leave(desk: Desk) -> None:
    desk.books(samtaletype="Rehabiliteringsmøde", formaal="Om din diagnose")

    desk.reminds(at=THREE_DAYS)
    desk.reminds(at=ONE_DAY)

    said = " ".join(message.text for message in desk.channel.sent)
    assert len(desk.channel.sent) == 2
    assert "Rehabilitering" not in said
    assert "diagnose" not in said


def test_meeting_type_without_an_approved_text_gets_the_neutral_one(desk: Desk) -> None:
    desk.books(samtaletype="Misbrugssamtale")

    desk.reminds(at=THREE_DAYS)

    (message,) = desk.channel.sent
    assert "Vi taler om din plan og hvad der sker bagefter." in message.text
    assert "Misbrug" not in message.text


def test_place_without_approved_words_is_not_named(desk: Desk) -> None:
    desk.books(sted="Psykiatrisk Center")

    desk.reminds(at=THREE_DAYS)

    (message,) = desk.channel.sent
    assert message.text == "Påmindelse: Du har en aftale to. 14/10 kl. 10.30. Se mere i din Digital Post."


def test_shared_number_gets_a_text_that_says_nothing_of_the_person(desk: Desk) -> None:
    desk.books()
    desk.books(aftale_id="A2", cpr="720202-2345", fornavn="Ahmed")

    desk.reminds(at=THREE_DAYS)

    assert {message.text for message in desk.channel.sent} == {
        "Påmindelse: Du har en aftale to. 14/10 kl. 10.30. Se mere i din Digital Post."
    }
    assert len(desk.channel.sent) == 2


def test_newest_approved_purpose_is_the_one_that_is_sent(desk: Desk) -> None:
    desk.books()
    with desk.runtime.act(SYSTEM) as act:
        act.session.add(
            MeetingText(
                meeting_type="Jobsamtale",
                purpose="dit nye job",
                next_step="dine planer",
                valid_from=wall("2027-10-01 00:00"),
                approved_by="test",
            )
        )

    desk.reminds(at=THREE_DAYS)

    assert "Vi taler om dit nye job og dine planer." in desk.channel.sent[0].text


@pytest.mark.parametrize("line", [{"afholdelsesform": form} for form in ("Fremmøde", "Telefon", "Video")])
def test_reminder_of_usual_length_is_one_part(desk: Desk, line: dict[str, str]) -> None:
    desk.books(**line)

    desk.reminds(at=THREE_DAYS)
    desk.reminds(at=ONE_DAY)

    assert [message.segments for message in desk.every(Message)] == [1, 1]


def test_reminder_is_decided_once(desk: Desk) -> None:
    """R19: a second look a moment later finds nothing to do."""
    desk.books()
    desk.reminds(at=THREE_DAYS)

    desk.reminds(at=THREE_DAYS)

    assert len(desk.channel.sent) == 1


def test_reminder_is_journaled_and_names_its_message(desk: Desk) -> None:
    """R16"""
    desk.books()
    desk.reminds(at=THREE_DAYS)

    (message,) = desk.every(Message)
    reminder = next(row for row in desk.every(Reminder) if row.step == "3_days")
    assert (reminder.state, reminder.message_id, message.kind) == (ReminderState.SENT, message.id, Kind.REMINDER)
    assert "reminder.sent" in desk.events()


def test_reminder_expires_when_it_is_of_no_use_any_more(desk: Desk) -> None:
    """R19"""
    desk.books()
    desk.reminds(at=ONE_DAY)

    (message,) = (message for message in desk.every(Message) if message.template.startswith("M2"))
    assert message.expires_at == wall("2027-10-14 08:30")


@pytest.mark.parametrize(
    ("state", "reason"), [(AppointmentState.CANCELLED_BY_CITIZEN, "cancelled"), (AppointmentState.HELD, "cancelled")]
)
def test_reminder_of_a_meeting_that_does_not_stand_is_skipped(desk: Desk, state: AppointmentState, reason: str) -> None:
    desk.books()
    with desk.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Appointment).values(state=state))

    desk.reminds(at=THREE_DAYS)

    assert desk.reminders()["3_days"] == (ReminderState.SKIPPED, reason)
    assert desk.channel.sent == []


def test_confirmed_meeting_is_still_reminded_of(desk: Desk) -> None:
    desk.books()
    with desk.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Appointment).values(state=AppointmentState.CONFIRMED))

    desk.reminds(at=ONE_DAY)

    assert desk.reminders()["1_day"] == SENT


def test_reminder_of_an_old_revision_is_skipped_even_if_nobody_withdrew_it(desk: Desk) -> None:
    desk.books()
    with desk.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Appointment).values(revision=2))

    desk.reminds(at=THREE_DAYS)

    assert desk.reminders()["3_days"] == (ReminderState.SKIPPED, "moved")


def test_citizen_who_opted_out_is_not_reminded(desk: Desk) -> None:
    """R20"""
    appointment = desk.books()
    with desk.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=appointment.citizen_id)

    desk.reminds(at=THREE_DAYS)

    assert desk.reminders()["3_days"] == (ReminderState.SKIPPED, "opted_out")


def test_stop_after_the_reminder_was_written_still_keeps_it_from_leaving(desk: Desk) -> None:
    """R20: committed before the queued message is claimed."""
    desk.books()
    desk.clock.moment = wall(THREE_DAYS)
    ReminderLane(desk.runtime).drain()
    desk.hears("STOP")

    desk.sends()

    (reminder,) = (message for message in desk.every(Message) if message.kind is Kind.REMINDER)
    assert (reminder.state, reminder.reason) == (MessageState.CANCELLED, "opted_out")
    assert all("Husk" not in message.text and "Vi ses" not in message.text for message in desk.channel.sent)


def test_citizen_without_a_number_is_not_reminded(desk: Desk) -> None:
    desk.books(telefon="")

    desk.reminds(at=THREE_DAYS)

    assert desk.reminders()["3_days"] == (ReminderState.SKIPPED, "no_number")


def test_nothing_goes_to_a_paused_number(desk: Desk) -> None:
    desk.books()
    with desk.runtime.act(SYSTEM) as act:
        number_id = act.session.scalars(sa.select(PhoneNumber.id)).one()
        wishes.pause_number(act, number_id=number_id, reason=PauseReason.WRONG_NUMBER)

    desk.reminds(at=THREE_DAYS)

    assert desk.reminders()["3_days"] == (ReminderState.SKIPPED, "number_paused")


def test_nothing_goes_to_a_number_the_provider_blocked(desk: Desk) -> None:
    desk.books()
    with desk.runtime.act(SYSTEM) as act:
        wishes.block_number(act, number_id=act.session.scalars(sa.select(PhoneNumber.id)).one())

    desk.reminds(at=THREE_DAYS)

    assert desk.reminders()["3_days"] == (ReminderState.SKIPPED, "provider_blocked")


def test_skipped_reminder_is_journaled(desk: Desk) -> None:
    """R16"""
    desk.books(telefon="")

    desk.reminds(at=THREE_DAYS)

    assert desk.events().count("reminder.skipped") == 1


def test_reminder_that_was_missed_in_the_day_waits_for_the_morning(desk: Desk) -> None:
    """R19: we were down from Monday noon until two at night."""
    desk.books()

    desk.reminds(at="2027-10-12 02:00")
    sent_at_night = list(desk.channel.sent)
    desk.reminds(at="2027-10-12 09:00")

    assert sent_at_night == []
    assert len(desk.channel.sent) == 1


def test_of_two_reminders_that_were_both_missed_only_the_last_is_sent(desk: Desk) -> None:
    """R19: we were down from Monday morning until Wednesday noon."""
    desk.books()

    desk.reminds(at="2027-10-13 12:00")

    assert desk.reminders() == {"3_days": (ReminderState.SKIPPED, "near_another"), "1_day": SENT}
    assert len(desk.channel.sent) == 1


def test_of_two_reminders_that_were_missed_at_night_only_the_last_is_sent(desk: Desk) -> None:
    """R19: both wait for the same morning."""
    desk.books(start="14-10-2027 20:30")

    desk.reminds(at="2027-10-13 21:00")
    desk.reminds(at="2027-10-14 09:00")

    assert desk.reminders() == {"3_days": (ReminderState.SKIPPED, "near_another"), "1_day": SENT}


def test_reminders_planned_a_day_apart_are_both_sent(desk: Desk) -> None:
    rules = ReminderRules(steps=(Step(key="2_days", days=2), Step(key="1_day", days=1)))
    desk.clock.moment = wall("2027-10-01 10:00")
    import_appointments(partial(desk.runtime.act, SYSTEM), booking_file({}), rules=rules, office=OFFICE)

    desk.clock.moment = wall("2027-10-12 10:30") + timedelta(seconds=1)
    with desk.runtime.act(SYSTEM) as act:
        send_due_reminders(act, rules=rules, office=Office.from_config(desk.runtime.config))

    assert desk.reminders()["2_days"] == SENT


@pytest.mark.parametrize(
    ("has", "prefers", "medium"),
    [
        (Has.PUSH, Medium.APP, "app"),
        (Has.APP, Medium.APP, "app"),
        (Has.PUSH, Medium.SMS, "sms"),
        (Has.NUMBER, Medium.APP, "sms"),
    ],
)
def test_reminder_goes_by_the_ways_that_the_table_gives_for_what_she_has(
    desk: Desk, has: Has, prefers: Medium, medium: str
) -> None:
    desk.books()
    desk.clock.moment = wall("2027-10-11 10:31")

    def means_of(_: object, citizens: Collection[uuid.UUID]) -> dict[uuid.UUID, Means]:
        return dict.fromkeys(citizens, Means(has=has, prefers=prefers))

    with desk.runtime.act(SYSTEM) as act:
        office = Office.from_config(desk.runtime.config)
        send_due_reminders(act, rules=ReminderRules(), office=office, means_of=means_of)

    (message,) = desk.every(Message)
    assert (desk.reminders()["3_days"], message.medium, message.kind) == (SENT, medium, Kind.REMINDER)


@pytest.mark.parametrize(
    ("has", "reason"), [(Has.PUSH, None), (Has.APP, None), (Has.NUMBER, "opted_out")], ids=["knocks", "app", "number"]
)
def test_who_prefers_sms_and_has_said_stop_is_reminded_in_the_app_she_has(
    desk: Desk, has: Has, reason: str | None
) -> None:
    desk.books()
    desk.hears("STOP", at="2027-10-10 10:00")
    desk.clock.moment = wall("2027-10-11 10:31")

    def means_of(_: object, citizens: Collection[uuid.UUID]) -> dict[uuid.UUID, Means]:
        return dict.fromkeys(citizens, Means(has=has, prefers=Medium.SMS))

    with desk.runtime.act(SYSTEM) as act:
        office = Office.from_config(desk.runtime.config)
        send_due_reminders(act, rules=ReminderRules(), office=office, means_of=means_of)

    media = [message.medium for message in desk.every(Message) if message.kind is Kind.REMINDER]
    assert media == ([] if reason else ["app"])
    assert desk.reminders()["3_days"] == ((ReminderState.SKIPPED, reason) if reason else SENT)


def test_reminder_that_could_only_come_too_late_is_skipped(desk: Desk) -> None:
    """R19: at nine the meeting is only an hour and a half away."""
    desk.books()

    desk.reminds(at="2027-10-14 02:00")

    assert desk.reminders() == {
        "3_days": (ReminderState.SKIPPED, "too_late"),
        "1_day": (ReminderState.SKIPPED, "too_late"),
    }
    assert desk.channel.sent == []


def test_reminder_of_a_meeting_that_has_begun_is_skipped(desk: Desk) -> None:
    desk.books()

    desk.reminds(at="2027-10-14 10:30")

    assert desk.reminders()["1_day"] == (ReminderState.SKIPPED, "begun")


def test_written_reminder_that_could_not_leave_in_the_day_does_not_leave_at_night(desk: Desk) -> None:
    """R19: the senders were down all evening."""
    desk.books()
    desk.clock.moment = wall(THREE_DAYS)
    lane = ReminderLane(desk.runtime)
    lane.drain()
    desk.clock.moment = wall("2027-10-11 23:00")

    lane.keep_back()
    desk.sends()
    sent_at_night = list(desk.channel.sent)
    desk.reminds(at="2027-10-12 09:00")

    assert sent_at_night == []
    assert len(desk.channel.sent) == 1


def test_moved_meeting_calls_back_the_reminder_that_has_not_left(desk: Desk) -> None:
    desk.books()
    desk.clock.moment = wall(THREE_DAYS)
    ReminderLane(desk.runtime).drain()

    desk.books(at=THREE_DAYS, start="21-10-2027 10:30")
    desk.sends()

    (message,) = desk.every(Message)
    assert (message.state, message.reason) == (MessageState.CANCELLED, "moved")
    assert desk.channel.sent == []


def test_reminder_says_the_new_time_of_a_moved_meeting(desk: Desk) -> None:
    desk.books()
    desk.books(start="21-10-2027 13:00")

    desk.reminds(at="2027-10-18 13:01")

    (message,) = desk.channel.sent
    assert "to. 21/10 kl. 13.00" in message.text


def test_caseworker_of_the_day_signs(desk: Desk) -> None:
    desk.books()
    desk.books(sagsbehandler="sb02")

    desk.reminds(at=THREE_DAYS)

    assert desk.channel.sent[0].text.endswith("Ali, Ungecenteret")


def test_one_citizen_whose_words_cannot_be_put_together_does_not_hold_up_the_others(desk: Desk) -> None:
    broken = desk.books()
    desk.books(aftale_id="A2", cpr="720202-2345", fornavn="Ahmed", telefon=AHMED)
    with desk.runtime.act(SYSTEM) as act:
        act.session.get_one(Citizen, broken.citizen_id).first_name = act.session.scalars(
            sa.select(Citizen.last_name).where(Citizen.id == broken.citizen_id)
        ).one()

    desk.reminds(at=THREE_DAYS)

    reasons = {row.appointment_id: row.reason for row in desk.every(Reminder) if row.step == "3_days"}
    assert reasons[broken.id] == "unwritable"
    assert [message.recipient for message in desk.channel.sent] == [AHMED]


def test_citizen_whose_key_is_gone_does_not_hold_up_the_others(desk: Desk) -> None:
    """What became of her reminder cannot be journaled: nothing of hers can be sealed any more."""
    gone = desk.books().citizen_id
    desk.books(aftale_id="A2", cpr="020202-2222", telefon="28 99 99 99", start="14-10-2027 11:30")
    lose_key(desk.runtime, gone)
    desk.reminds(at="2027-10-11 12:00")

    assert [sms.recipient for sms in desk.channel.sent] == [AHMED]


def test_fault_in_an_approved_text_keeps_reminders_waiting_until_it_is_mended(desk: Desk) -> None:
    desk.books()
    with desk.runtime.act(SYSTEM) as act:
        whole = act.session.scalars(sa.select(Template.text).filter_by(key="M1", variant="in_person")).one()
        act.session.execute(sa.update(Template).filter_by(key="M1", variant="in_person").values(text="Hej {"))
    with pytest.raises(MalformedText):
        desk.reminds(at=THREE_DAYS)
    with desk.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Template).filter_by(key="M1", variant="in_person").values(text=whole))

    desk.reminds(at=THREE_DAYS)

    assert len(desk.channel.sent) == 1


def test_two_meetings_of_one_day_are_both_reminded_of(desk: Desk) -> None:
    desk.books()
    desk.books(aftale_id="A2", start="14-10-2027 13:00")

    desk.reminds(at="2027-10-11 13:01")

    assert len(desk.channel.sent) == 2


def test_more_reminders_than_a_batch_are_all_decided(desk: Desk) -> None:
    desk.clock.moment = wall("2027-10-01 10:00")
    desk.take_in(*({"aftale_id": f"A{number}", "cpr": f"710101-{number + 1000}"} for number in range(120)))

    desk.clock.moment = wall(THREE_DAYS)
    lane = ReminderLane(desk.runtime)
    batches = [lane.drain() for _ in range(3)]

    assert batches == [100, 20, 0]
    assert [row.state for row in desk.every(Reminder) if row.step == "3_days"] == [ReminderState.SENT] * 120


def test_settings_of_other_days_are_planned_and_worded(desk: Desk) -> None:
    rules = ReminderRules(steps=(Step(key="7_days", days=7), Step(key="2_days", days=2)))
    desk.clock.moment = wall("2027-10-01 10:00")
    import_appointments(partial(desk.runtime.act, SYSTEM), booking_file({}), rules=rules, office=OFFICE)

    assert {row.step: row.due_at for row in desk.every(Reminder)} == {
        "7_days": wall("2027-10-07 10:30"),
        "2_days": wall("2027-10-12 10:30"),
    }


@pytest.mark.parametrize(
    ("start", "three_days", "one_day"),
    [
        # Summer time begins on Sunday 28/3 2027, in the middle of Easter, and ends on Sunday 31/10.
        ("30-03-2027 10:30", "2027-03-27 17:45", "2027-03-27 17:45"),
        ("31-03-2027 10:30", "2027-03-27 17:45", "2027-03-30 10:30"),
        ("01-11-2027 10:30", "2027-10-29 10:30", "2027-10-31 10:30"),
        ("02-11-2027 10:30", "2027-10-30 10:30", "2027-11-01 10:30"),
    ],
)
def test_reminder_fires_once_at_the_right_wall_time_across_both_changes_of_the_clock(
    desk: Desk, start: str, three_days: str, one_day: str
) -> None:
    """R19"""
    desk.books(at="2027-03-01 10:00", start=start)
    meeting = desk.appointment().starts_at
    lane = ReminderLane(desk.runtime)
    for minutes in range(0, 8 * 24 * 60, 10):
        desk.clock.moment = meeting - timedelta(days=7) + timedelta(minutes=minutes)
        lane.drain()

    fired = sorted(message.created_at for message in desk.every(Message))
    expected = sorted({wall(three_days), wall(one_day)})
    assert len(fired) == len(expected)
    assert all(timedelta() <= at - due <= timedelta(minutes=10) for at, due in zip(fired, expected, strict=True))
