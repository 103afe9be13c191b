"""Booking over the API: once per key."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from messaging.appointments.models import Appointment, Reminder
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
