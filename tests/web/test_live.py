"""Live updates reach those who may see the citizen, and nobody else, for as long as the session lives."""

import queue
import re
import time
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from werkzeug.exceptions import ServiceUnavailable

from messaging.appointments.outcomes import record_outcome
from messaging.appointments.states import OutcomeWord
from messaging.audit.models import AuditEntry
from messaging.clock import COPENHAGEN
from messaging.conversations import settling
from messaging.database.changes import LatestChanges, announce
from messaging.database.engine import Database
from messaging.people import signing_in
from messaging.people.absence_models import AbsenceReason
from messaging.people.absences import Report, end_absence, report_absence
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker
from messaging.web.live import ANYBODY, HUB, MOST_WAITING, NOBODY, Hub, Listener
from messaging.web.pages import LIVE
from tests.house import House, csrf_token

OTHER_NUMBER = "+4529390626"
SECONDS = 5.0
SILENCE = 0.8
"""Longer than two looks of the hub."""


@pytest.fixture
def hub(house: House) -> Iterator[Hub]:
    hub = house.app.extensions[HUB]
    yield hub
    hub.close()


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


def told(listener: Listener, seconds: float = SECONDS) -> uuid.UUID | None:
    """Return the next citizen the listener is told of."""
    try:
        return listener.waiting.get(timeout=seconds)
    except queue.Empty:
        return None


def attentive(listener: Listener, house: House) -> Listener:
    """Let the hub find its place in the changes: it tells only of what comes after."""
    while told(listener, SILENCE) is None:
        house.hears("Er der nogen?")
    while told(listener, SILENCE) is not None:
        pass
    return listener


def test_caseworker_is_told_of_a_message_of_her_citizen(
    house: House, hub: Hub, mette: Caseworker, sara: uuid.UUID
) -> None:
    with hub.listen(mette.id) as listener:
        attentive(listener, house)
        house.hears("Hvor skal jeg møde?")

        assert told(listener) == sara


def test_what_is_settled_or_decided_is_told_too(house: House, hub: Hub, mette: Caseworker, sara: uuid.UUID) -> None:
    meeting = house.appointment(sara, mette, in_days=-1)
    with hub.listen(mette.id) as listener:
        attentive(listener, house)
        with house.runtime.act(SYSTEM) as act:
            settling.settle(act, citizen_id=sara)
        settled = told(listener)
        with house.runtime.act(SYSTEM) as act:
            record_outcome(act, appointment_id=meeting.id, outcome=OutcomeWord.HELD)

        assert (settled, told(listener)) == (sara, sara)


def test_others_are_not_told(house: House, hub: Hub, mette: Caseworker, sara: uuid.UUID) -> None:
    jonas = house.caseworker("jon", name="Jonas")
    house.citizen(caseworker=jonas, number=OTHER_NUMBER)
    with hub.listen(jonas.id) as listener, hub.listen(mette.id) as attentive_one:
        attentive(attentive_one, house)
        house.hears("Kun til Mette")

        assert told(attentive_one) == sara
        assert told(listener, SILENCE) is None


def test_a_deputy_is_told_when_cover_begins_and_ends_and_when_the_absent_one_settles_what_waited(
    house: House, hub: Hub, mette: Caseworker, sara: uuid.UUID
) -> None:
    """Of whom she may see no more she is told no id: her lists are others now."""
    ali = house.caseworker("ali", name="Ali Demir")
    by_mette = Actor(kind=ActorKind.STAFF, id=mette.id, role=mette.role, unit_id=mette.unit_id)
    heard = []
    with hub.listen(ali.id) as listener, hub.listen(mette.id) as attentive_one:
        attentive(attentive_one, house)
        with house.runtime.act(by_mette) as act:
            today = act.now.astimezone(COPENHAGEN).date()
            report = Report(
                caseworker_id=mette.id, deputy_id=ali.id, first_day=today, last_day=today, reason=AbsenceReason.LEAVE
            )
            absence = report_absence(act, report)
        heard.append(told(listener))
        with house.runtime.act(by_mette) as act:
            settling.settle(act, citizen_id=sara)
        heard.append(told(listener))
        with house.runtime.act(by_mette) as act:
            end_absence(act, absence_id=absence.id)
        heard.append(told(listener))

    assert heard == [ANYBODY] * 3


def test_too_many_streams_are_refused_and_a_closed_one_makes_room(house: House) -> None:
    small = Hub(house.runtime.database, concerned=lambda _session, _changes: {}, most=1)
    with small.listen(uuid.uuid4()), pytest.raises(ServiceUnavailable), small.listen(uuid.uuid4()):
        pytest.fail("two were let in")
    with small.listen(uuid.uuid4()):
        pass
    small.close()


def test_listener_that_lags_is_told_to_look_at_everything() -> None:
    listener = Listener()
    for _ in range(MOST_WAITING):
        listener.tell(uuid.uuid4())
    before = listener.lagging.is_set()
    listener.tell(uuid.uuid4())

    assert (before, listener.lagging.is_set()) == (False, True)


def streams_of(hub: Hub, staff: Caseworker) -> list[Listener]:
    """The streams somebody has open."""
    return hub._of(frozenset({staff.id}))


