"""Pages about answers and outcomes show counts and ids, to those who run the service, and nothing anybody wrote."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from messaging.appointments.correcting import correct_reading
from messaging.appointments.freezing import freeze_due
from messaging.appointments.models import Appointment, Form
from messaging.appointments.reply_rules import Label
from messaging.appointments.states import AppointmentState
from messaging.appointments.work import AnswerReader
from messaging.conversations.models import Direction, Message
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Role
from tests.house import House


@pytest.fixture
def answered(house: House) -> House:
    """A house in which an answer was read, and corrected by its caseworker."""
    mette = house.caseworker()
    house.citizen(caseworker=mette)
    house.hears("Jeg er syg, hilsen Sara")
    AnswerReader(house.runtime).drain()
    with house.runtime.database.read() as session:
        message_id = session.scalars(sa.select(Message.id).filter_by(direction=Direction.IN)).one()
    with house.runtime.act(Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER)) as act:
        correct_reading(act, message_id=message_id, label=Label.LATE)
    return house


def page(house: House, path: str) -> str:
    house.caseworker("sus", name="Susanne Uhd", role=Role.SUPERUSER)
    return house.browser("sus").get(path).text


def test_rules_are_shown_with_their_readings_and_corrections(answered: House) -> None:
    shown = page(answered, "/administration/reply-rules")

    assert "beskeden fortæller om sygdom" in shown
    assert "<td>1</td><td>1</td><td>0 %</td>" in shown
    assert "borgeren kommer for sent (1)" in shown
    assert "Sara" not in shown


def test_meeting_without_an_outcome_is_listed_by_its_id(house: House) -> None:
    assert "Alle møder, der er begyndt, har et udfald." in page(house, "/administration/missing-outcomes")
    now = house.runtime.clock.now()
    mette = house.caseworker()
    sara = house.citizen(caseworker=mette)
    with house.runtime.act(SYSTEM) as act:
        act.session.add(
            Appointment(
                source="kalender",
                external_id="K-4711",
                citizen_id=sara,
                caseworker_id=mette.id,
                starts_at=now - timedelta(days=1),
                minutes=30,
                meeting_type="Jobsamtale",
                form=Form.PHONE,
                state=AppointmentState.BOOKED,
                state_since=now - timedelta(days=9),
                booked_at=now - timedelta(days=9),
            )
        )
        act.session.flush()
        freeze_due(act)
    shown = house.browser("sus").get("/administration/missing-outcomes").text

    assert "K-4711" in shown
    assert "1 møde mangler et udfald" in house.browser("sus").get("/administration").text
