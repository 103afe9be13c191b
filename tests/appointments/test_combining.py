"""Two meetings of one day in one text: told once, answered once, and told anew when one of them is moved."""

import uuid
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from messaging.appointments.correcting import correct_reading
from messaging.appointments.holding import hold_reminder
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.personalising import add_line
from messaging.appointments.plan_models import ReminderPlan, ReminderPlanStep
from messaging.appointments.reply_rules import Label
from messaging.appointments.states import AppointmentState, ReminderState
from messaging.appointments.work import ReminderLane
from messaging.conversations.models import Kind, Message, Template
from messaging.conversations.states import MessageState, Waiting
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker
from tests.appointments.conftest import Desk, wall

PLAN = uuid.UUID(int=1)
THREE_DAYS = "2027-10-11 10:31"
SENT, TOGETHER = (ReminderState.SENT, None), (ReminderState.SENT, "together")


@pytest.fixture
def combined(desk: Desk) -> Desk:
    """A desk whose plan puts two meetings of a day into one text; Sara's are at 10.30 and 13.00 on 14/10."""
    with desk.runtime.act(SYSTEM) as act:
        one, two = act.session.scalars(sa.select(Caseworker.id).order_by(Caseworker.initials)).all()
        act.session.add(
            ReminderPlan(
                id=PLAN,
                first_day=date(2027, 9, 1),
                stops_when_confirmed=True,
                combines=True,
                most_per_day=1,
                written_by_id=one,
                written_at=act.now,
                signed_by_id=two,
                signed_at=act.now,
            )
        )
        act.session.flush()
        act.session.add(ReminderPlanStep(plan_id=PLAN, key="3_days", days=3, texts="M1"))
    desk.books(aftale_id="A1")
    desk.books(aftale_id="A2", start="14-10-2027 13:00", afholdelsesform="Telefon", sagsbehandler="sb02")
    return desk


def moves(desk: Desk, *, at: str, to: str) -> None:
    """Let the booking system move the second meeting."""
    desk.books(at=at, aftale_id="A2", start=to, afholdelsesform="Telefon", sagsbehandler="sb02")


def by_meeting(desk: Desk) -> dict[str, tuple[str, str | None]]:
    names = {row.id: row.external_id for row in desk.every(Appointment)}
    latest = {row.id: row.revision for row in desk.every(Appointment)}
    return {
        names[row.appointment_id]: (row.state, row.reason)
        for row in desk.every(Reminder)
        if row.revision == latest[row.appointment_id]
    }


def test_both_are_told_in_one_text_and_the_second_is_covered_by_the_first(combined: Desk) -> None:
    combined.reminds(at=THREE_DAYS)
    combined.reminds(at="2027-10-11 13:01")

    (message,) = combined.channel.sent
    assert message.text == (
        "Hej Sara. Husk dine to møder to. 14/10: kl. 10.30 (Mødested 1) og kl. 13.00 (på telefon). "
        "Svar 1=kommer til begge 2=ny tid. Mette, Ungecenteret"
    )
    assert by_meeting(combined) == {"A1": SENT, "A2": TOGETHER}
    assert len({row.message_id for row in combined.every(Reminder)}) == 1
    assert combined.events().count("reminder.sent") == 2


def test_one_answer_confirms_both(combined: Desk) -> None:
    combined.reminds(at=THREE_DAYS)
    message_id = combined.hears("1", at="2027-10-11 12:00")

    assert {row.state for row in combined.every(Appointment)} == {AppointmentState.CONFIRMED}
    assert combined.events().count("appointment.confirmed") == 2
    assert (combined.reading(message_id).label, combined.waiting()) == ("confirm", Waiting.SETTLED)


def test_which_of_both_is_to_be_another_time_is_for_a_human_to_ask(combined: Desk) -> None:
    combined.reminds(at=THREE_DAYS)
    message_id = combined.hears("2", at="2027-10-11 12:00")

    assert {row.state for row in combined.every(Appointment)} == {AppointmentState.BOOKED}
    assert (combined.reading(message_id).action, combined.waiting()) == ("to_human", Waiting.FOR_US)


