"""The pages of caseworkers: what they show, what they do once, and what they do for nobody else."""

import re
import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.appointments.outcomes import CANCELLED
from messaging.appointments.states import MOVED
from messaging.appointments.work import TapLane
from messaging.audit.models import AuditEntry
from messaging.conversations.content_gate import HoldReason
from messaging.conversations.models import Author, Conversation, Kind, Message
from messaging.conversations.sending import send_message
from messaging.conversations.states import MessageState, Waiting
from messaging.conversations.wording import JOURNAL, KINDS, MEDIA, REASONS, STATES, WAITING
from messaging.journal.models import EventState, JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.models import PauseReason
from messaging.work.lanes import Lane
from tests.house import NUMBER, House, csrf_token, send_form


def _hidden(client: FlaskClient, page: str) -> dict[str, str]:
    """Return what the forms of a page carry unseen."""
    return _carried(client.get(page))


def _carried(answer: TestResponse) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.text))


def _write(client: FlaskClient, citizen_id: uuid.UUID, text: str, **more: str) -> TestResponse:
    page = f"/conversations/{citizen_id}"
    form = {**_hidden(client, page), "message_id": str(uuid.uuid4()), "text": text, **more}
    return send_form(client, page, form)


def _count(house: House, model: type) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def _order(page: str, *names: str) -> list[str]:
    return sorted(names, key=page.index)


def test_who_has_waited_longest_stands_first_and_danger_before_all(house: House) -> None:
    staff = house.caseworker()
    for number, name in ((NUMBER, "Anna"), ("+4529390626", "Bjarke"), ("+4531932646", "Cille")):
        house.citizen(caseworker=staff, first_name=name, number=number)
    house.hears("Hej", sender="+4529390626")
    house.runtime.clock.advance(hours=1)
    house.hears("Hej", sender=NUMBER)
    house.hears("Jeg vil ikke leve mere", sender="+4531932646")
    page = house.browser("mho").get("/conversations").text

    assert _order(page, "Anna", "Bjarke", "Cille") == ["Cille", "Bjarke", "Anna"]
    assert "Tegn på fare" in page


def test_a_long_list_goes_on_where_the_page_ended(house: House) -> None:
    staff = house.caseworker()
    numbers = [f"+45241019{number:02}" for number in range(30)]
    for number in numbers:
        house.citizen(caseworker=staff, first_name=f"Nr{number[-2:]}", number=number)
        house.hears("Hej", sender=number)
        house.runtime.clock.advance(seconds=1)
    client = house.browser("mho")
    first = client.get("/conversations").text
    more = re.search(r'href="(/conversations\?[^"]*cursor=[^"]+)"', first)
    second = client.get(more[1].replace("&amp;", "&")).text

    assert re.findall(r"Nr\d\d", first + second) == [f"Nr{number:02}" for number in range(30)]


@pytest.mark.parametrize(
    ("state", "days", "marked"),
    [
        (MessageState.UNCLEAR, 30, True),
        (MessageState.HELD, 30, True),
        (MessageState.FAILED, 6, True),
        (MessageState.EXPIRED, 6, True),
        (MessageState.FAILED, 8, False),
        (MessageState.DELIVERED, 0, False),
        (MessageState.CANCELLED, 0, False),
    ],
)
def test_a_message_that_did_not_get_through_marks_its_conversation(
    house: House, state: MessageState, days: int, marked: bool
) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    client = house.browser("mho")
    _write(client, citizen_id, "Vi ses")
    with house.runtime.database.write() as session:
        session.execute(sa.update(Message).values(state=state, state_since=house.runtime.clock.now()))
    house.runtime.clock.advance(days=days)
    client = house.browser("mho")
    pages = [client.get(f"/conversations?show={show}").text for show in ("waiting_for_citizen", "needs_action")]
    told = house.app.test_client().get("/api/v1/conversations?waiting=waiting_for_citizen", headers=house.key())

    assert [page.count(f"/conversations/{citizen_id}") for page in pages] == [1, marked]
    assert pages[0].count('<span class="mark mark--warning">Ikke leveret</span>') == marked
    assert f'Ikke leveret <span class="count">{int(marked)}</span>' in pages[0]
    assert [row["needs_action"] for row in told.json["items"]] == [marked]


