"""Citizens over the API: registered once per key, never twice, with a number only if it can be one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from messaging.journal.models import JournalEvent
from messaging.people.models import CaseloadEntry, Citizen, ContactPoint, Standing
from tests.house import House

SARA: dict[str, Any] = {
    "cpr": "0101994321",
    "first_name": "Sara",
    "last_name": "Østergård",
    "phone": {"number": "24 10 19 21", "source": "Ungdomsregisteret"},
}
NUMBER = "+4524101921"

Register = Callable[..., TestResponse]


@pytest.fixture
def register(house: House) -> Register:
    """Asks for a citizen, as one system with one key unless told otherwise; fields may be other than Sara's."""
    headers = house.key()

    def register(key: str = "a-key", **other: Any) -> TestResponse:
        return house.app.test_client().post(
            "/api/v1/citizens", json={**SARA, **other}, headers={**headers, "Idempotency-Key": key}
        )

    return register


def _count(house: House, model: type) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_citizen_is_registered_with_her_number_in_use(register: Register) -> None:
    answer = register()

    citizen = answer.json["citizen"]
    assert answer.status_code == 201
    assert (citizen["first_name"], citizen["last_name"]) == ("Sara", "Østergård")
    assert [(n["number"], n["standing"], n["source"]) for n in citizen["numbers"]] == [
        (NUMBER, "in_use", "Ungdomsregisteret")
    ]
    assert (answer.json["unusable_phone"], answer.json["doubtful_phone"]) == (None, False)


def test_a_registered_citizen_can_be_written_to_and_is_in_the_journal(house: House, register: Register) -> None:
    citizen_id = register().json["citizen"]["id"]
    sent = house.app.test_client().post(
        f"/api/v1/conversations/{citizen_id}/messages",
        json={"text": "Velkommen"},
        headers=house.key() | {"Idempotency-Key": "first"},
    )
    with house.runtime.database.read() as session:
        types = session.scalars(sa.select(JournalEvent.type).order_by(JournalEvent.seq)).all()

    assert sent.status_code == 201
    assert types == ["citizen.registered", "message.queued"]


def test_same_key_and_body_give_the_same_answer_and_one_citizen(house: House, register: Register) -> None:
    """R8."""
    first, second = register(), register()

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert _count(house, Citizen) == _count(house, ContactPoint) == 1


def test_same_key_with_another_body_is_an_error_and_changes_nothing(house: House, register: Register) -> None:
    """R8."""
    register()
    before = house.everything()
    answer = register(last_name="Andersen")

    assert (answer.status_code, answer.json["field"]) == (422, "Idempotency-Key")
    assert house.everything() == before


def test_parallel_requests_for_one_person_register_her_once(house: House, register: Register) -> None:
    """R8: half of them repeat one key, half come with keys of their own."""
    keys = [f"key-{number}" if number % 2 else "a-key" for number in range(12)]
    with ThreadPoolExecutor(len(keys)) as pool:
        answers = list(pool.map(register, keys))

    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    assert _count(house, Citizen) == 1


def test_the_same_cpr_under_another_key_is_a_conflict_and_changes_nobody(house: House, register: Register) -> None:
    register()
    before = house.everything()
    answer = register("another-key", first_name="Line")

    assert (answer.status_code, answer.json["code"]) == (409, "already_registered")
    assert house.everything() == before


@pytest.mark.parametrize(
    ("number", "reason"),
    [("", "empty"), ("ring til mor", "not_a_number"), ("12", "not_possible")],
)
def test_an_unusable_phone_registers_the_citizen_without_a_number_and_says_why(
    register: Register, number: str, reason: str
) -> None:
    answer = register(phone={"number": number, "source": "Ungdomsregisteret"})

    assert (answer.status_code, answer.json["unusable_phone"]) == (201, reason)
    assert answer.json["citizen"]["numbers"] == []


def test_a_number_the_numbering_plan_does_not_know_is_used_with_a_warning(register: Register) -> None:
    answer = register(phone={"number": "10 10 19 21", "source": "Ungdomsregisteret"})

    assert answer.json["doubtful_phone"]
    assert [number["standing"] for number in answer.json["citizen"]["numbers"]] == ["in_use"]


def test_a_number_another_citizen_uses_is_told_to_be_several_persons(house: House, register: Register) -> None:
    house.citizen(caseworker=house.caseworker(), number=NUMBER)

    assert [number["several"] for number in register().json["citizen"]["numbers"]] == [True]


def test_a_citizen_may_be_registered_without_a_phone(register: Register) -> None:
    answer = register(phone=None)

    assert (answer.status_code, answer.json["unusable_phone"], answer.json["citizen"]["numbers"]) == (201, None, [])


def test_the_caseworker_named_looks_after_her(house: House, register: Register) -> None:
    staff = house.caseworker("mho")
    citizen_id = register(caseworker="mho").json["citizen"]["id"]

    with house.runtime.database.read() as session:
        entries = session.scalars(sa.select(CaseloadEntry)).all()
    assert [(str(entry.citizen_id), entry.caseworker_id) for entry in entries] == [(citizen_id, staff.id)]
    assert house.browser("mho").get(f"/conversations/{citizen_id}").status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cpr", "9901994321"),
        ("cpr", "0103284321"),
        ("cpr", "010199-4321"),
        ("first_name", "www.dr.dk/x"),
        ("last_name", "Sara\nNielsen"),
        ("caseworker", "nobody"),
        ("phone", {"number": "24101921"}),
    ],
)
def test_what_cannot_be_used_is_refused_and_nobody_registered(
    house: House, register: Register, field: str, value: object
) -> None:
    answer = register(**{field: value})

    assert answer.status_code == 422
    assert field in (answer.json.get("field") or str(answer.json["errors"]))
    assert _count(house, Citizen) == 0


def test_a_number_registered_over_the_api_is_sealed(house: House, register: Register) -> None:
    register()

    assert not any(text in repr(house.everything()) for text in (NUMBER, SARA["cpr"], "Østergård"))
    with house.runtime.database.read() as session:
        assert session.scalars(sa.select(ContactPoint.standing)).all() == [Standing.IN_USE]


def test_nobody_finds_a_cpr_number_by_trying_all_and_other_keys_go_on(house: House) -> None:
    key, other, client = house.key("citizens:read"), house.key("citizens:read"), house.app.test_client()
    answers = [
        client.post("/api/v1/citizens/search", json={"cpr": f"010199{number:04}"}, headers=key).status_code
        for number in range(61)
    ]
    others = client.post("/api/v1/citizens/search", json={"cpr": "0101990001"}, headers=other).status_code

    assert (set(answers[:60]), answers[60], others) == ({200}, 429, 200)
