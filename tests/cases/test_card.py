"""The citizen's card at the desk: numbers, wishes, closing and reopening, as a caseworker uses it."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.appointments.models import Reminder
from messaging.appointments.seeding import seed
from messaging.appointments.states import ReminderState
from messaging.audit.models import AuditEntry
from messaging.cases import wording
from messaging.conversations.by_hand import Shelf
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Conversation, Message, Template
from messaging.conversations.recipients import recipients_of
from messaging.conversations.sending import NotReachable, send_message
from messaging.conversations.states import MessageState, Waiting
from messaging.conversations.templates import NoValidTemplate
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.card_models import CaseClosing, NumberRecord
from messaging.people.markers import MarkerKind, markers_within
from messaging.people.models import ContactPoint, Standing
from messaging.people.preferences import language_of
from messaging.trial.models import Arm, ArmDecision
from messaging.trial.taking_part import join
from tests.house import NUMBER, House, csrf_token

NEW = "29390626"
NEW_E164 = "+4529390626"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen with a number, a meeting, a message that waits and the shipped texts."""
    mette = house.caseworker()
    citizen_id = house.citizen(caseworker=mette, cpr="0101990123")
    house.appointment(citizen_id, mette)
    with house.runtime.act(SYSTEM) as act:
        seed(act.session)
        send_message(act, citizen_id=citizen_id, text="Hej", author=Author.CASEWORKER)
    return citizen_id


def _in_use(house: House, citizen_id: uuid.UUID) -> ContactPoint | None:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(ContactPoint).filter_by(citizen_id=citizen_id, standing=Standing.IN_USE))


def _states(house: House, citizen_id: uuid.UUID) -> list[tuple[MessageState, str | None]]:
    with house.runtime.database.read() as session:
        rows = session.execute(
            sa.select(Message.state, Message.reason).filter_by(conversation_id=citizen_id).order_by(Message.seq)
        )
        return [(state, reason) for state, reason in rows]


def _journaled(house: House, citizen_id: uuid.UUID) -> list[str]:
    with house.runtime.database.read() as session:
        chosen = sa.select(JournalEvent.type).filter_by(stream_id=citizen_id).order_by(JournalEvent.seq)
        return [str(type_) for type_ in session.scalars(chosen)]


def _post(client: FlaskClient, citizen_id: uuid.UUID, what: str, **form: str) -> TestResponse:
    path = f"/citizens/{citizen_id}/{what}"
    token = csrf_token(client, f"/citizens/{citizen_id}")
    return client.post(path, data={"csrf_token": token, **form}, follow_redirects=True)


def _enter(house: House, client: FlaskClient, citizen_id: uuid.UUID, number: str = NEW, **form: str) -> TestResponse:
    point = _in_use(house, citizen_id)
    asked = {"number": number, "source": "citizen_at_desk", "seen": str(point.id) if point else "", **form}
    return _post(client, citizen_id, "numbers", **asked)


def test_card_shows_numbers_with_their_sources_and_never_the_personal_number(house: House, sara: uuid.UUID) -> None:
    page = house.browser("mho").get(f"/citizens/{sara}").text

    assert NUMBER in page
    assert "Ikke i forsøg" in page
    assert "010199" not in page


def test_opening_the_card_is_audited(house: House, sara: uuid.UUID) -> None:
    house.browser("mho").get(f"/citizens/{sara}")

    with house.runtime.database.read() as session:
        assert session.scalar(sa.select(AuditEntry.id).filter_by(action="citizen.card_opened")) is not None


@pytest.mark.parametrize(("cpr", "marked"), [("0203090123", False), ("0303094123", True)])
def test_card_marks_who_is_under_18_until_the_birthday(house: House, cpr: str, marked: bool) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker(), cpr=cpr)
    with house.runtime.database.read():
        today = house.runtime.clock.now().date()
    page = house.browser("mho").get(f"/citizens/{citizen_id}").text

    assert (today.year, today.month, today.day) == (2027, 3, 2)
    assert ("Under 18 år" in page) is marked


def test_new_number_calls_back_what_waits_for_the_old_one_and_says_so(house: House, sara: uuid.UUID) -> None:
    answer = _enter(house, house.browser("mho"), sara)
    point = _in_use(house, sara)

    assert "1 besked til det gamle nummer er trukket tilbage" in answer.text
    assert _states(house, sara) == [(MessageState.CANCELLED, "number_ended")]
    assert point is not None
    assert point.source == "citizen_at_desk"
    assert "number.changed" in _journaled(house, sara)
    assert "indført af Mette Holm" in answer.text


