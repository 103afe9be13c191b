"""What stands above the thread: who answers, and when she may expect it."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from messaging.app import create_app
from messaging.clock import FixedClock
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.receiving_app import store_from_app
from messaging.people.absence_models import AbsenceReason
from messaging.people.absences import Report, report_absence
from messaging.people.acting import Act
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, Role
from tests.house import House

NIGHT = datetime(2027, 3, 2, 20, tzinfo=UTC)


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


def promising(house: House, hours: int) -> House:
    """The same house, with a promised answer time."""
    runtime = replace(house.runtime, config=replace(house.runtime.config, answer_hours=hours))
    return replace(house, runtime=runtime, app=create_app(runtime, log_file=house.log))


def writes(house: House, citizen_id: uuid.UUID) -> None:
    with house.runtime.act(Actor(kind=ActorKind.CITIZEN, id=citizen_id)) as act:
        store_from_app(
            act, citizen_id=citizen_id, message_id=uuid.uuid4(), text="Hej", content_class=ContentClass.SMS_OK
        )


def away(house: House, who: Caseworker, deputy: Caseworker | None, *, last_day: date = date(2027, 3, 5)) -> None:
    with house.runtime.act(SYSTEM) as act:
        by_her = replace(act, actor=Actor(kind=ActorKind.STAFF, id=who.id, role=Role.CASEWORKER, unit_id=who.unit_id))
        assert isinstance(by_her, Act)
        report_absence(
            by_her,
            Report(
                caseworker_id=who.id,
                deputy_id=deputy.id if deputy else None,
                first_day=date(2027, 3, 1),
                last_day=last_day,
                reason=AbsenceReason.LEAVE,
            ),
        )


def above(house: House, citizen_id: uuid.UUID) -> str:
    """What is said above her thread."""
    page = house.phone(citizen_id).get("/app").text
    return " ".join(page.split('class="answering"')[1].split("</div>")[0].split())


def test_her_caseworker_answers(house: House, sara: uuid.UUID) -> None:
    assert "Mette svarer." in above(promising(house, 0), sara)


def test_without_a_promise_no_time_is_named_in_opening_hours(house: House, sara: uuid.UUID) -> None:
    said = above(promising(house, 0), sara)

    assert "senest" not in said
    assert "bliver læst" not in said


def test_who_would_write_now_hears_when_she_would_be_answered(house: House, sara: uuid.UUID) -> None:
    assert "Skriver du nu, får du svar senest i dag kl. 14.00." in above(promising(house, 4), sara)


def test_who_waits_hears_until_when(house: House, sara: uuid.UUID, clock: FixedClock) -> None:
    promised = promising(house, 4)
    writes(promised, sara)
    clock.moment += timedelta(hours=2)

    assert "Du får svar senest i dag kl. 14.00." in above(promised, sara)


def test_broken_promise_is_owned_and_leads_to_the_telephone(house: House, sara: uuid.UUID, clock: FixedClock) -> None:
    promised = promising(house, 2)
    writes(promised, sara)
    clock.moment += timedelta(hours=3)

    assert "Dit svar er forsinket. Haster det, så ring 89 40 00 00." in above(promised, sara)


def test_deputy_answers_while_her_caseworker_is_away(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    away(house, mette, house.caseworker("ali", name="Ali Demir"))

    assert "Mette er væk til og med fredag 5. marts. Ali svarer." in above(house, sara)


def test_whom_nobody_covers_for_is_waited_for(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    away(house, mette, None)

    said = above(promising(house, 0), sara)

    assert "Mette er væk til og med fredag 5. marts." in said
    assert "svarer" not in said
    assert "Din besked bliver læst mandag kl. 8.00." in said


def test_promise_begins_when_she_is_back_whom_nobody_covers_for(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    away(house, mette, None)

    assert "får du svar senest mandag kl. 12.00" in above(promising(house, 4), sara)


def test_at_night_it_is_said_when_somebody_reads(house: House, sara: uuid.UUID, clock: FixedClock) -> None:
    clock.moment = NIGHT

    said = above(promising(house, 0), sara)

    assert "Din besked bliver læst i morgen kl. 8.00." in said
    assert "Er nogen i fare nu, så ring 112." in said
