"""What runs in the background for the trial: newcomers join, and it ends when its time has come."""

from dataclasses import dataclass

from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.trial import running
from messaging.work.runner import Periodic


@dataclass(frozen=True, kw_only=True)
class TrialWork:
    """What the worker process does for the trial."""

    runtime: Runtime

    def periodics(self) -> list[Periodic]:
        """Return what is to run how often."""
        return [Periodic(name="trial.keep_up", every=self.runtime.config.waits.sweep, run=self.keep_up)]

    def keep_up(self) -> None:
        """Let newcomers join; a look comes first and takes no lock."""
        runtime = self.runtime
        with runtime.database.read() as session:
            if not running.is_any_work(session, runtime.vault, at=runtime.clock.now()):
                return
        with runtime.act(SYSTEM) as act:
            running.keep_up(act)
