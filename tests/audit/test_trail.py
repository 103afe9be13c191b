"""Entries are written with the act, tell no more than ids and words, and are the same on every way in."""

import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from messaging.audit import trail
from messaging.audit.links import CONTENT, content_of
from messaging.audit.models import AuditEntry
from messaging.database.engine import Database
from messaging.database.gated_writes import GatedWrite
from messaging.vault.vault import Vault
from tests.audit.conftest import NOON, Caseworker

MESSAGE = uuid.UUID("01890000-0000-7000-8000-00000000000a")


def act(**changes: Any) -> dict[str, Any]:
    usual = {
        "at": NOON,
        "actor": Caseworker(),
        "action": "message.received",
        "object_kind": "message",
        "object_id": MESSAGE,
        "facts": {"late": False},
    }
    return {**usual, **changes}


def write_past_the_orm(database: Database, vault: Vault, **told: Any) -> None:
    """Write as the hot paths do."""
    parameters = trail.entry_parameters(vault, dialect=database.dialect, **told)
    entry = trail.ENTRY_POSTGRESQL.format(gate="gate")
    write = GatedWrite(
        postgresql=f"WITH gate AS (SELECT 1), {entry} SELECT count(*) FROM gate",
        sqlite_gate=trail.ENTRY_SQLITE[0],
        sqlite_effects=trail.ENTRY_SQLITE[1:],
    )
    write.run(database, parameters)


def stored(database: Database) -> list[AuditEntry]:
    with database.read() as session:
        return list(session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))


def test_entry_tells_who_did_what_to_what_and_when(database: Database, vault: Vault) -> None:
    with database.write() as session:
        trail.record(session, vault, **act())

    (entry,) = stored(database)
    assert (entry.at, entry.actor_kind, entry.actor_id) == (NOON, "staff", Caseworker().id)
    assert (entry.action, entry.object_kind, entry.object_id) == ("message.received", "message", MESSAGE)
    assert (entry.position, entry.chain) == (None, None)


def test_entry_goes_with_the_act_that_is_rolled_back(database: Database, vault: Vault) -> None:
    with database.write() as session:
        trail.record(session, vault, **act())
        session.flush()
        session.rollback()

    assert stored(database) == []


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"actor": Caseworker(kind="system", id=None)},
        {"facts": None},
        {"at": datetime(2026, 5, 4, 14, 0, 0, 7, tzinfo=timezone(timedelta(hours=2)))},
    ],
    ids=["usual", "without actor", "without facts", "another zone"],
)
def test_hot_path_writes_the_same_entry(database: Database, vault: Vault, change: dict[str, Any]) -> None:
    with database.write() as session:
        trail.record(session, vault, **act(**change))
    write_past_the_orm(database, vault, **act(**change))

    by_orm, by_statement = stored(database)
    told = ("at", "actor_kind", "actor_id", "action", "object_kind", "object_id", "digest")
    assert [getattr(by_orm, name) for name in told] == [getattr(by_statement, name) for name in told]


def test_mac_fits_what_the_database_gives_back(database: Database, vault: Vault) -> None:
    write_past_the_orm(database, vault, **act())

    with database.read() as session:
        row = session.execute(sa.select(*CONTENT, AuditEntry.mac)).one()
    assert row.mac == trail.mac_of(vault, content_of(row))


def test_facts_leave_a_keyed_digest_only(database: Database, vault: Vault) -> None:
    with database.write() as session:
        trail.record(session, vault, **act(facts={"reason": "kanariefugl"}))
        trail.record(session, vault, **act(facts={"reason": "kanariefugl"}))
        trail.record(session, vault, **act(facts={"reason": "solsort"}))

    first, second, third = stored(database)
    assert first.digest == second.digest != third.digest
    assert "kanariefugl" not in "".join(repr(vars(entry)) for entry in (first, second, third))
