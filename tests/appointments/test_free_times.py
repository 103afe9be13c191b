"""Free times: offered to who asks for another time, chosen by a number, put before the caseworker and the source.

Sara is reminded on Monday 11/10 of her meeting on Thursday 14/10 kl. 10.30.
"""

import threading
import time
from datetime import timedelta

import pytest

from messaging.appointments.free_time_models import FreeTime, HeldTime, OfferedTime
from messaging.appointments.free_times import HELD_FOR, NewFreeTime, hand_in, wish, wishes_for, wishes_of
from messaging.appointments.models import Form
from messaging.appointments.states import Action, AppointmentState
from messaging.conversations.models import Kind
from messaging.errors import InvalidInput
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker, PhoneNumber, Unit
from messaging.trial.models import Arm, TrialArm
from tests.appointments.conftest import AHMED, Desk, wall

OFFERED = (
    "Tak, Sara. Ledige tider: 4=ti. 19/10 10.30, 5=on. 20/10 9.00, 6=to. 21/10 13.00. Svar med tallet. "
    "Din tid to. 14/10 kl. 10.30 gælder, til vi skriver. Mette"
)
TIMES = ("2027-10-19 10:30", "2027-10-20 09:00", "2027-10-21 13:00", "2027-10-22 10:00")


def hands_in(desk: Desk, *times: str, whose: str = "sb01", source: str = "booking", **other: object) -> None:
    """Let a source say what is free."""
    staff = {row.initials: row for row in desk.every(Caseworker)}
    (unit,) = desk.every(Unit)
    usual = {"meeting_type": "Jobsamtale", "form": Form.IN_PERSON, "minutes": 30, "until": wall("2027-10-18 12:00")}
    new = [
        NewFreeTime(
            external_id=f"T {time}",
            caseworker_id=staff[whose].id if whose in staff else None,
            unit_id=None if whose in staff else unit.id,
            starts_at=wall(time),
            **(usual | other),
        )
        for time in times
    ]
    with desk.runtime.act(SYSTEM) as act:
        hand_in(act, new, source=source)


def holds_for_another(desk: Desk, wished: str) -> None:
    """Let somebody else have wished for a time."""
    meeting = desk.books(at="2027-10-11 11:01", aftale_id="A2", start="15-10-2027 10:30")
    with desk.runtime.act(SYSTEM) as act:
        act.session.add(
            HeldTime(source="booking", external_id=f"T {wished}", appointment_id=meeting.id, until=act.now + HELD_FOR)
        )


@pytest.fixture
def reminded(desk: Desk) -> Desk:
    """Sara has been reminded, and it is eleven o'clock on Monday."""
    desk.books()
    desk.reminds(at="2027-10-11 10:31")
    desk.clock.moment = wall("2027-10-11 11:00")
    return desk


def answers(desk: Desk) -> list[str]:
    return desk.written(Kind.AUTO_REPLY)


def test_who_asks_for_another_time_is_offered_the_first_three_by_number(reminded: Desk) -> None:
    hands_in(reminded, *reversed(TIMES))
    reminded.hears("2")

    assert answers(reminded) == [OFFERED.replace("9.00", "09.00")]
    assert reminded.appointment().state is AppointmentState.NEW_TIME_ASKED


def test_chosen_time_is_a_wish_that_moves_nothing_and_that_source_and_caseworker_see(reminded: Desk) -> None:
    hands_in(reminded, *TIMES)
    reminded.hears("2")
    message_id = reminded.hears("Svar 5", at="2027-10-11 11:30")

    reading, meeting = reminded.reading(message_id), reminded.appointment()
    assert (reading.label, reading.rule, reading.action) == ("new_time", "free time", Action.NEW_TIME_ASKED)
    assert (meeting.state, meeting.starts_at) == (AppointmentState.NEW_TIME_ASKED, wall("2027-10-14 10:30"))
    assert answers(reminded)[-1].startswith("Tak, Sara. Vi ser, om du kan få on. 20/10 09.00. Din tid to. 14/10")
    assert reminded.events().count("appointment.time_wished") == 1
    with reminded.runtime.database.read() as session:
        ((wished, told),) = wishes_for(session, source="booking", limit=9)
        assert (wished.external_id, told.id) == ("T 2027-10-20 09:00", meeting.id)
        assert wishes_of(session, [meeting.id])[meeting.id].starts_at == wall("2027-10-20 09:00")
        assert wishes_for(session, source="another", limit=9) == []


