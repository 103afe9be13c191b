"""The hot path of what comes in: a plain text from one person's number, stored with its effects by one gated write.

The raw event goes in only if the provider's id is new and the number still belongs to whom we believe; everything else
feeds on that row.
"""

import uuid
from datetime import datetime
from typing import Any

from messaging.audit import trail
from messaging.conversations.incoming import Incoming, body_place, facts_of, raw_of, raw_place
from messaging.database.engine import Database
from messaging.database.gated_writes import GatedWrite
from messaging.database.native import native
from messaging.journal import recording
from messaging.journal.events import EventType
from messaging.people.actors import Actor, ActorKind
from messaging.vault.vault import Vault

CITIZEN = Actor(kind=ActorKind.CITIZEN)

INBOUND = GatedWrite(
    postgresql=f"""
WITH gate AS (
    INSERT INTO inbound_events (id, channel, account, provider_message_id, received_at, raw)
    SELECT %(id)s, %(channel)s, %(account)s, %(provider_message_id)s, %(at)s, %(raw)s
    FROM phone_numbers WHERE id = %(number_id)s AND version = %(version)s
    ON CONFLICT DO NOTHING RETURNING id
), thread AS (
    INSERT INTO conversations (id, last_seq, waiting, waiting_since, unread, last_message_at, danger_since)
    SELECT %(citizen_id)s, 1, 'waiting_for_us', %(at)s, 1, %(at)s, %(danger_at)s FROM gate
    ON CONFLICT (id) DO UPDATE SET
        last_seq = conversations.last_seq + 1,
        unread = conversations.unread + 1,
        waiting = 'waiting_for_us',
        waiting_since = CASE conversations.waiting WHEN 'waiting_for_us' THEN conversations.waiting_since
                        ELSE excluded.waiting_since END,
        last_message_at = excluded.last_message_at,
        danger_since = COALESCE(conversations.danger_since, excluded.danger_since)
    RETURNING last_seq
), message AS (
    INSERT INTO messages (id, conversation_id, seq, direction, kind, author, medium, number_id, body, segments,
        content_free, lane, state, state_since, created_at, due_at, provider_time, late, danger, tries, deaths)
    SELECT %(id)s, %(citizen_id)s, last_seq, 'in', 'text', 'citizen', 'sms', %(number_id)s, %(body)s, 1,
        false, 'interactive', 'received', %(at)s, %(at)s, %(at)s, %(provider_time)s, %(late)s, %(danger)s, 0, 0
    FROM thread
), {recording.EVENT_POSTGRESQL.format(gate="thread")},
{trail.ENTRY_POSTGRESQL.format(gate="gate")},
change AS (
    INSERT INTO changes (kind, object_id, happened_at)
    SELECT 'message.received', id, clock_timestamp() FROM gate
)
SELECT count(*) FROM gate
""",  # noqa: S608 (the pieces put in are constants; every value is a parameter)
    sqlite_gate="""
    INSERT INTO inbound_events (id, channel, account, provider_message_id, received_at, raw)
    SELECT :id, :channel, :account, :provider_message_id, :at, :raw
    FROM phone_numbers WHERE id = :number_id AND version = :version
    ON CONFLICT DO NOTHING
""",
    sqlite_effects=(
        """
    INSERT INTO conversations (id, last_seq, waiting, waiting_since, unread, last_message_at, danger_since)
    VALUES (:citizen_id, 1, 'waiting_for_us', :at, 1, :at, :danger_at)
    ON CONFLICT (id) DO UPDATE SET
        last_seq = last_seq + 1,
        unread = unread + 1,
        waiting = 'waiting_for_us',
        waiting_since = CASE waiting WHEN 'waiting_for_us' THEN waiting_since ELSE excluded.waiting_since END,
        last_message_at = excluded.last_message_at,
        danger_since = COALESCE(danger_since, excluded.danger_since)
    """,
        """
    INSERT INTO messages (id, conversation_id, seq, direction, kind, author, medium, number_id, body, segments,
        content_free, lane, state, state_since, created_at, due_at, provider_time, late, danger, tries, deaths)
    SELECT :id, id, last_seq, 'in', 'text', 'citizen', 'sms', :number_id, :body, 1,
        0, 'interactive', 'received', :at, :at, :at, :provider_time, :late, :danger, 0, 0
    FROM conversations WHERE id = :citizen_id
    """,
        *recording.EVENT_SQLITE,
        *trail.ENTRY_SQLITE,
        "INSERT INTO changes (kind, object_id) VALUES ('message.received', :id)",
    ),
)


def store_plain(
    database: Database,
    vault: Vault,
    incoming: Incoming,
    *,
    citizen_id: uuid.UUID,
    number_id: uuid.UUID,
    version: int,
    at: datetime,
) -> bool:
    """Store the message; False, with nothing written, if it was delivered before or the number has changed hands."""
    parameters = _parameters(
        vault, incoming, citizen_id=citizen_id, number_id=number_id, version=version, at=at, dialect=database.dialect
    )
    return INBOUND.run(database, parameters)


def _parameters(
    vault: Vault,
    incoming: Incoming,
    *,
    citizen_id: uuid.UUID,
    number_id: uuid.UUID,
    version: int,
    at: datetime,
    dialect: str,
) -> dict[str, Any]:
    source, row = incoming.source, incoming.id
    values = {
        "id": row,
        "channel": incoming.channel,
        "account": source.account,
        "provider_message_id": source.provider_message_id,
        "at": at,
        "raw": vault.seal_bytes(raw_of(source), owner=citizen_id, place=raw_place(row)),
        "number_id": number_id,
        "version": version,
        "citizen_id": citizen_id,
        "body": vault.seal(incoming.text, owner=citizen_id, place=body_place(row)),
        "danger": incoming.danger,
        "danger_at": at if incoming.danger else None,
        "provider_time": source.provider_time,
        "late": incoming.late,
    }
    event = recording.NewEvent(
        stream_id=citizen_id,
        type=EventType.MESSAGE_RECEIVED,
        subject_id=row,
        occurred_at=at,
        facts=facts_of(incoming),
    )
    return {
        **native(values, dialect=dialect),
        **recording.event_parameters(vault, event, dialect=dialect),
        **trail.entry_parameters(
            vault,
            at=at,
            actor=CITIZEN,
            action="message.received",
            object_kind="message",
            object_id=row,
            dialect=dialect,
        ),
    }
