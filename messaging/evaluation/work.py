"""What runs in the background for the evaluation: its extract is filled once a day and deleted in its time, and the
report is made when somebody asks for it, or the extract is news.

The report is made by a process of its own: it takes minutes of a processor and packages that nothing else needs.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from messaging.errors import NotFound
from messaging.evaluation.asking import STOPPED, ask, can_calculate, fail, under_way
from messaging.evaluation.extracting import Filled, delete_extract, fill, months_of, open_extract, overdue
from messaging.evaluation.models import EvaluationExtract
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.trial.running import latest
from messaging.work.runner import Periodic

FILLED_AGAIN = timedelta(hours=20)
"""How old an extract is when it is filled again."""

GIVING_WAY = 10
"""How much nicer the process is than the worker: people wait for pages, nobody for a report."""


def fill_extract(runtime: Runtime, *, progress: Callable[[int, int], None] = lambda _done, _total: None) -> Filled:
    """Fill the last trial's extract with what is known now, a month a transaction; `progress` hears months.

    Raises NotFound if there has been no trial, Conflict once the extract has been deleted.
    """
    with runtime.database.read() as session:
        trial = latest(session)
    if trial is None:
        raise NotFound("there has been no trial")
    with runtime.act(SYSTEM) as act:
        open_extract(act, trial, kept_days=runtime.config.evaluation_kept_days)
    months = list(months_of(trial, at=runtime.clock.now()))
    done = Filled()
    for number, (since, until) in enumerate(months, start=1):
        with runtime.act(SYSTEM) as act:
            done += fill(act, trial, since=since, until=until)
        progress(number, len(months))
    return done


@dataclass(kw_only=True)
class Desk:
    """The process in which reports are made, one at a time. It does not outlive the worker."""

    command: tuple[str, ...] = (sys.executable, "-m", "messaging.cli", "evaluate", "answer")
    process: subprocess.Popen[bytes] | None = None

    def is_busy(self) -> bool:
        """Whether a report is being made."""
        return self.process is not None and self.process.poll() is None

    def begin(self) -> None:
        """Start the process; it takes up the run that is asked for."""
        command = [sys.executable, "-m", "messaging.child", str(os.getpid()), *self.command]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        given_way = os.getpriority(os.PRIO_PROCESS, 0) + GIVING_WAY
        os.setpriority(os.PRIO_PROCESS, self.process.pid, given_way)


@dataclass(frozen=True, kw_only=True)
class EvaluationWork:
    """What the worker process does for the evaluation."""

    runtime: Runtime
    desk: Desk = field(default_factory=Desk)

    def periodics(self) -> list[Periodic]:
        """Return what is to run how often."""
        every = self.runtime.config.waits.sweep
        return [
            Periodic(name="evaluation.fill", every=every, run=self.fill),
            Periodic(name="evaluation.delete", every=every, run=self.delete),
            Periodic(name="evaluation.report", every=every, run=self.report),
        ]

    def fill(self) -> None:
        """Fill the extract if that was last done a day ago; a look comes first and takes no lock."""
        if self._is_old():
            fill_extract(self.runtime)
            if can_calculate():
                with self.runtime.act(SYSTEM) as act:
                    ask(act)

    def delete(self) -> None:
        """Delete the extracts whose time is over."""
        with self.runtime.database.read() as session:
            if not overdue(session, at=self.runtime.clock.now()):
                return
        with self.runtime.act(SYSTEM) as act:
            for trial_id in overdue(act.session, at=act.now):
                delete_extract(act, trial_id)

    def report(self) -> None:
        """Let the report be made that somebody has asked for. A run whose process has ended without it has failed."""
        if self.desk.is_busy():
            return
        with self.runtime.database.read() as session:
            run = under_way(session)
        if run is None:
            return
        if run.begun_at is None and can_calculate():
            self.desk.begin()
        elif run.begun_at is not None:
            with self.runtime.act(SYSTEM) as act:
                fail(act, run.id, error=STOPPED)

    def _is_old(self) -> bool:
        now = self.runtime.clock.now()
        with self.runtime.database.read() as session:
            trial = latest(session)
            found = session.get(EvaluationExtract, trial.id) if trial else None
        if trial is None or (found is not None and found.deleted_at is not None):
            return False
        return found is None or found.filled_at <= now - FILLED_AGAIN
