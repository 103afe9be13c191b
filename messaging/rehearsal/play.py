"""The story of a rehearsal from the import to the ledger."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.states import OPEN, OutcomeWord, ReminderState
from messaging.audit.heads import HEADS_FILE, Heads
from messaging.audit.verifying import verify
from messaging.clock import SystemClock
from messaging.people.actors import SYSTEM
from messaging.rehearsal import calendar, ledger, processes
from messaging.rehearsal.canaries import Canaries
from messaging.rehearsal.cast import Cast
from messaging.rehearsal.city import city_files
from messaging.rehearsal.databases import Databases, in_files, on_server, settle_on_disk
from messaging.rehearsal.handset import Text, write_all
from messaging.rehearsal.input import Reply, mark_bookings, read_replies, read_texts, starts_of
from messaging.rehearsal.nemesis import Nemesis
from messaging.rehearsal.rest import unchained, unjournaled, unread, unsent, untaken, wait_for_rest
from messaging.rehearsal.stage import Stage, StageFailed
from messaging.runtime import Runtime

WAIT_FACTOR = 0.02
"""On all waiting times of service and stub, so that retries of minutes pass in seconds."""
REST_SECONDS = 300.0
STEADY_SECONDS = 1.0
"""Longer than what one thing that is done needs to make another one due."""
OUTCOMES = 300
"""So many meetings get an outcome."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Script:
    """What is to be played. Without `texts` nobody writes, without `replies` nobody answers a reminder."""

    appointments: Path | None
    caseworkers: Path | None
    texts: Path | None
    replies: Path | None
    kills: int
    seed: int
    database: str | None
    folder: Path


@dataclass(kw_only=True)
class Answers:
    """The replies of a rehearsal: each evening the citizens with one open meeting of which they were reminded answer.

    Nobody answers twice, so that what one says does not change how another is understood.
    """

    replies: list[Reply]
    cast: Cast
    chance: Random
    given: list[str] = field(default_factory=list)
    _writers: set[str] = field(default_factory=set)

    def give(self, stage: Stage, runtime: Runtime, progress: Progress) -> None:
        """Let the next replies be written, as many as citizens are able to today."""
        left = self.replies[len(self.given) :]
        if not left:
            return
        able = sorted(_reminded(runtime) & set(self.cast.own) - self._writers)
        writers = self.chance.sample(able, min(len(able), len(left)))
        self._writers.update(writers)
        texts = [
            Text(sender=self.cast.own[writer], text=reply.text) for writer, reply in zip(writers, left, strict=False)
        ]
        self.given += write_all(stage, texts, lambda _done, _of: None)
        progress(len(self.given), len(self.replies))
        wait_for_rest(
            runtime, untaken(stage.world_folder), unread, unsent, seconds=REST_SECONDS, what="reading the replies"
        )


def rehearse(script: Script, *, bar: Callable[[str], Any], say: Callable[[str], None]) -> dict[str, Any]:
    """Play the script and return the ledger. `bar(title)` is a context that gives a progress function."""
    began = time.monotonic()
    chance = Random(script.seed)
    canaries = Canaries(chance)
    with ExitStack() as cleanup:
        databases = cleanup.enter_context(_databases(script))
        stage = Stage(
            folder=script.folder,
            database_url=databases.service,
            keystore_url=databases.keystore,
            wait_factor=WAIT_FACTOR,
        )
        say(f"waiting times × {WAIT_FACTOR}; the clock stands and jumps from evening to evening; seed {script.seed}")
        staff, bookings = _input(script)
        bookings = mark_bookings(bookings, canaries)
        stage.set(calendar.first_morning(starts_of(bookings)))
        imported = _import(stage, bookings, staff)
        runtime = stage.runtime()
        cast = Cast.of(runtime)
        nemesis = Nemesis(stage=stage, kills=script.kills, chance=Random(script.seed + 1))
        texts = _texts(script, canaries, cast, chance)
        answers = Answers(
            replies=read_replies(script.replies) if script.replies else [], cast=cast, chance=Random(script.seed + 2)
        )
        with stage.playing():
            nemesis.start()
            with bar("texts") as progress:
                write_all(stage, texts, progress)
            taken = untaken(stage.world_folder)
            wait_for_rest(runtime, taken, unread, seconds=REST_SECONDS, what="reading the texts")
            with bar("replies") as told, bar("reminders") as progress:
                days = calendar.pass_days(
                    stage,
                    runtime,
                    on_evening=lambda _evening: answers.give(stage, runtime, told),
                    progress=progress,
                )
            outcomes = _record_outcomes(runtime)
            nemesis.finish()
            wait_for_rest(
                runtime,
                taken,
                unread,
                unsent,
                unjournaled,
                unchained,
                stage.untold,
                seconds=REST_SECONDS,
                what="the end",
                steady=STEADY_SECONDS,
            )
            memory = processes.memory_megabytes(stage.service.pid) if stage.service else 0.0
        ledger_ = _count(runtime, stage, answers)
        trail = _verify(runtime, stage)
        runtime.close()
        settle_on_disk(databases)
        searched = [stage.service_folder, *([databases.folder] if databases.folder else [])]
        hits, read = canaries.search(searched)
    return {
        **_sums(ledger_),
        **ledger_,
        "plaintext_hits": len(hits),
        "plaintext": {
            "canaries": canaries.made,
            "bytes_searched": read,
            "hits": [asdict(hit) for hit in hits[:20]],
            "server_folder_searched": databases.folder is not None or not script.database,
        },
        "import": imported,
        "outcomes": outcomes,
        "kills": nemesis.summary(),
        "audit": trail,
        "memory_mb": round(memory, 1),
        "clock": {"wait_factor": WAIT_FACTOR, "evenings": days},
        "seed": script.seed,
        "seconds": round(time.monotonic() - began, 1),
    }