@pytest.mark.parametrize(
    ("number", "reason"),
    [("112", "emergency"), ("80 20 20 20", "no_mobile"), ("hej", "not_a_number"), ("123", "not_possible")],
)
def test_number_that_takes_no_sms_is_refused_with_a_sentence(
    house: House, sara: uuid.UUID, number: str, reason: str
) -> None:
    answer = _enter(house, house.browser("mho"), sara, number)

    assert answer.status_code == 422
    assert str(wording.UNREADABLE[reason]) in answer.text
    assert _states(house, sara) == [(MessageState.QUEUED, None)]


def test_another_citizens_number_is_entered_only_as_shared(house: House, sara: uuid.UUID) -> None:
    house.citizen(caseworker=house.caseworker(), number=NEW_E164)
    client, before = house.browser("mho"), _in_use(house, sara)
    refused = _enter(house, client, sara)
    still = _in_use(house, sara)
    taken = _enter(house, client, sara, shared="yes")
    after = _in_use(house, sara)

    assert refused.status_code == 409
    assert str(wording.ANOTHERS) in refused.text
    assert before is not None
    assert still is not None
    assert still.id == before.id
    assert taken.status_code == 200
    assert after is not None
    assert after.id != before.id


def test_page_that_shows_an_older_number_changes_nothing(house: House, sara: uuid.UUID) -> None:
    client, seen = house.browser("mho"), _in_use(house, sara)
    assert seen is not None
    _enter(house, client, sara)
    answer = _enter(house, client, sara, "22334455", seen=str(seen.id))

    assert answer.status_code == 409
    assert str(wording.MOVED) in answer.text


UNVERIFIED = "Nummeret får ingen login-kode."
IN_THREAD = "Borgeren kan ikke få en login-kode på sms"


@pytest.mark.parametrize("proof", ["ringing", "writing"])
def test_a_number_that_gets_no_login_code_is_said_with_what_proves_it(
    house: House, sara: uuid.UUID, proof: str
) -> None:
    client, point = house.browser("mho"), _in_use(house, sara)
    assert point is not None
    before = [client.get(path).text for path in (f"/citizens/{sara}", f"/conversations/{sara}")]
    if proof == "ringing":
        _post(client, sara, f"numbers/{point.id}/verified", rang="yes")
    else:
        house.hears("Hej", sender=NUMBER)
    after = [client.get(path).text for path in (f"/citizens/{sara}", f"/conversations/{sara}")]

    assert [UNVERIFIED in before[0], IN_THREAD in before[1]] == [True, True]
    assert f'href="/citizens/{sara}#numbers">Bekræft nummeret</a>' in before[1]
    assert [UNVERIFIED in after[0], IN_THREAD in after[1]] == [False, False]


def test_of_a_number_of_several_no_proof_is_asked_for(house: House, sara: uuid.UUID) -> None:
    """It gets no login code whoever hears it ring."""
    client, point = house.browser("mho"), _in_use(house, sara)
    assert point is not None
    client.post(
        f"/citizens/{sara}/numbers/{point.id}/shared",
        data={"csrf_token": csrf_token(client, f"/citizens/{sara}"), "shared": "yes"},
    )

    assert UNVERIFIED not in client.get(f"/citizens/{sara}").text
    assert IN_THREAD not in client.get(f"/conversations/{sara}").text


def test_the_phone_that_rang_is_noted_with_who_saw_it(house: House, sara: uuid.UUID) -> None:
    client, point = house.browser("mho"), _in_use(house, sara)
    assert point is not None
    unticked = _post(client, sara, f"numbers/{point.id}/verified")
    answer = _post(client, sara, f"numbers/{point.id}/verified", rang="yes")

    assert unticked.status_code == 422
    assert "set af Mette Holm" in answer.text
    assert "number.verified" in _journaled(house, sara)
    with house.runtime.database.read() as session:
        assert session.get_one(NumberRecord, point.id).verified_at == house.runtime.clock.now()


def test_a_citizen_without_a_number_is_noted_until_she_gets_one(house: House, sara: uuid.UUID) -> None:
    client, point = house.browser("mho"), _in_use(house, sara)
    assert point is not None
    without = _post(client, sara, f"numbers/{point.id}/end", has_none="yes")
    again = _enter(house, client, sara)

    assert "Borgeren har intet nummer. Noteret" in without.text
    assert "number.ended" in _journaled(house, sara)
    assert "Borgeren har intet nummer. Noteret" not in again.text


