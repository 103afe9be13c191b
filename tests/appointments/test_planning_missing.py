"""Coming meetings without reminders get theirs: once, whoever plans, and with none of those that need none."""

import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog

from messaging.appointments import planning_missing
from messaging.appointments.booking import change_appointments, meeting_of
from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.planning import Planned, plan_reminders, put_down
from messaging.appointments.planning_missing import plan_missing
from messaging.appointments.states import AppointmentState, ReminderState
from messaging.appointments.work import ReminderLane
from messaging.errors import DatabaseBusy
from messaging.people.acting import Act
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from tests.appointments.conftest import RULES, Desk, wall
from tests.conftest import ROOT
from tests.runtime import lose_key

BOOKED = "2027-10-01 10:00"


@pytest.fixture
def booked(desk: Desk) -> Desk:
    """Three meetings of one day whose reminders are gone."""
    for number in range(3):
        desk.books(at=BOOKED, aftale_id=f"A{number}", start=f"14-10-2027 1{number}:30")
    forget(desk)
    return desk


def forget(desk: Desk, *appointment_ids: uuid.UUID) -> None:
    gone = sa.delete(Reminder)
    with desk.runtime.database.write() as session:
        session.execute(gone.where(Reminder.appointment_id.in_(appointment_ids)) if appointment_ids else gone)


def steps(desk: Desk) -> dict[str, int]:
    """How many reminders each meeting has."""
    names = {row.id: row.external_id for row in desk.every(Appointment)}
    found = dict.fromkeys(sorted(names.values()), 0)
    for row in desk.every(Reminder):
        found[names[row.appointment_id]] += 1
    return found


def test_meetings_without_reminders_get_them_with_their_words(booked: Desk) -> None:
    heard: list[tuple[int, int]] = []

    assert plan_missing(booked.runtime, progress=lambda done, total: heard.append((done, total))) == 3
    assert steps(booked) == {"A0": 2, "A1": 2, "A2": 2}
    assert all(row.words for row in booked.every(Reminder))
    assert heard == [(3, 3)]


def test_doing_it_again_changes_nothing(booked: Desk) -> None:
    plan_missing(booked.runtime)
    before = [row.id for row in booked.every(Reminder)]

    assert plan_missing(booked.runtime) == 0
    assert [row.id for row in booked.every(Reminder)] == before


def test_only_what_is_missing_is_planned(booked: Desk) -> None:
    plan_missing(booked.runtime)
    forget(booked, booked.appointment("A1").id)

    assert plan_missing(booked.runtime) == 1
    assert steps(booked) == {"A0": 2, "A1": 2, "A2": 2}


def test_meeting_that_has_begun_or_is_off_gets_none(booked: Desk) -> None:
    with booked.runtime.database.write() as session:
        off = sa.update(Appointment).where(Appointment.external_id == "A1")
        session.execute(off.values(state=AppointmentState.CANCELLED_BY_US))
    booked.clock.moment = wall("2027-10-14 10:30")

    assert plan_missing(booked.runtime) == 1
    assert steps(booked) == {"A0": 0, "A1": 0, "A2": 2}


def test_batches_follow_each_other_without_a_gap(booked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning_missing, "SMALLEST", 2)
    heard: list[tuple[int, int]] = []

    assert plan_missing(booked.runtime, progress=lambda done, total: heard.append((done, total))) == 3
    assert heard == [(2, 3), (3, 3)]
    assert set(steps(booked).values()) == {2}


