"""A2: one chain without gaps, whoever writes and whatever dies."""

import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from messaging.audit.chaining import Chainer
from messaging.audit.heads import Heads, public_key, read_signed
from messaging.audit.models import AuditEntry, AuditHead
from messaging.audit.verifying import Report, verify
from messaging.database.engine import Database
from messaging.database.leadership import Leadership
from messaging.database.moments import database_now
from messaging.vault.vault import Vault
from tests.audit.conftest import WriteEntries
from tests.audit.rounds import chain_all
from tests.conftest import ROOT


class Interrupted(Exception):
    """Stands for the end of the process."""


class FullDisk(Heads):
    """A file of heads that takes nothing."""

    def append(self, line: bytes) -> None:
        raise Interrupted


def positions(database: Database) -> list[int | None]:
    with database.read() as session:
        return list(session.scalars(sa.select(AuditEntry.position).order_by(AuditEntry.id)))


def checked(database: Database, vault: Vault, heads: Heads) -> Report:
    return verify(database, vault, heads=heads.lines(), overdue_seconds=60)


def end_term(database: Database) -> None:
    with database.write() as session:
        session.execute(sa.update(Leadership).values(until=database_now(-1)))


def test_entries_are_chained_in_the_order_in_which_they_were_made(
    chainer: Chainer, database: Database, write_entries: WriteEntries
) -> None:
    write_entries(10)
    chain_all(chainer)

    assert positions(database) == list(range(1, 11))


def test_chain_grows_from_where_it_ended(chainer: Chainer, database: Database, write_entries: WriteEntries) -> None:
    for _ in range(3):
        write_entries(3)
        chain_all(chainer)

    assert positions(database) == list(range(1, 10))


def test_round_says_whether_more_may_wait(chainer: Chainer, write_entries: WriteEntries) -> None:
    write_entries(6)
    rounds = [chainer.chain() for _ in range(3)]

    assert [(done.entries, done.more) for done in rounds] == [(4, True), (2, False), (0, False)]


def test_a2_hundred_parallel_writers_give_one_gapless_chain(
    chainer: Chainer, database: Database, vault: Vault, heads: Heads, write_entries: WriteEntries
) -> None:
    done = threading.Event()

    def keep_chaining(holder: str) -> None:
        while not done.is_set():
            replace(chainer, holder=holder, batch=7).chain()

    chainers = [threading.Thread(target=keep_chaining, args=(f"worker {number}",)) for number in range(2)]
    for thread in chainers:
        thread.start()
    with ThreadPoolExecutor(100) as writers:
        list(writers.map(write_entries, [2] * 100))
    done.set()
    for thread in chainers:
        thread.join()
    end_term(database)
    chain_all(chainer)

    assert sorted(position or 0 for position in positions(database)) == list(range(1, 201))
    assert checked(database, vault, heads).is_intact


def test_a2_two_writers_who_both_believe_to_lead_make_one_chain(
    chainer: Chainer, database: Database, vault: Vault, heads: Heads, write_entries: WriteEntries
) -> None:
    write_entries(60)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: chain_all(chainer), range(4)))  # one holder's name in all four

    assert positions(database) == list(range(1, 61))
    assert checked(database, vault, heads).is_intact


@pytest.mark.parametrize("commits", range(5))
def test_a2_end_of_the_process_at_any_commit_leaves_a_verifying_chain(
    chainer: Chainer, database: Database, vault: Vault, heads: Heads, write_entries: WriteEntries, commits: int
) -> None:
    write_entries(10)
    left = iter(range(commits))

    def end_before_commit(_: sa.Connection) -> None:
        if next(left, None) is None:
            raise Interrupted

    sa.event.listen(database.engine, "commit", end_before_commit)
    try:
        # three batches and the note of one head are four commits
        interrupted = _is_interrupted(chainer)
    finally:
        sa.event.remove(database.engine, "commit", end_before_commit)
    after_the_end = checked(database, vault, heads)
    chain_all(chainer)

    assert interrupted == (commits < 4)
    assert after_the_end.is_intact
    assert checked(database, vault, heads).is_intact
    assert positions(database) == list(range(1, 11))


def _is_interrupted(chainer: Chainer) -> bool:
    try:
        chain_all(chainer)
    except Interrupted:
        return True
    return False


@pytest.mark.processes
def test_a2_killed_processes_leave_a_verifying_chain(
    chainer: Chainer, database: Database, vault: Vault, heads: Heads, tmp_path: Path
) -> None:
    chance = random.Random(20260504)
    url = database.url.render_as_string(hide_password=False)
    for _ in range(4):
        command = [sys.executable, "-m", "tests.audit.endless_chaining", url, str(tmp_path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.1, 0.5))
            process.kill()
        assert checked(database, vault, heads).is_intact
    end_term(database)
    chain_all(chainer)

    report = checked(database, vault, heads)
    assert report.is_intact
    assert report.chained > 20
    assert report.heads > 2