def test_last_choice_counts(reminded: Desk) -> None:
    hands_in(reminded, *TIMES)
    reminded.hears("2")
    reminded.hears("4", at="2027-10-11 11:30")
    reminded.hears("nr. 6", at="2027-10-11 11:31")

    assert {row.number: row.wished_at is not None for row in reminded.every(OfferedTime)} == {
        4: False,
        5: False,
        6: True,
    }


@pytest.mark.parametrize("gone", ["withdrawn", "wished for"])
def test_time_that_is_gone_is_said_to_be_with_what_is_still_free(reminded: Desk, gone: str) -> None:
    hands_in(reminded, *TIMES)
    reminded.hears("2")
    if gone == "withdrawn":
        hands_in(reminded, *TIMES[1:])
    else:
        holds_for_another(reminded, TIMES[0])
    reminded.hears("4", at="2027-10-11 11:30")

    assert answers(reminded)[-1] == (
        "Tiden er desværre taget, Sara. Vælg igen: 5=on. 20/10 09.00, 6=to. 21/10 13.00. "
        "Din tid to. 14/10 kl. 10.30 gælder, til vi skriver. Mette"
    )
    assert "appointment.time_wished" not in reminded.events()


def test_where_what_was_offered_is_over_we_find_a_time(reminded: Desk) -> None:
    hands_in(reminded, *TIMES)
    reminded.hears("2")
    hands_in(reminded, *TIMES, until=wall("2027-10-11 11:29"))
    reminded.hears("4", at="2027-10-11 11:30")

    assert answers(reminded)[-1].startswith(
        "Hej Sara. Tiden ti. 19/10 10.30 er desværre taget. Vi finder en anden tid."
    )


def test_of_two_who_wish_for_one_time_at_once_one_gets_it(desk: Desk) -> None:
    """Ahmed's wish waits for Sara's, which is not committed when he looks."""
    desk.books()
    desk.books(aftale_id="A2", cpr="710101-9999", fornavn="Ahmed", telefon="28 99 99 99")
    desk.reminds(at="2027-10-11 10:31")
    hands_in(desk, *TIMES)
    desk.hears("2", at="2027-10-11 11:00")
    message_id = desk.hears("2", sender=AHMED)
    told: list[bool] = []

    def wishes(external_id: str, *, held_up_for: float) -> None:
        meeting = desk.appointment(external_id)
        with desk.runtime.act(SYSTEM) as act:
            chosen = act.session.get_one(OfferedTime, (meeting.id, 1, 4))
            told.append(wish(act, chosen, citizen_id=meeting.citizen_id, message_id=message_id))
            begun.set()
            time.sleep(held_up_for)

    begun = threading.Event()
    sara = threading.Thread(target=wishes, args=("A1",), kwargs={"held_up_for": 0.2})
    sara.start()
    begun.wait()
    wishes("A2", held_up_for=0)
    sara.join()

    assert told == [True, False]
    assert [row.appointment_id for row in desk.every(HeldTime)] == [desk.appointment().id]


def test_time_is_held_no_longer_than_two_days_nor_for_who_chose_another(reminded: Desk) -> None:
    hands_in(reminded, *TIMES)
    reminded.hears("2")
    reminded.hears("4", at="2027-10-11 11:30")
    reminded.hears("5", at="2027-10-11 11:31")
    (held,) = reminded.every(HeldTime)

    assert (held.external_id, held.until) == (f"T {TIMES[1]}", wall("2027-10-11 11:31") + HELD_FOR)
    reminded.clock.moment = held.until
    hands_in(reminded, *TIMES)
    assert reminded.every(HeldTime) == []


def test_wish_stands_when_the_next_choice_is_gone(reminded: Desk) -> None:
    hands_in(reminded, *TIMES)
    reminded.hears("2")
    reminded.hears("5", at="2027-10-11 11:30")
    hands_in(reminded, *TIMES[1:])
    reminded.hears("4", at="2027-10-11 11:31")

    with reminded.runtime.database.read() as session:
        ((wished, _),) = wishes_for(session, source="booking", limit=9)
    assert wished.number == 5


