"""Goal P7: planning, rendering and sealing the reminders of 100,000 appointments.

Each database in turns with its own yardstick, several rounds of both: as many rows, the very ones that were planned,
put into a table with the same keys, references, checks and indexes; on PostgreSQL by one INSERT…SELECT, on SQLite by
one executemany. Measured are the planning by as many processes as there are processors, their start included, the same
once more, and how far the memory of all of them grows. Beside it stand a stricter yardstick, narrow rows with a key and
one index, and what it takes to write every first reminder into its thread when it is due; that journals, audits and
announces as in service. Nothing is sent.
"""

import gc
import os
import re
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from benchmarks.reopening import BOOKED, begin_of_memory, config_of, most_memory, reopened, runtime_of
from messaging.appointments.models import Appointment, Form, Reminder
from messaging.appointments.planning_missing import plan_missing
from messaging.appointments.states import AppointmentState, ReminderState
from messaging.appointments.work import ReminderLane
from messaging.commands.surroundings import progress_bar
from messaging.conversations.models import Message
from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.laying_out import lay_out
from messaging.people.models import CaseloadEntry, Caseworker, Citizen, ContactPoint, PhoneNumber, Role, Standing, Unit
from messaging.runtime import Runtime
from messaging.vault.keyring import Keyring
from messaging.vault.place import Place
from tests.postgresql import running_postgresql

APPOINTMENTS = 100_000
GOALS = {"ratio": 4.0, "again": 0.5, "megabytes": 100.0, "growth": 11.0}
PROCESSES = len(os.sched_getaffinity(0))
ROUNDS = 5
BATCH = 500
"""Meetings laid out in one transaction."""
DAY = datetime(2027, 10, 14, 6, 0, tzinfo=UTC)
"""Eight o'clock on the day of all meetings."""
DUE = DAY - timedelta(days=3) + timedelta(hours=8)
LAID = (Citizen, PhoneNumber, ContactPoint, CaseloadEntry, Appointment)
PLACES = ("Mødested 1", "Mødested 2, 3. sal")

NARROW = """
CREATE TABLE narrow (
    id {uuid} PRIMARY KEY, appointment_id {uuid} NOT NULL, words {blob} NOT NULL, due_at {moment} NOT NULL
)
"""
TYPES = {
    "postgresql": {"uuid": "uuid", "blob": "bytea", "moment": "timestamptz"},
    "sqlite": {"uuid": "char(32)", "blob": "blob", "moment": "text"},
}


