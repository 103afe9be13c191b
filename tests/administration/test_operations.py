"""The administration tells how the service is without any content, and can stop what leaves."""

import csv
import io
import re
import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.appointments.import_models import Doubt, ImportVerdict
from messaging.appointments.models import Import
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Message
from messaging.conversations.states import MessageState
from messaging.conversations.stop_models import ChannelStop, StopReason
from messaging.conversations.sweeping import sweep
from messaging.conversations.work import MessageLane
from messaging.journal import overseeing
from messaging.journal.models import EventState, JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.models import ApiKey, Caseworker, Role
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane
from tests.house import House, csrf_token

PAGES = (
    "/administration",
    "/administration/channels",
    "/administration/journal",
    "/administration/background",
)
WORDS = "Jeg har det svært derhjemme"


@pytest.fixture
def superuser(house: House) -> FlaskClient:
    house.caseworker("sus", name="Susanne Uhd", role=Role.SUPERUSER)
    return house.browser("sus")


@pytest.fixture
def auditor(house: House) -> FlaskClient:
    house.caseworker("aud", name="Anne Udsen", role=Role.AUDITOR)
    return house.browser("aud")


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    sara = house.citizen(caseworker=mette)
    house.hears(WORDS)
    return sara


def send(client: FlaskClient, path: str, *, page: str, **form: object) -> TestResponse:
    return client.post(path, data={**form, "csrf_token": csrf_token(client, page)})


def stop(client: FlaskClient, reason: str = "wrong_messages") -> TestResponse:
    return send(client, "/administration/channels/stop", page="/administration/channels", reason=reason)


def release(house: House, client: FlaskClient) -> TestResponse:
    with house.runtime.database.read() as session:
        stop_id = session.scalar(sa.select(ChannelStop.id).filter_by(lifted_at=None))
    return send(client, "/administration/channels/release", page="/administration/channels", stop=stop_id)


