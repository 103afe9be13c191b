"""A caseworker is away and her meetings begin soon: a stand-in or a cancellation, the urgent text, and whom to ring."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.appointments.models import Appointment, Place
from messaging.appointments.seeding import seed
from messaging.appointments.states import AppointmentState
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Direction, Message
from messaging.conversations.note_models import Note, NoteKind
from messaging.conversations.opening import open_text
from messaging.conversations.states import MessageState
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker, Role
from messaging.people.wishes import opt_out
from messaging.work.lanes import Lane
from tests.house import House, csrf_token

OTHER_NUMBER = "+4529390626"
IN_40_MINUTES = 40 / (24 * 60)
WORDS = "Det er noget privat"


@pytest.fixture
def mette(house: House) -> Caseworker:
    with house.runtime.database.write() as session:
        seed(session)
        session.add(Place(name="Ungecenteret, Sydhavnen", words="Ungecenteret i Sydhavnen", approved_by="MHO"))
    return house.caseworker()


@pytest.fixture
def leader(house: House, mette: Caseworker, ali: Caseworker) -> FlaskClient:
    house.caseworker("lead", name="Lone Leder", role=Role.TEAM_LEADER)
    return house.browser("lead")


def report(client: FlaskClient, absent: Caseworker, **more: str) -> TestResponse:
    form = {"caseworker": str(absent.id), "first_day": "2027-03-02", "reason": "unplanned"}
    return client.post("/absences", data={**form, "csrf_token": csrf_token(client, "/absences"), **more})


def do(
    client: FlaskClient, page: str, *meetings: Appointment, decision: str = "cancelled", **more: str
) -> TestResponse:
    form = {"appointment": [str(meeting.id) for meeting in meetings], "decision": decision, **more}
    return client.post(page, data={**form, "csrf_token": csrf_token(client, "/absences")})


def part(page: str, heading: str) -> str:
    found = re.search(rf'<h2 id="{heading}">.*?</section>', page, re.DOTALL)
    assert found
    return re.sub(r"\s+", " ", found[0])


def sent_to(house: House, citizen_id: uuid.UUID) -> list[tuple[Lane, str]]:
    with house.runtime.database.read() as session:
        rows = session.scalars(sa.select(Message).filter_by(conversation_id=citizen_id, direction=Direction.OUT))
        return [(row.lane, open_text(house.runtime.vault, row, owner=citizen_id)) for row in rows]


def arrive(house: House, state: MessageState) -> None:
    with house.runtime.database.write() as session:
        session.execute(sa.update(Message).filter_by(direction=Direction.OUT).values(state=state))


def test_reporting_somebody_away_today_leads_to_her_day_without_content(
    house: House, leader: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    house.hears(WORDS)
    house.appointment(sara, mette, in_days=IN_40_MINUTES)
    house.appointment(sara, mette, in_days=1)
    answer = report(leader, mette)
    page = leader.get(answer.location).text

    assert answer.status_code == 303
    assert "Sara Nielsen" in part(page, "undecided")
    assert "om 40 minutter" in part(page, "undecided")
    assert part(page, "undecided").count('name="appointment"') == 1
    assert WORDS not in page
    assert leader.get(f"/conversations/{sara}").status_code == 303


def test_cancelling_is_one_step_and_the_citizen_hears_at_once(
    house: House, leader: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    answer = do(leader, page, meeting)

    ((lane, text),) = sent_to(house, sara)
    assert answer.status_code == 303
    assert lane is Lane.URGENT
    assert "Vi er nødt til at flytte mødet" in text
    assert "Aflyst" in part(leader.get(page).text, "decided-heading")


def test_sent_twice_it_is_done_once(house: House, leader: FlaskClient, mette: Caseworker, sara: uuid.UUID) -> None:
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    answers = [do(leader, page, meeting) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(sent_to(house, sara)) == 1


def test_a_stand_in_is_announced_and_the_meeting_stands(
    house: House, leader: FlaskClient, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    for _ in range(2):
        do(leader, page, meeting, decision="stand_in", stand_in=str(ali.id))

    ((lane, text),) = sent_to(house, sara)
    assert lane is Lane.URGENT
    assert text.startswith("Hej Sara. Vi ses stadig i dag kl. 10.40. Ali tager imod dig i stedet for Mette.")
    with house.runtime.database.read() as session:
        row = session.get_one(Appointment, meeting.id)
        assert (row.state, row.caseworker_id) == (AppointmentState.BOOKED, mette.id)
        assert "appointment.stand_in" in session.scalars(sa.select(JournalEvent.type).filter_by(stream_id=sara)).all()


def test_the_stand_in_sees_that_citizen_that_day_only(
    house: House, leader: FlaskClient, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    """S3."""
    other = house.citizen(caseworker=mette, first_name="Ahmed", number=OTHER_NUMBER)
    house.hears(WORDS, sender=OTHER_NUMBER)
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    before = house.browser("ali").get(f"/conversations/{sara}").status_code
    do(leader, report(leader, mette).location, meeting, decision="stand_in", stand_in=str(ali.id))
    client = house.browser("ali")
    that_day = client.get(f"/conversations/{sara}").status_code
    others = client.get(f"/conversations/{other}").status_code
    house.runtime.clock.advance(days=1)

    assert (before, that_day, others) == (404, 200, 404)
    assert house.browser("ali").get(f"/conversations/{sara}").status_code == 404


def test_a_meeting_with_a_stand_in_can_still_be_cancelled(
    house: House, leader: FlaskClient, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    do(leader, page, meeting, decision="stand_in", stand_in=str(ali.id))
    do(leader, page, meeting)

    assert len(sent_to(house, sara)) == 2
    assert house.browser("ali").get(f"/conversations/{sara}").status_code == 404


def test_those_who_cannot_be_reached_are_to_be_rung_at_once(
    house: House, leader: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    numberless = house.citizen(caseworker=mette, first_name="Nadia", number=None)
    with house.runtime.act(SYSTEM) as act:
        opt_out(act, citizen_id=sara)
    meetings = [house.appointment(one, mette, in_days=IN_40_MINUTES) for one in (sara, numberless)]
    page = report(leader, mette).location
    do(leader, page, *meetings)
    ring = part(leader.get(page).text, "ring-heading")

    assert "Sara Nielsen" in ring
    assert "har frameldt sms" in ring
    assert "Nadia Nielsen" in ring
    assert "intet mobilnummer" in ring


@pytest.mark.parametrize(
    ("state", "minutes", "why"),
    [
        (MessageState.SENT, 14, None),
        (MessageState.SENT, 15, "ikke leveret inden for 15 minutter"),
        (MessageState.DELIVERED, 15, None),
        (MessageState.FAILED, 0, "sms’en kom ikke frem"),
        (MessageState.UNCLEAR, 0, "det er uklart, om sms’en blev sendt"),
    ],
)
def test_who_has_not_got_the_text_in_15_minutes_is_to_be_rung(
    house: House,
    leader: FlaskClient,
    mette: Caseworker,
    sara: uuid.UUID,
    state: MessageState,
    minutes: int,
    why: str | None,
) -> None:
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    do(leader, page, meeting)
    arrive(house, state)
    house.runtime.clock.advance(minutes=minutes)
    ring = part(leader.get(page).text, "ring-heading")

    assert ("Sara Nielsen" in ring) is (why is not None)
    assert why is None or why in ring


def test_a_text_that_waits_for_six_in_the_morning_takes_its_time_from_then(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    house.caseworker("lead", name="Lone Leder", role=Role.TEAM_LEADER)
    house.runtime.clock.advance(hours=19, minutes=30)  # half past five the next day
    meeting = house.appointment(sara, mette, in_days=0.1)
    client = house.browser("lead")
    page = report(client, mette, first_day="2027-03-03").location
    do(client, page, meeting)
    house.runtime.clock.advance(minutes=44)
    at_14_past = part(client.get(page).text, "ring-heading")
    house.runtime.clock.advance(minutes=1)

    assert "Sara Nielsen" not in at_14_past
    assert "Sara Nielsen" in part(client.get(page).text, "ring-heading")


def test_numbers_are_shown_when_asked_for_and_that_is_audited(
    house: House, leader: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    """A3."""
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    do(leader, page, meeting)
    arrive(house, MessageState.FAILED)
    before = leader.get(page).text
    do(leader, page.replace("/day", "/numbers"), meeting)
    with house.runtime.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).filter_by(action="number.opened")).one()

    assert "+4524101921" not in before
    assert "+4524101921" in leader.get(page).text
    assert entry.object_id == sara


def test_who_was_rung_and_reached_is_ticked_off_once_and_noted_as_a_call(
    house: House, leader: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    do(leader, page, meeting)
    arrive(house, MessageState.FAILED)
    for reached in ("no", "yes", "yes"):
        do(leader, page.replace("/day", "/calls"), meeting, reached=reached)
    with house.runtime.database.read() as session:
        notes = session.execute(sa.select(Note.kind, Note.reached).filter_by(citizen_id=sara).order_by(Note.id)).all()

    assert notes == [(NoteKind.CALL_OUT, False), (NoteKind.CALL_OUT, True)]
    assert "Fik besked i dag kl. 10.00" in part(leader.get(page).text, "ring-heading")


def test_calls_in_vain_stand_in_the_list_with_how_many_when_and_who(
    house: House, leader: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    do(leader, page, meeting)
    arrive(house, MessageState.FAILED)
    do(leader, page.replace("/day", "/calls"), meeting, reached="no")
    once = part(leader.get(page).text, "ring-heading")
    house.runtime.clock.advance(minutes=12)
    do(leader, page.replace("/day", "/calls"), meeting, reached="no")
    twice = part(leader.get(page).text, "ring-heading")

    assert "ringet 1 gang, i dag kl. 10.00 af Lone Leder" in once
    assert "ringet 2 gange, sidst i dag kl. 10.12 af Lone Leder" in twice


def test_a_meeting_that_has_begun_is_left_alone(
    house: House, leader: FlaskClient, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    house.runtime.clock.advance(minutes=41)
    do(leader, page, meeting, decision="stand_in", stand_in=str(ali.id))
    do(leader, page, meeting)

    assert sent_to(house, sara) == []


def test_who_is_away_stands_in_for_nobody(
    house: House, leader: FlaskClient, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    report(leader, ali)
    answer = do(leader, page, meeting, decision="stand_in", stand_in=str(ali.id))

    assert answer.status_code == 422
    assert "Vælg en vikar, der er her i dag." in answer.text
    assert sent_to(house, sara) == []


def test_of_two_leaders_at_once_one_writes_to_the_citizen(
    house: House, leader: FlaskClient, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page, form = report(leader, mette).location, {"appointment": str(meeting.id), "decision": "cancelled"}
    clients = [leader, house.browser("lead")]
    tokens = [csrf_token(client, "/absences") for client in clients]
    start = Barrier(2)

    def cancel(client: FlaskClient, token: str) -> int:
        start.wait()
        return client.post(page, data={**form, "csrf_token": token}).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(cancel, clients, tokens))

    assert statuses == [303, 303]
    assert len(sent_to(house, sara)) == 1


def test_who_is_back_keeps_her_meetings(house: House, leader: FlaskClient, mette: Caseworker, sara: uuid.UUID) -> None:
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    do(leader, page.replace("/day", "/end"))
    answer = do(leader, page, meeting)

    assert answer.status_code == 409
    assert "Fraværet gælder ikke nu" in answer.text
    assert sent_to(house, sara) == []


def test_s3_a_leader_of_another_unit_finds_no_such_day(
    house: House, leader: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    """S3."""
    meeting = house.appointment(sara, mette, in_days=IN_40_MINUTES)
    page = report(leader, mette).location
    house.caseworker("far", role=Role.TEAM_LEADER, unit="Team B")
    client = house.browser("far")

    assert client.get(page).status_code == 404
    assert do(client, page, meeting).status_code == 404
    assert report(client, mette, first_day="2027-03-09").status_code == 404
    assert sent_to(house, sara) == []


def test_reports_that_make_no_sense_are_told_what_is_wrong(
    leader: FlaskClient, mette: Caseworker, ali: Caseworker
) -> None:
    past = report(leader, mette, first_day="2027-03-01")
    backwards = report(leader, mette, first_day="2027-03-05", last_day="2027-03-04")
    own_deputy = report(leader, mette, deputy=str(mette.id))
    report(leader, mette, deputy=str(ali.id))
    twice = report(leader, mette)

    assert [answer.status_code for answer in (past, backwards, own_deputy, twice)] == [422, 422, 422, 409]
    assert "Vælg den første og den sidste dag" in past.text
    assert "Der er allerede noteret fravær" in twice.text


def test_the_page_asks_as_much_for_many_meetings_as_for_one(
    house: House, leader: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    page, asked = report(leader, mette).location, []
    statements: list[str] = []
    sa.event.listen(house.runtime.database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for number in (OTHER_NUMBER, None, None):
        house.appointment(house.citizen(caseworker=mette, number=number), mette, in_days=IN_40_MINUTES)
        statements.clear()
        leader.get(page)
        asked.append(len(statements))

    assert asked[1] == asked[2]
