"""The caseworker's lists say which message did not arrive, whom SMS does not reach, what is planned, and what to do."""

import json
import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from messaging.audit.models import AuditEntry
from messaging.citizen_app.models import AppSession, Device, Opened
from messaging.citizen_app.sessions import begin_session
from messaging.citizen_app.subscriptions import apps_with, means_with, subscribe
from messaging.clock import COPENHAGEN
from messaging.conversations.attaching import attach
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Message
from messaging.conversations.sending import send_message
from messaging.conversations.sending_in_app import send_in_app
from messaging.conversations.states import MessageState
from messaging.database.base import new_id
from messaging.documents.kinds import Declared
from messaging.documents.models import Document, Origin
from messaging.documents.states import DocumentState, Refusal
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker, OptOut, PauseReason, PhoneNumber, Role
from messaging.trial.models import Arm
from messaging.trial.taking_part import join
from messaging.web.shell import EXTENSION
from tests.house import NUMBER, House


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


def write(house: House, citizen_id: uuid.UUID, text: str, *, state: MessageState, **more: Any) -> uuid.UUID:
    """Let a message to a citizen have come so far."""
    with house.runtime.act(SYSTEM) as act:
        message = send_message(act, citizen_id=citizen_id, text=text, author=Author.SYSTEM)
        values = {"state": state, "state_since": act.now, **more}
        act.session.execute(sa.update(Message).filter_by(id=message.id).values(**values))
        return message.id


def listed(house: House, show: str, *, by: str = "mho") -> str:
    """Return the list itself, without what stands around it."""
    page = house.browser(by).get(f"/conversations?show={show}").text
    return re.sub(r"\s+", " ", page.split('id="lists"')[1].split("</nav>")[1])


def count_of(house: House, show: str) -> int:
    page = house.browser("mho").get("/conversations").text
    found = re.search(rf'show={show}"[^>]*>[^<]*<span class="count">(\d+)<', page)
    assert found
    return int(found[1])


def test_undelivered_message_stands_with_its_words_the_reason_and_the_next_step(house: House, sara: uuid.UUID) -> None:
    message_id = write(house, sara, "Husk dit CV på fredag", state=MessageState.FAILED)
    page = listed(house, "needs_action")

    assert f"#message-{message_id}" in page
    assert "Husk dit CV på fredag" in page
    assert "Den når ikke frem. Ring til borgeren, eller skriv i Digital Post." in page
    assert f'href="/citizens/{sara}">Ret nummeret' in page


def test_newest_undelivered_message_is_the_one_that_is_shown(house: House, sara: uuid.UUID) -> None:
    write(house, sara, "Den første", state=MessageState.FAILED)
    write(house, sara, "Den anden", state=MessageState.HELD, reason="cpr")
    page = listed(house, "needs_action")

    assert "Den anden" in page
    assert "Den første" not in page
    assert "Den ser ud til at indeholde et CPR-nummer" in page


def test_personal_number_in_a_message_is_not_shown_in_a_list(house: House, sara: uuid.UUID) -> None:
    write(house, sara, "Dit nummer er 010190-1234", state=MessageState.HELD, reason="cpr")
    page = listed(house, "needs_action")

    assert "Dit nummer er" in page
    assert "1234" not in page


def test_words_shown_in_a_list_are_audited(house: House, sara: uuid.UUID) -> None:
    message_id = write(house, sara, "Husk dit CV", state=MessageState.FAILED)
    listed(house, "needs_action")
    with house.runtime.database.read() as session:
        audited = session.scalars(sa.select(AuditEntry.object_id).filter_by(action="message.listed")).all()

    assert audited == [message_id]


def test_leader_who_gave_no_reason_reads_no_words(house: House, sara: uuid.UUID) -> None:
    write(house, sara, "Husk dit CV", state=MessageState.FAILED)
    house.caseworker("led", role=Role.TEAM_LEADER)
    page = listed(house, "needs_action", by="led")

    assert "Sara Nielsen" in page
    assert "Husk dit CV" not in page