def answer(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    path = f"/conversations/{sara}"
    reply = {"message_id": uuid.uuid4(), "text": "Vi ses", "seen": 99, "action": "send"}
    assert send(house.browser(mette.initials), f"{path}/messages", page=path, **reply).status_code == 303


def drain(house: House) -> int:
    lane = MessageLane(
        runtime=house.runtime, breaker=Breaker("test", waits=house.runtime.config.waits), lane=Lane.INTERACTIVE
    )
    return lane.drain()


def state_of_answer(house: House) -> MessageState:
    with house.runtime.database.read() as session:
        return session.scalars(sa.select(Message.state).filter_by(direction="out")).one()


def audited(house: House) -> list[str]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_nothing_leaves_by_a_stopped_channel_and_what_waits_leaves_when_the_stop_is_lifted(
    house: House, superuser: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    stop(superuser)
    answer(house, mette, sara)
    looked_at, while_stopped = drain(house), state_of_answer(house)
    release(house, superuser)
    drain(house)

    assert (looked_at, while_stopped, state_of_answer(house)) == (0, MessageState.QUEUED, MessageState.SENT)


def test_what_citizens_write_is_taken_in_while_nothing_leaves(
    house: House, superuser: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    stop(superuser)
    house.hears("Er der nogen?")

    assert "Er der nogen?" in house.browser(mette.initials).get(f"/conversations/{sara}").text


def test_stop_is_said_where_a_message_is_written(
    house: House, superuser: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    stop(superuser)

    assert "Afsendelse er slået fra" in house.browser(mette.initials).get(f"/conversations/{sara}").text


def test_message_that_waits_too_long_for_a_stopped_channel_expires(
    house: House, superuser: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    stop(superuser)
    answer(house, mette, sara)
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Message).filter_by(direction="out").values(expires_at=act.now))
        sweep(act, waits=house.runtime.config.waits)

    assert state_of_answer(house) is MessageState.EXPIRED


def test_stopping_twice_is_stopping_once_and_both_ends_are_audited(house: House, superuser: FlaskClient) -> None:
    stop(superuser)
    stop(superuser, reason="costs")
    release(house, superuser)

    with house.runtime.database.read() as session:
        stops = session.scalars(sa.select(ChannelStop)).all()
    assert [(one.reason, one.lifted_at is not None) for one in stops] == [(StopReason.WRONG_MESSAGES, True)]
    assert audited(house)[-2:] == ["channel.stopped", "channel.released"]


def test_pages_about_the_service_hold_no_content(house: House, superuser: FlaskClient, sara: uuid.UUID) -> None:
    shown = "".join(superuser.get(page).text for page in PAGES)

    assert all(word not in shown for word in (WORDS, "Nielsen", "24101921"))


def test_parked_event_is_listed_with_its_reason_and_delivered_again(
    house: House, superuser: FlaskClient, sara: uuid.UUID
) -> None:
    with house.runtime.database.write() as session:
        event_id = session.scalars(sa.select(JournalEvent.id).filter_by(type="message.received")).one()
        overseeing.park(session, event_id=event_id, reason="too_big")
    page = superuser.get("/administration/journal").text
    send(superuser, "/administration/journal/replay", page="/administration/journal", event=event_id)

    with house.runtime.database.read() as session:
        event = session.get_one(JournalEvent, event_id)
    assert str(event_id) in page
    assert "too_big" in page
    assert event.state is EventState.PENDING
    assert audited(house)[-1] == "journal_event.replayed"


def test_event_that_is_on_its_way_is_not_replayed(house: House, superuser: FlaskClient, sara: uuid.UUID) -> None:
    with house.runtime.database.read() as session:
        event_id = session.scalars(sa.select(JournalEvent.id).filter_by(type="message.received")).one()
    send(superuser, "/administration/journal/replay", page="/administration/journal", event=event_id)

    assert "journal_event.replayed" not in audited(house)


def test_secret_of_a_new_key_is_shown_once_and_opens_the_api_until_it_is_revoked(
    house: House, superuser: FlaskClient
) -> None:
    page = "/administration/keys"
    made = send(superuser, page, page=page, name="Booking", scope="citizens:read").text
    secret = re.findall(r"bd_[\w-]+", made)[0]
    with house.runtime.database.read() as session:
        key_id = session.scalars(sa.select(ApiKey.id)).one()
    opened = house.browser().get("/api/v1/citizens", headers={"Authorization": f"Bearer {secret}"}).status_code
    send(superuser, f"{page}/{key_id}/revoke", page=page)

    assert opened == 200
    assert secret not in superuser.get(page).text
    assert audited(house)[-3:] == ["api_key.created", "citizens.listed", "api_key.revoked"]


def test_key_that_takes_the_place_of_another_is_the_same_systems(house: House, superuser: FlaskClient) -> None:
    page = "/administration/keys"
    send(superuser, page, page=page, name="Booking", scope="citizens:read")
    with house.runtime.database.read() as session:
        old = session.scalars(sa.select(ApiKey.id)).one()
    made = send(superuser, page, page=page, name="Booking 2", scope="citizens:read", succeeds=str(old))
    taken = send(superuser, page, page=page, name="Booking", scope="citizens:read", succeeds=str(old)).text
    strange = [
        send(superuser, page, page=page, name="Booking 3", scope="citizens:read", succeeds=one).status_code
        for one in (str(uuid.uuid4()), "Booking")
    ]

    with house.runtime.database.read() as session:
        assert {key.system for key in session.scalars(sa.select(ApiKey))} == {old}
    assert (made.status_code, strange) == (200, [422, 422])
    assert "fortsætter Booking" in made.text
    assert f'value="{old}" selected' in taken
    assert 'value="citizens:read" checked' in taken


def test_key_without_name_or_access_or_with_a_taken_name_is_not_made(house: House, superuser: FlaskClient) -> None:
    page = "/administration/keys"
    answers = [
        send(superuser, page, page=page, name=" ", scope="citizens:read").status_code,
        send(superuser, page, page=page, name="Booking").status_code,
        send(superuser, page, page=page, name="Booking", scope="everything").status_code,
        send(superuser, page, page=page, name="Booking", scope="citizens:read").status_code,
        send(superuser, page, page=page, name="Booking", scope="citizens:read").status_code,
    ]

    with house.runtime.database.read() as session:
        keys = session.scalar(sa.select(sa.func.count()).select_from(ApiKey))
    assert (answers, keys) == ([422, 422, 422, 200, 409], 1)


def test_auditor_finds_who_opened_a_thread_and_looking_is_itself_in_the_trail(
    house: House, auditor: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    house.browser(mette.initials).get(f"/conversations/{sara}")
    page = auditor.get(f"/administration/audit?actor=MHO&action=conversation.opened&object={sara}").text

    assert page.count("<td><code>conversation.opened</code></td>") == 1
    assert "<td>mho</td>" in page
    assert audited(house)[-1] == "audit_trail.read"


def test_trail_is_given_as_csv_of_codes_and_ids(
    house: House, auditor: FlaskClient, mette: Caseworker, sara: uuid.UUID
) -> None:
    house.browser(mette.initials).get(f"/conversations/{sara}")
    file = auditor.get(f"/administration/audit.csv?object={sara}&action=conversation.opened")

    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert [(row["action"], row["object_id"], row["actor_id"]) for row in rows] == [
        ("conversation.opened", str(sara), str(mette.id))
    ]
    assert audited(house)[-1] == "audit_trail.exported"


@pytest.mark.parametrize("query", ["since=i+g%C3%A5r", "until=0001-01-01", "object=mig"])
def test_bounds_that_cannot_be_read_are_said_to_be_so(auditor: FlaskClient, query: str) -> None:
    answer = auditor.get(f"/administration/audit?{query}")

    assert answer.status_code == 422
    assert "Noget i felterne kan ikke bruges" in answer.text


def test_pages_of_the_trail_follow_each_other_without_gap_or_repeat(house: House, auditor: FlaskClient) -> None:
    with house.runtime.act(SYSTEM) as act:
        for _ in range(60):
            act.audit("thing.done", object_kind="thing", object_id=uuid.uuid4())
    first = auditor.get("/administration/audit?action=thing.done").text
    more = re.findall(r'href="(/administration/audit\?[^"]*cursor=[^"]+)"', first)[0].replace("&amp;", "&")
    ids = re.findall(r'thing <code class="id">([^<]+)', first + auditor.get(more).text)

    assert (len(ids), len(set(ids))) == (60, 60)


def test_source_that_is_not_believed_stands_among_the_background_work(house: House, superuser: FlaskClient) -> None:
    with house.runtime.act(SYSTEM) as act:
        row = Import(
            source="kalender",
            imported_at=act.now,
            imported_by="system",
            lines=4,
            created=0,
            changed=0,
            unchanged=4,
            rejected=0,
            missing=8,
        )
        act.session.add(row)
        act.session.flush()
        act.session.add(ImportVerdict(import_id=row.id, coming=12, cancelled=0, doubt=Doubt.TOO_MANY))

    page = superuser.get("/administration/background").text

    assert "kalender" in page
    assert "8 af 12 kommende møder mangler på én gang. Intet er aflyst." in page