def _databases(script: Script) -> Any:
    if script.database:
        return on_server(script.database)
    return _kept(in_files(script.folder / "service"))


@contextmanager
def _kept(databases: Databases) -> Iterator[Databases]:
    yield databases


def _input(script: Script) -> tuple[bytes, bytes]:
    """Return the staff list and the booking file: those given, or the rehearsal city's."""
    if script.caseworkers is None or script.appointments is None:
        return city_files(SystemClock().now(), Random(script.seed))
    return script.caseworkers.read_bytes(), script.appointments.read_bytes()


def _import(stage: Stage, bookings: bytes, staff: bytes) -> dict[str, Any]:
    """Import by the command an operator would use; the marked file lies in the outside world."""
    files = {"--appointments": stage.world_folder / "bookings.csv", "--caseworkers": stage.world_folder / "staff.csv"}
    files["--appointments"].write_bytes(bookings)
    files["--caseworkers"].write_bytes(staff)
    given = [word for option, path in files.items() for word in (option, str(path))]
    done = subprocess.run(  # noqa: S603 (our own command)
        [*processes.COMMAND, "import", *given, "--json"],
        env=stage.environment(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise StageFailed(f"the import failed: {done.stderr.decode()[-2000:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _texts(script: Script, canaries: Canaries, cast: Cast, chance: Random) -> list[Text]:
    if script.texts is None:
        return []
    texts = read_texts(script.texts, canaries)
    senders = cast.senders(len(texts), chance)
    return [Text(sender=sender, text=text) for sender, text in zip(senders, texts, strict=True)]


def _reminded(runtime: Runtime) -> set[str]:
    """Return the citizens with exactly one open meeting of which they were reminded and that has not begun."""
    now = runtime.clock.now()
    with runtime.database.read() as session:
        citizens = session.scalars(
            sa.select(Appointment.citizen_id)
            .join(Reminder, Reminder.appointment_id == Appointment.id)
            .where(
                Appointment.state.in_(OPEN),
                Appointment.starts_at > now,
                Reminder.state == ReminderState.SENT,
                Reminder.revision == Appointment.revision,
            )
            .group_by(Appointment.citizen_id)
            .having(sa.func.count(sa.distinct(Appointment.id)) == 1)
        )
        return {str(citizen) for citizen in citizens}


def _record_outcomes(runtime: Runtime) -> dict[str, int]:
    """Record what became of the first meetings, as caseworkers would by one tap each."""
    now = runtime.clock.now()
    counts: dict[str, int] = {}
    with runtime.database.read() as session:
        past = session.scalars(
            sa.select(Appointment.id)
            .where(Appointment.starts_at < now, Appointment.state.in_(OPEN))
            .order_by(Appointment.starts_at)
            .limit(OUTCOMES)
        ).all()
    words = (OutcomeWord.HELD, OutcomeWord.HELD, OutcomeWord.NO_SHOW, OutcomeWord.CANCELLED_BY_CITIZEN)
    for index, appointment_id in enumerate(past):
        word = words[index % len(words)]
        with runtime.act(SYSTEM) as act:
            record_outcome(act, appointment_id=appointment_id, outcome=word)
        counts[word.value] = counts.get(word.value, 0) + 1
    return counts


def _count(runtime: Runtime, stage: Stage, answers: Answers) -> dict[str, Any]:
    world = ledger.World.of(stage.world_folder)
    return {
        "inbound": ledger.inbound_entry(runtime, world),
        "outbound": ledger.outbound_entry(runtime, world),
        "reminders": ledger.reminder_entry(runtime),
        "replies": ledger.reply_entry(runtime, answers.replies[: len(answers.given)], answers.given),
        "journal": ledger.journal_entry(runtime, world),
    }


def _sums(entries: dict[str, Any]) -> dict[str, int]:
    counted = [entries[name] for name in ("inbound", "outbound", "journal")]
    return {
        "lost": sum(entry["lost"] for entry in counted),
        "duplicated": sum(entry["duplicated"] for entry in counted),
    }


def _verify(runtime: Runtime, stage: Stage) -> dict[str, Any]:
    report = verify(
        runtime.database,
        runtime.vault,
        heads=Heads(stage.service_folder / HEADS_FILE).lines(),
        overdue_seconds=runtime.config.waits.audit_overdue,
    )
    return {"chained": report.chained, "waiting": report.waiting, "intact": report.is_intact, "heads": report.heads}
