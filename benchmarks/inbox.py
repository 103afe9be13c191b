"""P6: what a caseworker waits for in a small store and in one a hundred times as big, asked in turns.

The product is the real one, by HTTP. It also measures the live updates of a thousand open pages (`live.py`).
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from benchmarks import inbox_store, live
from benchmarks.browser import Browser
from benchmarks.inbox_texts import SOUGHT
from benchmarks.report import machine_facts
from benchmarks.service import free_port, running, settings
from messaging.composing import compose
from messaging.config import Config
from messaging.laying_out import lay_out
from messaging.people.models import CaseloadEntry, Caseworker
from messaging.runtime import Runtime
from messaging.vault.keyring import Keyring
from messaging.work.waking import NoWaker
from tests.postgresql import PostgresqlServer, running_postgresql

THREADS = 64
SMALL, LARGE = "small", "large"
NEXT_PAGE = re.compile(r'href="(/conversations\?[^"]*cursor=[^"]+)"')


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How big the stores are, how often is asked, and how many pages are open."""

    small: int
    large: int
    rounds: int
    pages: int
    per_second: int
    seconds: float


WHOLE = Plan(small=500, large=50_000, rounds=200, pages=1000, per_second=100, seconds=30.0)
QUICK = Plan(small=181, large=300, rounds=3, pages=20, per_second=20, seconds=2.0)


@dataclass(frozen=True, kw_only=True)
class Goal:
    """That the first question takes at most so many times what the second takes."""

    what: str
    asked: str
    beside: str
    at_most: float


