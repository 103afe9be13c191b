"""What a citizen sees of her meetings: approved words, who holds them and when; never the booking's own text."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from messaging.appointments import own_meetings
from messaging.appointments.models import Appointment, Decision, Form, Rearrangement
from messaging.appointments.own_meetings import OwnMeeting
from messaging.appointments.states import AppointmentState
from messaging.clock import begin_of_day
from messaging.database.base import new_id
from messaging.errors import NotFound
from messaging.people.absence_models import Absence, AbsenceReason
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from tests.appointments.conftest import Desk, wall


def coming(desk: Desk, *, language: str = "da") -> list[OwnMeeting]:
    with desk.runtime.database.read() as session:
        return own_meetings.coming_meetings(
            session,
            desk.runtime.vault,
            citizen_id=desk.appointment().citizen_id,
            now=desk.clock.now(),
            language=language,
        )


def past(desk: Desk) -> list[OwnMeeting]:
    with desk.runtime.database.read() as session:
        shown, _ = own_meetings.past_meetings(
            session, desk.runtime.vault, citizen_id=desk.appointment().citizen_id, now=desk.clock.now(), language="da"
        )
    return shown


def set_state(desk: Desk, state: AppointmentState) -> None:
    with desk.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Appointment).values(state=state))


def test_card_tells_why_what_happens_what_to_bring_and_how_to_get_there(desk: Desk) -> None:
    desk.books()

    (card,) = coming(desk)

    said = {name: getattr(card, name).text for name in ("place", "purpose", "next_step", "agenda", "bring")}
    assert said == {
        "place": "Mødested 1",
        "purpose": "Vi taler om dine mål.",
        "next_step": "Til sidst taler vi om de næste uger.",
        "agenda": "Vi taler om de job, du gerne vil have, og om hvad du kan gøre nu.",
        "bring": "Tag dit cv med, hvis du har et. Skriv gerne ned, hvilke job du vil søge.",
    }
    assert card.directions is not None
    assert card.directions.text.startswith("Gå ind ad hoveddøren")
    assert (card.held_by, card.instead_of, card.minutes) == ("Mette", None, 30)


def test_nothing_of_the_bookings_own_text_is_on_the_card(desk: Desk) -> None:
    desk.books(formaal="Kanarieord om helbred")

    assert "Kanarieord" not in repr([vars(card) for card in coming(desk)])


@pytest.mark.parametrize(("form", "word"), [("Telefon", Form.PHONE), ("Video", Form.VIDEO)])
def test_meeting_at_a_distance_has_no_place_and_no_way_there(desk: Desk, form: str, word: Form) -> None:
    desk.books(afholdelsesform=form)

    (card,) = coming(desk)

    assert (card.form, card.place, card.directions) == (word, None, None)
    assert card.how is not None


def test_place_without_approved_words_is_not_named(desk: Desk) -> None:
    desk.books(sted="Klinikken")

    (card,) = coming(desk)

    assert (card.place, card.directions) == (None, None)


def test_words_are_english_where_there_are_some(desk: Desk) -> None:
    desk.books()

    (card,) = coming(desk, language="en")

    assert card.purpose is not None
    assert card.place is not None
    assert (card.purpose.text, card.purpose.language) == ("We talk about your goals.", "en")
    assert card.place.language == "da"


def test_meeting_under_way_is_still_to_come_and_takes_no_answer(desk: Desk) -> None:
    desk.books()
    desk.clock.moment = wall("2027-10-14 10:40")

    (card,) = coming(desk)

    assert not card.may_be_answered(desk.clock.now())
    assert past(desk) == []


def test_meeting_is_past_when_its_time_is_over(desk: Desk) -> None:
    desk.books()
    desk.clock.moment = wall("2027-10-14 11:00")

    assert coming(desk) == []
    assert [card.state for card in past(desk)] == [AppointmentState.BOOKED]


def test_cancelled_meeting_is_shown_as_such_until_its_time_has_come(desk: Desk) -> None:
    desk.books()
    set_state(desk, AppointmentState.CANCELLED_BY_US)

    (card,) = coming(desk)
    desk.clock.moment = wall("2027-10-14 10:31")

    assert card.is_cancelled
    assert not card.may_be_answered(desk.clock.now())
    assert coming(desk) == []
    assert [meeting.is_cancelled for meeting in past(desk)] == [True]


def test_next_meeting_comes_first_and_the_latest_of_the_past_too(desk: Desk) -> None:
    desk.books()
    desk.take_in({}, {"aftale_id": "A2", "start": "12-10-2027 10:30"}, {"aftale_id": "A3", "start": "20-10-2027 9:00"})
    ahead = [card.starts_at for card in coming(desk)]
    desk.clock.moment = wall("2027-10-30 10:00")

    assert ahead == sorted(ahead)
    assert [card.starts_at for card in past(desk)] == ahead[::-1]


def test_who_stands_in_holds_the_meeting_in_her_place(desk: Desk) -> None:
    desk.books()
    desk.clock.moment = wall("2027-10-14 08:00")
    with desk.runtime.act(SYSTEM) as act:
        mette, ali = (
            act.session.scalars(sa.select(Caseworker).filter_by(initials=initials)).one()
            for initials in ("sb01", "sb02")
        )
        today = begin_of_day(desk.clock.now().date())
        absence = Absence(
            id=new_id(),
            caseworker_id=mette.id,
            since=today,
            until=today + timedelta(days=1),
            reason=AbsenceReason.UNPLANNED,
            reported_by=mette.id,
            reported_at=act.now,
        )
        act.session.add(absence)
        act.session.flush()
        act.session.add(
            Rearrangement(
                appointment_id=desk.appointment().id,
                revision=1,
                absence_id=absence.id,
                decision=Decision.STAND_IN,
                stand_in_id=ali.id,
                decided_at=act.now,
                decided_by=ali.id,
            )
        )

    (card,) = coming(desk)

    assert (card.held_by, card.instead_of) == ("Ali", "Mette")


def test_meeting_is_found_by_its_token_and_nobody_elses(desk: Desk) -> None:
    sara = desk.books().citizen_id
    desk.take_in({}, {"aftale_id": "A9", "cpr": "710101-9999", "fornavn": "Ahmed", "telefon": "28 99 99 99"})
    runtime, ahmeds = desk.runtime, desk.appointment("A9")
    with runtime.database.read() as session:
        for meeting, finds in ((desk.appointment("A1"), True), (ahmeds, False)):
            token = own_meetings.token_of(runtime.vault, meeting.id)
            try:
                found = own_meetings.find_own(session, runtime.vault, citizen_id=sara, token=token) == meeting.id
            except NotFound:
                found = False

            assert found is finds
    assert str(ahmeds.id) not in own_meetings.token_of(runtime.vault, ahmeds.id)