def test_another_process_does_not_chain_while_the_leader_has_its_term(
    chainer: Chainer, database: Database, write_entries: WriteEntries
) -> None:
    write_entries(1)
    chain_all(chainer)
    write_entries(1)
    others = replace(chainer, holder="worker 2").chain()

    assert (others.entries, positions(database)) == (0, [1, None])


def test_another_process_goes_on_when_the_leaders_term_is_over(
    chainer: Chainer, database: Database, write_entries: WriteEntries
) -> None:
    write_entries(1)
    chain_all(chainer)
    write_entries(1)
    end_term(database)
    chain_all(replace(chainer, holder="worker 2"))

    assert positions(database) == [1, 2]


def test_head_is_signed_after_so_many_links(
    chainer: Chainer, vault: Vault, heads: Heads, write_entries: WriteEntries
) -> None:
    write_entries(20)
    signed = chain_all(chainer)

    told = [read_signed(line, public_key(vault)) for line in signed]
    assert [head.position for head in told if head] == [8, 16]
    assert heads.lines() == signed


def test_head_is_signed_after_so_many_seconds_if_there_are_new_links(
    chainer: Chainer, database: Database, vault: Vault, write_entries: WriteEntries
) -> None:
    write_entries(2)
    early = chain_all(chainer)
    with database.write() as session:
        session.execute(sa.update(AuditHead).values(anchored_at=database_now(-301)))
    (late,) = chain_all(chainer)
    again = chain_all(replace(chainer, head_seconds=0))

    head = read_signed(late, public_key(vault))
    assert head is not None
    assert (early, head.position, again) == ([], 2, [])


def test_head_that_could_not_leave_is_signed_next_time(
    chainer: Chainer, database: Database, vault: Vault, heads: Heads, write_entries: WriteEntries, tmp_path: Path
) -> None:
    write_entries(5)
    with pytest.raises(Interrupted):
        chain_all(replace(chainer, heads=FullDisk(tmp_path / "full"), batch=5))
    signed = chain_all(chainer)

    assert len(signed) == 1
    assert checked(database, vault, heads).is_intact


@pytest.mark.parametrize("kept", [1, 100, -1])
def test_head_whose_writer_was_ended_in_the_midst_of_its_line_leaves_again(
    chainer: Chainer,
    database: Database,
    vault: Vault,
    heads: Heads,
    write_entries: WriteEntries,
    tmp_path: Path,
    kept: int,
) -> None:
    write_entries(8)
    chain_all(chainer)
    torn = heads.lines()[-1][:kept]
    (tmp_path / "heads.jsonl").write_bytes(torn)  # the head's note went with the process, too
    with database.write() as session:
        session.execute(sa.update(AuditHead).values(anchored_position=0))
    before = checked(database, vault, heads)
    chain_all(chainer)
    after = checked(database, vault, heads)

    assert (before.is_intact, before.heads) == (True, 0)
    assert (after.is_intact, after.heads) == (True, 1)
    assert (tmp_path / "heads.jsonl").read_bytes().startswith(torn + b"\n")


@pytest.mark.parametrize("line", [b"another file", b'{"position":8}', b"]"])
def test_line_that_is_no_beginning_of_a_head_is_damage(
    chainer: Chainer, database: Database, vault: Vault, heads: Heads, write_entries: WriteEntries, line: bytes
) -> None:
    write_entries(8)
    chain_all(chainer)
    heads.append(line)

    assert not checked(database, vault, heads).is_intact


def test_head_after_a_whole_line_without_its_end_has_its_own(
    chainer: Chainer, vault: Vault, heads: Heads, write_entries: WriteEntries, tmp_path: Path
) -> None:
    write_entries(8)
    (line,) = chain_all(chainer)
    (tmp_path / "heads.jsonl").write_bytes(line)
    write_entries(8)
    chain_all(chainer)

    told = [read_signed(line, public_key(vault)) for line in heads.lines()]
    assert [head.position for head in told if head] == [8, 16]


def test_head_signed_with_another_key_is_not_believed(
    chainer: Chainer, vault: Vault, write_entries: WriteEntries
) -> None:
    write_entries(5)
    (line,) = chain_all(chainer)
    forged = line.replace(b'"position":5', b'"position":6')

    assert forged != line
    assert read_signed(forged, public_key(vault)) is None
