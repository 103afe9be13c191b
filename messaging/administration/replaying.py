"""Letting events of the journal be delivered again, by a human who has seen why they were not taken."""

import uuid
from collections.abc import Collection

import sqlalchemy as sa

from messaging.journal import overseeing
from messaging.journal.models import EventState, JournalEvent
from messaging.people.acting import Act

REPLAYABLE = (EventState.PARKED, EventState.REJECTED)


def replay(act: Act, *, event_ids: Collection[uuid.UUID]) -> int:
    """Deliver those of the events again that are parked or rejected; return how many. Others are left alone."""
    chosen = sa.select(JournalEvent.id).where(JournalEvent.id.in_(event_ids), JournalEvent.state.in_(REPLAYABLE))
    found = act.session.scalars(chosen.with_for_update()).all()
    for event_id in found:
        act.audit("journal_event.replayed", object_kind="journal_event", object_id=event_id)
    return overseeing.replay(act.session, event_ids=found) if found else 0