@dataclass(frozen=True, kw_only=True)
class Round:
    """Seconds in which all was planned, and its rows and as many narrow ones were put down right after."""

    plan_seconds: float
    rows_seconds: float
    narrow_seconds: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Seconds of each leg for so many appointments on one database, and what the goals make of them."""

    database: str
    appointments: int
    reminders: int
    rounds: tuple[Round, ...]
    again_seconds: float
    megabytes: float
    write_seconds: float
    """Of the half of them that comes due on one day."""
    growth: float | None = None
    """How many times as long planning took as for a tenth."""

    @property
    def found(self) -> dict[str, float]:
        """What the goals are about."""
        found = {
            "ratio": statistics.median(one.plan_seconds / one.rows_seconds for one in self.rounds),
            "again": self.again_seconds / self.plan_seconds,
            "megabytes": self.megabytes,
        }
        return found | ({"growth": self.growth} if self.growth is not None else {})

    @property
    def narrow_ratio(self) -> float:
        """The ratio by the stricter yardstick."""
        return statistics.median(one.plan_seconds / one.narrow_seconds for one in self.rounds)

    @property
    def plan_seconds(self) -> float:
        """The median of all rounds."""
        return statistics.median(one.plan_seconds for one in self.rounds)

    @property
    def missed(self) -> list[str]:
        """The goals that are not met."""
        return [name for name, value in self.found.items() if value > GOALS[name]]

    def told(self) -> dict[str, Any]:
        """Return all of it, for a machine."""
        of_all = {"plan_seconds": self.plan_seconds, "narrow_ratio": self.narrow_ratio}
        return asdict(self) | of_all | {"found": self.found, "missed": self.missed}


@contextmanager
def service(url: str, folder: Path) -> Iterator[Runtime]:
    """Hold a service that has nothing in it but its shipped texts."""
    config = config_of(url, folder)
    Keyring.create(config.key_file)
    lay_out(config)
    gc.collect()
    gc.freeze()  # as a process in service does when it has started
    with closing(runtime_of(config)) as runtime:
        yield runtime


def lay(runtime: Runtime, *, appointments: int) -> None:
    """Put so many citizens there, each with a number and a meeting that nobody has planned reminders of."""
    unit, staff = new_id(), [new_id() for _ in range(50)]
    with runtime.database.write() as session:
        session.execute(sa.insert(Unit), [{"id": unit, "name": "Ungeteamet"}])
        rows = [
            {"id": id_, "initials": f"m{number:02}", "name": "Mette Holm", "unit_id": unit, "role": Role.CASEWORKER}
            for number, id_ in enumerate(staff)
        ]
        session.execute(sa.insert(Caseworker), rows)
    with progress_bar("laying") as progress:
        for start in range(0, appointments, BATCH):
            numbers = range(start, min(start + BATCH, appointments))
            _lay_some(runtime, {new_id(): number for number in numbers}, staff)
            progress(numbers.stop, appointments)
    with runtime.database.writing() as connection:
        for model in LAID:
            connection.execute(sa.text(f"ANALYZE {model.__tablename__}"))  # as PostgreSQL does itself within a minute


def _lay_some(runtime: Runtime, citizens: dict[uuid.UUID, int], staff: list[uuid.UUID]) -> None:
    vault = runtime.vault
    vault.create_owners(citizens)
    people, numbers, points, caseload, meetings = [], [], [], [], list[dict[str, Any]]()
    for id_, number in citizens.items():
        texts = {"cpr": f"0101{number:06}", "first_name": "Sara", "last_name": "Holm"}
        sealed = {name: vault.seal(text, owner=id_, place=Place("citizens", name, id_)) for name, text in texts.items()}
        people.append({"id": id_, "cpr_index": vault.cpr_index(texts["cpr"]), "created_at": BOOKED, **sealed})
        e164, number_id, point_id = f"+4520{number:06}", new_id(), new_id()
        numbers.append({"id": number_id, "number_index": vault.phone_index(e164)})
        points.append(
            {
                "id": point_id,
                "citizen_id": id_,
                "number_id": number_id,
                "number": vault.seal(e164, owner=id_, place=Place("contact_points", "number", point_id)),
                "standing": Standing.IN_USE,
                "source": "benchmark",
                "valid_from": BOOKED,
            }
        )
        mine = staff[number % len(staff)]
        caseload.append({"id": new_id(), "citizen_id": id_, "caseworker_id": mine, "valid_from": BOOKED})
        meetings.append(_meeting(number, id_, mine))
    with runtime.database.write() as session:
        for model, rows in zip(LAID, (people, numbers, points, caseload, meetings), strict=True):
            session.execute(sa.insert(model), rows)


def _meeting(number: int, citizen_id: uuid.UUID, caseworker_id: uuid.UUID) -> dict[str, Any]:
    return {
        "id": new_id(),
        "source": "benchmark",
        "external_id": str(number),
        "citizen_id": citizen_id,
        "caseworker_id": caseworker_id,
        "starts_at": DAY + timedelta(minutes=number % 420),
        "minutes": 30,
        "meeting_type": "Jobsamtale",
        "form": Form.IN_PERSON,
        "place": PLACES[number % 2],
        "state": AppointmentState.BOOKED,
        "state_since": BOOKED,
        "booked_at": BOOKED,
    }


def plan_all(runtime: Runtime) -> None:
    """Plan what has no plan yet."""
    reopen = partial(reopened, runtime.config.database_url, runtime.config.data_folder)
    with progress_bar("planning") as progress:
        plan_missing(runtime, reopen=reopen, processes=PROCESSES, progress=progress)


def write_all(runtime: Runtime, *, appointments: int) -> None:
    """Write every reminder that is due, as the worker does."""
    done, lane = 0, ReminderLane(runtime)
    with progress_bar("writing") as progress:
        while decided := lane.drain():
            done += decided
            progress(done, appointments)


def look_again(runtime: Runtime) -> None:
    """Do what a worker does that has just been started, where everything is planned, and plan what is missing."""
    plan_all(runtime)
    lane = ReminderLane(runtime)
    lane.follow_hours()
    lane.follow_plans()
    lane.drain()


def play_round(runtime: Runtime) -> Round:
    """Plan all from nothing, and put the same rows down once more by both yardsticks."""
    database, is_postgresql = runtime.database, runtime.database.dialect == "postgresql"
    with database.writing() as connection:
        connection.exec_driver_sql("TRUNCATE reminders CASCADE" if is_postgresql else "DELETE FROM reminders")
        connection.exec_driver_sql("DROP TABLE IF EXISTS planned")
    plan_seconds = _seconds(plan_all, runtime)
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE planned AS SELECT * FROM reminders")
    return Round(
        plan_seconds=plan_seconds, rows_seconds=rows_seconds(database), narrow_seconds=narrow_seconds(database)
    )


def rows_seconds(database: Database) -> float:
    """Return the seconds in which the planned rows are put into a table like theirs."""
    return _put_down(database, "twins", _like_reminders(database), "*")


def narrow_seconds(database: Database) -> float:
    """Return the seconds in which as many narrow rows with a key and one index are put down."""
    made = (NARROW.format(**TYPES[database.dialect]), "CREATE INDEX ix_narrow_due_at ON narrow (due_at)")
    return _put_down(database, "narrow", made, "id, appointment_id, words, due_at")


def _like_reminders(database: Database) -> tuple[str, ...]:
    if database.dialect == "postgresql":
        references = "ADD FOREIGN KEY (appointment_id) REFERENCES appointments, ADD FOREIGN KEY (message_id)"
        return (
            "CREATE TABLE twins (LIKE reminders INCLUDING ALL)",
            f"ALTER TABLE twins {references} REFERENCES messages",
        )
    with database.reading_cursor() as cursor:
        made = cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'reminders' AND sql IS NOT NULL")
        return tuple(re.sub(r"\b(ix_)?reminders(?=\b|_)", r"\1twins", sql) for (sql,) in made.fetchall())


def _put_down(database: Database, table: str, made: tuple[str, ...], columns: str) -> float:
    with database.writing() as connection:
        for statement in (f"DROP TABLE IF EXISTS {table}", *made):
            connection.exec_driver_sql(statement)
    rows: list[Any] = []
    chosen = f"SELECT {columns} FROM planned"
    if database.dialect == "sqlite":
        with database.reading_cursor() as cursor:
            rows = cursor.execute(chosen).fetchall()
    started = time.perf_counter()
    with database.cursor() as cursor:
        if rows:
            cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' for _ in rows[0])})", rows)
        else:
            cursor.execute(f"INSERT INTO {table} {chosen}")
    return time.perf_counter() - started


def measure(url: str, folder: Path, *, appointments: int) -> Measured:
    """Lay a store, measure it, and see that every reminder was really planned and written."""
    with service(url, folder) as runtime:
        database = runtime.database
        lay(runtime, appointments=appointments)
        before = begin_of_memory()
        plan_all(runtime)
        grown = most_memory() - before + sum(int(file.read_text()) for file in folder.glob("*.kib"))
        rounds = tuple(play_round(runtime) for _ in range(ROUNDS))
        again_seconds = _seconds(look_again, runtime)
        runtime.clock.moment = DUE  # type: ignore[attr-defined]
        write_seconds = _seconds(partial(write_all, appointments=appointments), runtime)
        _see(database, appointments=appointments)
        return Measured(
            database=database.dialect,
            appointments=appointments,
            reminders=2 * appointments,
            rounds=rounds,
            again_seconds=again_seconds,
            megabytes=grown / 1024,
            write_seconds=write_seconds,
        )


def _see(database: Database, *, appointments: int) -> None:
    with database.read() as session:
        planned, sealed = session.execute(sa.text("SELECT count(*), count(words) FROM planned")).one()
        written = session.scalar(sa.select(sa.func.count()).where(Reminder.state == ReminderState.SENT))
        messages = session.scalar(sa.select(sa.func.count()).select_from(Message))
    if (planned, sealed, written, messages) != (2 * appointments, 2 * appointments, appointments, appointments):
        raise RuntimeError(f"{planned} planned, {sealed} sealed, {written} written, {messages} messages")


def _seconds(leg: Callable[[Runtime], None], runtime: Runtime) -> float:
    started = time.perf_counter()
    leg(runtime)
    return time.perf_counter() - started


def measure_both(*, appointments: int) -> list[Measured]:
    """Measure a tenth and the whole on each database."""
    with running_postgresql() as server:
        found = []
        for number in (appointments // 10, appointments):
            for dialect in ("sqlite", "postgresql"):
                with TemporaryDirectory() as folder:
                    postgresql = dialect == "postgresql"
                    url = server.url(database=server.create_database()) if postgresql else f"sqlite:///{folder}/b.db"
                    found.append(measure(url, Path(folder), appointments=number))
    tenths = {one.database: one.plan_seconds for one in found if one.appointments < appointments}
    whole = [one for one in found if one.appointments == appointments]
    return [replace(one, growth=one.plan_seconds / tenths[one.database]) for one in whole]


def tell(found: list[Measured]) -> None:
    """Print what was measured in words."""
    for one in found:
        print(f"P7 {one.database}, {one.reminders:,} reminders of {one.appointments:,} appointments:", end=" ")
        print(f"planned by {PROCESSES} processes in {one.plan_seconds:.1f} s")
        for name, value in one.found.items():
            print(f"  {name} {value:.2f}, at most {GOALS[name]:g}: {'missed' if name in one.missed else 'met'}")
        print(f"  ratio to narrow rows with one index {one.narrow_ratio:.1f}")
        print(f"  writing the {one.appointments:,} that come due on one day took {one.write_seconds:.1f} s")
