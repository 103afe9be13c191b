"""Chaining what was written: one leased writer gives each new entry its position and its link.

The last link stands in a row that is locked while the chain grows, so that even two writers who both believe to lead
make one chain without gaps. A signed head leaves the database after the commit: the file never tells of links that
the database does not have.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.audit.heads import Head, Heads, sign
from messaging.audit.links import CONTENT, GENESIS, content_of, link, link_key
from messaging.audit.models import AuditEntry, AuditHead
from messaging.database.engine import Database
from messaging.database.leadership import acquire
from messaging.database.moments import database_now
from messaging.database.upserts import insert_into
from messaging.vault.vault import Vault

LEADERSHIP = "audit chain"
HEAD = 1
"""Id of the one row of the head."""


@dataclass(frozen=True, kw_only=True)
class Chained:
    """What one round did: entries chained, whether more may wait, and a signed head if one was due."""

    entries: int
    more: bool = False
    head: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Chainer:
    """The writer of the chain. Every process may have one; the leadership lets one of them work at a time.

    `term` and `head_seconds` are seconds; a head is due after `head_entries` links or, if there are new ones, after
    `head_seconds`.
    """

    database: Database
    vault: Vault
    heads: Heads
    holder: str
    term: float = 30
    batch: int = 500
    head_entries: int = 1000
    head_seconds: float = 300

    def chain(self) -> Chained:
        """Chain up to one batch, and sign a head if one is due; call it at least once a second."""
        if not self._has_work():
            return Chained(entries=0)
        with self.database.write() as session:
            if not acquire(session, LEADERSHIP, holder=self.holder, seconds=self.term):
                return Chained(entries=0)
            entries = self._extend(session)
            due = session.execute(self._due_head()).first()
        return Chained(entries=entries, more=entries == self.batch, head=self._sign(*due) if due else None)

    def _has_work(self) -> bool:
        with self.database.read() as session:
            return bool(session.scalar(sa.select(sa.or_(_unchained().exists(), self._due_head().exists()))))

    def _extend(self, session: Session) -> int:
        """Give the oldest unchained entries the next positions; return how many."""
        head = _locked_head(session)
        key = link_key(self.vault)
        position, previous = head.position, head.chain
        links: list[dict[str, object]] = []
        for row in session.execute(_unchained().limit(self.batch)):
            position += 1
            previous = link(key, position=position, content=content_of(row), previous=previous)
            links.append({"entry": row.id, "position": position, "chain": previous})
        if links:
            session.connection().execute(_set_link(), links)
            head.position, head.chain = position, previous
        return len(links)

    def _sign(self, position: int, chain: bytes, at: datetime) -> bytes:
        """Sign the last link, append it to the file and note that it has left."""
        line = sign(self.vault, Head(position=position, chain=chain, at=at))
        self.heads.append(line)
        with self.database.write() as session:
            session.execute(
                sa.update(AuditHead)
                .where(AuditHead.id == HEAD, AuditHead.anchored_position < position)
                .values(anchored_position=position, anchored_at=database_now())
            )
        return line

    def _due_head(self) -> sa.Select[int, bytes, datetime]:
        new_links = AuditHead.position - AuditHead.anchored_position
        return sa.select(AuditHead.position, AuditHead.chain, database_now()).where(
            sa.or_(
                new_links >= self.head_entries,
                sa.and_(new_links > 0, AuditHead.anchored_at < database_now(-self.head_seconds)),
            )
        )


def _unchained() -> sa.Select[*tuple[Any, ...]]:
    """The entries without a position, in the order in which they were made."""
    return sa.select(*CONTENT).where(AuditEntry.position.is_(None)).order_by(AuditEntry.id)


def _set_link() -> sa.Update:
    return (
        sa.update(AuditEntry)
        .where(AuditEntry.id == sa.bindparam("entry"))
        .values(position=sa.bindparam("position"), chain=sa.bindparam("chain"))
    )


def _locked_head(session: Session) -> AuditHead:
    """Return the head's row, locked; made when the first entry is chained."""
    session.execute(
        insert_into(session, AuditHead)
        .values(id=HEAD, position=0, chain=GENESIS, anchored_position=0, anchored_at=database_now())
        .on_conflict_do_nothing()
    )
    return session.get_one(AuditHead, HEAD, with_for_update=True)