def test_meeting_that_somebody_plans_meanwhile_is_not_planned_twice(
    booked: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose = planning_missing.planned_rows
    taken = booked.appointment("A1").id

    def meanwhile(act: Act, **asked: object) -> object:
        planned = compose(act, **asked)  # type: ignore[arg-type]
        with booked.runtime.act(act.actor) as other:
            put_down(other, [one for one in planned if one[0].id == taken])
        return [(meeting, [row | {"id": uuid.uuid4()} for row in rows]) for meeting, rows in planned]

    monkeypatch.setattr(planning_missing, "planned_rows", meanwhile)

    assert plan_missing(booked.runtime) == 2
    assert steps(booked) == {"A0": 2, "A1": 2, "A2": 2}


def lasting(desk: Desk, change: Callable[[Act], None]) -> Callable[[], None]:
    """Let somebody else begin a change now and commit it a moment later; return what waits for that."""
    begun, done = threading.Event(), threading.Event()

    def work() -> None:
        with desk.runtime.act(SYSTEM) as act:
            change(act)
            act.session.flush()
            begun.set()
            time.sleep(0.4)
        done.set()

    threading.Thread(target=work).start()
    assert begun.wait(10)
    return lambda: None if done.wait(10) else pytest.fail("the change was never committed")


def during(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, change: Callable[[Act, Sequence[Planned]], None]
) -> Callable[[], int]:
    """Return a planner; between composing and writing, somebody else begins a change that is not committed yet."""
    compose = planning_missing.planned_rows

    def meanwhile(act: Act, **asked: object) -> Sequence[Planned]:
        planned = compose(act, **asked)  # type: ignore[arg-type]
        waits.append(lasting(desk, lambda other: change(other, planned)))
        return [(meeting, [row | {"id": uuid.uuid4()} for row in rows]) for meeting, rows in planned]

    def plan() -> int:
        found = plan_missing(desk.runtime)
        waits[0]()
        return found

    waits: list[Callable[[], None]] = []
    monkeypatch.setattr(planning_missing, "planned_rows", meanwhile)
    return plan


def test_of_two_who_plan_at_once_each_meeting_is_planned_by_one(booked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = booked.appointment("A1").id
    plan = during(
        booked,
        monkeypatch,
        lambda other, planned: put_down(other, [one for one in planned if one[0].id == first]),
    )

    assert plan() == 2
    assert steps(booked) == {"A0": 2, "A1": 2, "A2": 2}


def test_meeting_that_is_moved_while_it_is_planned_gets_no_reminders_of_its_old_time(
    booked: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = booked.appointment("A1").id

    def move(other: Act, _: Sequence[Planned]) -> None:
        meeting = lock_appointment(other, moved)
        to = replace(meeting_of(meeting), starts_at=wall("2027-10-21 10:30"))
        change_appointments(other, [(meeting, to)], rules=RULES)

    assert during(booked, monkeypatch, move)() == 2
    assert {(row.revision, row.state) for row in booked.every(Reminder) if row.appointment_id == moved} == {
        (2, ReminderState.PLANNED)
    }


def test_meetings_whose_plan_has_no_steps_are_not_planned(booked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning_missing, "reminder_rules", lambda _: replace(RULES, steps=()))

    assert plan_missing(booked.runtime) == 0


def test_citizen_without_a_key_keeps_no_other_from_being_planned(desk: Desk) -> None:
    """Her last step is too late, which is journaled for everybody who has a key."""
    desk.books(at=BOOKED, aftale_id="A0", start="14-10-2027 10:30")
    desk.books(at=BOOKED, aftale_id="A1", start="14-10-2027 11:30", cpr="010101-1112", telefon="28 10 20 31")
    forget(desk)
    lose_key(desk.runtime, desk.appointment("A0").citizen_id)
    desk.clock.moment = wall("2027-10-12 15:00")

    assert plan_missing(desk.runtime) == 2
    assert {row.appointment_id for row in desk.every(Reminder) if row.words} == {desk.appointment("A1").id}


@pytest.mark.parametrize("fails", [partial(int, "not to be opened"), partial(os._exit, 3)])
def test_what_another_process_cannot_do_is_done_here(
    booked: Desk, monkeypatch: pytest.MonkeyPatch, fails: Callable[[], Runtime]
) -> None:
    monkeypatch.setattr(planning_missing, "FEW", 1)
    monkeypatch.setattr(planning_missing, "SMALLEST", 1)
    heard: list[int] = []
    here = planning_missing._plan

    def slowly(runtime: Runtime, batch: planning_missing.Batch) -> int:
        time.sleep(0.3)  # so that the others take something as well
        return here(runtime, batch)

    monkeypatch.setattr(planning_missing, "_plan", slowly)
    with structlog.testing.capture_logs() as logged:
        planned = plan_missing(
            booked.runtime, reopen=fails, processes=3, progress=lambda done, _total: heard.append(done)
        )

    assert (planned, steps(booked)) == (3, {"A0": 2, "A1": 2, "A2": 2})
    assert heard[-1] == 3
    assert {entry["event"] for entry in logged} == {"planning.process_failed"}


def test_whoever_is_to_stop_begins_no_further_batch(booked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """D1."""
    monkeypatch.setattr(planning_missing, "LARGEST", 1)
    monkeypatch.setattr(planning_missing, "SMALLEST", 1)
    stopping = threading.Event()
    stopping.set()
    planned = plan_missing(booked.runtime, stopping=stopping)

    assert (planned, sorted(steps(booked).values())) == (1, [0, 0, 2])


def test_who_cannot_go_on_here_lets_no_other_process_go_on(booked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning_missing, "FEW", 1)
    monkeypatch.setattr(planning_missing, "SMALLEST", 1)

    def busy(*_: object) -> int:
        raise DatabaseBusy("the database is busy")

    monkeypatch.setattr(planning_missing, "_plan", busy)
    with pytest.raises(DatabaseBusy), structlog.testing.capture_logs():
        plan_missing(booked.runtime, reopen=partial(time.sleep, 0), processes=2)

    assert set(steps(booked).values()) == {0}


@pytest.mark.processes
def test_process_that_plans_ends_with_the_one_that_started_it() -> None:
    command = [sys.executable, "-m", "tests.appointments.endless_planning"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = Path(f"/proc/{int(parent.stdout.readline())}")
        was_there = child.exists()
        parent.kill()
    for _ in range(100):
        if not child.exists() or "zombie" in (child / "status").read_text():
            break
        time.sleep(0.1)

    assert was_there
    assert not child.exists() or "zombie" in (child / "status").read_text()


def test_worker_plans_what_is_missing_when_it_starts_and_once_a_day(booked: Desk) -> None:
    lane = ReminderLane(booked.runtime)
    lane.follow_plans()
    first = steps(booked)
    forget(booked)
    lane.follow_plans()
    same_day = steps(booked)
    booked.clock.moment = wall("2027-10-02 10:00")
    lane.follow_plans()

    assert (set(first.values()), set(same_day.values()), set(steps(booked).values())) == ({2}, {0}, {2})


def test_meeting_booked_while_no_reminders_were_asked_for_gets_them_when_they_are(desk: Desk) -> None:
    desk.books(at=BOOKED, aftale_id="A0")
    forget(desk)
    with desk.runtime.act(SYSTEM) as act:
        meeting = act.session.get_one(Appointment, desk.appointment("A0").id)
        plan_reminders(act, appointments=[meeting], rules=replace(RULES, steps=()))
    before = steps(desk)
    ReminderLane(desk.runtime).follow_plans()

    assert (before, steps(desk)) == ({"A0": 0}, {"A0": 2})
