"""Writing entries, in the transaction of the act they tell about.

Hot paths put the same entry into a statement of their own: `ENTRY_POSTGRESQL`, `ENTRY_SQLITE` and `entry_parameters`.
"""

import hmac
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson
from sqlalchemy.orm import Session

from messaging.audit.models import AuditEntry
from messaging.database.base import new_id
from messaging.database.many_rows import insert_many
from messaging.database.native import native
from messaging.vault.vault import Vault
from messaging.vault.wrapping import framed

Facts = Mapping[str, str | int | bool | None]

ENTRY_POSTGRESQL = """
audit_entry AS (
    INSERT INTO audit_entries (id, at, actor_kind, actor_id, action, object_kind, object_id, digest, mac)
    SELECT %(audit_id)s, %(audit_at)s, %(audit_actor_kind)s, %(audit_actor_id)s, %(audit_action)s,
           %(audit_object_kind)s, %(audit_object_id)s, %(audit_digest)s, %(audit_mac)s
    FROM {gate}
)"""
"""A common table expression that writes one entry if `gate`, an earlier one of at most one row, has a row."""

ENTRY_SQLITE = (
    """
    INSERT INTO audit_entries (id, at, actor_kind, actor_id, action, object_kind, object_id, digest, mac)
    VALUES (:audit_id, :audit_at, :audit_actor_kind, :audit_actor_id, :audit_action,
            :audit_object_kind, :audit_object_id, :audit_digest, :audit_mac)
    """,
)
"""The same as a statement, for a transaction that has already passed its gate."""


class Actor(Protocol):
    """Who acts: a kind, and an id that is no personal data."""

    @property
    def kind(self) -> str:
        """Such as `staff` or `system`."""
        ...

    @property
    def id(self) -> uuid.UUID | None:
        """None for the service itself."""
        ...


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """Something to audit, as `record` takes it."""

    action: str
    object_kind: str
    object_id: uuid.UUID
    facts: Facts | None = field(default=None, repr=False)


def record(
    session: Session,
    vault: Vault,
    *,
    at: datetime,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: uuid.UUID,
    facts: Facts | None = None,
) -> None:
    """Add an entry. `action` is in the past tense (`message.received`); of `facts` only a keyed digest is kept."""
    values = _values(
        vault, at=at, actor=actor, action=action, object_kind=object_kind, object_id=object_id, facts=facts
    )
    session.add(AuditEntry(**values))


def record_many(session: Session, vault: Vault, *, at: datetime, actor: Actor, entries: Sequence[NewEntry]) -> None:
    """Add many entries of one actor with one statement."""
    insert_many(session, AuditEntry, [_values(vault, at=at, actor=actor, **vars(entry)) for entry in entries])


def entry_parameters(
    vault: Vault,
    *,
    at: datetime,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: uuid.UUID,
    dialect: str,
    facts: Facts | None = None,
) -> dict[str, Any]:
    """Return what ENTRY_POSTGRESQL or ENTRY_SQLITE need, in the driver's own types."""
    values = _values(
        vault, at=at, actor=actor, action=action, object_kind=object_kind, object_id=object_id, facts=facts
    )
    return {f"audit_{name}": value for name, value in native(values, dialect=dialect).items()}


def canonical(
    *,
    id: uuid.UUID,  # noqa: A002
    at: datetime,
    actor_kind: str,
    actor_id: uuid.UUID | None,
    action: str,
    object_kind: str,
    object_id: uuid.UUID,
    digest: bytes,
) -> bytes:
    """Return the bytes that stand for an entry: equal for equal entries on every database, unequal for all others."""
    return framed(
        id.bytes,
        at.astimezone(UTC).isoformat(timespec="microseconds").encode(),
        actor_kind.encode(),
        actor_id.bytes if actor_id else b"",
        action.encode(),
        object_kind.encode(),
        object_id.bytes,
        digest,
    )


def digest_of(vault: Vault, facts: Facts | None) -> bytes:
    """Return what is kept of these facts: equal for equal ones, so that a claim about an entry can be checked."""
    told = orjson.dumps(facts or {}, option=orjson.OPT_SORT_KEYS)
    return vault.fingerprint(told, purpose="audit facts")


def mac_of(vault: Vault, entry: bytes) -> bytes:
    """Return what only the service can compute of an entry in its canonical form."""
    return hmac.digest(vault.branch("audit entries"), entry, "sha256")


def _values(
    vault: Vault,
    *,
    at: datetime,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: uuid.UUID,
    facts: Facts | None,
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": new_id(),
        "at": at,
        "actor_kind": str(actor.kind),
        "actor_id": actor.id,
        "action": action,
        "object_kind": object_kind,
        "object_id": object_id,
        "digest": digest_of(vault, facts),
    }
    return {**entry, "mac": mac_of(vault, canonical(**entry))}
