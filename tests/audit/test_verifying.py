"""A1: whatever is done to the trail behind the service's back is found, and told apart."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from messaging.audit.chaining import Chainer
from messaging.audit.heads import Heads
from messaging.audit.models import AuditEntry, AuditHead
from messaging.audit.verifying import Finding, Report, Tampering, verify
from messaging.database.engine import Database
from messaging.vault.vault import Vault
from tests.audit.conftest import NOON, WriteEntries
from tests.audit.rounds import chain_all

LINKS = 12
NOBODY = uuid.UUID(int=7)

Verify = Callable[[], Report]


@pytest.fixture
def chained(chainer: Chainer, write_entries: WriteEntries) -> Chainer:
    """Twelve entries, chained; heads were signed at eight."""
    write_entries(LINKS)
    chain_all(chainer)
    return chainer


@pytest.fixture
def check(database: Database, vault: Vault, heads: Heads) -> Verify:
    return lambda: verify(database, vault, heads=heads.lines(), overdue_seconds=60)


def change(database: Database, position: int, **values: object) -> None:
    with database.write() as session:
        session.execute(sa.update(AuditEntry).filter_by(position=position).values(**values))


def delete(database: Database, *positions: int) -> None:
    with database.write() as session:
        session.execute(sa.delete(AuditEntry).where(AuditEntry.position.in_(positions)))


def shift(database: Database, *, above: int, by: int) -> None:
    """Renumber the entries above a position, through negative numbers because positions are unique."""
    for old, new in ((AuditEntry.position, -AuditEntry.position), (-AuditEntry.position, -AuditEntry.position + by)):
        with database.write() as session:
            session.execute(sa.update(AuditEntry).where(old > above).values(position=new))


def insert_forged(database: Database, *, position: int | None) -> None:
    with database.write() as session:
        copied = session.scalars(sa.select(AuditEntry).filter_by(position=4)).one()
        chain = None if position is None else copied.chain
        forged = {column.key: getattr(copied, column.key) for column in sa.inspect(AuditEntry).columns}
        forged |= {"id": uuid.uuid4(), "position": position, "chain": chain, "actor_id": NOBODY}
        session.execute(sa.insert(AuditEntry).values(**forged))


def swap(database: Database, first: int, second: int, *columns: str) -> None:
    with database.write() as session:
        rows = {row.position: row for row in session.scalars(sa.select(AuditEntry))}
        taken = {name: getattr(rows[first], name) for name in columns}
        given = {name: getattr(rows[second], name) for name in columns}
        ids = rows[first].id, rows[second].id
        for row_id, values in ((ids[0], {"position": -1}), (ids[1], taken), (ids[0], given)):
            session.execute(sa.update(AuditEntry).where(AuditEntry.id == row_id).values(**values))


def kinds(report: Report) -> dict[str, list[int | None]]:
    found: dict[str, list[int | None]] = {}
    for finding in report.findings:
        found.setdefault(finding.kind, []).append(finding.first)
    return found


def test_untouched_trail_is_intact(chained: Chainer, check: Verify) -> None:
    report = check()

    assert report.is_intact
    assert (report.chained, report.waiting, report.heads) == (LINKS, 0, 1)


def test_empty_trail_is_intact(check: Verify) -> None:
    assert check().is_intact


@pytest.mark.parametrize(
    "values",
    [
        {"actor_id": NOBODY},
        {"actor_id": None},
        {"actor_kind": "system"},
        {"action": "message.written"},
        {"object_kind": "citizen"},
        {"object_id": NOBODY},
        {"at": NOON + timedelta(microseconds=1)},
        {"digest": bytes(32)},
        {"id": NOBODY},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a1_changed_entry_is_found(
    chained: Chainer, database: Database, check: Verify, values: dict[str, object]
) -> None:
    change(database, 5, **values)

    assert kinds(check()) == {"changed": [5]}


@pytest.mark.parametrize("position", [1, LINKS])
def test_a1_changed_entry_at_an_end_is_found(
    chained: Chainer, database: Database, check: Verify, position: int
) -> None:
    change(database, position, actor_id=NOBODY)

    assert kinds(check()) == {"changed": [position]}


@pytest.mark.parametrize("position", [1, 5, LINKS])
def test_a1_changed_link_is_found(chained: Chainer, database: Database, check: Verify, position: int) -> None:
    change(database, position, chain=bytes(32))

    assert kinds(check()) == {"changed": [position]}


def test_a1_changed_neighbours_are_found_each(chained: Chainer, database: Database, check: Verify) -> None:
    change(database, 5, actor_id=NOBODY)
    change(database, 6, actor_id=NOBODY)

    assert kinds(check()) == {"changed": [5, 6]}


@pytest.mark.parametrize("gone", [(1,), (5,), (5, 6, 7), (1, 2)])
def test_a1_deleted_entries_are_found(
    chained: Chainer, database: Database, check: Verify, gone: tuple[int, ...]
) -> None:
    delete(database, *gone)

    assert check().findings == (Finding(kind=Tampering.DELETED, first=gone[0], last=gone[-1]),)


def test_a1_deletion_hidden_by_renumbering_is_found(chained: Chainer, database: Database, check: Verify) -> None:
    delete(database, 5)
    shift(database, above=5, by=-1)

    assert kinds(check()) == {"reordered": [5, 6, 7, 8, 9, 10, 11], "truncated": [12]}


def test_a1_entry_inserted_by_hand_before_it_is_chained_is_found(
    chained: Chainer, database: Database, check: Verify
) -> None:
    insert_forged(database, position=None)

    assert kinds(check()) == {"inserted": [None]}


def test_a1_entry_inserted_by_hand_and_chained_by_the_service_is_found(
    chained: Chainer, database: Database, check: Verify, write_entries: WriteEntries
) -> None:
    insert_forged(database, position=None)
    write_entries(3)
    chain_all(chained)

    report = check()
    assert report.counts == {Tampering.INSERTED: 1}


def test_a1_entry_inserted_between_others_is_found(chained: Chainer, database: Database, check: Verify) -> None:
    shift(database, above=5, by=1)
    insert_forged(database, position=6)

    found = kinds(check())
    assert found["inserted"] == [6]
    assert found["reordered"] == [7, 8, 9, 10, 11, 12, 13]


def test_a1_entry_put_at_the_end_is_found(chained: Chainer, database: Database, check: Verify) -> None:
    insert_forged(database, position=LINKS + 1)

    assert kinds(check()) == {"inserted": [LINKS + 1]}


def test_a1_entries_that_changed_places_are_found(chained: Chainer, database: Database, check: Verify) -> None:
    swap(database, 4, 9, "position", "chain")

    assert kinds(check()) == {"reordered": [4, 9]}


def test_a1_entries_that_changed_places_with_their_links_are_found(
    chained: Chainer, database: Database, check: Verify
) -> None:
    swap(database, 4, 9, "position")

    found = kinds(check())
    assert set(found) == {"reordered"}
    assert {4, 9} <= set(found["reordered"])


def test_a1_cut_end_is_found_by_the_head_of_the_database(chained: Chainer, database: Database, check: Verify) -> None:
    delete(database, 11, 12)

    assert check().findings == (Finding(kind=Tampering.TRUNCATED, first=11, last=12),)


def test_a1_cut_end_is_found_by_the_signed_head_when_the_databases_head_is_cut_too(
    chained: Chainer, database: Database, check: Verify
) -> None:
    delete(database, *range(7, LINKS + 1))
    with database.write() as session:
        kept = session.scalars(sa.select(AuditEntry).filter_by(position=6)).one()
        session.execute(sa.update(AuditHead).values(position=6, chain=kept.chain))

    assert check().findings == (Finding(kind=Tampering.TRUNCATED, first=7, last=8),)


def test_a1_emptied_trail_is_found(chained: Chainer, database: Database, check: Verify) -> None:
    with database.write() as session:
        session.execute(sa.delete(AuditEntry))
        session.execute(sa.delete(AuditHead))

    assert check().findings == (Finding(kind=Tampering.TRUNCATED, first=1, last=8),)


def test_a1_trail_written_anew_with_our_own_keys_is_found(
    chained: Chainer, database: Database, check: Verify, write_entries: WriteEntries, tmp_path: Path
) -> None:
    with database.write() as session:
        session.execute(sa.delete(AuditEntry))
        session.execute(sa.delete(AuditHead))
    write_entries(LINKS)
    chain_all(replace(chained, heads=Heads(tmp_path / "elsewhere")))

    assert kinds(check()) == {"rewritten": [8]}


def test_a1_damaged_head_is_told(chained: Chainer, heads: Heads, check: Verify) -> None:
    heads.append(b'{"position": 12}')

    assert kinds(check()) == {"damaged head": [None]}


def test_entries_that_wait_a_moment_for_their_link_are_no_finding(
    chained: Chainer, check: Verify, write_entries: WriteEntries
) -> None:
    write_entries(2)
    report = check()

    assert (report.is_intact, report.waiting) == (True, 2)


def test_a1_overdue_tail_is_found(
    chained: Chainer, database: Database, vault: Vault, heads: Heads, write_entries: WriteEntries
) -> None:
    write_entries(2)
    report = verify(database, vault, heads=heads.lines(), overdue_seconds=-1)

    assert report.counts == {Tampering.OVERDUE: 2}


def test_several_kinds_are_told_at_once(chained: Chainer, database: Database, check: Verify) -> None:
    change(database, 2, actor_id=NOBODY)
    delete(database, 5)
    delete(database, 12)

    assert kinds(check()) == {"changed": [2], "deleted": [5], "truncated": [12]}


def test_verification_tells_how_far_it_is(chained: Chainer, database: Database, vault: Vault, heads: Heads) -> None:
    heard: list[tuple[int, int]] = []
    verify(
        database,
        vault,
        heads=heads.lines(),
        overdue_seconds=60,
        progress=lambda done, total: heard.append((done, total)),
    )

    assert heard == [(LINKS, LINKS)]
