"""A deputy sees of an absent colleague's citizens who waits, nothing else, and every opening is written down."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from messaging.appointments.covering import covered_by, deputies_of
from messaging.appointments.states import OutcomeWord
from messaging.audit.models import AuditEntry
from messaging.clock import COPENHAGEN
from messaging.conversations.cover_notices import tell_who_answers
from messaging.conversations.models import Author, Direction, Message
from messaging.conversations.office import Office
from messaging.conversations.opening import open_text
from messaging.conversations.sending import send_message
from messaging.people.absence_models import Absence, AbsenceReason, CoveredOpening
from messaging.people.absences import AlreadyAway, DeputyAway, Report, end_absence, report_absence
from messaging.people.actors import SYSTEM, Actor, ActorKind, Because, Cover
from messaging.people.models import Caseworker, Role
from messaging.people.transferring import Handover, caseload, transfer
from tests.house import House, csrf_token, send_form

OTHER_NUMBER = "+4529390626"
QUESTION = "Hvor skal jeg hen?"
SECRET = "Det må kun Mette vide"


@pytest.fixture
def ahmed(house: House, mette: Caseworker) -> uuid.UUID:
    """A citizen who has been written to, and does not wait."""
    citizen_id = house.citizen(caseworker=mette, first_name="Ahmed", last_name="Ali", number=OTHER_NUMBER)
    with house.runtime.act(SYSTEM) as act:
        send_message(act, citizen_id=citizen_id, text=SECRET, author=Author.CASEWORKER)
    return citizen_id


def actor(staff: Caseworker) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=staff.id, role=staff.role, unit_id=staff.unit_id)


def away(house: House, absent: Caseworker, deputy: Caseworker | None, *, in_days: int = 0, days: int = 1) -> Absence:
    with house.runtime.act(actor(absent)) as act:
        today = act.now.astimezone(COPENHAGEN).date()
        report = Report(
            caseworker_id=absent.id,
            deputy_id=deputy.id if deputy else None,
            first_day=today + timedelta(days=in_days),
            last_day=today + timedelta(days=in_days + days - 1),
            reason=AbsenceReason.LEAVE,
        )
        return report_absence(act, report)


def answer(client: FlaskClient, citizen_id: uuid.UUID, text: str = "Kom til indgang B") -> int:
    page = f"/conversations/{citizen_id}"
    client.get(page)  # opening it is what lets a deputy answer
    form = {"message_id": str(uuid.uuid4()), "text": text, "seen": "99", "csrf_token": csrf_token(client, page)}
    return send_form(client, page, form).status_code


def sent_to(house: House, citizen_id: uuid.UUID) -> list[str]:
    with house.runtime.database.read() as session:
        rows = session.scalars(
            sa.select(Message).filter_by(conversation_id=citizen_id, direction=Direction.OUT).order_by(Message.seq)
        )
        return [open_text(house.runtime.vault, row, owner=citizen_id) for row in rows]


def test_who_waits_is_on_the_deputys_list_and_opens(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears(QUESTION)
    away(house, mette, ali)
    client = house.browser("ali")

    assert "Sara Nielsen" in client.get("/conversations").text
    assert QUESTION in client.get(f"/conversations/{sara}").text


def test_nobody_else_of_the_caseload_is_there_for_her(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID, ahmed: uuid.UUID
) -> None:
    """S3."""
    house.hears(QUESTION)
    away(house, mette, ali)
    client = house.browser("ali")
    shows = ("waiting_for_us", "waiting_for_citizen", "settled", "needs_action", "scheduled")
    pages = [
        client.get(path) for path in (*(f"/conversations?show={show}" for show in shows), "/citizens", "/meetings")
    ]
    form = {"words": "mette", "csrf_token": csrf_token(client, "/search")}
    pages.append(client.post("/search", data=form))

    assert not any("Ahmed" in page.text or SECRET in page.text for page in pages)
    assert client.get(f"/conversations/{ahmed}").status_code == 404


def test_search_and_the_list_of_citizens_are_for_ones_own(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears(QUESTION)
    away(house, mette, ali)
    client = house.browser("ali")

    assert "Sara" not in client.get("/citizens").text
    assert "Sara" not in client.get("/search").text
    assert "Sara" not in client.get("/handover").text


def test_a_day_before_and_a_day_after_she_sees_nobody(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears(QUESTION)
    away(house, mette, ali, in_days=1)
    seen = []
    for _ in range(3):
        client = house.browser("ali")
        seen.append(client.get(f"/conversations/{sara}").status_code)
        house.runtime.clock.advance(days=1)

    assert seen == [404, 200, 404]


def test_each_opening_is_written_down_with_its_reason(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    """A3."""
    house.hears(QUESTION)
    absence = away(house, mette, ali)
    client = house.browser("ali")
    client.get(f"/conversations/{sara}")
    with house.runtime.database.read() as session:
        row = session.scalars(sa.select(CoveredOpening)).one()
        entry = session.scalars(sa.select(AuditEntry).filter_by(action="conversation.opened_under_cover")).one()

    assert (row.caseworker_id, row.citizen_id, row.absence_id) == (ali.id, sara, absence.id)
    assert row.because is Because.WAITING
    assert (entry.actor_id, entry.object_id) == (ali.id, sara)


def test_her_answer_is_preceded_by_who_answers_once_in_the_absence(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears(QUESTION)
    away(house, mette, ali)
    client = house.browser("ali")
    statuses = [answer(client, sara), answer(client, sara, "Det er ved elevatoren")]
    said = sent_to(house, sara)

    assert statuses == [303, 303]
    assert said[0].startswith("Hej Sara. Ali svarer dig i stedet for Mette, som ikke er her lige nu.")
    assert said[1:] == ["Kom til indgang B", "Det er ved elevatoren"]


def test_a_shared_number_hears_no_names(house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID) -> None:
    absence = away(house, mette, ali)
    house.citizen(caseworker=mette, first_name="Ahmed")  # the same number
    cover = Cover(because=Because.WAITING, absence_id=absence.id)
    with house.runtime.act(replace(actor(ali), covered={sara: cover})) as act:
        tell_who_answers(act, citizen_id=sara, office=Office.from_config(house.runtime.config))

    assert sent_to(house, sara) == ["En kollega svarer dig, fordi den, du plejer at skrive med, ikke er her lige nu."]


def test_what_she_has_answered_stays_till_midnight_and_then_is_gone_until_it_waits_again(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears(QUESTION)
    away(house, mette, ali, days=3)
    client = house.browser("ali")
    answer(client, sara)
    same_day = client.get(f"/conversations/{sara}").status_code
    house.runtime.clock.advance(days=1)
    next_day = house.browser("ali").get(f"/conversations/{sara}").status_code
    house.hears("Tak, og hvornår?")
    again = house.browser("ali").get(f"/conversations/{sara}").status_code

    assert (same_day, next_day, again) == (200, 404, 200)


def test_she_settles_and_records_the_outcome_of_a_meeting_of_the_day(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    meeting = house.appointment(sara, mette, in_days=0.02)
    house.hears(QUESTION)
    away(house, mette, ali)
    client = house.browser("ali")
    token = csrf_token(client, f"/conversations/{sara}")
    settled = client.post(f"/conversations/{sara}/settle", data={"seen": "99", "csrf_token": token})
    house.runtime.clock.advance(minutes=40)
    page = client.get("/meetings").text
    form = {"outcome": OutcomeWord.HELD, "csrf_token": token}

    assert settled.status_code == 303
    assert "Sara Nielsen" in page
    assert client.post(f"/appointments/{meeting.id}/outcome", data=form).status_code == 303


def test_of_two_who_answer_at_once_the_second_is_told_before_anything_is_sent(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears(QUESTION)
    away(house, mette, ali)
    client, page = house.browser("mho"), f"/conversations/{sara}"
    token = csrf_token(client, page)
    answer(house.browser("ali"), sara)
    form = {"message_id": str(uuid.uuid4()), "text": "Indgang C", "seen": "1", "csrf_token": token}
    second = client.post(f"{page}/messages", data=form)

    assert second.status_code == 409
    assert "Læs den først." in second.text
    assert "Indgang C" not in sent_to(house, sara)


def test_cover_ends_when_the_absent_one_is_back(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears(QUESTION)
    absence = away(house, mette, ali, days=5)
    client = house.browser("ali")
    client.get(f"/conversations/{sara}")
    with house.runtime.act(actor(mette)) as act:
        end_absence(act, absence_id=absence.id)

    assert client.get(f"/conversations/{sara}").status_code == 404


def test_live_updates_reach_a_deputy_of_whom_she_may_see(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID, ahmed: uuid.UUID
) -> None:
    house.hears(QUESTION)
    away(house, mette, ali)
    with house.runtime.database.read() as session:
        told = deputies_of(session, [sara, ahmed], house.runtime.clock.now())

    assert told == {sara: frozenset({ali.id})}


@pytest.mark.parametrize("change", ["unit", "role", "active"])
def test_cover_ends_when_the_deputy_is_no_caseworker_of_the_unit_any_more(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID, change: str
) -> None:
    house.hears(QUESTION)
    away(house, mette, ali)
    elsewhere = house.caseworker("far", unit="Team B").unit_id
    values = {"unit": {"unit_id": elsewhere}, "role": {"role": Role.SUPERUSER}, "active": {"active": False}}[change]
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Caseworker).where(Caseworker.id == ali.id).values(values))
    now = house.runtime.clock.now()
    with house.runtime.database.read() as session:
        seen, told = covered_by(session, actor(ali), now), deputies_of(session, [sara], now)

    assert (dict(seen), told) == ({}, {})
    assert "den, der dækker, er selv væk" in house.browser("mho").get("/absences").text


def test_a_citizen_handed_over_during_cover_is_no_longer_the_deputys(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears(QUESTION)
    away(house, mette, ali)
    client = house.browser("ali")
    opened = client.get(f"/conversations/{sara}").status_code
    jonas = house.caseworker("jon", name="Jonas")
    with house.runtime.act(actor(mette)) as act:
        (entry_id, _), *_ = caseload(act.session, act.actor, caseworker_id=mette.id)
        transfer(act, Handover(entry_ids=[entry_id], to_id=jonas.id))

    assert (opened, client.get(f"/conversations/{sara}").status_code) == (200, 404)


def test_there_is_no_deputy_of_a_deputy(house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID) -> None:
    house.hears(QUESTION)
    away(house, mette, ali, days=3)
    jonas = house.caseworker("jon", name="Jonas")
    away(house, ali, jonas)

    assert house.browser("jon").get(f"/conversations/{sara}").status_code == 404


def test_a_team_leader_covers_nobody(house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID) -> None:
    house.hears(QUESTION)
    away(house, mette, ali)
    leader = Actor(kind=ActorKind.STAFF, id=ali.id)
    with house.runtime.database.read() as session:
        assert covered_by(session, leader, house.runtime.clock.now()) == {}


def test_nobody_is_reported_away_twice_or_covered_by_somebody_away(
    house: House, mette: Caseworker, ali: Caseworker
) -> None:
    away(house, mette, ali, days=3)

    with pytest.raises(AlreadyAway):
        away(house, mette, None, in_days=2)
    with pytest.raises(DeputyAway):
        away(house, ali, mette, in_days=1)


def test_the_thread_tells_her_why_it_is_open_and_the_absent_one_that_it_was(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears(QUESTION)
    away(house, mette, ali)
    hers = house.browser("ali").get(f"/conversations/{sara}").text
    mettes = house.browser("mho").get(f"/conversations/{sara}").text

    assert "Du dækker. Samtalen er åben for dig, fordi borgeren venter på svar." in hers
    assert "Ali dækker for Mette" in mettes
    assert "Du dækker" not in mettes


def test_a_deputy_who_falls_ill_is_pointed_out(house: House, mette: Caseworker, ali: Caseworker) -> None:
    away(house, mette, ali, days=3)
    away(house, ali, None, in_days=1)

    assert "den, der dækker, er selv væk" in house.browser("mho").get("/absences").text


def test_hours_are_set_on_the_page(house: House, mette: Caseworker) -> None:
    client = house.browser("mho")
    token = csrf_token(client, "/absences")
    wrong = client.post("/working-hours", data={"begins_0": "08:00", "ends_0": "", "csrf_token": token})
    right = client.post("/working-hours", data={"begins_0": "08:00", "ends_0": "15:30", "csrf_token": token})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "Intet er ændret." in wrong.text
    assert 'value="15:30"' in client.get("/absences").text
