"""Handing citizens over: shown before it happens, all that is under way goes along, and of two at once one is told."""

import re
import uuid
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.appointments.models import Appointment, Place, Reminder
from messaging.appointments.planning import reminder_rules
from messaging.appointments.reminding import send_due_reminders
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Author, Conversation, Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.opening import open_text
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState, Waiting
from messaging.journal.models import JournalEvent
from messaging.people.absence_models import Transfer
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import CaseloadEntry, Caseworker, Role
from messaging.people.transferring import AlreadyTransferred, Handover, transfer
from messaging.vault import place as sealed_at
from tests.house import House, csrf_token

OTHER_NUMBER = "+4529390626"
NOTE = "Sara vil helst ringes op"


def entry_of(house: House, citizen_id: uuid.UUID) -> CaseloadEntry:
    with house.runtime.database.read() as session:
        return session.scalars(sa.select(CaseloadEntry).filter_by(citizen_id=citizen_id, valid_to=None)).one()


def hand_over(
    house: House, client: FlaskClient, *citizens: uuid.UUID, to: Caseworker, step: str = "", **more: str
) -> TestResponse:
    form = {
        "entry": [str(entry_of(house, citizen_id).id) for citizen_id in citizens],
        "to": str(to.id),
        "meetings": "yes",
        "form_id": str(uuid.uuid4()),
        "csrf_token": csrf_token(client, "/handover"),
        **more,
    }
    return client.post(f"/handover{step}", data=form)


