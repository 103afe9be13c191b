"""What became of a meeting, and our own cancellation. The meeting is to. 14/10 kl. 10.30."""

import pytest
import sqlalchemy as sa

from messaging.appointments.cancelling import AlreadyBegun, Cancellation, cancel_by_us
from messaging.appointments.models import Outcome
from messaging.appointments.outcomes import AlreadyRecorded, NotBegun, correct_outcome, record_outcome
from messaging.appointments.states import AppointmentState, OutcomeWord, ReminderState
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.states import MessageState
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.actors import SYSTEM
from messaging.vault.place import Place
from messaging.vault.vault import TRIAGE
from messaging.work.lanes import Lane
from tests.appointments.conftest import Desk, wall

BEFORE, BEGUN, AFTER = "2027-10-13 12:00", "2027-10-14 10:30", "2027-10-14 12:00"
NOTICE = (
    "Hej Sara. Vi er nødt til at flytte mødet to. 14/10 kl. 10.30. Du skal ikke komme den dag. "
    "Vi skriver en ny tid til dig. Undskyld! Mette, Ungecenteret"
)


@pytest.fixture
def booked(desk: Desk) -> Desk:
    """Sara's meeting is booked."""
    desk.books()
    return desk


def records(desk: Desk, outcome: OutcomeWord, *, at: str, reason: str | None = None) -> None:
    desk.clock.moment = wall(at)
    with desk.runtime.act(SYSTEM) as act:
        record_outcome(act, appointment_id=desk.appointment().id, outcome=outcome, reason=reason)


def corrects(desk: Desk, outcome: OutcomeWord, *, at: str = AFTER, reason: str = "Forkert borger") -> None:
    desk.clock.moment = wall(at)
    with desk.runtime.act(SYSTEM) as act:
        correct_outcome(act, appointment_id=desk.appointment().id, outcome=outcome, reason=reason)


def cancels(desk: Desk, *, at: str, reason: str | None = None) -> Cancellation:
    desk.clock.moment = wall(at)
    with desk.runtime.act(SYSTEM) as act:
        office = Office.from_config(desk.runtime.config)
        return cancel_by_us(act, appointment_id=desk.appointment().id, reason=reason, office=office)


@pytest.mark.parametrize("outcome", list(OutcomeWord))
def test_outcome_is_recorded_once_the_meeting_has_begun(booked: Desk, outcome: OutcomeWord) -> None:
    records(booked, outcome, at=BEGUN)

    assert booked.appointment().state == outcome
    assert [row.outcome for row in booked.every(Outcome)] == [outcome]


@pytest.mark.parametrize("outcome", sorted(set(OutcomeWord) - {OutcomeWord.CANCELLED_BY_CITIZEN}))
def test_nobody_knows_the_outcome_before_the_meeting_begins(booked: Desk, outcome: OutcomeWord) -> None:
    with pytest.raises(NotBegun):
        records(booked, outcome, at=BEFORE)

    assert booked.every(Outcome) == []


def test_citizens_own_cancellation_is_recorded_before_the_meeting_and_stops_its_reminders(booked: Desk) -> None:
    records(booked, OutcomeWord.CANCELLED_BY_CITIZEN, at="2027-10-02 12:00")

    assert booked.appointment().state is AppointmentState.CANCELLED_BY_CITIZEN
    assert set(booked.reminders().values()) == {(ReminderState.SKIPPED, "cancelled")}
    assert "appointment.cancelled" in booked.events()


def test_second_outcome_is_refused(booked: Desk) -> None:
    records(booked, OutcomeWord.HELD, at=AFTER)

    with pytest.raises(AlreadyRecorded):
        records(booked, OutcomeWord.NO_SHOW, at=AFTER)

    assert booked.appointment().state is AppointmentState.HELD


def test_correction_stands_beside_what_it_corrects(booked: Desk) -> None:
    records(booked, OutcomeWord.NO_SHOW, at=AFTER)
    corrects(booked, OutcomeWord.HELD)

    wrong, right = sorted(booked.every(Outcome), key=lambda row: row.id)
    assert (wrong.outcome, right.outcome, right.corrects_id) == (OutcomeWord.NO_SHOW, OutcomeWord.HELD, wrong.id)
    assert booked.appointment().state is AppointmentState.HELD
    assert booked.events()[-2:] == ["outcome.recorded", "outcome.corrected"]


def test_correction_can_be_corrected(booked: Desk) -> None:
    records(booked, OutcomeWord.NO_SHOW, at=AFTER)
    corrects(booked, OutcomeWord.HELD)
    corrects(booked, OutcomeWord.NO_SHOW)

    first, second, third = sorted(booked.every(Outcome), key=lambda row: row.id)
    assert (second.corrects_id, third.corrects_id) == (first.id, second.id)
    assert booked.appointment().state is AppointmentState.NO_SHOW


def test_correction_needs_a_reason(booked: Desk) -> None:
    records(booked, OutcomeWord.NO_SHOW, at=AFTER)

    with pytest.raises(InvalidInput):
        corrects(booked, OutcomeWord.HELD, reason=" ")


@pytest.mark.parametrize("outcome", [OutcomeWord.HELD, OutcomeWord.NO_SHOW])
def test_there_is_nothing_to_correct_without_another_outcome(booked: Desk, outcome: OutcomeWord) -> None:
    if outcome is OutcomeWord.HELD:
        records(booked, OutcomeWord.HELD, at=AFTER)

    with pytest.raises(Conflict):
        corrects(booked, outcome)


