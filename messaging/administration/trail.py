"""Reading the audit trail: who did what to which thing, and whether the trail is as the service left it."""

import csv
import io
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.administration.health import smallest_id
from messaging.audit.chaining import HEAD
from messaging.audit.heads import Heads, public_key, read_signed
from messaging.audit.models import AuditEntry, AuditHead
from messaging.people.acting import Act
from messaging.people.models import Caseworker
from messaging.vault.vault import Vault

TRAIL = uuid.UUID("00000000-0000-4000-8000-61756469746c")
"""Stands in the trail for the trail itself."""
COLUMNS = ("at", "actor_kind", "actor_id", "action", "object_kind", "object_id", "position")


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Which entries somebody looks for; what is None does not matter. `since` counts, `until` does not any more."""

    since: datetime | None = None
    until: datetime | None = None
    actor_id: uuid.UUID | None = None
    action: str | None = None
    object_id: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far the chain is, how many entries wait for their link, and whether the last signed head fits it.

    `fits` is None where this machine has no signed head, or the chain has not come to it.
    """

    position: int
    waiting: int
    head_position: int | None
    head_at: datetime | None
    fits: bool | None


def entries(session: Session, bounds: Bounds, *, after: uuid.UUID | None, limit: int) -> Sequence[AuditEntry]:
    """Return the next entries, the newest first."""
    chosen = sa.select(AuditEntry).where(*_conditions(bounds)).order_by(AuditEntry.id.desc()).limit(limit)
    if after is not None:
        chosen = chosen.where(AuditEntry.id < after)
    return session.scalars(chosen).all()


def standing(session: Session, vault: Vault, heads: Heads) -> Standing:
    """Compare the last signed head with the link that stands at its place. The whole trail `audit verify` checks."""
    chain = session.get(AuditHead, HEAD)
    unchained = sa.select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.position.is_(None))
    lines = heads.lines()
    head = read_signed(lines[-1], public_key(vault)) if lines else None
    link = session.scalar(sa.select(AuditEntry.chain).filter_by(position=head.position)) if head else None
    return Standing(
        position=chain.position if chain else 0,
        waiting=session.scalar(unchained) or 0,
        head_position=head.position if head else None,
        head_at=head.at if head else None,
        fits=(head is not None and link == head.chain) if lines else None,
    )


def note_reading(act: Act, bounds: Bounds, *, exported: bool = False) -> None:
    """Note that somebody reads the trail; of what she looked for, only a digest is kept."""
    action = "audit_trail.exported" if exported else "audit_trail.read"
    act.audit(action, object_kind="audit_trail", object_id=TRAIL, facts={"bounds": repr(bounds)})


def find_actor(session: Session, word: str) -> uuid.UUID | None:
    """Return whom an id or initials name; None if nobody."""
    try:
        return uuid.UUID(word)
    except ValueError:
        return session.scalar(sa.select(Caseworker.id).where(sa.func.lower(Caseworker.initials) == word.lower()))


def initials_of(session: Session, shown: Iterable[AuditEntry]) -> dict[uuid.UUID, str]:
    """Return the initials of the staff among those who acted."""
    ids = {entry.actor_id for entry in shown if entry.actor_kind == "staff"}
    chosen = sa.select(Caseworker.id, Caseworker.initials).where(Caseworker.id.in_(ids))
    return dict(session.execute(chosen).all())


def as_csv(shown: Iterable[AuditEntry]) -> str:
    """Return the entries as CSV; only times, codes and ids, so that no cell can be a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(entry, column)) for column in COLUMNS] for entry in shown)
    return file.getvalue()


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _conditions(bounds: Bounds) -> list[sa.ColumnElement[bool]]:
    """Ids sort by time, so the period is a range of the primary key."""
    conditions: list[sa.ColumnElement[bool]] = []
    if bounds.since is not None:
        conditions.append(AuditEntry.id >= smallest_id(bounds.since))
    if bounds.until is not None:
        conditions.append(AuditEntry.id < smallest_id(bounds.until))
    same = (
        (AuditEntry.actor_id, bounds.actor_id),
        (AuditEntry.action, bounds.action),
        (AuditEntry.object_id, bounds.object_id),
    )
    return conditions + [column == value for column, value in same if value is not None]