def test_the_list_costs_the_same_whatever_it_shows(house: House) -> None:
    staff = house.caseworker()
    client = house.browser("mho")

    def statements() -> int:
        seen: list[str] = []
        engine = house.runtime.database.engine
        sa.event.listen(engine, "before_cursor_execute", note := lambda *told: seen.append(told[2]))
        client.get("/conversations")
        sa.event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    house.citizen(caseworker=staff)
    house.hears("Hej")
    few = statements()
    for number in ("+4529390626", "+4531932646"):
        _write(client, house.citizen(caseworker=staff, number=number), "Hej")
        house.hears("Hej", sender=number)

    assert statements() == few


def test_a_foreign_citizen_does_not_exist(house: House) -> None:
    """S3, for the routes of this page."""
    foreign = house.citizen(caseworker=house.caseworker("foreign", unit="Team B"))
    house.hears("Hej")
    with house.runtime.database.read() as session:
        message_id = session.scalars(sa.select(Message.id)).one()
    house.caseworker()
    client = house.browser("mho")
    form = {"csrf_token": csrf_token(client, "/conversations"), "text": "x", "message_id": str(uuid.uuid4())}
    answers = [
        client.get(f"/conversations/{foreign}"),
        client.post(f"/conversations/{foreign}/messages", data=form),
        client.post(f"/conversations/{foreign}/settle", data=form),
        client.post(f"/conversations/{foreign}/messages/{message_id}/cancel", data=form),
        client.get(f"/conversations/{uuid.uuid4()}"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert _count(house, Message) == 1


def test_a_citizen_who_never_wrote_is_found_among_ones_own(house: House) -> None:
    own = house.citizen(caseworker=house.caseworker(), first_name="Anna")
    house.citizen(caseworker=house.caseworker("foreign", unit="Team B"), first_name="Frida", number="+4529390626")
    page = house.browser("mho").get("/citizens").text

    assert f"/conversations/{own}" in page
    assert "Anna" in page
    assert "Frida" not in page


def test_opening_a_thread_marks_it_read_and_leaves_an_entry(house: House) -> None:
    """A3."""
    staff = house.caseworker()
    citizen_id = house.citizen(caseworker=staff)
    house.hears("Hej")
    house.browser("mho").get(f"/conversations/{citizen_id}")
    with house.runtime.database.read() as session:
        unread = session.get_one(Conversation, citizen_id).unread
        opened = session.scalars(sa.select(AuditEntry).filter_by(action="conversation.opened")).one()

    assert unread == 0
    assert (opened.actor_id, opened.object_id) == (staff.id, citizen_id)


def test_an_answer_is_queued_and_the_lane_is_woken(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    client = house.browser("mho")
    answer = _write(client, citizen_id, "Hej Sara, vi ses")
    page = client.get(f"/conversations/{citizen_id}").text

    assert answer.status_code == 303
    assert "Hej Sara, vi ses" in page
    assert "På vej" in page
    assert "Afventer journal" in page
    assert Lane.INTERACTIVE in house.runtime.waker.woken


def test_a_double_click_is_one_message(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    client, once = house.browser("mho"), str(uuid.uuid4())
    answers = [_write(client, citizen_id, "Hej", message_id=once) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert _count(house, Message) == 1


def test_a_used_form_with_another_text_sends_nothing_and_keeps_the_text(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    client, once = house.browser("mho"), str(uuid.uuid4())
    _write(client, citizen_id, "Hej", message_id=once)
    answer = _write(client, citizen_id, "Noget nyt", message_id=once)

    assert answer.status_code == 422
    assert "Noget nyt" in answer.text
    assert _count(house, Message) == 1


def test_typographic_characters_are_written_plainly_and_the_size_is_told(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    client = house.browser("mho")
    plain = _write(client, citizen_id, "Vi ses – “kl. 10”…", action="measure").text
    long = _write(client, citizen_id, "x" * 70 + "😀", action="measure").text

    assert "Vi ses - &#34;kl. 10&#34;..." in plain
    assert "Fylder 1 sms (0,35 kr.);" in plain
    assert "Fylder 2 sms’er" in long
    assert _count(house, Message) == 0


def test_a_message_that_is_held_can_be_taken_back(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    client = house.browser("mho")
    with house.runtime.act(SYSTEM) as act:
        send_message(act, citizen_id=citizen_id, text="Dit nummer er 010199-1234", author=Author.INTEGRATION)
    page = client.get(f"/conversations/{citizen_id}").text
    back = re.search(rf'action="(/conversations/{citizen_id}/messages/[^"]+/cancel)"', page)
    client.post(back[1], data={"csrf_token": csrf_token(client, f"/conversations/{citizen_id}")})

    assert "Holdt tilbage" in page
    assert str(REASONS["cpr"]) in page
    assert "Fortrudt" in client.get(f"/conversations/{citizen_id}").text


def test_who_has_no_number_cannot_be_written_to_and_the_page_says_so(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker(), number=None)
    client = house.browser("mho")
    answer = _write(client, citizen_id, "Hej")

    assert answer.status_code == 409
    assert str(REASONS["no_number"]) in answer.text
    assert str(REASONS["no_number"]) in client.get(f"/conversations/{citizen_id}").text


def test_settling_takes_the_thread_off_the_list(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Tak")
    client = house.browser("mho")
    page = f"/conversations/{citizen_id}"
    answer = client.post(f"{page}/settle", data=_hidden(client, page), follow_redirects=True)

    assert "Samtalen er afsluttet." in answer.text
    assert "Sara" not in client.get("/conversations").text
    assert "Sara" in client.get("/conversations?show=settled").text


def test_settling_what_is_settled_says_nothing(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Tak")
    client, page = house.browser("mho"), f"/conversations/{citizen_id}"
    form = _hidden(client, page)
    client.post(f"{page}/settle", data=form, follow_redirects=True)
    answer = client.post(f"{page}/settle", data=form, follow_redirects=True)

    assert answer.status_code == 200
    assert "Samtalen er afsluttet." not in answer.text


def _standing(house: House, citizen_id: uuid.UUID) -> tuple[Waiting, int]:
    with house.runtime.database.read() as session:
        thread = session.get_one(Conversation, citizen_id)
        return thread.waiting, thread.last_seq


def test_an_answer_from_a_stale_page_is_not_sent_and_keeps_its_text(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    client, page = house.browser("mho"), f"/conversations/{citizen_id}"
    form = {**_hidden(client, page), "text": "Vi ses"}
    house.hears("Jeg vil ikke leve mere")
    stale = client.post(f"{page}/messages", data=form)
    standing = _standing(house, citizen_id)
    again = client.post(f"{page}/messages", data={**_carried(stale), "text": "Vi ses"})

    assert stale.status_code == 409
    assert "Der er kommet en ny besked, siden du åbnede siden." in stale.text
    assert "Jeg vil ikke leve mere" in stale.text
    assert ">Vi ses</textarea>" in stale.text
    assert standing == (Waiting.FOR_US, 2)
    assert again.status_code == 303


def test_looking_at_the_length_is_not_reading_what_came_meanwhile(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    client, page = house.browser("mho"), f"/conversations/{citizen_id}"
    form = {**_hidden(client, page), "text": "Vi ses"}
    house.hears("Vent")
    measured = client.post(f"{page}/messages", data={**form, "action": "measure"})
    answer = client.post(f"{page}/messages", data={**_carried(measured), "text": "Vi ses"})

    assert answer.status_code == 409


def test_a_stale_page_settles_nothing(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Tak")
    client, page = house.browser("mho"), f"/conversations/{citizen_id}"
    form = _hidden(client, page)
    house.hears("Men vent lidt")
    answer = client.post(f"{page}/settle", data=form)

    assert answer.status_code == 409
    assert "Ikke afsluttet. Der er kommet en ny besked" in answer.text
    assert _standing(house, citizen_id) == (Waiting.FOR_US, 2)


def test_our_own_messages_make_no_page_stale(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    client, page = house.browser("mho"), f"/conversations/{citizen_id}"
    form = {**_hidden(client, page), "text": "Også dette"}
    _write(client, citizen_id, "Vi ses")

    assert client.post(f"{page}/messages", data=form).status_code == 303


def test_a_receipt_of_the_case_system_stands_beside_its_message(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    with house.runtime.database.write() as session:
        session.execute(
            sa.update(JournalEvent)
            .filter_by(type="message.received")
            .values(state=EventState.RECEIPTED, receipt_number="J-41", receipted_at=house.runtime.clock.now())
        )
    page = house.browser("mho").get(f"/conversations/{citizen_id}").text

    assert "I journalen: J-41, tirsdag 2. marts kl. 10.00" in page


def test_a_form_without_its_token_does_nothing(house: House) -> None:
    """S11, the token."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    client = house.browser("mho")
    answer = client.post(f"/conversations/{citizen_id}/messages", data={"text": "x", "message_id": str(uuid.uuid4())})

    assert answer.status_code == 400
    assert _count(house, Message) == 0


def test_a_form_of_another_site_does_nothing_whatever_it_holds(house: House) -> None:
    """S11, the origin."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    client = house.browser("mho")
    house.hears("Hej")
    form = {
        "csrf_token": csrf_token(client, "/conversations"),
        "text": "x",
        "message_id": str(uuid.uuid4()),
        "seen": "99",
    }
    path = f"/conversations/{citizen_id}/messages"
    origins = ["https://evil.example", "null", "http://localhost.evil.example", "garbage"]
    answers = [client.post(path, data=form, headers={"Origin": origin}) for origin in origins]

    assert {answer.status_code for answer in answers} == {403}
    assert client.post(path, data=form, headers={"Origin": "http://localhost"}).status_code == 303


def test_an_unknown_senders_message_is_moved_to_the_citizen_a_caseworker_names(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej, nyt nummer", sender="+4599887766")
    client = house.browser("mho")
    page = client.get("/triage").text
    action = re.search(r'action="(/triage/[^"]+)"', page)
    form = {"csrf_token": csrf_token(client, "/triage"), "citizen_id": str(citizen_id)}
    answer = client.post(action[1], data=form)

    assert "Hej, nyt nummer" in page
    assert answer.status_code == 303
    assert "Hej, nyt nummer" in client.get(f"/conversations/{citizen_id}").text
    assert "Hej, nyt nummer" not in client.get("/triage").text


def test_a_shared_numbers_message_is_shown_only_to_those_it_may_concern(house: House) -> None:
    first, second = house.caseworker("first"), house.caseworker("second", unit="Team B")
    house.caseworker("third", unit="Team C")
    anna = house.citizen(caseworker=first, first_name="Anna")
    house.citizen(caseworker=second, first_name="Bjarke")
    house.hears("Hvem er det til?")
    pages = {who: house.browser(who).get("/triage").text for who in ("first", "second", "third")}
    action = re.search(r'action="(/triage/[^"]+)"', pages["first"])
    outsider = house.browser("third")
    form = {"csrf_token": csrf_token(outsider, "/conversations"), "citizen_id": str(anna)}

    assert "Anna" in pages["first"]
    assert "Bjarke" not in pages["first"]
    assert "Bjarke" in pages["second"]
    assert "Hvem er det til?" not in pages["third"]
    assert outsider.post(action[1], data=form).status_code == 404


def test_a_shared_numbers_message_goes_only_to_one_of_its_persons(house: House) -> None:
    staff = house.caseworker()
    anna, bjarke = (house.citizen(caseworker=staff, first_name=name) for name in ("Anna", "Bjarke"))
    other = house.citizen(caseworker=staff, first_name="Cille", number="+4529390626")
    house.hears("Hvem er det til?")
    client = house.browser("mho")
    action = re.search(r'action="(/triage/[^"]+)"', client.get("/triage").text)
    form = {"csrf_token": csrf_token(client, "/triage")}
    answers = [client.post(action[1], data={**form, "citizen_id": str(citizen)}) for citizen in (other, bjarke)]

    assert [answer.status_code for answer in answers] == [404, 303]
    assert "Hvem er det til?" in client.get(f"/conversations/{bjarke}").text
    assert "Hvem er det til?" not in client.get(f"/conversations/{anna}").text


def test_danger_stands_first_among_unknown_senders_also_over_pages(house: House) -> None:
    house.caseworker()
    for number in range(26):
        house.hears(f"Nr{number:02}", sender=f"+45241019{number:02}")
    house.hears("Nr99 jeg vil ikke leve mere", sender="+4529390626")
    client = house.browser("mho")
    first = client.get("/triage").text
    more = re.search(r'href="(/triage\?[^"]*cursor=[^"]+)"', first)
    second = client.get(more[1]).text

    assert re.findall(r"Nr\d\d", first + second) == ["Nr99", *(f"Nr{number:02}" for number in range(26))]


def test_the_menu_counts_what_waits_in_triage_for_whom_it_may_concern(house: House) -> None:
    first = house.caseworker("first")
    house.caseworker("second", unit="Team B")
    for name in ("Anna", "Bjarke"):
        house.citizen(caseworker=first, first_name=name)
    house.hears("Hvem er det til?")
    house.hears("Hej", sender="+4599887766")
    menus = [house.browser(who).get("/conversations").text for who in ("first", "second")]
    error = house.browser("first").get(f"/conversations/{uuid.uuid4()}").text

    assert [re.search(r"Ukendte afsendere.*?\((\d)\)", menu)[1] for menu in menus] == ["2", "1"]
    assert "(2)" not in error


def test_the_outcome_of_a_meeting_is_one_tap(house: House) -> None:
    staff = house.caseworker()
    citizen_id = house.citizen(caseworker=staff)
    appointment = house.appointment(citizen_id, staff, in_days=1)
    house.runtime.clock.advance(days=1, hours=1)
    client = house.browser("mho")
    form = {"csrf_token": csrf_token(client, "/conversations"), "outcome": "no_show"}
    answer = client.post(f"/appointments/{appointment.id}/outcome", data=form)

    assert answer.status_code == 303
    assert "Mødte ikke" in client.get(f"/conversations/{citizen_id}").text


def test_an_outcome_is_corrected_only_with_a_reason(house: House) -> None:
    staff = house.caseworker()
    appointment = house.appointment(house.citizen(caseworker=staff), staff, in_days=1)
    house.runtime.clock.advance(days=1, hours=1)
    client = house.browser("mho")
    token, path = csrf_token(client, "/conversations"), f"/appointments/{appointment.id}/outcome"
    client.post(path, data={"csrf_token": token, "outcome": "no_show"})
    house.runtime.clock.advance(seconds=11)
    TapLane(house.runtime).drain()
    bare = client.post(path, data={"csrf_token": token, "outcome": "held"})
    reasoned = client.post(path, data={"csrf_token": token, "outcome": "held", "reason": "Forkert borger"})

    assert (bare.status_code, reasoned.status_code) == (422, 303)


def test_a_foreign_meeting_does_not_exist(house: House) -> None:
    """S3, for the routes of this panel."""
    other = house.caseworker("foreign", unit="Team B")
    appointment = house.appointment(house.citizen(caseworker=other), other)
    house.caseworker()
    client = house.browser("mho")
    form = {"csrf_token": csrf_token(client, "/conversations"), "outcome": "no_show"}
    answers = [client.post(f"/appointments/{appointment.id}/{what}", data=form) for what in ("outcome", "cancel")]

    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize(
    ("words", "codes"),
    [(STATES, MessageState), (WAITING, Waiting), (KINDS, Kind), (JOURNAL, EventState)],
    ids=["state", "waiting", "kind", "journal"],
)
def test_every_code_has_its_danish_word(words: dict[str, object], codes: type) -> None:
    assert set(words) == set(codes)


def test_every_reason_has_its_danish_sentence() -> None:
    assert {*HoldReason, MOVED, CANCELLED, PauseReason.WRONG_NUMBER} <= set(REASONS)
    assert MEDIA["sms"]


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 30])
def test_a_form_that_lies_about_what_it_has_seen_breaks_nothing(house: House, seen: str) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    answer = _write(house.browser("mho"), citizen_id, "Vi ses", seen=seen)

    assert answer.status_code in {303, 409}
