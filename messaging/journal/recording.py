"""Writing events: each takes the next number of its stream in the transaction of what it tells about.

A stream's row is locked from here until the commit, so its numbers have no gaps and stand in the order of the commits.
The facts are sealed before the number is known; number, type and time stand in columns and join them at delivery.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from messaging.database.base import new_id, sqlite_moment
from messaging.database.many_rows import count_on, insert_many
from messaging.journal.events import check
from messaging.journal.models import EventState, JournalEvent, JournalStream
from messaging.vault.errors import UnknownOwner
from messaging.vault.place import Place
from messaging.vault.sealed import Sealed
from messaging.vault.vault import Vault

Facts = Mapping[str, str | int | bool | None]

EVENT_POSTGRESQL = """
journal_stream AS (
    INSERT INTO journal_streams (id, last_seq) SELECT %(journal_stream_id)s, 1 FROM {gate}
    ON CONFLICT (id) DO UPDATE SET last_seq = journal_streams.last_seq + 1
    RETURNING id, last_seq
), journal_event AS (
    INSERT INTO journal_events (id, stream_id, seq, type, subject_id, occurred_at, payload, state, tries, deaths)
    SELECT %(journal_event_id)s, id, last_seq, %(journal_type)s, %(journal_subject_id)s, %(journal_occurred_at)s,
           %(journal_payload)s, 'pending', 0, 0
    FROM journal_stream
)"""
"""Two common table expressions that write one event if `gate`, an earlier one of at most one row, has a row.

PostgreSQL runs what nothing else reads last to first. Where a thread changes too, its expression is therefore the
gate: the stream is taken after the thread, as everywhere, or the two could wait for each other.
"""

EVENT_SQLITE = (
    """
    INSERT INTO journal_streams (id, last_seq) VALUES (:journal_stream_id, 1)
    ON CONFLICT (id) DO UPDATE SET last_seq = last_seq + 1
    """,
    """
    INSERT INTO journal_events (id, stream_id, seq, type, subject_id, occurred_at, payload, state, tries, deaths)
    SELECT :journal_event_id, id, last_seq, :journal_type, :journal_subject_id, :journal_occurred_at,
           :journal_payload, 'pending', 0, 0
    FROM journal_streams WHERE id = :journal_stream_id
    """,
)
"""The same as two statements, for a transaction that has already passed its gate."""


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """Something to journal. `type` and the names of the facts are those of `events.py`."""

    stream_id: uuid.UUID
    type: str
    subject_id: uuid.UUID
    occurred_at: datetime
    facts: Facts = field(repr=False)


def record(
    session: Session,
    vault: Vault,
    *,
    stream_id: uuid.UUID,
    type_: str,
    subject_id: uuid.UUID,
    occurred_at: datetime,
    facts: Facts,
) -> JournalEvent:
    """Add one event to a stream. Raises ValueError for a type or fact that is not in the list of events."""
    new = NewEvent(stream_id=stream_id, type=type_, subject_id=subject_id, occurred_at=occurred_at, facts=facts)
    event_id = new_id()
    payload = _seal(vault, new, event_id=event_id)
    seq = _take_numbers(session, {stream_id: 1})[stream_id]
    event = JournalEvent(
        id=event_id,
        stream_id=stream_id,
        seq=seq,
        type=type_,
        subject_id=subject_id,
        occurred_at=occurred_at,
        payload=payload,
    )
    session.add(event)
    return event


def record_many(session: Session, vault: Vault, *, events: Sequence[NewEvent]) -> None:
    """Add many events of many streams, in the order given inside each stream, with two statements in all.

    For imports and planning, in batches of up to 1,000. An event of a stream that has no key is left out: what it is
    about has been erased, and must not keep back what is told of everybody else. Raises ValueError as `record`.
    """
    vault.warm(event.stream_id for event in events)
    rows = []
    for event in events:
        with suppress(UnknownOwner):
            rows.append(_row(vault, event))
    if not rows:
        return
    wanted = Counter(row["stream_id"] for row in rows)
    last = _take_numbers(session, wanted)
    free = {stream_id: last[stream_id] - count for stream_id, count in wanted.items()}
    for row in rows:
        free[row["stream_id"]] += 1
        row["seq"] = free[row["stream_id"]]
    insert_many(session, JournalEvent, rows)


def event_parameters(vault: Vault, event: NewEvent, *, dialect: str) -> dict[str, Any]:
    """Return what EVENT_POSTGRESQL or EVENT_SQLITE need, in the driver's own types. Raises as `record`."""
    row = _row(vault, event)
    del row["state"]
    native = _for_sqlite if dialect == "sqlite" else _for_psycopg
    row["event_id"] = row.pop("id")
    return {f"journal_{name}": native(value) for name, value in row.items()}


def _row(vault: Vault, event: NewEvent) -> dict[str, Any]:
    event_id = new_id()
    return {
        "id": event_id,
        "stream_id": event.stream_id,
        "type": event.type,
        "subject_id": event.subject_id,
        "occurred_at": event.occurred_at,
        "payload": _seal(vault, event, event_id=event_id),
        "state": EventState.PENDING,
    }


def _seal(vault: Vault, event: NewEvent, *, event_id: uuid.UUID) -> Sealed:
    check(event.type, facts=event.facts)
    facts = orjson.dumps(event.facts, option=orjson.OPT_SORT_KEYS)
    return vault.seal_bytes(facts, owner=event.stream_id, place=payload_place(event_id))


def payload_place(event_id: uuid.UUID) -> Place:
    """Where the facts of an event are sealed."""
    return Place("journal_events", "payload", event_id)


def _take_numbers(session: Session, wanted: Mapping[uuid.UUID, int]) -> dict[uuid.UUID, int]:
    """Move each stream on by what is wanted of it and return its last number."""
    rows = [{"id": stream_id, "last_seq": many} for stream_id, many in wanted.items()]
    return count_on(session, JournalStream, rows, counter="last_seq")


def _for_psycopg(value: Any) -> Any:
    return value.blob if isinstance(value, Sealed) else value


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime):
        return sqlite_moment(value)
    return _for_psycopg(value)
