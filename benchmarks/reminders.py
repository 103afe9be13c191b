"""Measures goal P7: planning, rendering and sealing the reminders of 100,000 appointments.

`python -m benchmarks.reminders`.

Each database in turns with its own yardstick, the bare rows of as many messages put into a table with a key and an
index: on PostgreSQL by one INSERT…SELECT, on SQLite by one executemany. Measured are the planning of all meetings in
batches as imports have them, the writing of every first reminder that is due, the same look once more, and how far the
process's memory grows. What is measured journals, audits and announces as in service; nothing is sent.

Beside them stands what the vault as it is takes of that: to open one name and seal one text for each reminder, every
key at hand, and to put down nothing but the bare rows.
"""

import argparse
import json
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from messaging.appointments.models import Appointment, Form, Reminder
from messaging.appointments.planning import ReminderRules, plan_reminders
from messaging.appointments.states import AppointmentState, ReminderState
from messaging.appointments.work import ReminderLane
from messaging.clock import FixedClock
from messaging.commands.surroundings import progress_bar
from messaging.config import Config
from messaging.conversations.models import Message
from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.laying_out import lay_out
from messaging.people.actors import SYSTEM
from messaging.people.models import CaseloadEntry, Caseworker, Citizen, ContactPoint, PhoneNumber, Role, Standing, Unit
from messaging.runtime import Runtime
from messaging.vault.keyring import Keyring
from messaging.vault.place import Place
from messaging.vault.vault import Vault
from tests.fakes import FakeCaseSystem, FakeChannel, RecordingWaker
from tests.postgresql import running_postgresql

APPOINTMENTS = 100_000
GOALS = {"ratio": 4.0, "again": 0.5, "megabytes": 100.0, "growth": 11.0}
BATCH = 500
"""Meetings planned in one transaction, as an import does."""
BOOKED = datetime(2027, 10, 1, 8, 0, tzinfo=UTC)
DAY = datetime(2027, 10, 14, 6, 0, tzinfo=UTC)
"""Eight o'clock on the day of all meetings."""
DUE = DAY - timedelta(days=3) + timedelta(hours=8)
LAID = (Citizen, PhoneNumber, ContactPoint, CaseloadEntry, Appointment)
PLACES = ("Mødested 1", "Mødested 2")

BARE = """
CREATE TABLE bare (
    id {uuid} PRIMARY KEY, thread_id {uuid} NOT NULL, body {blob} NOT NULL, due_at {moment} NOT NULL
)
"""
TYPES = {
    "postgresql": {"uuid": "uuid", "blob": "bytea", "moment": "timestamptz"},
    "sqlite": {"uuid": "char(32)", "blob": "blob", "moment": "text"},
}
A_TEXT = "Hej Sara. Du har et møde torsdag 14/10 kl. 10.30 på Mødested 1. Svar JA, hvis du kommer. Hilsen Mette Holm"
"""As long as a reminder is."""
COPY = "INSERT INTO bare SELECT id, conversation_id, body, due_at FROM messages"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Seconds of each leg for so many appointments on one database, and what the goals make of them."""

    database: str
    appointments: int
    bare_seconds: float
    plan_seconds: float
    write_seconds: float
    again_seconds: float
    vault_seconds: float
    megabytes: float
    written: int
    growth: float | None = field(default=None)
    """How many times as long all of it took as for a tenth."""

    @property
    def seconds(self) -> float:
        """Planning and writing together."""
        return self.plan_seconds + self.write_seconds

    @property
    def vault_ratio(self) -> float:
        """The ratio of the vault's part and the bare rows alone."""
        return (self.vault_seconds + self.bare_seconds) / self.bare_seconds

    @property
    def found(self) -> dict[str, float]:
        """What the goals are about."""
        found = {
            "ratio": self.seconds / self.bare_seconds,
            "again": self.again_seconds / self.seconds,
            "megabytes": self.megabytes,
        }
        return found | ({"growth": self.growth} if self.growth is not None else {})

    @property
    def missed(self) -> list[str]:
        """The goals that are not met."""
        return [name for name, value in self.found.items() if value > GOALS[name]]

    def told(self) -> dict[str, Any]:
        """Return all of it, for a machine."""
        return asdict(self) | {"found": self.found, "missed": self.missed, "vault_ratio": self.vault_ratio}


