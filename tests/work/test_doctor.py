"""What the doctor reads from the rows of the background work."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from adapters.contract import Finding
from messaging.database.base import Base
from messaging.database.engine import Database
from messaging.database.moments import database_now
from messaging.work import doctor, leasing
from messaging.work.breaker import BreakerReport, BreakerState
from messaging.work.models import BreakerRow, Heartbeat
from messaging.work.vital_signs import Beat, record_beats, record_breaker
from tests.work.jobs import DUE, Job, add_jobs, let_lease_run_out, open_jobs, take


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with open_jobs(database_url) as database:
        tables = [Base.metadata.tables[model.__tablename__] for model in (Heartbeat, BreakerRow)]
        Base.metadata.create_all(database.engine, tables=tables)
        yield database


def beat(database: Database, *names: str, errors: int = 0, code: str | None = None) -> None:
    with database.write() as session:
        record_beats(session, [Beat(name=name, errors=errors, error_code=code) for name in names])


def fall_silent(database: Database, *names: str) -> None:
    with database.write() as session:
        session.execute(sa.update(Heartbeat).where(Heartbeat.name.in_(names)).values(beat_at=database_now(-61)))


def found(database: Database, check: doctor.Check) -> list[Finding]:
    with database.read() as session:
        return list(check(session))


def codes(database: Database, check: doctor.Check) -> list[str]:
    return [finding.code for finding in found(database, check)]


def test_living_worker_gives_no_findings(database: Database) -> None:
    beat(database, "journal", "bulk")

    assert found(database, doctor.heartbeats) == []


def test_worker_that_never_ran_is_missed(database: Database) -> None:
    assert codes(database, doctor.heartbeats) == ["worker_missing"]


def test_dead_worker_is_one_finding_and_not_one_for_each_loop(database: Database) -> None:
    beat(database, "journal", "bulk")
    fall_silent(database, "journal", "bulk")

    assert codes(database, doctor.heartbeats) == ["worker_silent"]


def test_stuck_loop_of_a_living_worker_is_named(database: Database) -> None:
    beat(database, "journal", "bulk")
    fall_silent(database, "journal")
    (finding,) = found(database, doctor.heartbeats)

    assert finding.code == "loop_stuck"
    assert finding.sentence.startswith("journal sidder fast siden ")


def test_failing_loop_is_named_with_the_error_code(database: Database) -> None:
    beat(database, "bulk")
    beat(database, "journal", errors=7, code="database_busy")
    (finding,) = found(database, doctor.heartbeats)

    assert finding.sentence == "journal er fejlet 7 gange i træk: database_busy."


def test_recovered_loop_is_well(database: Database) -> None:
    beat(database, "journal", errors=7, code="database_busy")
    beat(database, "journal", errors=0, code="database_busy")

    assert found(database, doctor.heartbeats) == []


@pytest.mark.parametrize(
    ("state", "expected"),
    [(BreakerState.OPEN, ["breaker_open"]), (BreakerState.PROBING, ["breaker_open"]), (BreakerState.CLOSED, [])],
)
def test_endpoint_that_is_left_alone_is_named(database: Database, state: BreakerState, expected: list[str]) -> None:
    """R15."""
    with database.write() as session:
        record_breaker(session, BreakerReport(name="sms", state=BreakerState.OPEN, probe_in=30))
        record_breaker(session, BreakerReport(name="sms", state=state, probe_in=30))

    assert codes(database, doctor.breakers) == expected


@pytest.fixture
def patient() -> Callable[[float], doctor.Check]:
    return lambda seconds: doctor.waiting_too_long("jobs", Job, due=DUE, since=Job.next_try_at, seconds=seconds)


def test_rows_that_wait_too_long_are_counted(database: Database, patient: Callable[[float], doctor.Check]) -> None:
    add_jobs(database, 2, next_try_at=database_now(-120))
    add_jobs(database, 1)
    (finding,) = found(database, patient(60))

    assert finding.code == "jobs_waiting"
    assert finding.sentence.startswith("jobs: 2 venter for længe, den ældste siden ")


def test_rows_that_wait_as_they_may_are_no_finding(
    database: Database, patient: Callable[[float], doctor.Check]
) -> None:
    add_jobs(database, 2, next_try_at=database_now(-30))
    add_jobs(database, 1, next_try_at=database_now(-120), done=True)

    assert found(database, patient(60)) == []


def test_poison_is_named(database: Database) -> None:
    """R21."""
    (job,) = add_jobs(database, 1)
    for _ in range(leasing.DEATHS_ALLOWED):
        take(database)
        let_lease_run_out(database, job)
    (finding,) = found(database, doctor.poison("jobs", Job, among=DUE))

    assert finding.code == "jobs_poison"
    assert str(job) in finding.sentence