def test_wish_is_over_once_the_meeting_is_moved(reminded: Desk) -> None:
    hands_in(reminded, *TIMES)
    reminded.hears("2")
    reminded.hears("5", at="2027-10-11 11:30")
    reminded.books(at="2027-10-11 12:00", start="20-10-2027 09:00")

    with reminded.runtime.database.read() as session:
        assert wishes_for(session, source="booking", limit=9) == []


def test_number_says_nothing_where_no_time_was_offered(reminded: Desk) -> None:
    assert reminded.reading(reminded.hears("4")).label == "other"


def test_yes_after_an_offer_keeps_the_meeting(reminded: Desk) -> None:
    hands_in(reminded, *TIMES)
    reminded.hears("2")
    reminded.hears("1", at="2027-10-11 11:30")
    reminded.hears("5", at="2027-10-11 11:31")

    assert reminded.appointment().state is AppointmentState.CONFIRMED
    assert "appointment.time_wished" not in reminded.events()


def test_who_comes_after_all_leaves_the_time_to_others(reminded: Desk) -> None:
    hands_in(reminded, *TIMES)
    reminded.hears("2")
    reminded.hears("5", at="2027-10-11 11:30")
    reminded.hears("1", at="2027-10-11 11:31")

    assert reminded.appointment().state is AppointmentState.CONFIRMED
    assert reminded.every(HeldTime) == []


@pytest.mark.parametrize(
    "other",
    [
        {"whose": "sb02"},
        {"meeting_type": "CV-samtale"},
        {"form": Form.PHONE},
        {"until": wall("2027-10-11 11:00")},
    ],
)
def test_time_that_does_not_fit_is_not_offered(reminded: Desk, other: dict[str, object]) -> None:
    hands_in(reminded, *TIMES, **other)
    reminded.hears("2")

    assert answers(reminded)[0].startswith("Tak, Sara. Vi finder en ny tid.")
    assert reminded.every(OfferedTime) == []


def test_time_of_the_unit_fits_and_one_too_soon_or_the_same_does_not(reminded: Desk) -> None:
    hands_in(reminded, "2027-10-12 09:00", "2027-10-14 10:30", TIMES[0], whose="Team A")
    reminded.hears("2")

    assert [row.starts_at for row in reminded.every(OfferedTime)] == [wall(TIMES[0])]


def test_number_that_several_share_is_told_of_no_times(reminded: Desk) -> None:
    hands_in(reminded, *TIMES)
    reminded.receives("2")
    reminded.books(at="2027-10-11 11:00", aftale_id="A2", cpr="720202-2345", fornavn="Ahmed")
    reminded.reads()

    assert answers(reminded) == ["Tak for din sms. Din tid gælder, til du hører fra os."]
    assert reminded.every(OfferedTime) == []


def test_control_group_is_answered_as_ever(reminded: Desk) -> None:
    hands_in(reminded, *TIMES)
    with reminded.runtime.act(SYSTEM) as act:
        sara = reminded.appointment().citizen_id
        act.session.add(TrialArm(citizen_id=sara, arm=Arm.CONTROL, since=act.now, locked=True))
        for number in act.session.query(PhoneNumber):
            number.version += 1
    reminded.hears("2")

    assert answers(reminded)[0].startswith("Tak, Sara. Vi finder en ny tid.")


def test_source_replaces_its_own_times_and_nobody_elses(desk: Desk) -> None:
    hands_in(desk, *TIMES, source="another")
    hands_in(desk, *TIMES)
    hands_in(desk, TIMES[3])

    assert sorted((row.source, row.starts_at) for row in desk.every(FreeTime)) == [
        *(("another", wall(time)) for time in TIMES),
        ("booking", wall(TIMES[3])),
    ]
    with pytest.raises(InvalidInput):
        hands_in(desk, TIMES[0], TIMES[0])


def test_wished_time_is_offered_to_nobody_else_for_two_days(reminded: Desk) -> None:
    hands_in(reminded, TIMES[0])
    reminded.hears("2")
    reminded.hears("4", at="2027-10-11 11:30")
    (offered,) = reminded.every(OfferedTime)

    assert offered.wished_at == wall("2027-10-11 11:30")
    assert offered.offered_at + timedelta(minutes=30) == offered.wished_at
