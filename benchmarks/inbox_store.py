"""A store as it looks after years of use: conversations with real keys, sealed texts, search tokens and receipts.

Everything that a page reads is there and can be opened. The messages lie on the disk in the order in which they were
written, which strews each thread over the whole table, as life does.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa
from psycopg import sql

from benchmarks.inbox_texts import TEXTS
from messaging.appointments.models import Appointment, Form
from messaging.composing import open_keystore
from messaging.config import Config
from messaging.conversations.incoming import body_place, raw_place
from messaging.conversations.models import (
    Attempt,
    Author,
    Conversation,
    Direction,
    InboundEvent,
    Message,
    SearchToken,
)
from messaging.conversations.search_words import terms_of
from messaging.conversations.states import AttemptState, MessageState, Waiting
from messaging.database.base import new_id
from messaging.journal.events import EventType
from messaging.journal.models import EventState, JournalEvent, JournalStream
from messaging.journal.recording import payload_place
from messaging.people.models import (
    CaseloadEntry,
    Caseworker,
    Citizen,
    ContactPoint,
    PhoneNumber,
    Role,
    Standing,
    Unit,
)
from messaging.vault.keyring import Keyring
from messaging.vault.place import Place
from messaging.vault.vault import Vault

EACH = 20
"""Messages of a conversation; every second one came in, the last one always."""
CASELOAD = 80
BROAD_CASELOAD = 100
OTHERS_CASELOAD = 45
"""Small enough for more than a thousand members of staff in the large store."""
EIGHTY, HUNDRED = "b80", "b100"
"""Initials of the caseworkers who are measured: by the list and the thread, and by the search."""
YEARS = timedelta(days=4 * 365)
CHUNK = 500
"""Citizens whose rows are made before they are copied."""

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Person:
    """A citizen while the store is laid."""

    id: uuid.UUID
    caseworker_id: uuid.UUID
    number_id: uuid.UUID
    point_id: uuid.UUID
    place: int


def lay(config: Config, *, conversations: int, now: datetime, seed: int = 7) -> None:
    """Fill a database that has tables and nothing in them. Made for PostgreSQL, and only for measuring."""
    chance = Random(seed)
    keystore = open_keystore(config)
    vault = Vault(Keyring.load(config.key_file), keystore, cache_size=conversations + 1, cache_seconds=86_400)
    with closing(vault), psycopg.connect(_native(config)) as connection:
        connection.execute("SET session_replication_role = replica")  # all that rows refer to is laid as well
        without_indexes = _search_index(connection)
        people = _lay_people(connection, vault, conversations=conversations, now=now)
        for place in range(EACH):
            _lay_messages(connection, vault, people, place=place, now=now, chance=chance)
        for statement in without_indexes:
            connection.execute(statement)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE)")


def _search_index(connection: psycopg.Connection) -> tuple[bytes, ...]:
    """Take the tokens' keys away and return the statements that make them again: sorted is faster than one by one."""
    connection.execute("ALTER TABLE search_tokens DROP CONSTRAINT pk_search_tokens")
    connection.execute("DROP INDEX ix_search_tokens_message_id")
    return (
        b"ALTER TABLE search_tokens ADD CONSTRAINT pk_search_tokens PRIMARY KEY (token, message_id)",
        b"CREATE INDEX ix_search_tokens_message_id ON search_tokens (message_id)",
    )


def _lay_people(connection: psycopg.Connection, vault: Vault, *, conversations: int, now: datetime) -> list[Person]:
    staff = _staff(conversations)
    unit = new_id()
    _copy(connection, Unit, [{"id": unit, "name": "Ungeteamet"}])
    _copy(
        connection,
        Caseworker,
        [
            {"id": id_, "initials": initials, "name": f"Mette {initials}", "unit_id": unit, "role": Role.CASEWORKER}
            for initials, (id_, _) in staff.items()
        ],
    )
    caseworkers = [id_ for id_, size in staff.values() for _ in range(size)][:conversations]
    people = [
        Person(id=new_id(), caseworker_id=caseworker, number_id=new_id(), point_id=new_id(), place=place)
        for place, caseworker in enumerate(caseworkers)
    ]
    vault.create_owners([person.id for person in people])
    for chunk in _chunks(people):
        vault.warm([person.id for person in chunk])
        _copy(connection, Citizen, (_citizen(vault, person, now) for person in chunk))
        _copy(connection, PhoneNumber, (_number(vault, person) for person in chunk))
        _copy(connection, ContactPoint, (_point(vault, person, now) for person in chunk))
        _copy(connection, CaseloadEntry, (_caseload(person, now) for person in chunk))
        _copy(connection, Conversation, (_conversation(person, now) for person in chunk))
        _copy(connection, Appointment, (row for person in chunk for row in _appointments(person, now)))
        _copy(connection, JournalStream, ({"id": person.id, "last_seq": EACH} for person in chunk))
    return people