@contextmanager
def service(url: str, folder: Path) -> Iterator[Runtime]:
    """Hold a service that has nothing in it but its shipped texts."""
    config = Config.from_environment(
        {
            "BORGERDIALOG_PRODUCTION": "no",
            "BORGERDIALOG_DATA_FOLDER": str(folder),
            "BORGERDIALOG_DATABASE_URL": url,
            "BORGERDIALOG_KEYSTORE_URL": f"sqlite:///{folder / 'keystore.db'}",
            "BORGERDIALOG_KEY_FILE": str(folder / "keys.json"),
            "BORGERDIALOG_PUBLIC_URL": "http://localhost",
            "BORGERDIALOG_SMS_CHANNEL": "simulator",
            "BORGERDIALOG_UNIT_PHONE": "89 40 00 00",
            "BORGERDIALOG_MUNICIPALITY": "Øvelse Kommune",
            "BORGERDIALOG_MUNICIPALITY_CONTACT": "ungecenteret@oevelse.example",
            "BORGERDIALOG_DPO_CONTACT": "dpo@oevelse.example",
        }
    )
    keyring = Keyring.create(config.key_file)
    lay_out(config)
    keystore = Database(config.keystore_url)
    with closing(Vault(keyring, keystore, cache_size=2000)) as vault, closing(Database(url)) as database:
        yield Runtime(
            config=config,
            vault=vault,
            database=database,
            clock=FixedClock(moment=BOOKED),
            channel=FakeChannel(),
            case_system=FakeCaseSystem(),
            waker=RecordingWaker(),
        )


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


def plan_all(runtime: Runtime, *, appointments: int) -> None:
    """Plan what has no plan yet, a batch a transaction."""
    done, last = 0, uuid.UUID(int=0)
    pages = sa.select(Appointment.id).order_by(Appointment.id).limit(BATCH)
    with progress_bar("planning") as progress:
        while True:
            with runtime.act(SYSTEM) as act:
                page = act.session.scalars(pages.where(Appointment.id > last)).all()
                has_plan = sa.select(Reminder.appointment_id).where(Reminder.appointment_id.in_(page))
                without = set(page) - set(act.session.scalars(has_plan))
                rows = act.session.scalars(sa.select(Appointment).where(Appointment.id.in_(without))).all()
                plan_reminders(act, appointments=rows, rules=ReminderRules())
            if not page:
                return
            done, last = done + len(page), page[-1]
            progress(done, appointments)


def write_all(runtime: Runtime, *, appointments: int) -> None:
    """Write every reminder that is due, as the worker does."""
    done, lane = 0, ReminderLane(runtime)
    with progress_bar("writing") as progress:
        while decided := lane.drain():
            done += decided
            progress(done, appointments)


def look_again(runtime: Runtime, *, appointments: int) -> None:
    """Do what a worker does that has just been started, where everything is planned and written."""
    plan_all(runtime, appointments=appointments)
    lane = ReminderLane(runtime)
    lane.follow_hours()
    lane.follow_plans()
    lane.drain()


def bare_seconds(database: Database, *, turns: int = 3) -> float:
    """Return the seconds in which as many bare rows as there are messages are put down; the median of some turns."""
    return statistics.median(_bare_once(database) for _ in range(turns))


