"""Checking the trail against itself and against the signed heads that left the database.

Everything is computed again from what the entries tell. Links as stored serve only to say *what* was done:

- an entry's MAC is wrong, and its neighbours fit around it: the entry was changed
- an entry's MAC is wrong, and it fits nowhere: it was inserted by hand
- an entry's MAC is right, and it does not fit where it stands: it was moved
- a position is missing: the entry was deleted
- a signed head tells of more links than there are: the end was cut off
- all fits together, but not with a signed head: the chain was written anew
- an entry is not chained long after it was made: the writer stands still, or someone keeps entries out

Not seen: entries cut off the end before a head told of them, and entries deleted in the second before they are chained.
"""

import enum
import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from messaging.audit.chaining import HEAD
from messaging.audit.heads import Head, public_key, read_signed
from messaging.audit.links import CONTENT, GENESIS, Row, content_of, link, link_key
from messaging.audit.models import AuditEntry, AuditHead
from messaging.audit.trail import mac_of
from messaging.database.engine import Database
from messaging.database.moments import database_now
from messaging.vault.vault import Vault

BATCH = 1000
FINDINGS_SHOWN = 1000


class Tampering(enum.StrEnum):
    """What was found."""

    CHANGED = "changed"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    OVERDUE = "overdue"
    DAMAGED_HEAD = "damaged head"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is not as the service left it, at the positions `first` to `last` where it has any."""

    kind: Tampering
    first: int | None = None
    last: int | None = None
    entry: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a verification saw: entries chained and waiting, heads compared, and what was found (the first thousand)."""

    chained: int
    waiting: int
    heads: int
    counts: Mapping[Tampering, int]
    findings: tuple[Finding, ...]

    @property
    def is_intact(self) -> bool:
        """Whether everything is as the service left it."""
        return not self.counts


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """An entry as stored, and what it should be."""

    id: UUID
    position: int
    chain: bytes
    content: bytes
    genuine: bool