def test_yes_after_one_of_both_was_moved_confirms_nothing(combined: Desk) -> None:
    combined.reminds(at=THREE_DAYS)
    moves(combined, at="2027-10-11 11:00", to="15-10-2027 13:00")
    combined.hears("1", at="2027-10-11 12:00")

    assert {row.state for row in combined.every(Appointment)} == {AppointmentState.BOOKED}


def test_when_one_is_moved_before_the_text_has_left_the_other_is_told_alone(combined: Desk) -> None:
    combined.clock.moment = wall(THREE_DAYS)
    ReminderLane(combined.runtime).drain()
    moves(combined, at="2027-10-11 10:40", to="15-10-2027 13:00")
    combined.reminds(at="2027-10-11 10:41")

    (message,) = combined.channel.sent
    assert "Vi ses to. 14/10 kl. 10.30, Mødested 1." in message.text
    assert by_meeting(combined)["A1"] == SENT
    states = [row.state for row in combined.every(Message) if row.kind is Kind.REMINDER]
    assert sorted(states) == sorted([MessageState.CANCELLED, MessageState.SENT])


def lined(desk: Desk) -> None:
    """A caseworker adds a line to the second reminder."""
    with desk.runtime.act(SYSTEM) as act:
        mette = act.session.scalars(sa.select(Caseworker.id)).first()
    second = next(row for row in desk.every(Reminder) if row.appointment_id == desk.appointment("A2").id)
    with desk.runtime.act(Actor(kind=ActorKind.STAFF, id=mette)) as act:
        add_line(act, reminder_id=second.id, line="Hav dit cv klar")


def confirmed(desk: Desk) -> None:
    with desk.runtime.act(SYSTEM) as act:
        second = sa.update(Appointment).where(Appointment.external_id == "A2")
        act.session.execute(second.values(state=AppointmentState.CONFIRMED))


def on_another_day(desk: Desk) -> None:
    moves(desk, at="2027-10-02 10:00", to="15-10-2027 09:00")


@pytest.mark.parametrize("differs", [lined, confirmed, on_another_day])
def test_what_is_not_alike_goes_alone(combined: Desk, differs: Callable[[Desk], None]) -> None:
    differs(combined)
    combined.reminds(at=THREE_DAYS)

    (message,) = combined.channel.sent
    assert "Vi ses to. 14/10 kl. 10.30" in message.text


def test_shared_number_is_told_of_two_appointments_and_nothing_else(combined: Desk) -> None:
    combined.books(aftale_id="A3", cpr="720202-2345", fornavn="Ahmed", start="20-10-2027 13:00")
    combined.reminds(at=THREE_DAYS)

    (message,) = combined.channel.sent
    assert message.text == (
        "Påmindelse: Du har to aftaler to. 14/10: kl. 10.30 og kl. 13.00. Se mere i din Digital Post."
    )


def test_place_without_words_names_neither(combined: Desk) -> None:
    combined.books(at="2027-10-02 10:00", aftale_id="A1", sted="Psykiatrisk Center")
    combined.reminds(at=THREE_DAYS)

    assert [message.text.startswith("Påmindelse: Du har to aftaler") for message in combined.channel.sent] == [True]


def test_where_the_text_for_two_has_expired_each_is_told_alone(combined: Desk) -> None:
    with combined.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Template).where(Template.key == "M14").values(valid_to=wall("2027-10-05 00:00")))
        act.session.execute(sa.update(ReminderPlan).values(most_per_day=None))
    combined.reminds(at=THREE_DAYS)
    combined.reminds(at="2027-10-11 13:01")

    assert len(combined.channel.sent) == 2


def test_meeting_that_has_been_reminded_of_enough_is_not_told_of_beside_another(combined: Desk) -> None:
    first = combined.appointment("A1").id
    with combined.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(ReminderPlan).values(most_per_day=None, most_per_meeting=1))
        act.session.add(ReminderPlanStep(plan_id=PLAN, key="1_day", days=1, texts="M2"))
        act.session.execute(sa.delete(Reminder))  # planned anew below, with both steps
    ReminderLane(combined.runtime).follow_plans()
    with combined.runtime.act(SYSTEM) as act:
        held = sa.select(Reminder.id).where(Reminder.appointment_id == first, Reminder.step == "3_days")
        hold_reminder(act, reminder_id=act.session.scalars(held).one())
    combined.reminds(at="2027-10-11 13:01")
    combined.reminds(at="2027-10-13 10:31")
    combined.reminds(at="2027-10-13 13:01")

    of_the_second, of_the_first = (message.text for message in combined.channel.sent)
    assert ("13.00" in of_the_second, "10.30" in of_the_second) == (True, False)
    assert ("13.00" in of_the_first, "10.30" in of_the_first) == (False, True)
    last = {
        (row.appointment_id == first): (row.state, row.reason)
        for row in combined.every(Reminder)
        if row.step == "1_day"
    }
    assert last == {True: SENT, False: (ReminderState.SKIPPED, "enough_for_meeting")}