def test_the_preview_says_what_goes_along_and_changes_nothing(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears("Jeg har et spørgsmål")
    house.appointment(sara, mette, in_days=1)
    with house.runtime.act(SYSTEM) as act:
        later = act.now + timedelta(days=1)
        send_message(act, citizen_id=sara, text="Husk", author=Author.SYSTEM, due_at=later)
        lost = send_message(act, citizen_id=sara, text="Hej", author=Author.SYSTEM)
        lost.state = MessageState.FAILED
    client = house.browser("mho")
    before = house.everything()
    page = hand_over(house, client, sara, to=ali, step="/preview", note=NOTE)
    told = re.sub(r"\s+", " ", page.text)

    assert page.status_code == 200
    assert "Overdrag 1 borger til Ali Demir?" in told
    for words in ("Venter på os i under 1 min.", "1 planlagt besked", "1 besked kom ikke frem", "Næste møde i morgen"):
        assert words in told
    assert {name: rows for name, rows in house.everything().items() if name != "sign_in_sessions"} == {
        name: rows for name, rows in before.items() if name != "sign_in_sessions"
    }


def test_all_follows_the_citizen_and_the_giver_sees_her_no_more(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears("Jeg har et spørgsmål")
    with house.runtime.database.read() as session:
        since = session.get_one(Conversation, sara).waiting_since
    house.runtime.clock.advance(minutes=90)
    giver = house.browser("mho")
    answer = hand_over(house, giver, sara, to=ali)

    with house.runtime.database.read() as session:
        thread = session.get_one(Conversation, sara)
        assert (thread.waiting, thread.waiting_since, thread.unread) == (Waiting.FOR_US, since, 1)
    assert answer.status_code == 303
    assert giver.get(f"/conversations/{sara}").status_code == 404
    assert "Jeg har et spørgsmål" in house.browser("ali").get(f"/conversations/{sara}").text


def test_what_was_planned_is_still_sent(house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        due_at = act.now + timedelta(days=1)
        planned = send_message(act, citizen_id=sara, text="Husk", author=Author.CASEWORKER, due_at=due_at)
    hand_over(house, house.browser("mho"), sara, to=ali)

    with house.runtime.database.read() as session:
        message = session.get_one(Message, planned.id)
        assert (message.state, message.due_at) == (MessageState.SCHEDULED, due_at)


@pytest.mark.parametrize(("answer", "name"), [("yes", "Ali"), ("no", "Mette")])
def test_a_reminder_is_signed_by_who_holds_the_meeting(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID, answer: str, name: str
) -> None:
    with house.runtime.database.write() as session:
        session.add(Place(name="Ungecenteret, Sydhavnen", words="Ungecenteret i Sydhavnen", approved_by="MHO"))
    meeting = house.appointment(sara, mette, in_days=5)
    hand_over(house, house.browser("mho"), sara, to=ali, meetings=answer)
    house.runtime.clock.advance(hours=50)
    runtime = house.runtime
    with runtime.act(SYSTEM) as act:
        rules, office = reminder_rules(runtime.config), Office.from_config(runtime.config)
        send_due_reminders(act, rules=rules, office=office)
        message = act.session.scalars(sa.select(Message).filter_by(kind=Kind.REMINDER)).one()
        text = open_text(runtime.vault, message, owner=sara)
        reminders = act.session.scalars(sa.select(Reminder).filter_by(appointment_id=meeting.id)).all()

    assert f"{name}, Ungecenteret" in text
    assert len({reminder.revision for reminder in reminders}) == 1


def test_a_meeting_with_somebody_else_stays_hers(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    jonas = house.caseworker("jon", name="Jonas")
    meeting = house.appointment(sara, jonas)
    hand_over(house, house.browser("mho"), sara, to=ali)

    with house.runtime.database.read() as session:
        assert session.get_one(Appointment, meeting.id).caseworker_id == jonas.id


def test_it_is_journaled_and_audited_with_a_sealed_note(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    hand_over(house, house.browser("mho"), sara, to=ali, note=NOTE)
    with house.runtime.database.read() as session:
        row = session.scalars(sa.select(Transfer)).one()
        entry = session.scalars(sa.select(AuditEntry).filter_by(action="citizen.transferred")).one()
        events = session.scalars(sa.select(JournalEvent.type).filter_by(stream_id=sara)).all()
    place = sealed_at.Place("transfers", "note", row.caseload_id)

    assert (row.from_id, row.to_id, row.by_id) == (mette.id, ali.id, mette.id)
    assert (entry.actor_id, entry.object_id) == (mette.id, sara)
    assert "citizen.assigned" in events
    assert house.runtime.vault.open(row.note, owner=sara, place=place) == NOTE
    assert NOTE not in repr(house.everything())


def test_who_took_over_reads_the_note_beside_the_thread(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    hand_over(house, house.browser("mho"), sara, to=ali, note=NOTE)
    page = house.browser("ali").get(f"/conversations/{sara}").text

    assert "Overdraget fra Mette Holm til Ali Demir" in page
    assert NOTE in page


def test_the_preview_says_which_meetings_stay(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.appointment(sara, mette)
    house.appointment(sara, house.caseworker("jon", name="Jonas"))
    page = hand_over(house, house.browser("mho"), sara, to=ali, step="/preview")

    assert "1 møde er med en anden og bliver der" in page.text


def test_the_preview_says_that_the_receiver_is_away(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    client = house.browser("ali")
    form = {"first_day": "2027-03-02", "last_day": "2027-03-05", "csrf_token": csrf_token(client, "/absences")}
    client.post("/absences", data=form)
    page = hand_over(house, house.browser("mho"), sara, to=ali, step="/preview")

    assert "Ali Demir er væk til og med fredag 5. marts." in page.text


def test_a_form_sent_twice_hands_over_once(house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID) -> None:
    client, form_id, entry = house.browser("mho"), str(uuid.uuid4()), str(entry_of(house, sara).id)
    answers = [
        client.post(
            "/handover",
            data={
                "entry": entry,
                "to": str(ali.id),
                "meetings": "yes",
                "form_id": form_id,
                "csrf_token": csrf_token(client, "/handover"),
            },
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert entry_of(house, sara).caseworker_id == ali.id


def test_who_comes_second_is_told_and_none_of_hers_move(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    ahmed = house.citizen(caseworker=mette, first_name="Ahmed", number=OTHER_NUMBER)
    client = house.browser("mho")
    first, second = (str(entry_of(house, citizen_id).id) for citizen_id in (sara, ahmed))
    hand_over(house, client, sara, to=ali)
    answer = hand_over(house, client, ahmed, to=ali, entry=[first, second])  # type: ignore[arg-type]

    assert answer.status_code == 409
    assert "En kollega nåede at overdrage en af borgerne." in answer.text
    assert entry_of(house, ahmed).caseworker_id == mette.id


def test_of_two_at_once_one_wins(house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID) -> None:
    jonas, entry, start = house.caseworker("jon", name="Jonas"), entry_of(house, sara), Barrier(2)
    giver = Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER, unit_id=mette.unit_id)
    won: list[bool] = []

    def try_(receiver: Caseworker) -> None:
        start.wait()
        try:
            with house.runtime.act(giver) as act:
                transfer(act, Handover(entry_ids=[entry.id], to_id=receiver.id))
        except AlreadyTransferred:
            won.append(False)
        else:
            won.append(True)

    threads = [Thread(target=try_, args=(receiver,)) for receiver in (ali, jonas)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == [False, True]


def test_a_leader_hands_over_within_her_unit_and_reads_nothing(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    house.hears("hemmelige ord")
    house.caseworker("lead", name="Lone", role=Role.TEAM_LEADER)
    far = house.caseworker("far", name="Fie", unit="Team B")
    client = house.browser("lead")
    page = client.get(f"/handover?from={mette.id}")

    assert "Sara Nielsen" in page.text
    assert "hemmelige ord" not in page.text
    assert str(far.id) not in page.text
    assert hand_over(house, client, sara, to=far).status_code == 422
    assert hand_over(house, client, sara, to=ali).status_code == 303
    assert entry_of(house, sara).caseworker_id == ali.id


def test_s3_nobody_hands_over_whom_she_does_not_look_after(
    house: House, mette: Caseworker, ali: Caseworker, sara: uuid.UUID
) -> None:
    """S3."""
    client = house.browser("ali")

    assert hand_over(house, client, sara, to=mette, step="/preview").status_code == 404
    assert hand_over(house, client, sara, to=mette).status_code == 404
    assert entry_of(house, sara).caseworker_id == mette.id