def verify(
    database: Database,
    vault: Vault,
    *,
    heads: Iterable[bytes],
    overdue_seconds: float,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Check the whole trail, in batches; `heads` are signed lines from wherever they were kept.

    `progress` hears how many chained entries of how many were read. Work that goes on meanwhile does no harm.
    """
    read = [read_signed(line, public_key(vault)) for line in heads]
    anchors = [head for head in read if head is not None]
    last, told = _ends(database)
    walk = _Walk(vault, anchors)
    for entry in _chained(database, vault, until=last, progress=progress):
        walk.pass_entry(entry)
    walk.end(told)
    waiting, findings = _unchained(database, vault, overdue_seconds=overdue_seconds)
    findings = [*walk.findings, *findings, *(Finding(kind=Tampering.DAMAGED_HEAD) for head in read if head is None)]
    return Report(
        chained=walk.entries,
        waiting=waiting,
        heads=len(anchors),
        counts=dict(Counter(finding.kind for finding in findings)),
        findings=tuple(findings[:FINDINGS_SHOWN]),
    )


class _Walk:
    """Follows the chain from its first link to its last and notes what does not fit."""

    def __init__(self, vault: Vault, anchors: Iterable[Head]) -> None:
        self._key = link_key(vault)
        self._anchors: dict[int, set[bytes]] = {}
        for head in anchors:
            self._anchors.setdefault(head.position, set()).add(head.chain)
        self.findings: list[Finding] = []
        self.entries = 0
        self._position = 0
        self._stored: bytes | None = GENESIS
        self._computed: bytes | None = GENESIS
        self._suspects: list[_Entry] = []

    def pass_entry(self, entry: _Entry) -> None:
        """Look at the next entry in the order of positions."""
        if entry.position != self._position + 1:
            self._skip_to(entry.position)
        by_stored, by_computed = self._links(entry)
        fits = self._stored is None or entry.chain in (by_stored, by_computed)
        if fits or entry.genuine or any(suspect.genuine for suspect in self._suspects):
            self._judge_suspects(confirmed=entry.chain == by_stored, restored=entry.chain == by_computed)
        if not fits:
            self._suspects.append(entry)
        elif not entry.genuine:
            self._note(Tampering.INSERTED, entry)  # by hand, before it was chained
        elif not self._anchors.get(entry.position, {entry.chain}) <= {entry.chain}:
            self._note(Tampering.REWRITTEN, entry)
        self._stored = entry.chain
        self._computed = entry.chain if fits else by_stored
        self._position = entry.position
        self.entries += 1

    def end(self, told: Head | None) -> None:
        """Compare the last link with what the head's row and the signed heads tell."""
        ends_here = told.chain if told is not None and told.position == self._position else None
        self._judge_suspects(confirmed=ends_here == self._stored, restored=ends_here == self._computed)
        longest = max([self._position, told.position if told else 0, *self._anchors])
        if longest > self._position:
            self.findings.append(Finding(kind=Tampering.TRUNCATED, first=self._position + 1, last=longest))

    def _skip_to(self, position: int) -> None:
        self._judge_suspects(confirmed=False, restored=False)
        self.findings.append(Finding(kind=Tampering.DELETED, first=self._position + 1, last=position - 1))
        self._stored = self._computed = None

    def _links(self, entry: _Entry) -> tuple[bytes | None, bytes | None]:
        """Return the entry's link after the stored and after the computed link before it."""
        by_stored = self._link(entry, previous=self._stored)
        same = self._computed == self._stored
        return by_stored, by_stored if same else self._link(entry, previous=self._computed)

    def _link(self, entry: _Entry, *, previous: bytes | None) -> bytes | None:
        if previous is None:
            return None
        return link(self._key, position=entry.position, content=entry.content, previous=previous)

    def _judge_suspects(self, *, confirmed: bool, restored: bool) -> None:
        """Say what entries that did not fit are, now that it is known what follows them.

        There is one that is genuine, or a row of some that are not. `confirmed`: what follows was made after the link
        as stored; `restored`: after the link as computed.
        """
        for suspect in self._suspects:
            if suspect.genuine:
                kind = Tampering.CHANGED if restored else Tampering.REORDERED
            else:
                kind = Tampering.CHANGED if confirmed else Tampering.INSERTED
            self._note(kind, suspect)
        self._suspects.clear()

    def _note(self, kind: Tampering, entry: _Entry) -> None:
        self.findings.append(Finding(kind=kind, first=entry.position, last=entry.position, entry=entry.id))


def _ends(database: Database) -> tuple[int, Head | None]:
    """Return the highest position there is, and what the head's row tells."""
    with database.read() as session:
        row = session.get(AuditHead, HEAD)  # first: the chain may grow between the two look-ups
        last = session.scalar(sa.select(sa.func.max(AuditEntry.position))) or 0
    return last, Head(position=row.position, chain=row.chain, at=row.anchored_at) if row else None


def _chained(database: Database, vault: Vault, *, until: int, progress: Callable[[int, int], None]) -> Iterator[_Entry]:
    """Give the chained entries in the order of their positions, a batch at a time."""
    columns = (*CONTENT, AuditEntry.mac, AuditEntry.position, AuditEntry.chain)
    query = sa.select(*columns).where(AuditEntry.position <= until).order_by(AuditEntry.position).limit(BATCH)
    last = done = 0
    while True:
        with database.read() as session:
            rows = session.execute(query.where(AuditEntry.position > last)).all()
        if not rows:
            return
        for row in rows:
            content = content_of(row)
            genuine = _is_genuine(vault, row, content)
            yield _Entry(id=row.id, position=row.position, chain=row.chain, content=content, genuine=genuine)
        last, done = rows[-1].position, done + len(rows)
        progress(done, until)


def _unchained(database: Database, vault: Vault, *, overdue_seconds: float) -> tuple[int, list[Finding]]:
    """Return how many entries wait for their link, and which of them are overdue or not ours."""
    findings: list[Finding] = []
    waiting = 0
    with database.read() as session:
        now = session.execute(sa.select(database_now())).scalar_one()
        newest_overdue = _smallest_id_at(now - timedelta(seconds=overdue_seconds))
        rows = session.execute(sa.select(*CONTENT, AuditEntry.mac).where(AuditEntry.position.is_(None)))
        for row in rows.yield_per(BATCH):
            waiting += 1
            if not _is_genuine(vault, row, content_of(row)):
                findings.append(Finding(kind=Tampering.INSERTED, entry=row.id))
            elif row.id < newest_overdue:
                findings.append(Finding(kind=Tampering.OVERDUE, entry=row.id))
    return waiting, findings


def _is_genuine(vault: Vault, row: Row, content: bytes) -> bool:
    return hmac.compare_digest(row.mac, mac_of(vault, content))


def _smallest_id_at(moment: datetime) -> UUID:
    """Return an id below all that are made from that moment on: a UUIDv7 begins with its milliseconds."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