def _bare_once(database: Database) -> float:
    with database.writing() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS bare"))
        connection.execute(sa.text(BARE.format(**TYPES[database.dialect])))
        connection.execute(sa.text("CREATE INDEX ix_bare_due_at ON bare (due_at)"))
    rows: list[Any] = []
    if database.dialect == "sqlite":
        with database.reading_cursor() as cursor:
            rows = cursor.execute(COPY.partition(" bare ")[2]).fetchall()
    started = time.perf_counter()
    with database.cursor() as cursor:
        if rows:
            cursor.executemany("INSERT INTO bare VALUES (?, ?, ?, ?)", rows)
        else:
            cursor.execute(COPY)
    return time.perf_counter() - started


def vault_seconds(runtime: Runtime) -> float:
    """Return the seconds in which each citizen's name is opened and a text sealed for her; keys are read beforehand."""
    vault, seconds = runtime.vault, 0.0
    with runtime.database.read() as session:
        for names in session.execute(sa.select(Citizen.id, Citizen.first_name)).partitions(BATCH):
            vault.warm(id_ for id_, _ in names)
            started = time.perf_counter()
            for id_, name in names:
                vault.open(name, owner=id_, place=Place("citizens", "first_name", id_))
                vault.seal(A_TEXT, owner=id_, place=Place("messages", "text", id_))
            seconds += time.perf_counter() - started
    return seconds


def measure(url: str, folder: Path, *, appointments: int) -> Measured:
    """Lay a store, measure it, and see that every reminder was really written."""
    with service(url, folder) as runtime:
        lay(runtime, appointments=appointments)
        before = _begin_of_memory()
        plan_seconds = _seconds(plan_all, runtime, appointments)
        runtime.clock.moment = DUE  # type: ignore[attr-defined]
        write_seconds = _seconds(write_all, runtime, appointments)
        grown = _most_memory() - before
        again_seconds = _seconds(look_again, runtime, appointments)
        with runtime.database.read() as session:
            sent = Reminder.state == ReminderState.SENT
            written = session.scalar(sa.select(sa.func.count()).select_from(Reminder).where(sent)) or 0
            messages = session.scalar(sa.select(sa.func.count()).select_from(Message)) or 0
        if (written, messages) != (appointments, appointments):
            raise RuntimeError(f"{written} reminders and {messages} messages of {appointments} were written")
        return Measured(
            database=runtime.database.dialect,
            appointments=appointments,
            bare_seconds=bare_seconds(runtime.database),
            plan_seconds=plan_seconds,
            write_seconds=write_seconds,
            again_seconds=again_seconds,
            vault_seconds=vault_seconds(runtime),
            megabytes=grown / 1024,
            written=written,
        )


def _seconds(leg: Callable[..., None], runtime: Runtime, appointments: int) -> float:
    started = time.perf_counter()
    leg(runtime, appointments=appointments)
    return time.perf_counter() - started


def _begin_of_memory() -> int:
    """Forget how much memory the process has held, and return how much it holds, in KiB."""
    Path("/proc/self/clear_refs").write_text("5")
    return _most_memory()


def _most_memory() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


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
    tenths = {one.database: one.seconds for one in found if one.appointments < appointments}
    whole = [one for one in found if one.appointments == appointments]
    return [Measured(**asdict(one) | {"growth": one.seconds / tenths[one.database]}) for one in whole]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reminders", description=__doc__)
    parser.add_argument("--appointments", type=int, default=APPOINTMENTS)
    parser.add_argument("--json", action="store_true", help="print JSON for a machine")
    asked = parser.parse_args()
    found = measure_both(appointments=asked.appointments)
    if asked.json:
        print(json.dumps([one.told() for one in found], indent=2))
        return
    for one in found:
        print(f"P7 {one.database}, {one.appointments:,} appointments: planned in {one.plan_seconds:.1f} s,", end=" ")
        print(f"written in {one.write_seconds:.1f} s, bare {one.bare_seconds:.2f} s, again {one.again_seconds:.1f} s")
        for name, value in one.found.items():
            print(f"  {name} {value:.2f}, at most {GOALS[name]:g}: {'missed' if name in one.missed else 'met'}")
        print(f"  ratio of the vault and bare rows alone: {one.vault_ratio:.2f}")


if __name__ == "__main__":
    main()
