"""What runs in the background for codes by SMS: they are written to those who asked for them."""

from dataclasses import dataclass

from messaging.citizen_app import codes, passkeys
from messaging.citizen_app.code_limits import per_hour
from messaging.conversations.office import Office
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.work.lanes import Lane
from messaging.work.runner import LaneWorker, Periodic

FORGET_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class CodeWork:
    """What the worker process does for codes."""

    runtime: Runtime

    def workers(self) -> list[LaneWorker]:
        """Return what writes the codes; somebody waits for one before the page that asks for it."""
        return [LaneWorker(name="login_codes", lane=Lane.UPKEEP, drain=self.write_codes)]

    def periodics(self) -> list[Periodic]:
        """Return what is to run how often."""
        return [Periodic(name="login_codes.forget", every=FORGET_SECONDS, run=self.forget_codes)]

    def write_codes(self) -> int:
        """Write to whoever's numbers were asked about since; return how many were seen to."""
        runtime = self.runtime
        with runtime.database.read() as session:
            if not codes.is_any_unseen(session, now=runtime.clock.now()):
                return 0
        with runtime.act(SYSTEM) as act:
            seen_to = codes.write_codes(
                act, office=Office.from_config(runtime.config), sent=per_hour(runtime.config.codes_per_hour)
            )
        runtime.waker.wake(Lane.URGENT, Lane.JOURNAL)
        return seen_to

    def forget_codes(self) -> None:
        """Delete what no budget counts, and what nobody can answer any more."""
        with self.runtime.act(SYSTEM) as act:
            codes.forget_codes(act)
            passkeys.forget_challenges(act)