def test_planned_message_stands_with_its_time(house: House, sara: uuid.UUID) -> None:
    due_at = house.runtime.clock.now() + timedelta(days=1)
    write(house, sara, "Den sene", state=MessageState.SCHEDULED, due_at=due_at + timedelta(days=1))
    write(house, sara, "Den tidlige", state=MessageState.SCHEDULED, due_at=due_at)
    page = listed(house, "scheduled")

    assert "Den tidlige" in page
    assert "Den sene" not in page
    assert "Sendes i morgen kl." in page


def test_next_to_be_sent_is_listed_first(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    anna = house.citizen(caseworker=mette, first_name="Anna", number="+4524101922")
    due_at = house.runtime.clock.now() + timedelta(days=1)
    write(house, sara, "Hej", state=MessageState.SCHEDULED, due_at=due_at + timedelta(days=1))
    write(house, anna, "Hej", state=MessageState.SCHEDULED, due_at=due_at)
    page = listed(house, "scheduled")

    assert page.index("Anna") < page.index("Sara")


def test_citizen_without_a_number_is_listed_with_a_way_to_add_one(house: House, mette: Caseworker) -> None:
    citizen_id = house.citizen(caseworker=mette, number=None)
    page = listed(house, "unreachable")

    assert "Vi kender intet mobilnummer til borgeren." in page
    assert f'href="/citizens/{citizen_id}">Tilføj nummer' in page


@pytest.mark.parametrize(
    ("pushes", "words"),
    [(True, "Skriv i appen: telefonen siger til."), (False, "Skriv i appen. Telefonen siger ikke til")],
    ids=["knocks", "silent"],
)
def test_citizen_with_the_app_is_listed_as_one_who_can_be_written_to_there(
    house: House, mette: Caseworker, *, pushes: bool, words: str
) -> None:
    """No reminder reaches her, so she stays in the list; but nobody is told to ask her for a number first."""
    shell = house.app.extensions[EXTENSION]
    house.app.extensions[EXTENSION] = replace(shell, apps_of=apps_with(means_with(push=True)))
    citizen_id = house.citizen(caseworker=mette, number=None)
    with_app(house, citizen_id, pushes=pushes)
    other = house.citizen(caseworker=mette, first_name="Anna", number=None)
    page = listed(house, "unreachable")
    hers, others = (page.split(f'id="conversation-{one}"')[1].split("</li>")[0] for one in (citizen_id, other))

    assert count_of(house, "unreachable") == 2
    assert "Har appen" in hers
    assert words in hers
    assert "Tilføj nummer" in hers
    assert "appen" not in others


@pytest.mark.parametrize(
    ("pushes", "words"),
    [(True, "Påmindelser om møder ligger også i appen."), (False, "så ring, hvis det haster.")],
    ids=["knocks", "silent"],
)
def test_nobody_is_told_to_ring_about_meetings_where_the_trial_has_reminders_in_the_app(
    house: House, mette: Caseworker, *, pushes: bool, words: str
) -> None:
    shell = house.app.extensions[EXTENSION]
    house.app.extensions[EXTENSION] = replace(shell, apps_of=apps_with(means_with(push=True)))
    citizen_id = house.citizen(caseworker=mette, number=None)
    with_app(house, citizen_id, pushes=pushes)
    with house.runtime.act(SYSTEM) as act:
        join(act, {citizen_id: Arm.APP})
    page = listed(house, "unreachable")

    assert words in page
    assert "om møder." not in page


def test_phone_that_was_closed_is_no_app(house: House, mette: Caseworker) -> None:
    citizen_id = house.citizen(caseworker=mette, number=None)
    with_app(house, citizen_id)
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Device).values(ended_at=act.now))

    assert "Har appen" not in listed(house, "unreachable")


