"""Booking sources hand in what is free over the API, and fetch what citizens wish for."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from messaging.appointments.free_times import offer, wish
from messaging.appointments.models import Appointment
from messaging.appointments.states import AppointmentState
from messaging.conversations.models import Message
from messaging.people.actors import SYSTEM
from tests.house import House


def free_time(house: House, **other: Any) -> dict[str, Any]:
    """A free time of `mho` in nine days, and what is other than usual."""
    now = house.runtime.clock.now()
    usual = {
        "external_id": "T1",
        "caseworker": "mho",
        "meeting_type": "Jobsamtale",
        "form": "in_person",
        "starts_at": (now + timedelta(days=9)).isoformat(),
        "minutes": 45,
        "until": (now + timedelta(days=8)).isoformat(),
    }
    return {**usual, **other}


def test_wish_is_found_by_its_source_and_stands_at_the_meeting_until_that_is_moved(house: House) -> None:
    mette = house.caseworker("mho")
    sara = house.citizen(caseworker=mette)
    meeting_id = house.appointment(sara, mette).id
    headers, client = house.key(), house.app.test_client()
    assert client.put("/api/v1/free-times", json={"items": [free_time(house)]}, headers=headers).json == {"count": 1}
    house.hears("4")
    with house.runtime.act(SYSTEM) as act:
        meeting = act.session.get_one(Appointment, meeting_id)
        meeting.state = AppointmentState.NEW_TIME_ASKED
        (offered,) = offer(act, meeting)
        message_id = act.session.scalars(sa.select(Message.id)).first()
        assert message_id is not None
        assert wish(act, offered, citizen_id=sara, message_id=message_id)

    (told,) = client.get("/api/v1/time-wishes", headers=headers).json["items"]
    assert (told["appointment_id"], told["free_time"], told["minutes"]) == (str(meeting_id), "T1", 45)
    assert "Ønsker i stedet" in house.browser("mho").get(f"/conversations/{sara}").text
    moved = client.patch(f"/api/v1/appointments/{meeting_id}", json={"starts_at": told["starts_at"]}, headers=headers)
    assert (moved.status_code, moved.json["state"]) == (200, "booked")
    assert client.get("/api/v1/time-wishes", headers=headers).json == {"items": []}


@pytest.mark.parametrize("other", [{"unit": "Team A"}, {"caseworker": None}, {"caseworker": "xx9"}])
def test_free_time_that_is_nobodys_or_of_two_is_refused(house: House, other: dict[str, Any]) -> None:
    house.caseworker("mho")
    answer = house.app.test_client().put(
        "/api/v1/free-times", json={"items": [free_time(house, **other)]}, headers=house.key()
    )

    assert answer.status_code == 422
