"""What delivering the journal costs beside the bare database: goal P5, at least 0.6.

The ceiling is a bare queue: claim 100 rows by FOR UPDATE SKIP LOCKED and commit, delete them and commit. Ours is the
journal lane with everything but the network: claim, open the facts, build and sign the body, read the receipt, write
it. Both run in turns on one PostgreSQL with one worker; each round has fresh rows and the statistics that autovacuum
would bring.

    python -m benchmarks.journal_claim [--rounds 5] [--rows 20000]
"""

import argparse
import json
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, LiteralString

import psycopg
import sqlalchemy as sa

from adapters.case_systems.webhook import WebhookCaseSystem
from adapters.http import Answer, HttpSession
from messaging.clock import SystemClock
from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.journal import models
from messaging.journal.delivering import JournalLane
from messaging.journal.recording import NewEvent, record_many
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import KeystoreBase
from messaging.vault.vault import Vault
from messaging.waits import Waits
from messaging.work.breaker import Breaker
from tests.postgresql import PostgresqlServer, running_postgresql

GOAL = 0.6
BATCH = 100
STREAMS = 500
COURIERS = 4
TEXT = "Hej, jeg kan desværre ikke komme på torsdag. Kan vi finde en anden tid i næste uge? Mvh Sofie"

CREATE = """
CREATE TABLE bare (
    id uuid PRIMARY KEY, payload bytea NOT NULL, next_try_at timestamptz NOT NULL, lease_until timestamptz
);
CREATE INDEX ON bare (next_try_at);
"""
FILL = "INSERT INTO bare SELECT id, payload, next_try_at FROM journal_events WHERE state = 'pending' ORDER BY id"
CLAIM = """
UPDATE bare SET lease_until = clock_timestamp() + interval '60 seconds'
WHERE id IN (SELECT id FROM bare WHERE next_try_at <= clock_timestamp() AND lease_until IS NULL
             ORDER BY next_try_at LIMIT 100 FOR UPDATE SKIP LOCKED)
RETURNING id, payload
"""
DELETE = "DELETE FROM bare WHERE id = ANY(%s)"


class NoNetwork(HttpSession):
    """Answers every delivery with a receipt, at once."""

    def request(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **_: Any) -> Answer:  # type: ignore[override]  # noqa: ARG002
        """Take the event and give a receipt."""
        assert headers is not None
        body = b'{"status":"accepted","receipt":"J-000001","event_id":"%s"}' % headers["webhook-id"].encode()
        return Answer(status=200, headers={}, body=body)


class BareQueue:
    """Two statements on a table of id, payload and due time."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._in_own_transaction(CREATE)

    def fill(self) -> None:
        """Take a copy of what is pending in the journal."""
        self._in_own_transaction(FILL)
        self._in_own_transaction("ANALYZE bare")

    def drain(self) -> int:
        """Claim and delete until nothing is left; return how many rows that was."""
        done = 0
        while claimed := self._in_own_transaction(CLAIM).fetchall():
            self._in_own_transaction(DELETE, [row[0] for row in claimed])
            done += len(claimed)
        return done

    def _in_own_transaction(self, statement: LiteralString, *parameters: Any) -> psycopg.Cursor:
        with self._connection.transaction():
            return self._connection.execute(statement, parameters or None)


class Journal:
    """The journal lane on its real tables, with a vault."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._streams = [new_id() for _ in range(STREAMS)]
        vault.create_owners(self._streams)
        waits = Waits()
        self._lane = JournalLane(
            database=database,
            vault=vault,
            case_system=WebhookCaseSystem(url="https://esdh.example", secrets=[bytes(24)], http=NoNetwork()),
            clock=SystemClock(),
            waits=waits,
            breaker=Breaker("case system", waits=waits),
            couriers=COURIERS,
        )

    def fill(self, rows: int) -> None:
        """Record so many messages."""
        for start in range(0, rows, 1000):
            with self._database.write() as session:
                events = [self._event(number) for number in range(start, min(start + 1000, rows))]
                record_many(session, self._vault, events=events)
        with self._database.writing() as connection:
            connection.execute(sa.text("ANALYZE journal_events"))

    def drain(self) -> int:
        """Deliver until nothing is left; return how many events that was."""
        done = 0
        while claimed := self._lane.drain():
            done += claimed
        return done

    def receipted(self) -> int:
        """How many events have their receipt."""
        with self._database.read() as session:
            state = models.JournalEvent.state
            counted = sa.select(sa.func.count()).where(state == models.EventState.RECEIPTED)
            return session.scalar(counted) or 0

    def _event(self, number: int) -> NewEvent:
        return NewEvent(
            stream_id=self._streams[number % STREAMS],
            type="message.received",
            subject_id=uuid.uuid4(),
            occurred_at=SystemClock().now(),
            facts={"direction": "in", "channel": "twilio_sms", "author": "citizen", "text": TEXT},
        )


def rate(drain: Callable[[], int], rows: int) -> float:
    """Return the rows a second at which `drain` empties its queue of `rows`."""
    started = time.perf_counter()
    done = drain()
    seconds = time.perf_counter() - started
    if done != rows:
        raise RuntimeError(f"{done} of {rows} rows were drained")
    return rows / seconds


@contextmanager
def queues(server: PostgresqlServer, folder: Path) -> Iterator[tuple[BareQueue, Journal]]:
    database = Database(server.url(database=server.create_database()))
    keystore = Database(f"sqlite:///{folder / 'keystore.db'}")
    models.JournalEvent.metadata.create_all(
        database.engine, tables=[models.JournalStream.__table__, models.JournalEvent.__table__]
    )
    KeystoreBase.metadata.create_all(keystore.engine)
    vault = Vault(Keyring.create(folder / "keys.json"), keystore)
    url = database.url
    with psycopg.connect(host=str(url.query["host"]), user=url.username, dbname=url.database) as connection:
        yield BareQueue(connection), Journal(database, vault)
    keystore.close()
    database.close()


def measure(rounds: int, rows: int, *, tell: Callable[[str], object]) -> dict[str, object]:
    figures: list[dict[str, float]] = []
    with (
        TemporaryDirectory() as folder,
        running_postgresql() as server,
        queues(server, Path(folder)) as (bare, journal),
    ):
        for number in range(rounds + 1):
            count = rows if number else BATCH  # round 0 only warms up
            journal.fill(count)
            bare.fill()
            figures.append({"bare": rate(bare.drain, count), "journal": rate(journal.drain, count)})
            tell(f"round {number}: " + ", ".join(f"{name} {value:,.0f} rows/s" for name, value in figures[-1].items()))
        if journal.receipted() != rounds * rows + BATCH:
            raise RuntimeError("not every event has its receipt")
    return summary(figures[1:]) | {"rounds": rounds, "rows": rows}


def summary(figures: list[dict[str, float]]) -> dict[str, object]:
    ratios = [one["journal"] / one["bare"] for one in figures]
    return {
        "goal": "P5",
        "rows_per_second": {name: round(statistics.median(one[name] for one in figures)) for name in figures[0]},
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "threshold": GOAL,
        "met": statistics.median(ratios) >= GOAL,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=20_000)
    asked = parser.parse_args()
    result = measure(asked.rounds, asked.rows, tell=lambda line: print(line, file=sys.stderr))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