def test_stream_tells_ids_and_nothing_else(house: House, hub: Hub, mette: Caseworker, sara: uuid.UUID) -> None:
    answer = house.browser(mette.initials).get("/live", buffered=False)
    events = iter(answer.response)
    begun = next(events)
    listener = streams_of(hub, mette)[0]
    listener.tell(sara)

    assert (answer.status_code, answer.mimetype, begun) == (200, "text/event-stream", b"retry: 3000\n\n")
    assert next(events) == b"event: change\ndata: %s\n\n" % str(sara).encode()
    answer.close()
    assert streams_of(hub, mette) == []


@pytest.mark.parametrize("ended_by", ["sign-out", "disabling"])
def test_stream_ends_within_seconds_of_its_session(house: House, hub: Hub, mette: Caseworker, ended_by: str) -> None:
    """S11: dead after sign-out and disabling in 5 s, live streams too."""
    client = house.browser(mette.initials)
    answer = client.get("/live", buffered=False)
    events = iter(answer.response)
    next(events)
    listener = streams_of(hub, mette)[0]
    house.citizen(caseworker=mette)
    attentive(listener, house)
    began = time.monotonic()
    if ended_by == "sign-out":
        client.post("/sign-out", data={"csrf_token": csrf_token(client, "/conversations")})
    else:
        with house.runtime.act(SYSTEM) as act:
            signing_in.disable(act, staff=act.session.get_one(Caseworker, mette.id))

    assert next(events) == b"event: over\ndata:\n\n"
    assert time.monotonic() - began < SECONDS


def test_stream_goes_on_when_another_session_of_hers_ends(house: House, hub: Hub, mette: Caseworker) -> None:
    """S11."""
    sara = house.citizen(caseworker=mette)
    answer = house.browser(mette.initials).get("/live", buffered=False)
    events = iter(answer.response)
    next(events)
    listener = streams_of(hub, mette)[0]
    listener.tell(NOBODY)
    listener.tell(sara)

    assert next(events).startswith(b"event: change")
    answer.close()


def test_stream_ends_when_its_hub_closes(house: House, hub: Hub, mette: Caseworker) -> None:
    answer = house.browser(mette.initials).get("/live", buffered=False)
    events = iter(answer.response)
    next(events)
    hub.close()

    assert list(events) == []


def test_nobody_listens_to_a_hub_that_is_closed(hub: Hub, mette: Caseworker) -> None:
    hub.close()

    with pytest.raises(ServiceUnavailable), hub.listen(mette.id):
        pytest.fail("somebody was let in")


def test_nobody_listens_without_a_session(house: House) -> None:
    assert house.browser().get("/live").status_code == 302


def test_page_that_looks_by_itself_takes_no_word_meant_for_a_human(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    browser = house.browser(mette.initials)
    with browser.session_transaction() as session:
        session["said"] = "Samtalen er afsluttet."
    by_itself = browser.get("/conversations", headers={LIVE: "1"}).text

    assert "Samtalen er afsluttet." not in by_itself
    assert "Samtalen er afsluttet." in browser.get("/conversations").text


def openings(house: House) -> int:
    with house.runtime.database.read() as session:
        chosen = sa.select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.action == "conversation.opened")
        return session.scalar(chosen) or 0


def proof(page: str) -> str:
    """Return by which a thread's page shows that it was opened."""
    found = re.search(r'data-opened="([^"]+)"', page)
    assert found
    return found[1]


def test_nobody_reads_a_thread_unnoted_by_pretending_to_be_an_open_page(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    """A3."""
    jonas = house.citizen(caseworker=mette, number=OTHER_NUMBER)
    browser = house.browser(mette.initials)
    of_jonas = proof(browser.get(f"/conversations/{jonas}").text)
    before = openings(house)
    for pretended in ("1", "", of_jonas):
        browser.get(f"/conversations/{sara}", headers={LIVE: pretended})

    assert openings(house) - before == 3


def test_page_that_looks_by_itself_opens_a_thread_again_only_for_something_unread(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    browser, page = house.browser(mette.initials), f"/conversations/{sara}"
    opened = proof(browser.get(page).text)
    for _ in range(3):
        browser.get(page, headers={LIVE: opened})
    quiet = openings(house)
    house.hears("Hvor skal jeg møde?")
    shown = browser.get(page, headers={LIVE: opened}).text

    assert "Hvor skal jeg møde?" in shown
    assert (quiet, openings(house)) == (1, 2)


def test_page_that_looks_by_itself_sees_no_foreign_thread(house: House, sara: uuid.UUID) -> None:
    """S3."""
    jonas = house.caseworker("jon", name="Jonas")

    assert house.browser(jonas.initials).get(f"/conversations/{sara}", headers={LIVE: "1"}).status_code == 404


def test_latest_changes_are_handed_out_once_and_only_new_ones(database: Database) -> None:
    old, new = uuid.uuid4(), uuid.uuid4()
    latest = LatestChanges()
    write(database, old)
    with database.read() as session:
        latest.next(session)
    write(database, new)
    with database.read() as session:
        first, again = latest.next(session), latest.next(session)

    assert [change.object_id for change in first] == [new]
    assert again == []


def write(database: Database, object_id: uuid.UUID) -> None:
    with database.write() as session:
        announce(session, "message.received", object_id=object_id)
