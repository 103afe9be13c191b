"""What runs in the background for the citizen's app: she is told of what lies in it, and gets her codes."""

from messaging.citizen_app.code_work import CodeWork
from messaging.citizen_app.notice_lanes import NoticeLane, PushLane
from messaging.runtime import Runtime
from messaging.work.lanes import Lane
from messaging.work.runner import LaneWorker, Periodic

PUSH_THREADS = 2


class AppWork:
    """What the worker process does for the citizen's app."""

    def __init__(self, *, runtime: Runtime) -> None:
        self._waits = runtime.config.waits
        self._codes = CodeWork(runtime=runtime)
        self._notices = NoticeLane(runtime)
        self._pushes = PushLane(runtime, runtime.push) if runtime.push is not None else None

    def start(self) -> None:
        """Bury the dead: at the start of the only worker every push that was under way is unclear.

        SMS to log in that an outage has left here are kept back before anybody can send them.
        """
        self._notices.keep_back()
        if self._pushes is not None:
            self._pushes.bury_the_dead(all_of_them=True)

    def workers(self) -> list[LaneWorker]:
        """Return who drains what."""
        notices = LaneWorker(name="notices", lane=Lane.UPKEEP, drain=self._notices.drain)
        if self._pushes is None:
            return [notices, *self._codes.workers()]
        return [
            notices,
            *self._codes.workers(),
            LaneWorker(name="pushes", lane=Lane.UPKEEP, drain=self._pushes.drain, threads=PUSH_THREADS),
        ]

    def periodics(self) -> list[Periodic]:
        """Return what is to run how often."""
        night = Periodic(name="notices.keep_back", every=self._waits.sweep, run=self._notices.keep_back)
        if self._pushes is None:
            return [night, *self._codes.periodics()]
        sweep = Periodic(name="pushes.sweep", every=self._waits.sweep, run=self._pushes.bury_the_dead)
        return [night, sweep, *self._codes.periodics()]
