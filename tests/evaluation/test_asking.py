"""The report is asked for once, made by one process, kept while it is new, and its failure is told."""

import os
import sys
import time
from dataclasses import replace

import pytest

from messaging.evaluation import asking, work
from messaging.evaluation.models import EvaluationRun
from messaging.evaluation.work import Desk, EvaluationWork
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from tests.evaluation.reported import a_report, keep_report


def asks(runtime: Runtime) -> EvaluationRun:
    with runtime.act(SYSTEM) as act:
        return asking.ask(act)


def last(runtime: Runtime) -> EvaluationRun:
    with runtime.database.read() as session:
        run = asking.last_run(session)
        assert run
        return run


def works(runtime: Runtime, *command: str) -> None:
    """Let the worker see to it, and its process end."""
    desk = Desk(command=command)
    upkeep = EvaluationWork(runtime=runtime, desk=desk)
    upkeep.report()
    while desk.is_busy():
        time.sleep(0.01)
    upkeep.report()


def test_who_asks_twice_gets_one_report_and_one_process_takes_it_up(runtime: Runtime) -> None:
    assert asks(runtime).id == asks(runtime).id
    with runtime.act(SYSTEM) as act:
        assert asking.begin(act) == asking.under_way(act.session).id
        assert asking.begin(act) is None


def test_progress_is_told_and_the_last_report_stays_until_there_is_a_newer_one(runtime: Runtime) -> None:
    report = keep_report(runtime)
    run = asks(runtime)
    with runtime.act(SYSTEM) as act:
        asking.begin(act)
        asking.tell(act, run.id, done=3, total=14)

    assert (last(runtime).done, last(runtime).total) == (3, 14)
    with runtime.database.read() as session:
        kept = asking.last_report(session)
    assert kept is not None
    assert kept[1] == report
    with runtime.act(SYSTEM) as act:
        asking.finish(act, run.id, replace(a_report(), title="Nyere"))
    with runtime.database.read() as session:
        assert asking.last_report(session) == (run.id, replace(a_report(), title="Nyere"))
        assert asking.under_way(session) is None


def test_only_the_newest_few_are_kept(runtime: Runtime) -> None:
    for _ in range(asking.KEPT + 2):
        keep_report(runtime)

    with runtime.database.read() as session:
        assert session.query(EvaluationRun).count() == asking.KEPT


def test_a_process_that_ends_without_a_word_has_failed(runtime: Runtime) -> None:
    run = asks(runtime)
    with runtime.act(SYSTEM) as act:
        asking.begin(act)
    works(runtime, sys.executable, "-c", "")

    assert (last(runtime).id, last(runtime).error) == (run.id, asking.STOPPED)
    assert asks(runtime).id != run.id


def test_the_worker_starts_a_process_where_it_can_be_calculated(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks(runtime)
    monkeypatch.setattr(work, "can_calculate", lambda: False)
    desk = Desk(command=(sys.executable, "-c", "import time; time.sleep(60)"))
    upkeep = EvaluationWork(runtime=runtime, desk=desk)
    upkeep.report()
    assert desk.process is None
    monkeypatch.setattr(work, "can_calculate", lambda: True)
    upkeep.report()
    upkeep.report()

    assert desk.process
    assert desk.is_busy()
    nice = os.getpriority(os.PRIO_PROCESS, desk.process.pid)
    assert nice == min(19, os.getpriority(os.PRIO_PROCESS, 0) + work.GIVING_WAY)
    desk.process.kill()
    desk.process.wait()


def test_without_anybody_asking_nothing_is_made(runtime: Runtime) -> None:
    works(runtime, "no-such-command")
    with runtime.database.read() as session:
        assert asking.last_run(session) is None
        assert asking.last_report(session) is None