def _staff(conversations: int) -> dict[str, tuple[uuid.UUID, int]]:
    """Return ids and caseloads by initials."""
    others = -(-(conversations - CASELOAD - BROAD_CASELOAD) // OTHERS_CASELOAD)
    measured = {EIGHTY: (new_id(), CASELOAD), HUNDRED: (new_id(), BROAD_CASELOAD)}
    return measured | {f"m{number:04}": (new_id(), OTHERS_CASELOAD) for number in range(others)}


def _citizen(vault: Vault, person: Person, now: datetime) -> Row:
    texts = {"cpr": f"01019{person.place:05}", "first_name": "Sara", "last_name": f"Nielsen{person.place}"}
    sealed = {
        column: vault.seal(text, owner=person.id, place=Place("citizens", column, person.id)).blob
        for column, text in texts.items()
    }
    return {"id": person.id, "cpr_index": vault.cpr_index(texts["cpr"]), "created_at": now - YEARS, **sealed}


def _number(vault: Vault, person: Person) -> Row:
    return {"id": person.number_id, "number_index": vault.phone_index(_e164(person))}


def _point(vault: Vault, person: Person, now: datetime) -> Row:
    place = Place("contact_points", "number", person.point_id)
    return {
        "id": person.point_id,
        "citizen_id": person.id,
        "number_id": person.number_id,
        "number": vault.seal(_e164(person), owner=person.id, place=place).blob,
        "standing": Standing.IN_USE,
        "source": "benchmark",
        "valid_from": now - YEARS,
    }


def _caseload(person: Person, now: datetime) -> Row:
    return {
        "id": new_id(),
        "citizen_id": person.id,
        "caseworker_id": person.caseworker_id,
        "valid_from": now - YEARS,
    }


def _conversation(person: Person, now: datetime) -> Row:
    written_at = _written_at(person, EACH - 1, now)
    return {
        "id": person.id,
        "last_seq": EACH,
        "waiting": Waiting.FOR_US,
        "waiting_since": written_at,
        "unread": 1,
        "last_message_at": written_at,
    }


def _appointments(person: Person, now: datetime) -> Iterator[Row]:
    """One meeting long ago, one that comes in the next weeks."""
    for days in (-200, 1 + person.place % 20):
        yield {
            "id": new_id(),
            "source": "benchmark",
            "external_id": f"{person.place}/{days}",
            "citizen_id": person.id,
            "caseworker_id": person.caseworker_id,
            "starts_at": now + timedelta(days=days),
            "minutes": 45,
            "meeting_type": "Jobsamtale",
            "form": Form.IN_PERSON,
            "place": "Ungecenteret, Sydhavnen",
            "state_since": now - YEARS,
            "booked_at": now - YEARS,
        }


def _lay_messages(
    connection: psycopg.Connection,
    vault: Vault,
    people: Sequence[Person],
    *,
    place: int,
    now: datetime,
    chance: Random,
) -> None:
    """Add the message of this place to every thread."""
    for chunk in _chunks(people):
        texts = [chance.choice(TEXTS) for _ in chunk]
        messages = [
            _message(vault, person, text, place=place, now=now) for person, text in zip(chunk, texts, strict=True)
        ]
        _copy(connection, Message, messages)
        came_in = [message for message in messages if message["direction"] is Direction.IN]
        sent = [message for message in messages if message["direction"] is Direction.OUT]
        _copy(connection, InboundEvent, (_inbound(vault, message) for message in came_in))
        _copy(connection, Attempt, (_attempt(vault, message) for message in sent))
        _copy(connection, JournalEvent, (_event(vault, message) for message in messages))
        _copy(connection, SearchToken, _tokens(vault, messages, texts))


def _message(vault: Vault, person: Person, text: str, *, place: int, now: datetime) -> Row:
    at = _written_at(person, place, now)
    id_, came_in = _id_at(at), place % 2 == 1
    return {
        "id": id_,
        "conversation_id": person.id,
        "seq": place + 1,
        "direction": Direction.IN if came_in else Direction.OUT,
        "author": Author.CITIZEN if came_in else Author.CASEWORKER,
        "author_id": None if came_in else person.caseworker_id,
        "medium": "sms",
        "number_id": person.number_id,
        "contact_point_id": None if came_in else person.point_id,
        "body": vault.seal(text, owner=person.id, place=body_place(id_)).blob,
        "state": MessageState.RECEIVED if came_in else MessageState.DELIVERED,
        "state_since": at,
        "created_at": at,
        "due_at": at,
    }


def _inbound(vault: Vault, message: Row) -> Row:
    raw = orjson.dumps({"sender": "+4520000000", "recipient": "+4530000000", "media": [], "body": "x" * 300})
    return {
        "id": message["id"],
        "channel": "twilio_sms",
        "account": "benchmark",
        "provider_message_id": f"SM{message['id'].hex}",
        "received_at": message["created_at"],
        "raw": vault.seal_bytes(raw, owner=message["conversation_id"], place=raw_place(message["id"])).blob,
    }


def _attempt(vault: Vault, message: Row) -> Row:
    return {
        "id": new_id(),
        "message_id": message["id"],
        "number": 1,
        "channel": "twilio_sms",
        "token_digest": vault.fingerprint(message["id"].bytes, purpose="benchmark"),
        "body_digest": vault.fingerprint(message["id"].bytes, purpose="benchmark"),
        "state": AttemptState.ACCEPTED,
        "intended_at": message["created_at"],
        "lease_until": message["created_at"],
        "answered_at": message["created_at"],
        "provider_message_id": f"SM{message['id'].hex}",
        "status": "delivered",
        "resolved_by": "answer",
    }


def _event(vault: Vault, message: Row) -> Row:
    id_, owner, at = _id_at(message["created_at"]), message["conversation_id"], message["created_at"]
    came_in = message["direction"] is Direction.IN
    return {
        "id": id_,
        "stream_id": owner,
        "seq": message["seq"],
        "type": EventType.MESSAGE_RECEIVED if came_in else EventType.MESSAGE_QUEUED,
        "subject_id": message["id"],
        "occurred_at": at,
        "payload": vault.seal_bytes(b'{"channel":"sms"}', owner=owner, place=payload_place(id_)).blob,
        "state": EventState.RECEIPTED,
        "receipt_number": f"D-{message['id'].hex[-10:]}",
        "receipted_at": at,
    }


def _tokens(vault: Vault, messages: Sequence[Row], texts: Sequence[str]) -> Iterator[Row]:
    for message, text in zip(messages, texts, strict=True):
        owner = message["conversation_id"]
        for token in set(vault.search_tokens(_TERMS[text], owners=[owner])[owner]):
            yield {"token": token, "message_id": message["id"]}


_TERMS = {text: sorted(terms_of(text)) for text in TEXTS}


def _copy(connection: psycopg.Connection, table: type, rows: Iterable[Row]) -> None:
    """Copy rows of one shape into a table; what a row does not say is the column's default."""
    mapped = sa.inspect(table).local_table
    defaults = {
        column.name: column.default.arg
        for column in mapped.columns
        if column.default is not None and column.default.is_scalar
    }
    whole = [defaults | dict(row) for row in rows]
    if not whole:
        return
    names = list(whole[0])
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(mapped.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copying:
        for row in whole:
            copying.write_row([_plain(row[name]) for name in names])


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def _written_at(person: Person, place: int, now: datetime) -> datetime:
    """Spread over the years; the last message is some hours old."""
    step = YEARS / EACH
    return now - timedelta(hours=2, seconds=person.place) - (EACH - 1 - place) * step


def _id_at(at: datetime) -> uuid.UUID:
    """A UUIDv7 of that moment."""
    fresh = uuid.uuid4().int & ((1 << 80) - 1)
    milliseconds = int(at.timestamp() * 1000)
    return uuid.UUID(int=(milliseconds << 80) | (0x7 << 76) | (fresh & ~(0xF << 76)) & ~(0x3 << 62) | (0x2 << 62))


def _e164(person: Person) -> str:
    return f"+4520{person.place:06}"


def _chunks(people: Sequence[Person]) -> Iterator[Sequence[Person]]:
    for start in range(0, len(people), CHUNK):
        yield people[start : start + CHUNK]


def _native(config: Config) -> str:
    return config.database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def real_now() -> datetime:
    """The moment the last messages are counted from."""
    return datetime.now(UTC)
