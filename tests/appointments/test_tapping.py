"""An outcome that can be undone for some seconds, against the worker that records it."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from messaging.appointments.models import Appointment, Outcome, OutcomeTap
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.seeding import seed
from messaging.appointments.states import AppointmentState, OutcomeWord
from messaging.appointments.tapping import TooLateToUndo, tap_outcome, undo_tap
from messaging.appointments.work import TapLane
from messaging.database.base import new_id
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, Role
from tests.house import House

UNDO_FOR = timedelta(seconds=10)


@pytest.fixture
def mette(house: House) -> Caseworker:
    with house.runtime.database.write() as session:
        seed(session)
    return house.caseworker()


@pytest.fixture
def meeting(house: House, mette: Caseworker) -> Appointment:
    return house.appointment(house.citizen(caseworker=mette), mette, in_days=-1)


def taps(house: House, mette: Caseworker, meeting: Appointment, outcome: OutcomeWord = OutcomeWord.NO_SHOW) -> None:
    actor = Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER, unit_id=mette.unit_id)
    with house.runtime.act(actor) as act:
        tap_outcome(act, appointment_id=meeting.id, outcome=outcome, undo_for=UNDO_FOR)


def state(house: House, meeting: Appointment) -> AppointmentState:
    with house.runtime.database.read() as session:
        return session.get_one(Appointment, meeting.id).state


def count(house: House, model: type[Outcome | OutcomeTap]) -> int:
    with house.runtime.database.read() as session:
        return session.query(model).count()


def at_once(*doers: Callable[[], object]) -> None:
    """Let all of them begin together, and wait for the last."""
    start = Barrier(len(doers))

    def do(doer: Callable[[], object]) -> None:
        start.wait()
        doer()

    threads = [Thread(target=do, args=(doer,)) for doer in doers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_workers_record_a_tap_once(house: House, mette: Caseworker, meeting: Appointment) -> None:
    taps(house, mette, meeting)
    house.runtime.clock.advance(seconds=11)
    at_once(TapLane(house.runtime).drain, TapLane(house.runtime).drain)

    assert state(house, meeting) is AppointmentState.NO_SHOW
    with house.runtime.database.read() as session:
        assert session.query(JournalEvent).filter_by(type="outcome.recorded").count() == 1
        assert session.scalars(sa.select(Outcome.recorded_by)).all() == [f"staff:{mette.id}"]


@pytest.mark.parametrize("_", range(3))
def test_undo_against_the_worker_is_either_done_or_told_too_late(
    house: House,
    mette: Caseworker,
    meeting: Appointment,
    _: int,
) -> None:
    taps(house, mette, meeting)
    house.runtime.clock.advance(seconds=11)
    undone: list[bool] = []

    def undo() -> None:
        try:
            with house.runtime.act(SYSTEM) as act:
                undo_tap(act, appointment_id=meeting.id)
        except TooLateToUndo:
            undone.append(False)
        else:
            undone.append(True)

    at_once(undo, TapLane(house.runtime).drain)

    assert undone == [state(house, meeting) is AppointmentState.BOOKED]
    assert (count(house, Outcome), count(house, OutcomeTap)) == (0 if undone[0] else 1, 0)


def test_tap_that_cannot_be_recorded_holds_back_no_other(
    house: House,
    mette: Caseworker,
    meeting: Appointment,
) -> None:
    other = house.appointment(meeting.citizen_id, mette, in_days=-2)
    broken(house, meeting)
    taps(house, mette, meeting)
    taps(house, mette, other)
    house.runtime.clock.advance(seconds=11)
    lane = TapLane(house.runtime)
    recorded = lane.drain()

    assert recorded == 1
    assert state(house, other) is AppointmentState.NO_SHOW
    assert lane.drain() == 0


def broken(house: House, meeting: Appointment) -> uuid.UUID:
    """Give a meeting an outcome of which it knows nothing: no second one can be recorded."""
    with house.runtime.act(SYSTEM) as act:
        row = Outcome(
            id=new_id(),
            appointment_id=meeting.id,
            revision=meeting.revision,
            outcome=OutcomeWord.HELD,
            recorded_by="system",
            recorded_at=act.now,
        )
        act.session.add(row)
        return row.id


def test_second_tap_takes_the_place_of_the_first_and_its_time(
    house: House,
    mette: Caseworker,
    meeting: Appointment,
) -> None:
    taps(house, mette, meeting)
    house.runtime.clock.advance(seconds=6)
    taps(house, mette, meeting, OutcomeWord.HELD)
    house.runtime.clock.advance(seconds=6)
    early = TapLane(house.runtime).drain()
    house.runtime.clock.advance(seconds=6)
    TapLane(house.runtime).drain()

    assert early == 0
    assert state(house, meeting) is AppointmentState.HELD


def test_outcome_recorded_otherwise_meanwhile_stands(house: House, mette: Caseworker, meeting: Appointment) -> None:
    taps(house, mette, meeting)
    with house.runtime.act(SYSTEM) as act:
        record_outcome(act, appointment_id=meeting.id, outcome=OutcomeWord.HELD)
    house.runtime.clock.advance(seconds=11)
    TapLane(house.runtime).drain()

    assert state(house, meeting) is AppointmentState.HELD
    assert count(house, OutcomeTap) == 0


def test_undoing_twice_is_undoing_once(house: House, mette: Caseworker, meeting: Appointment) -> None:
    taps(house, mette, meeting)
    for _ in range(2):
        with house.runtime.act(SYSTEM) as act:
            undo_tap(act, appointment_id=meeting.id)

    assert state(house, meeting) is AppointmentState.BOOKED
