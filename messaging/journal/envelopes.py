"""An event as the case system gets it: one JSON object in canonical form, the same however often it is delivered."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import orjson

from adapters import contract
from messaging.vault.vault import TRIAGE

CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


@dataclass(frozen=True, kw_only=True)
class Classification:
    """Where the municipality files what we journal: KLE number and facet. Configured or absent, never guessed."""

    kle: str | None = None
    facet: str | None = None


def envelope(
    *,
    event_id: uuid.UUID,
    stream_id: uuid.UUID,
    seq: int,
    type_: str,
    subject_id: uuid.UUID,
    occurred_at: datetime,
    facts: bytes,
    classification: Classification,
) -> contract.JournalEvent:
    """Return the event with its body; `facts` are the opened canonical JSON. `party` is absent for triage."""
    body = {
        "event_id": event_id,
        "stream_id": stream_id,
        "seq": seq,
        "type": type_,
        "occurred_at": occurred_at,
        "subject_id": subject_id,
        "party": None if stream_id == TRIAGE else stream_id,
        "kle": classification.kle,
        "facet": classification.facet,
        "facts": orjson.Fragment(facts),
    }
    return contract.JournalEvent(
        event_id=str(event_id),
        stream_id=str(stream_id),
        seq=seq,
        occurred_at=occurred_at,
        body=orjson.dumps({name: value for name, value in body.items() if value is not None}, option=CANONICAL),
    )
