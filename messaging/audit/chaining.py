"""Chaining what was written: one leased writer gives each new entry its position and its link.

The links are computed with no lock held. They are stored only if the last link, which stands in a row of its own, is
still the one they were computed after: even two writers who both believe to lead make one chain without gaps. A signed
head leaves the database after the commit: the file never tells of links that the database does not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.audit.heads import Head, Heads, sign
from messaging.audit.links import CONTENT, GENESIS, Row, content_of, link, link_key
from messaging.audit.models import AuditEntry, AuditHead
from messaging.database.engine import Database
from messaging.database.leadership import acquire, is_led_by_another
from messaging.database.moments import database_now
from messaging.database.upserts import insert_into
from messaging.vault.vault import Vault

LEADERSHIP = "audit chain"
HEAD = 1
"""Id of the one row of the head."""


@dataclass(frozen=True, kw_only=True)
class End:
    """Where the chain ends: how many links it has, and the last of them."""

    position: int
    chain: bytes


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
    `head_seconds`. The term is far below the time after which an unchained entry is overdue: a successor of a writer
    that was killed waits for its end.
    """

    database: Database
    vault: Vault
    heads: Heads
    holder: str
    term: float = 10
    batch: int = 500
    head_entries: int = 1000
    head_seconds: float = 300

    def chain(self) -> Chained:
        """Chain up to one batch, and sign a head if one is due; call it at least once a second."""
        with self.database.read() as session:
            if is_led_by_another(session, LEADERSHIP, holder=self.holder):
                return Chained(entries=0)
            end = _end(session)
            entries = session.execute(_unchained().limit(self.batch)).all()
            if not entries and session.execute(self._due_head()).first() is None:
                return Chained(entries=0)
        links = self._link(entries, after=end)
        with self.database.write() as session:
            if not acquire(session, LEADERSHIP, holder=self.holder, seconds=self.term):
                return Chained(entries=0)
            if links and not _store(session, links, after=end):
                return Chained(entries=0, more=True)
            due = session.execute(self._due_head()).first()
        return Chained(entries=len(links), more=len(links) == self.batch, head=self._sign(*due) if due else None)

    def _link(self, entries: Sequence[Row], *, after: End) -> list[dict[str, Any]]:
        """Return id, position and link of each entry, as they follow the end of the chain."""
        key = link_key(self.vault)
        position, previous = after.position, after.chain
        links = []
        for row in entries:
            position += 1
            previous = link(key, position=position, content=content_of(row), previous=previous)
            links.append({"entry": row.id, "position": position, "chain": previous})
        return links

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


def _end(session: Session) -> End:
    """Return where the chain ends now."""
    head = session.get(AuditHead, HEAD)
    return End(position=head.position, chain=head.chain) if head else End(position=0, chain=GENESIS)


def _store(session: Session, links: list[dict[str, Any]], *, after: End) -> bool:
    """Store the links; False, with nothing stored, if the chain does not end there any more."""
    if after.position == 0:
        _begin(session)
    last = links[-1]
    moved = session.execute(
        sa.update(AuditHead)
        .where(AuditHead.id == HEAD, AuditHead.position == after.position)
        .values(position=last["position"], chain=last["chain"])
        .returning(AuditHead.position)
    )
    if moved.first() is None:
        return False
    place: dict[str, Any] = {"position": sa.bindparam("position"), "chain": sa.bindparam("chain")}
    session.connection().execute(
        sa.update(AuditEntry).where(AuditEntry.id == sa.bindparam("entry")).values(**place), links
    )
    return True


def _begin(session: Session) -> None:
    """Make the row of the head, unless another writer has just made it."""
    session.execute(
        insert_into(session, AuditHead)
        .values(id=HEAD, position=0, chain=GENESIS, anchored_position=0, anchored_at=database_now())
        .on_conflict_do_nothing()
    )
