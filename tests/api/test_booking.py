"""Booking over the API: once per key."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from messaging.appointments.gatherings import gatherings_of
from messaging.appointments.models import Appointment, Reminder
from messaging.people.actors import SYSTEM
from tests.house import House

Book = Callable[..., TestResponse]


@pytest.fixture
def book(house: House) -> Book:
    """Asks for a meeting in five days; fields may be other than usual."""
    citizen_id, headers = house.citizen(caseworker=house.caseworker("mho")), house.key()
    usual = {
        "citizen_id": str(citizen_id),
        "external_id": "A1",
        "caseworker": "mho",
        "starts_at": (house.runtime.clock.now() + timedelta(days=5)).isoformat(),
        "minutes": 45,
        "meeting_type": "Jobsamtale",
        "form": "phone",
        "note": "Har søgt tre job",
    }

    def book(key: str = "a-key", **other: Any) -> TestResponse:
        return house.app.test_client().post(
            "/api/v1/appointments", json={**usual, **other}, headers={**headers, "Idempotency-Key": key}
        )

    return book


def _count(house: House, model: type) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_meeting_is_booked_with_its_reminders(book: Book) -> None:
    answer = book()

    assert answer.status_code == 201
    assert (answer.json["external_id"], answer.json["caseworker"], answer.json["minutes"]) == ("A1", "mho", 45)
    assert len(answer.json["reminders"]) == 2


def test_same_key_and_body_give_the_same_answer_and_one_meeting(house: House, book: Book) -> None:
    """R8."""
    first, second = book(), book()

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert (_count(house, Appointment), _count(house, Reminder)) == (1, 2)


def test_same_key_with_another_body_is_an_error_and_changes_nothing(house: House, book: Book) -> None:
    """R8."""
    book()
    before = house.everything()
    answer = book(minutes=30)

    assert (answer.status_code, answer.json["field"]) == (422, "Idempotency-Key")
    assert house.everything() == before


def test_the_same_external_id_under_another_key_is_a_conflict(book: Book) -> None:
    book()

    assert book("another-key").status_code == 409


def test_a_booking_that_was_refused_has_not_used_up_its_key(book: Book) -> None:
    refused = book(caseworker="nobody")

    assert (refused.status_code, refused.json["field"]) == (422, "caseworker")
    assert book().status_code == 201


def test_a_booking_without_idempotency_key_is_refused(house: House, book: Book) -> None:
    assert book("").status_code == 422
    assert _count(house, Appointment) == 0


@pytest.fixture
def book_group(house: House) -> Book:
    """Asks for one meeting of two citizens in five days; fields may be other than usual."""
    mette, headers = house.caseworker("mho"), house.key()
    sara, ahmed = house.citizen(caseworker=mette), house.citizen(caseworker=mette, first_name="Ahmed", number=None)
    usual = {
        "citizen_ids": [str(sara), str(ahmed)],
        "external_id": "H1",
        "caseworker": "mho",
        "starts_at": (house.runtime.clock.now() + timedelta(days=5)).isoformat(),
        "minutes": 60,
        "meeting_type": "Jobsamtale",
        "form": "in_person",
        "place": "Mødested 1",
    }

    def book(key: str = "a-key", **other: Any) -> TestResponse:
        return house.app.test_client().post(
            "/api/v1/group-appointments", json={**usual, **other}, headers={**headers, "Idempotency-Key": key}
        )

    return book


def test_group_meeting_is_an_appointment_for_each_citizen_with_reminders_of_her_own(
    house: House, book_group: Book
) -> None:
    answer = book_group()

    items = answer.json["items"]
    assert answer.status_code == 201
    assert [item["external_id"] for item in items] == [f"H1/{item['citizen_id']}" for item in items]
    assert [len(item["reminders"]) for item in items] == [2, 2]
    assert _count(house, Appointment) == 2
    with house.runtime.database.read() as session:
        (gathering,) = gatherings_of(session, SYSTEM, house.runtime.clock.now())
    assert {str(citizen) for citizen in gathering.citizen_ids} == {item["citizen_id"] for item in items}


def test_outcome_of_one_participant_is_hers_alone(house: House, book_group: Book) -> None:
    first, second = book_group().json["items"]
    headers = house.key()
    path = f"/api/v1/appointments/{first['id']}"
    house.app.test_client().post(f"{path}/outcome", json={"outcome": "cancelled_by_citizen"}, headers=headers)

    with house.runtime.database.read() as session:
        states = dict(session.execute(sa.select(Appointment.external_id, Appointment.state)).all())
    assert states == {first["external_id"]: "cancelled_by_citizen", second["external_id"]: "booked"}


def test_same_key_books_the_group_once(house: House, book_group: Book) -> None:
    """R8."""
    first, second = book_group(), book_group()

    assert first.json == second.json
    assert _count(house, Appointment) == 2


def test_group_meeting_that_is_there_already_is_a_conflict_and_books_nobody(house: House, book_group: Book) -> None:
    book_group()

    assert book_group(key="another").status_code == 409
    assert _count(house, Appointment) == 2


@pytest.mark.parametrize("count", [0, 1])
def test_group_has_several_citizens(book_group: Book, count: int) -> None:
    assert book_group(citizen_ids=[str(uuid.uuid4())] * count).status_code == 422


def test_what_is_wrong_with_one_of_a_list_is_told_under_its_place(book_group: Book) -> None:
    refused = book_group(citizen_ids=[str(uuid.uuid4()), "ingen"])

    assert refused.status_code == 422
    assert list(refused.json["errors"]["json"]["citizen_ids"]) == ["1"]


def test_citizen_named_twice_is_refused(book_group: Book) -> None:
    assert book_group(citizen_ids=[str(uuid.UUID(int=7))] * 2).status_code == 422


def test_group_with_somebody_nobody_knows_books_nobody(house: House, book_group: Book) -> None:
    assert book_group(citizen_ids=[str(uuid.uuid4()), str(uuid.uuid4())]).status_code == 404
    assert _count(house, Appointment) == 0


OTHERS = ("reminded_by_huskeservice", "reminded_by_nemsms", "reminded_by_booking_system")


@pytest.fixture
def change(house: House) -> Callable[..., TestResponse]:
    """Changes a meeting."""
    headers = house.key()
    return lambda id_, **other: house.app.test_client().patch(
        f"/api/v1/appointments/{id_}", json=other, headers=headers
    )


def _said(of: dict[str, Any]) -> list[bool | None]:
    return [of[name] for name in OTHERS]


def test_who_else_reminds_is_a_yes_a_no_or_not_told(house: House, book: Book, book_group: Book) -> None:
    silent = book()
    told = book("another-key", external_id="A2", **dict(zip(OTHERS, (True, False, None), strict=True)))
    group = book_group("a-third-key", reminded_by_booking_system=True)
    log = house.app.test_client().get("/api/v1/reminder-log", headers=house.key()).json["items"]

    assert (_said(silent.json), _said(told.json)) == ([None] * 3, [True, False, None])
    assert [_said(item) for item in group.json["items"]] == [[None, None, True]] * 2
    assert {item["external_id"]: _said(item) for item in log}["A2"] == [True, False, None]


def test_who_else_reminds_is_told_later_and_taken_back_and_no_reminder_is_planned_anew(
    book: Book, change: Callable[..., TestResponse]
) -> None:
    booked = book(reminded_by_nemsms=True).json
    told = change(booked["id"], reminded_by_booking_system=False).json
    taken_back = change(booked["id"], reminded_by_nemsms=None).json

    assert (_said(told), _said(taken_back)) == ([None, True, False], [None, None, False])
    assert (taken_back["revision"], taken_back["reminders"]) == (1, booked["reminders"])


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("bad", ["måske", 7, [], "14-10-2027"])
def test_what_is_neither_yes_nor_no_is_refused_by_its_name(
    house: House, book: Book, change: Callable[..., TestResponse], name: str, bad: object
) -> None:
    booked = book().json
    before = house.everything()
    for refused in (book("another-key", external_id="A2", **{name: bad}), change(booked["id"], **{name: bad})):
        assert refused.status_code == 422
        assert list(refused.json["errors"]["json"]) == [name]
    assert house.everything() == before