def with_app(house: House, citizen_id: uuid.UUID, *, pushes: bool = False) -> None:
    """Let in a phone of hers, which takes pushes or not."""
    with house.runtime.act(SYSTEM) as act:
        device = Device(id=new_id(), citizen_id=citizen_id, name="iPhone", added_at=act.now, seen_at=act.now)
        act.session.add(device)
        act.session.flush()
        if pushes:
            begin_session(act, citizen_id=citizen_id, opened=Opened.PAIRED, device_id=device.id)
            act.session.flush()
            session_id = act.session.scalars(sa.select(AppSession.id).filter_by(device_id=device.id)).one()
            subscription = json.dumps({"endpoint": "https://push.example.dk/1", "keys": {}})
            subscribe(act, citizen_id=citizen_id, device_id=device.id, session_id=session_id, subscription=subscription)


# Only with papers


def test_lists_can_be_narrowed_to_threads_with_papers(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    house.hears("Min lønseddel")
    with_paper(house, sara)
    house.citizen(caseworker=mette, first_name="Anna", number="+4529390626")
    house.hears("Hej", sender="+4529390626")
    everybody, narrowed = listed(house, "all"), listed(house, "all&papers=yes")

    assert [name in everybody for name in ("Sara", "Anna")] == [True, True]
    assert [name in narrowed for name in ("Sara", "Anna")] == [True, False]


def test_narrowing_stays_over_lists_and_pages_and_the_counts_follow_it(house: House, mette: Caseworker) -> None:
    for number in range(26):
        citizen_id = house.citizen(caseworker=mette, number=f"+45293906{number:02}")
        house.hears("Hej", sender=f"+45293906{number:02}")
        with_paper(house, citizen_id)
    house.citizen(caseworker=mette, number=None)
    browser = house.browser("mho")
    first = browser.get("/conversations?show=waiting_for_us&papers=yes").text
    more = re.findall(r'href="([^"]*cursor=[^"]*)"', first)[0].replace("&amp;", "&")
    second = browser.get(more).text

    assert first.count("data-row") == 25
    assert "papers=yes" in more
    assert second.count("data-row") == 1
    assert re.findall(r'show=(\w+)&amp;papers=yes"[^>]*>[^<]*<span class="count">(\d+)<', second)[0] == (
        "waiting_for_us",
        "26",
    )
    assert browser.get(more.replace("papers=yes", "papers=")).status_code == 422


def test_what_narrows_says_so_and_leads_back(house: House, sara: uuid.UUID) -> None:
    page = house.browser("mho").get("/conversations?show=all&papers=yes").text
    link = re.findall(r'<p class="narrowing"><a href="([^"]*)"([^>]*)>', page)

    assert link == [("/conversations?show=all", ' aria-current="true"')]
    assert "Ingen på listen har papirer i samtalen." in page


def with_paper(house: House, citizen_id: uuid.UUID) -> None:
    """Let a document have come with her last message."""
    with house.runtime.act(SYSTEM) as act:
        newest = sa.select(Message.id).filter_by(conversation_id=citizen_id).order_by(Message.seq.desc()).limit(1)
        message_id, document_id = act.session.scalars(newest).one(), new_id()
        act.session.add(
            Document(
                id=document_id,
                citizen_id=citizen_id,
                name=act.seal("Lønseddel", owner=citizen_id, table="documents", column="name", row=document_id),
                declared=Declared.PDF,
                origin=Origin.CITIZEN,
                size=1,
                pieces=1,
                state=DocumentState.REFUSED,
                refusal=Refusal.UNREADABLE,
                state_since=act.now,
                created_at=act.now,
            )
        )
        act.session.flush()
        attach(act, message_id=message_id, document_id=document_id)


def _stop(house: House, citizen_id: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        act.session.add(OptOut(citizen_id=citizen_id, medium="sms", since=act.now))


def _pause(house: House, _citizen_id: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(PhoneNumber).values(paused_since=act.now, pause_reason=PauseReason.WRONG_NUMBER))


def _block(house: House, _citizen_id: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(PhoneNumber).values(provider_blocked_since=act.now))


def _fail_twice(house: House, citizen_id: uuid.UUID) -> None:
    for _ in range(2):
        write(house, citizen_id, "Hej", state=MessageState.FAILED)


@pytest.mark.parametrize(
    ("befall", "why"),
    [
        (_stop, "Borgeren har frameldt sms. "),
        (_pause, "Nummeret er sat på pause"),
        (_block, "Nummeret er spærret hos sms-udbyderen"),
        (_fail_twice, "De seneste beskeder er ikke nået frem"),
    ],
    ids=["stop", "pause", "block", "undelivered twice"],
)
def test_citizen_whom_sms_does_not_reach_is_listed_with_the_reason(
    house: House, sara: uuid.UUID, befall: Any, why: str
) -> None:
    before = count_of(house, "unreachable")
    befall(house, sara)
    page = listed(house, "unreachable")

    assert (before, count_of(house, "unreachable")) == (0, 1)
    assert why.strip() in page
    assert "conversation-step" in page


def test_one_delivered_message_ends_a_row_of_failures(house: House, sara: uuid.UUID) -> None:
    _fail_twice(house, sara)
    write(house, sara, "Hej", state=MessageState.DELIVERED)

    assert count_of(house, "unreachable") == 0


def test_message_shown_in_the_app_says_nothing_of_her_sms(house: House, sara: uuid.UUID) -> None:
    _fail_twice(house, sara)
    with house.runtime.act(SYSTEM) as act:
        message = send_in_app(
            act, citizen_id=sara, text="Hej", content_class=ContentClass.SMS_OK, author=Author.CASEWORKER
        )
        message.state = MessageState.READ

    assert count_of(house, "unreachable") == 1


def test_message_that_waits_for_the_app_is_among_the_planned(house: House, sara: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        send_in_app(
            act,
            citizen_id=sara,
            text="Din plan",
            content_class=ContentClass.SENSITIVE,
            author=Author.CASEWORKER,
            due_at=act.now + timedelta(hours=2),
        )

    assert "Din plan" in listed(house, "scheduled")


def test_everybody_is_among_all_also_who_never_had_a_message(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    house.citizen(caseworker=mette, first_name="Anna", number=None)
    house.hears("Hej", sender=NUMBER)
    page = listed(house, "all")

    assert page.index("Sara") < page.index("Anna")
    assert count_of(house, "all") == 2


def at(house: House, text: str) -> None:
    """Let it be this moment by Copenhagen's clock."""
    house.runtime.clock.moment = datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "marked"),
    [("2027-10-14 13:00", ""), ("2027-10-14 15:00", "tæt på"), ("2027-10-15 08:00", "overskredet")],
    ids=["in time", "pressing", "broken"],
)
def test_row_says_until_when_the_citizen_is_to_be_answered(
    house: House, sara: uuid.UUID, now: str, marked: str
) -> None:
    at(house, "2027-10-14 08:00")
    house.hears("Hvornår er mødet?")
    at(house, now)
    page = listed(house, "waiting_for_us")

    assert "Svar senest" in page
    assert "kl. 16.00" in page
    assert re.findall(r"Svarfristen er ([^<]+)<", page) == [marked][: bool(marked)]


def test_after_a_weekend_replies_to_todays_meetings_stand_under_their_heading(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    at(house, "2027-10-17 12:00")
    anna = house.citizen(caseworker=mette, first_name="Anna", number="+4524101922")
    house.hears("Jeg kommer for sent")
    house.hears("Hej", sender="+4524101922")
    house.appointment(anna, mette, in_days=0.96)
    sunday = listed(house, "waiting_for_us")
    at(house, "2027-10-18 08:30")
    monday = listed(house, "waiting_for_us")
    at(house, "2027-10-18 12:30")
    noon = listed(house, "waiting_for_us")

    assert "Svar til dagens møder" not in sunday + noon
    assert re.findall(r"Svar til dagens møder|Andre, der venter|Anna|Sara", monday) == [
        "Svar til dagens møder",
        "Anna",
        "Andre, der venter",
        "Sara",
    ]
