"""Claims on rows: who gets which, for how long, and what becomes of the leases of the dead."""

import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from messaging.database.engine import Database
from messaging.database.moments import database_now
from messaging.work import leasing
from tests.work.jobs import DUE, Job, add_jobs, deaths_of, finish, let_lease_run_out, open_jobs, take


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with open_jobs(database_url) as database:
        yield database


def test_claim_takes_the_first_due_rows_up_to_its_limit(database: Database) -> None:
    first, second, _ = add_jobs(database, 3)

    assert take(database, limit=2).ids == (first, second)


def test_claim_brings_the_columns_asked_for(database: Database) -> None:
    (job,) = add_jobs(database, 1, label="journal me")

    claim = take(database, columns=[Job.label])

    assert [tuple(row) for row in claim.rows] == [(job, "journal me")]


def test_claim_of_nothing_is_false(database: Database) -> None:
    assert not take(database)


def test_leased_row_is_not_claimed_again(database: Database) -> None:
    add_jobs(database, 1)
    take(database)

    assert not take(database)


def test_finished_row_is_not_claimed_again(database: Database) -> None:
    (job,) = add_jobs(database, 1)
    take(database)
    finish(database, job)

    assert not take(database)


def test_released_row_can_be_claimed_at_once_and_counts_no_death(database: Database) -> None:
    (job,) = add_jobs(database, 1)
    claim = take(database)
    with database.write() as session:
        leasing.release(session, Job, claim=claim)

    assert take(database).ids == (job,)
    assert deaths_of(database, job) == 0


def test_release_of_some_rows_keeps_the_lease_on_the_others(database: Database) -> None:
    _begun, untouched = add_jobs(database, 2)
    claim = take(database)
    with database.write() as session:
        leasing.release(session, Job, claim=claim, ids=[untouched])

    assert take(database).ids == (untouched,)


def test_release_leaves_alone_what_another_has_taken_over(database: Database) -> None:
    (job,) = add_jobs(database, 1)
    slow = take(database)
    let_lease_run_out(database, job)
    take(database)
    with database.write() as session:
        leasing.release(session, Job, claim=slow)

    assert not take(database)


def test_expired_lease_is_taken_over_and_counts_a_death(database: Database) -> None:
    (job,) = add_jobs(database, 1)
    take(database)
    let_lease_run_out(database, job)

    assert take(database).ids == (job,)
    assert deaths_of(database, job) == 1


def test_row_at_which_three_processes_died_is_not_claimed_and_is_named(database: Database) -> None:
    """R21."""
    poison, innocent = add_jobs(database, 2)
    for _ in range(leasing.DEATHS_ALLOWED):
        take(database, limit=1)
        let_lease_run_out(database, poison)

    assert take(database).ids == (innocent,)
    with database.read() as session:
        assert leasing.poisoned(session, Job, among=DUE) == [poison]


def test_row_under_its_last_allowed_lease_is_not_yet_poison(database: Database) -> None:
    (job,) = add_jobs(database, 1)
    for _ in range(leasing.DEATHS_ALLOWED - 1):
        take(database)
        let_lease_run_out(database, job)
    take(database)

    with database.read() as session:
        assert leasing.poisoned(session, Job, among=DUE) == []


def test_innocent_rows_of_a_batch_with_poison_are_not_parked_with_it(database: Database) -> None:
    """R21: only the row that kills is held back, however often it died together with others."""
    poison, *innocent = add_jobs(database, 12)
    done: list[uuid.UUID] = []
    for _ in range(30):
        claim = take(database)
        if poison in claim.ids:  # the process dies: nothing of the batch is finished
            let_lease_run_out(database, *claim.ids)
        else:
            finish(database, *claim.ids)
            done.extend(claim.ids)

    assert sorted(done) == innocent
    with database.read() as session:
        assert leasing.poisoned(session, Job, among=DUE) == [poison]


def test_start_of_the_only_worker_frees_the_leases_of_the_dead(database: Database) -> None:
    jobs = add_jobs(database, 3)
    take(database, limit=2)
    with database.write() as session:
        freed = leasing.release_all(session, Job, among=DUE)

    assert freed == 2
    assert [deaths_of(database, job) for job in jobs] == [1, 1, 0]


def test_four_claimers_at_once_share_all_rows_and_never_get_the_same(database: Database) -> None:
    jobs = add_jobs(database, 400)

    def claim_until_empty(_: int) -> list[uuid.UUID]:
        taken: list[uuid.UUID] = []
        while claim := take(database, limit=7):
            taken.extend(claim.ids)
        return taken

    with ThreadPoolExecutor(4) as claimers:
        taken = [job for share in claimers.map(claim_until_empty, range(4)) for job in share]

    assert Counter(taken) == Counter(jobs)


def test_lease_is_judged_by_the_database_clock_alone(database: Database) -> None:
    """R13: no statement of a claim carries a time of the process, so its clock cannot matter."""
    add_jobs(database, 1)
    sent: list[Any] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *call: sent.append(call[3]))
    claim = take(database, seconds=90)
    with database.write() as session:
        leasing.release(session, Job, claim=claim)
        leasing.release_all(session, Job, among=DUE)
        leasing.poisoned(session, Job, among=DUE)

    values = [value for given in sent for value in (given.values() if isinstance(given, dict) else given)]
    assert 90 in values
    assert not [value for value in values if isinstance(value, datetime)]


def test_lease_ends_so_many_seconds_after_the_database_now(database: Database) -> None:
    """R13."""
    add_jobs(database, 1)
    take(database, seconds=3600)
    ends_in_an_hour = sa.and_(Job.lease_until > database_now(3590), Job.lease_until < database_now(3610))

    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count(Job.id)).where(ends_in_an_hour)) == 1
