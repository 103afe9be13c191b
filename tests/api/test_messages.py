"""Messages over the API: once per key, waiting, called back, read page by page."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.conversations.models import Message
from tests.house import House


class Caller:
    """A system that sends messages to one citizen."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.citizen_id = house.citizen(caseworker=house.caseworker())
        self.headers = house.key()

    def send(self, key: str = "a-key", **body: object) -> TestResponse:
        """Ask for a message."""
        return self.house.app.test_client().post(
            f"/api/v1/conversations/{self.citizen_id}/messages",
            json={"text": "Hej Sara", **body},
            headers={**self.headers, "Idempotency-Key": key},
        )

    def get(self, path: str, **query: object) -> TestResponse:
        """Ask for something."""
        return self.house.app.test_client().get(f"/api/v1/{path}", query_string=query, headers=self.headers)

    def rows(self) -> int:
        """Return how many messages there are."""
        with self.house.runtime.database.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Message)) or 0


@pytest.fixture
def caller(house: House) -> Caller:
    """A system with a key for everything, and a citizen."""
    return Caller(house)


def test_same_key_and_body_give_the_same_answer_and_one_message(caller: Caller) -> None:
    """R8."""
    first, second = caller.send(), caller.send()

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert caller.rows() == 1


@pytest.mark.parametrize(
    "other", [{"text": "Noget andet"}, {"due_at": "2027-03-05T09:00:00Z"}, {"id": str(uuid.uuid4())}]
)
def test_same_key_with_another_body_is_an_error_and_changes_nothing(caller: Caller, other: dict[str, str]) -> None:
    """R8."""
    caller.send()
    before = caller.house.everything()
    answer = caller.send(**other)

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["field"] == "Idempotency-Key"
    assert caller.house.everything() == before


def test_same_key_for_another_citizen_is_an_error(caller: Caller) -> None:
    """R8."""
    caller.send()
    caller.citizen_id = caller.house.citizen(caseworker=caller.house.caseworker(), number="+4529390626")

    assert caller.send().status_code == 422


def test_fifty_parallel_requests_with_one_key_make_one_message(caller: Caller) -> None:
    """R8: whoever is told to try again does so, as a client would."""
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: _persistently(caller), range(50)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert caller.rows() == 1


def _persistently(caller: Caller) -> TestResponse:
    for _ in range(20):
        answer = caller.send()
        if answer.status_code != 503:
            break
    return answer


def test_keys_of_two_systems_do_not_meet(caller: Caller) -> None:
    caller.send()
    caller.headers = caller.house.key("messages:write")
    caller.send(text="Fra et andet system")

    assert caller.rows() == 2


def test_a_request_without_idempotency_key_is_refused(caller: Caller) -> None:
    answer = caller.house.app.test_client().post(
        f"/api/v1/conversations/{caller.citizen_id}/messages", json={"text": "Hej"}, headers=caller.headers
    )

    assert answer.status_code == 422
    assert caller.rows() == 0


def test_the_callers_own_id_becomes_the_messages(caller: Caller) -> None:
    own = str(uuid.uuid4())

    assert caller.send(id=own).json["id"] == own


def test_an_id_that_is_taken_is_a_conflict(caller: Caller) -> None:
    own = str(uuid.uuid4())
    caller.send("first", id=own)

    assert caller.send("second", id=own).status_code == 409


def test_a_message_with_a_later_time_waits(caller: Caller) -> None:
    due = caller.house.runtime.clock.now() + timedelta(days=1)
    message_id = caller.send(due_at=due.isoformat()).json["id"]

    assert caller.get(f"messages/{message_id}").json["state"] == "scheduled"


def test_a_waiting_message_can_be_called_back_once(caller: Caller) -> None:
    message_id = caller.send().json["id"]
    client = caller.house.app.test_client()
    first, second = (client.post(f"/api/v1/messages/{message_id}/cancel", headers=caller.headers) for _ in range(2))

    assert first.json["state"] == "cancelled"
    assert second.status_code == 409


def test_a_text_that_the_gate_holds_is_accepted_and_held(caller: Caller) -> None:
    message_id = caller.send(text="Dit CPR-nummer er 010199-1234").json["id"]
    message = caller.get(f"messages/{message_id}").json

    assert (message["state"], message["reason"]) == ("held", "cpr")


def test_a_thread_is_read_page_by_page_without_gaps(caller: Caller) -> None:
    sent = [caller.send(f"key-{number}", text=f"Besked {number}").json["id"] for number in range(5)]
    pages, cursor = [], {}
    while cursor is not None:
        page = caller.get(f"conversations/{caller.citizen_id}/messages", limit=2, **cursor).json
        pages.append([item["id"] for item in page["items"]])
        cursor = {"cursor": page["next"]} if page["next"] else None

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [id_ for page in pages for id_ in page] == sent


def test_a_cursor_we_did_not_write_is_refused(caller: Caller) -> None:
    strange = ["", "x", "AAAA", "a" * 401, "%FF", "æøå", "\x00", "WzFd" * 8]

    assert {caller.get("citizens", cursor=cursor).status_code for cursor in strange} == {422}


def test_a_cursor_of_another_list_is_refused(caller: Caller) -> None:
    caller.house.citizen(caseworker=caller.house.caseworker(), number="+4529390626")
    cursor = caller.get("citizens", limit=1).json["next"]

    assert caller.get("citizens", cursor=cursor).status_code == 200
    assert caller.get("appointments", cursor=cursor).status_code == 422


def test_reading_a_thread_leaves_an_entry_in_the_trail(caller: Caller) -> None:
    """A3."""
    caller.get(f"conversations/{caller.citizen_id}/messages")
    with caller.house.runtime.database.read() as session:
        opened = session.scalars(sa.select(AuditEntry).filter_by(action="conversation.opened")).all()

    assert [(entry.actor_kind, entry.object_id) for entry in opened] == [("integration", caller.citizen_id)]


def test_a_citizen_who_said_stop_gets_nothing(caller: Caller) -> None:
    caller.house.app.test_client().put(f"/api/v1/citizens/{caller.citizen_id}/opt-out", headers=caller.headers)
    answer = caller.send()

    assert answer.status_code == 409
    assert answer.json["reason"] == "opted_out"
    assert caller.rows() == 0