GOALS = (
    Goal(what="waiting list, 1,000,000 messages to 10,000", asked="list, large", beside="list, small", at_most=1.2),
    Goal(what="thread page, 1,000,000 messages to 10,000", asked="thread, large", beside="thread, small", at_most=1.2),
    Goal(what="half-way down the list to its first page", asked="half-way, large", beside="list, large", at_most=1.2),
    Goal(what="search over 100 citizens to a thread page", asked="search, large", beside="thread, large", at_most=2.0),
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A goal and what was measured of it."""

    goal: Goal
    ratio: float

    @property
    def met(self) -> bool:
        """Whether the goal holds."""
        return self.ratio <= self.goal.at_most


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What the rounds gave: medians in milliseconds by question, and the machine's load when they were taken."""

    milliseconds: dict[str, float]
    outcomes: list[Outcome]
    load: tuple[float, float]
    """The machine's one-minute load average before and after."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inbox", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small stores and few rounds: does it run?")
    parser.add_argument("--json", action="store_true", help="print JSON for a machine")
    parser.add_argument("--keep", type=Path, help="a folder that keeps the stores' keys from run to run")
    parser.add_argument("--server", type=Path, help="the socket folder of a PostgreSQL that keeps the stores")
    asked = parser.parse_args()
    plan = QUICK if asked.quick else WHOLE
    with ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="borgerdialog-inbox-")))
        server = (
            PostgresqlServer(data_folder=asked.server, socket_folder=asked.server)
            if asked.server
            else stack.enter_context(running_postgresql())
        )
        environments = {
            name: _store(folder / name, server, conversations=size)
            for name, size in ((SMALL, plan.small), (LARGE, plan.large))
        }
        figures = measure_pages(environments, rounds=plan.rounds)
        open_pages = measure_live(environments[LARGE], plan)
    if asked.json:
        print(json.dumps({"pages": asdict(figures), "live": asdict(open_pages)}))
    else:
        print(as_text(figures, open_pages))
    return 0


def measure_pages(environments: dict[str, dict[str, str]], *, rounds: int) -> Figures:
    """Serve both stores and ask all questions in turns; the first tenth of the rounds only warms up."""
    before = os.getloadavg()[0]
    with ExitStack() as stack:
        questions: dict[str, Callable[[int], object]] = {}
        for name, environment in environments.items():
            runtime, port, _ = stack.enter_context(_serving(environment))
            questions |= _questions(stack, runtime, port=port, store=name)
        taken: dict[str, list[float]] = {name: [] for name in questions}
        for round_ in range(-(rounds // 10), rounds):
            for name, ask in questions.items():
                began = time.perf_counter()
                ask(round_)
                if round_ >= 0:
                    taken[name].append(1000 * (time.perf_counter() - began))
    milliseconds = {name: median(times) for name, times in taken.items()}
    outcomes = [Outcome(goal=goal, ratio=milliseconds[goal.asked] / milliseconds[goal.beside]) for goal in GOALS]
    return Figures(milliseconds=milliseconds, outcomes=outcomes, load=(before, os.getloadavg()[0]))


def measure_live(environment: dict[str, str], plan: Plan) -> live.Figures:
    """Serve a store with its pages open and write to their citizens."""
    threads = {**environment, "BORGERDIALOG_WEB_THREADS": str(max(THREADS, 2 * plan.pages))}
    with _serving(threads) as (runtime, port, pid):
        return live.measure(
            runtime, port=port, pid=pid, pages=plan.pages, per_second=plan.per_second,
            seconds=plan.seconds,
        )  # fmt: skip


def as_text(figures: Figures, open_pages: live.Figures) -> str:
    """The run for people, as Markdown."""
    facts = machine_facts(postgresql="as bundled")
    before, after = figures.load
    return "\n".join(
        [
            ", ".join(f"{name} {value}" for name, value in facts.items()),
            "",
            f"Load average {before:.1f} before the pages, {after:.1f} after them, {open_pages.load:.1f} at the end.",
            "",
            "| page | median ms |",
            "|---|---|",
            *(f"| {name} | {taken:.1f} |" for name, taken in figures.milliseconds.items()),
            "",
            "| goal P6 | ratio | at most | |",
            "|---|---|---|---|",
            *(
                f"| {one.goal.what} | {one.ratio:.2f} | {one.goal.at_most:.1f} | {'met' if one.met else '**missed**'} |"
                for one in figures.outcomes
            ),
            "",
            *open_pages.as_text(),
        ]
    )


def _questions(stack: ExitStack, runtime: Runtime, *, port: int, store: str) -> dict[str, Callable[[int], object]]:
    """Return what is asked of one store, by name; each is told the number of the round."""

    def browser(initials: str) -> Browser:
        opened = Browser(runtime, port=port, initials=initials)
        stack.callback(opened.close)
        return opened

    eighty, hundred = browser(inbox_store.EIGHTY), browser(inbox_store.HUNDRED)
    citizens = caseload(runtime, inbox_store.EIGHTY)
    half_way = NEXT_PAGE.findall(eighty.get("/conversations"))[0].replace("&amp;", "&")
    return {
        f"list, {store}": lambda _round: eighty.get("/conversations"),
        f"half-way, {store}": lambda _round: eighty.get(half_way),
        f"thread, {store}": lambda round_: eighty.get(f"/conversations/{citizens[round_ % len(citizens)]}"),
        f"search, {store}": lambda _round: hundred.post("/search", {"words": SOUGHT}),
    }


def caseload(runtime: Runtime, initials: str) -> list[uuid.UUID]:
    """Return whom somebody looks after."""
    with runtime.database.read() as session:
        chosen = sa.select(CaseloadEntry.citizen_id).join(Caseworker, Caseworker.id == CaseloadEntry.caseworker_id)
        return list(session.scalars(chosen.where(Caseworker.initials == initials)))


@contextmanager
def _serving(environment: dict[str, str]) -> Iterator[tuple[Runtime, int, int]]:
    """Run the web server on a store until the block ends; yield a runtime of the store, the port and the process."""
    port = free_port()
    here = {**environment, "BORGERDIALOG_PORT": str(port)}
    config = Config.from_environment(here)
    lay_out(config)
    log = config.data_folder / "web.log"
    runtime = compose(config, waker=NoWaker())
    with running("messaging.web_server", environment=here, log=log, port=port) as process:
        yield runtime, port, process.pid
    runtime.close()


def _store(folder: Path, server: PostgresqlServer, *, conversations: int) -> dict[str, str]:
    """Return the environment of the store in this folder, laid if it is not there yet."""
    kept = folder / "environment.json"
    if kept.exists():
        environment: dict[str, str] = json.loads(kept.read_text())
        return environment
    folder.mkdir(parents=True)
    environment = settings(
        folder,
        database_url=server.url(database=server.create_database()),
        keystore_url=server.url(database=server.create_database()),
        port=free_port(),
        workers=1,
        threads=THREADS,
    )
    config = Config.from_environment(environment)
    Keyring.create(config.key_file)
    lay_out(config)
    print(f"laying {conversations * inbox_store.EACH:,} messages", file=sys.stderr, flush=True)
    inbox_store.lay(config, conversations=conversations, now=inbox_store.real_now())
    kept.write_text(json.dumps(environment))
    return environment


if __name__ == "__main__":
    sys.exit(main())