def corrects(desk: Desk, message_id: uuid.UUID, label: Label, *, at: str) -> None:
    desk.clock.moment = wall(at)
    mette = desk.every(Caseworker)[0]
    with desk.runtime.act(Actor(kind=ActorKind.STAFF, id=mette.id)) as act:
        assert correct_reading(act, message_id=message_id, label=label)


def states(desk: Desk) -> dict[str, AppointmentState]:
    return {row.external_id: row.state for row in desk.every(Appointment)}


@pytest.mark.parametrize("label", [Label.QUESTION, Label.NEW_TIME, Label.SICK, Label.WHO_IS_THIS])
def test_yes_that_was_none_confirms_neither(combined: Desk, label: Label) -> None:
    combined.reminds(at=THREE_DAYS)
    message_id = combined.hears("1", at="2027-10-11 12:00")
    corrects(combined, message_id, label, at="2027-10-11 12:30")

    assert states(combined) == {"A1": AppointmentState.BOOKED, "A2": AppointmentState.BOOKED}
    assert combined.events().count("reply.corrected") == 2
    assert combined.waiting() is Waiting.FOR_US


def test_correction_taken_back_confirms_both_again(combined: Desk) -> None:
    combined.reminds(at=THREE_DAYS)
    message_id = combined.hears("1", at="2027-10-11 12:00")
    corrects(combined, message_id, Label.QUESTION, at="2027-10-11 12:30")
    corrects(combined, message_id, Label.CONFIRM, at="2027-10-11 12:40")

    assert states(combined) == {"A1": AppointmentState.CONFIRMED, "A2": AppointmentState.CONFIRMED}


def test_what_a_human_says_is_a_yes_to_both_confirms_both(combined: Desk) -> None:
    combined.reminds(at=THREE_DAYS)
    message_id = combined.hears("Ja jeg kommer sammen med min mor", at="2027-10-11 12:00")
    corrects(combined, message_id, Label.CONFIRM, at="2027-10-11 12:30")

    assert states(combined) == {"A1": AppointmentState.CONFIRMED, "A2": AppointmentState.CONFIRMED}


def test_correction_leaves_a_meeting_that_was_confirmed_otherwise(combined: Desk) -> None:
    combined.reminds(at=THREE_DAYS)
    confirmed(combined)
    message_id = combined.hears("1", at="2027-10-11 12:00")
    corrects(combined, message_id, Label.QUESTION, at="2027-10-11 12:30")

    assert states(combined) == {"A1": AppointmentState.BOOKED, "A2": AppointmentState.CONFIRMED}


def test_correction_leaves_a_meeting_that_was_moved_since(combined: Desk) -> None:
    combined.reminds(at=THREE_DAYS)
    message_id = combined.hears("1", at="2027-10-11 12:00")
    moves(combined, at="2027-10-11 12:10", to="15-10-2027 13:00")
    since = states(combined)["A2"]
    corrects(combined, message_id, Label.QUESTION, at="2027-10-11 12:30")

    assert states(combined) == {"A1": AppointmentState.BOOKED, "A2": since}


def test_text_for_two_does_not_yield_to_the_nearer_meeting_that_it_tells_of(combined: Desk) -> None:
    moves(combined, at="2027-10-02 10:00", to="14-10-2027 09:30")
    with combined.runtime.act(SYSTEM) as act:
        of_later = sa.update(Reminder).where(Reminder.appointment_id == combined.appointment("A1").id)
        act.session.execute(of_later.values(due_at=wall("2027-10-11 09:15")))
    combined.reminds(at=THREE_DAYS)

    assert len(combined.channel.sent) == 1
    assert by_meeting(combined) == {"A1": SENT, "A2": TOGETHER}
