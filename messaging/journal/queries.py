"""What screens show of the journal: the receipt beside each thing that was journaled."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.journal.models import EventState, JournalEvent


@dataclass(frozen=True, kw_only=True)
class Journaled:
    """How far the first event about a thing has come: the one that carries its content."""

    state: EventState
    receipt_number: str | None
    receipted_at: datetime | None


def journaled(
    session: Session, *, stream_id: uuid.UUID, subject_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, Journaled]:
    """Return, for those of the subjects that the stream tells of, where they stand in the case system."""
    rows = session.execute(
        sa.select(JournalEvent.subject_id, JournalEvent.state, JournalEvent.receipt_number, JournalEvent.receipted_at)
        .where(JournalEvent.stream_id == stream_id, JournalEvent.subject_id.in_(subject_ids))
        .order_by(JournalEvent.seq.desc())
    )
    return {
        row.subject_id: Journaled(state=row.state, receipt_number=row.receipt_number, receipted_at=row.receipted_at)
        for row in rows
    }