def test_reason_is_kept_sealed_and_journaled(booked: Desk) -> None:
    records(booked, OutcomeWord.NO_SHOW, at=AFTER, reason="Ringede og var syg")

    (row,) = booked.every(Outcome)
    owner = booked.appointment().citizen_id
    assert row.reason is not None
    assert (
        booked.runtime.vault.open(row.reason, owner=owner, place=Place("outcomes", "reason", row.id))
        == "Ringede og var syg"
    )
    assert "outcome.recorded" in {entry.action for entry in booked.every(AuditEntry)}


def test_outcome_of_an_unknown_appointment_is_not_found(desk: Desk) -> None:
    with desk.runtime.act(SYSTEM) as act, pytest.raises(NotFound):
        record_outcome(act, appointment_id=TRIAGE, outcome=OutcomeWord.HELD)


def test_our_cancellation_tells_the_citizen_before_everything_else(booked: Desk) -> None:
    done = cancels(booked, at=BEFORE, reason="Sygdom")

    assert done.notice is not None
    assert (done.notice.lane, done.notice.kind, done.unreachable) == (Lane.URGENT, Kind.NOTICE, None)
    booked.sends(Lane.URGENT)
    assert [message.text for message in booked.channel.sent] == [NOTICE]
    assert booked.appointment().state is AppointmentState.CANCELLED_BY_US


def test_our_cancellation_stops_the_reminders_that_wait(booked: Desk) -> None:
    booked.reminds(at="2027-10-11 10:31")

    cancels(booked, at=BEFORE)

    assert booked.reminders() == {
        "3_days": (ReminderState.SENT, None),
        "1_day": (ReminderState.SKIPPED, "cancelled"),
    }


def test_our_cancellation_leaves_on_a_holiday_from_six_in_the_morning(desk: Desk) -> None:
    """The 26th of March 2027 is Good Friday; the meeting is booked on it all the same."""
    desk.books(at="2027-03-01 10:00", start="26-03-2027 10:30")

    cancels(desk, at="2027-03-26 03:00")
    desk.sends(Lane.URGENT)
    sent_at_night = list(desk.channel.sent)

    assert sent_at_night == []
    (notice,) = (message for message in desk.every(Message) if message.kind is Kind.NOTICE)
    assert (notice.state, notice.due_at) == (MessageState.SCHEDULED, wall("2027-03-26 06:00"))


def test_notice_for_a_meeting_before_six_does_not_wait_for_six(desk: Desk) -> None:
    desk.books(start="14-10-2027 05:45")

    done = cancels(desk, at="2027-10-14 05:00")

    assert done.notice is not None
    assert done.notice.due_at == wall("2027-10-14 05:00")


@pytest.mark.parametrize(("telefon", "reason"), [("", "no_number")])
def test_cancellation_says_when_somebody_must_ring(desk: Desk, telefon: str, reason: str) -> None:
    desk.books(telefon=telefon)

    done = cancels(desk, at=BEFORE)

    assert (done.notice, done.unreachable) == (None, reason)
    assert desk.appointment().state is AppointmentState.CANCELLED_BY_US


def test_meeting_that_has_begun_or_ended_cannot_be_cancelled(booked: Desk) -> None:
    with pytest.raises(AlreadyBegun):
        cancels(booked, at=BEGUN)
    cancels(booked, at=BEFORE)

    with pytest.raises(AlreadyBegun):
        cancels(booked, at=BEFORE)


def test_cancelled_meeting_that_the_booking_system_moves_is_booked_reminded_of_and_ended_anew(booked: Desk) -> None:
    cancels(booked, at=BEFORE)
    booked.sends()
    booked.books(at=BEFORE, start="21-10-2027 10:30")
    rebooked = booked.appointment()
    booked.reminds(at="2027-10-20 10:31")
    records(booked, OutcomeWord.HELD, at="2027-10-21 12:00")

    assert (rebooked.state, rebooked.revision) == (AppointmentState.BOOKED, 2)
    assert "Husk mødet i morgen" in booked.channel.sent[-1].text
    assert {(row.revision, row.outcome) for row in booked.every(Outcome)} == {
        (1, OutcomeWord.CANCELLED_BY_US),
        (2, OutcomeWord.HELD),
    }


def test_first_outcome_of_a_time_is_unique_in_the_database_too(booked: Desk) -> None:
    records(booked, OutcomeWord.HELD, at=AFTER)
    (row,) = booked.every(Outcome)

    twice = Outcome(
        appointment_id=row.appointment_id,
        revision=row.revision,
        outcome=OutcomeWord.NO_SHOW,
        recorded_by="test",
        recorded_at=row.recorded_at,
    )

    with booked.runtime.act(SYSTEM) as act:
        act.session.add(twice)
        with pytest.raises(sa.exc.IntegrityError):
            act.session.flush()
        act.session.rollback()


def test_outcome_stays_correctable_when_the_booking_system_corrects_the_place_afterwards(booked: Desk) -> None:
    records(booked, OutcomeWord.NO_SHOW, at=AFTER)
    booked.books(sted="Mødested 2, 3. sal")

    corrects(booked, OutcomeWord.HELD)

    assert booked.appointment().state is AppointmentState.HELD