def test_language_medium_and_interpreter_are_kept(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")
    answer = _post(client, sara, "preferences", medium="call", language="en", interpreter="so")
    _post(client, sara, "preferences", medium="call", language="en", interpreter="so")

    assert "Tolk: Somali" in answer.text
    assert _journaled(house, sara).count("citizen.preferences") == 1
    with house.runtime.database.read() as session:
        assert language_of(session, sara) == "en"


def test_closing_stops_what_is_planned_and_tells_the_citizen(house: House, sara: uuid.UUID) -> None:
    house.hears("Hej")
    answer = _post(house.browser("mho"), sara, "close", reason="Flyttet til en anden kommune")
    with house.runtime.database.read() as session:
        reminders = set(session.scalars(sa.select(Reminder.state)))
        standing = session.get_one(Conversation, sara).waiting

    assert "Sagen er lukket, og borgeren får besked" in answer.text
    states = _states(house, sara)
    assert states[0] == (MessageState.CANCELLED, "case_closed")
    assert states[-1] == (MessageState.QUEUED, None)
    assert reminders == {ReminderState.SKIPPED}
    assert standing is Waiting.SETTLED
    assert "case.closed" in _journaled(house, sara)


def test_what_a_citizen_of_a_closed_case_writes_waits_in_triage(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")
    house.hears("Før")  # the route is remembered from here on
    _post(client, sara, "close", reason="Kommet i arbejde")
    house.hears("Efter")
    in_triage = client.get("/triage").text
    _post(client, sara, "reopen", reason="Ledig igen")
    house.hears("Igen")

    assert "Efter" in in_triage
    with house.runtime.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Message.conversation_id.is_(None))) == 1
    assert "case.reopened" in _journaled(house, sara)


def test_nothing_more_is_written_to_a_closed_case(house: House, sara: uuid.UUID) -> None:
    _post(house.browser("mho"), sara, "close", reason="Kommet i arbejde")
    headers = house.key("messages:write") | {"Idempotency-Key": str(uuid.uuid4())}
    answer = house.app.test_client().post(
        f"/api/v1/conversations/{sara}/messages", json={"text": "Hej"}, headers=headers
    )

    assert (answer.status_code, answer.json["code"]) == (409, "not_reachable")
    with house.runtime.act(SYSTEM) as act, pytest.raises(NotReachable):
        send_message(act, citizen_id=sara, text="Hej", author=Author.CASEWORKER)


def test_closing_needs_a_reason_and_happens_once(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")
    without = _post(client, sara, "close", reason=" ")
    _post(client, sara, "close", reason="Kommet i arbejde")
    again = _post(client, sara, "close", reason="Kommet i arbejde")

    assert without.status_code == 422
    assert str(wording.ALREADY_CLOSED) in again.text
    with house.runtime.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CaseClosing)) == 1


def test_old_number_is_worth_asking_about(house: House, sara: uuid.UUID) -> None:
    with house.runtime.database.write() as session:
        long_ago = house.runtime.clock.now() - timedelta(days=400)
        session.execute(sa.update(ContactPoint).filter_by(citizen_id=sara).values(valid_from=long_ago))

    assert "Ingen har set nummeret ringe i et år" in house.browser("mho").get(f"/citizens/{sara}").text


def test_a_text_that_says_what_may_follow_goes_to_nobody_under_18(house: House) -> None:
    mette = house.caseworker()
    young = house.citizen(caseworker=mette, cpr="0303094123")
    grown = house.citizen(caseworker=mette, cpr="0203090123", number=NEW_E164)
    with house.runtime.act(SYSTEM) as act:
        text = {"key": "K1", "variant": "", "language": "da", "version": 1, "approved_by": "LLE"}
        act.session.add(
            Template(**text, content_class=ContentClass.CONSEQUENCE, text="Det kan følge.", valid_from=act.now)
        )
    with house.runtime.database.read() as session:
        now = house.runtime.clock.now()
        people = recipients_of(house.runtime, session, [young, grown], writer_id=mette.id, meetings_of=None, at=now)
        shelf = Shelf(session, at=now)

        assert shelf.fill("K1", people[grown]).text == "Det kan følge."
        with pytest.raises(NoValidTemplate):
            shelf.fill("K1", people[young])


def test_what_the_control_arm_withholds_of_closing_is_written_down(house: House, sara: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        join(act, {sara: Arm.CONTROL})
    answer = _post(house.browser("mho"), sara, "close", reason="Kommet i arbejde")
    with house.runtime.database.read() as session:
        withheld = session.execute(sa.select(ArmDecision.sort, ArmDecision.verdict)).all()

    assert "kontrolgruppe" in answer.text
    assert withheld == [("closing", "withheld")]
    assert {"message.withheld", "case.closed"} <= set(_journaled(house, sara))


def test_closing_is_marked_in_the_thread(house: House, sara: uuid.UUID) -> None:
    client = house.browser("mho")
    _post(client, sara, "close", reason="Kommet i arbejde")
    _post(client, sara, "reopen", reason="Ledig igen")
    with house.runtime.database.read() as session:
        markers = markers_within(
            session, house.runtime.vault, citizen_id=sara, since=None, until=None, now=house.runtime.clock.now()
        )

    assert {marker.kind for marker in markers} == {MarkerKind.CASE_CLOSED, MarkerKind.CASE_REOPENED}
