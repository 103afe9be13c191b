"""Tables of the journal: one stream per citizen (and one for triage), and its events in sequence."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id, word_of
from messaging.database.moments import database_clock
from messaging.vault.sealed import Sealed, sealed_column


class EventState(enum.StrEnum):
    """How far an event has come.

    pending → delivered → receipted
       │          └────→ rejected → pending (replayed)
       ├────────→ receipted · rejected
       └────────→ parked → pending (replayed)

    What the case system says later counts even for a parked event; what it turns out to have lost is pending again.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    RECEIPTED = "receipted"
    REJECTED = "rejected"
    PARKED = "parked"


TRANSITIONS: dict[EventState, frozenset[EventState]] = {
    EventState.PENDING: frozenset(EventState) - {EventState.PENDING},
    EventState.DELIVERED: frozenset({EventState.RECEIPTED, EventState.REJECTED, EventState.PENDING}),
    EventState.RECEIPTED: frozenset({EventState.PENDING}),
    EventState.REJECTED: frozenset({EventState.RECEIPTED, EventState.PENDING}),
    EventState.PARKED: frozenset(EventState) - {EventState.PARKED},
}


def may_become(state: EventState) -> frozenset[EventState]:
    """Return the states that may turn into `state`."""
    return frozenset(before for before, after in TRANSITIONS.items() if state in after)


class JournalStream(Base):
    """The sequence of one owner: a citizen's id, or the triage owner. `last_seq` moves in the event's transaction."""

    __tablename__ = "journal_streams"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    last_seq: Mapped[int]


class JournalEvent(Base):
    """One fact for the case system; sealed under the stream's owner, and its own entry in the delivery queue."""

    __tablename__ = "journal_events"
    __table_args__ = (
        sa.UniqueConstraint("stream_id", "seq"),
        sa.Index(
            "ix_journal_events_due",
            "next_try_at",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        ),
        sa.Index(
            "ix_journal_events_stuck",
            "state",
            "id",
            sqlite_where=sa.text("state IN ('parked', 'rejected')"),
            postgresql_where=sa.text("state IN ('parked', 'rejected')"),
        ),
        # A lease changes no index: with room on its page, PostgreSQL writes it without touching any.
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    stream_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(JournalStream.id))
    seq: Mapped[int]
    type: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    """The message, appointment or reminder the event is about."""
    occurred_at: Mapped[datetime]
    payload: Mapped[Sealed] = sealed_column("payload")
    state: Mapped[EventState] = mapped_column(word_of(EventState), default=EventState.PENDING)
    pending_since: Mapped[datetime] = mapped_column(server_default=database_clock())
    """When it last began to wait for delivery, by the database's clock."""
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(server_default=database_clock())
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    deaths: Mapped[int] = mapped_column(default=0)
    """How often a process died holding this row; three park it."""
    receipt_number: Mapped[str | None]
    receipted_at: Mapped[datetime | None]
    reason: Mapped[str | None]
