"""One act: who does it, when, and in which transaction. Every verb of the rooms below takes it first.

What an act changes it also journals, audits and announces, in the same transaction; the edge that opened the act
commits once.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from messaging.audit import trail
from messaging.audit.trail import NewEntry
from messaging.database import changes
from messaging.journal import recording
from messaging.journal.models import JournalEvent
from messaging.journal.recording import NewEvent
from messaging.people.actors import Actor
from messaging.vault.place import Place
from messaging.vault.sealed import Sealed
from messaging.vault.vault import Vault

Facts = dict[str, str | int | bool | None]


@dataclass(frozen=True, kw_only=True)
class Act:
    """`now` is the runtime clock's moment at which the act happens."""

    session: Session
    vault: Vault
    now: datetime
    actor: Actor

    def seal(self, text: str, *, owner: uuid.UUID, table: str, column: str, row: uuid.UUID) -> Sealed:
        """Seal a text for its place."""
        return self.vault.seal(text, owner=owner, place=Place(table, column, row))

    def journal(self, type_: str, *, stream: uuid.UUID, subject: uuid.UUID, facts: Facts) -> JournalEvent:
        """Add an event to a citizen's stream (or the triage stream)."""
        return recording.record(
            self.session,
            self.vault,
            stream_id=stream,
            type_=type_,
            subject_id=subject,
            occurred_at=self.now,
            facts=facts,
        )

    def journal_many(self, events: Sequence[NewEvent]) -> None:
        """Add many events of many streams, in the order given, with few statements."""
        recording.record_many(self.session, self.vault, events=events)

    def audit(self, action: str, *, object_kind: str, object_id: uuid.UUID, facts: Facts | None = None) -> None:
        """Add an entry to the audit trail; `facts` are kept as a keyed digest only."""
        trail.record(
            self.session,
            self.vault,
            at=self.now,
            actor=self.actor,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            facts=facts,
        )

    def audit_many(self, entries: Sequence[NewEntry]) -> None:
        """Add many entries to the audit trail with one statement."""
        trail.record_many(self.session, self.vault, at=self.now, actor=self.actor, entries=entries)

    def announce(self, kind: str, *, object_id: uuid.UUID) -> None:
        """Tell the tails of the changes, after the commit, that something happened."""
        changes.announce(self.session, kind, object_id=object_id)
