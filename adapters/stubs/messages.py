"""The one ledger of messages that the provider's two faces (Twilio-like, simulator) and the phones share."""

import json
import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import gsm0338

from adapters.stubs.store import Store

_GSM: Any = gsm0338.Codec()  # type: ignore[no-untyped-call]


def now() -> str:
    """The time as the ledgers write it."""
    return datetime.now(UTC).isoformat()


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """A message before it is in the ledger. `direction` is out (from the service) or in (from a phone)."""

    id: str
    channel: str
    direction: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    status: str
    callback_url: str | None = field(default=None, repr=False)
    attempt_id: str | None = None
    valid_for: int | None = None
    media: Sequence[Mapping[str, str]] = ()


class Messages:
    """What the provider accepted and received."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, message: NewMessage) -> dict[str, Any]:
        """Write a message and return its row once it is on disk."""
        return self._store.write(lambda connection: _insert(connection, message))

    def tell(self, message_id: str, *, status: str, error_code: str | None = None) -> None:
        """Note what became of a message."""
        sent_at = now() if status in {"sent", "failed"} else None
        self._store.write(
            lambda connection: connection.execute(
                "UPDATE messages SET status = ?, error_code = ?, sent_at = coalesce(sent_at, ?) WHERE id = ?",
                (status, error_code, sent_at, message_id),
            )
        )

    def posted(self, message_id: str, *, word: str, answer: int) -> None:
        """Note that the service was told of a message, and what it answered."""
        self._store.begin(
            lambda connection: connection.execute(
                "INSERT INTO posts (message_id, word, answer, at) VALUES (?, ?, ?, ?)",
                (message_id, word, answer, now()),
            )
        )

    def one(self, message_id: str) -> dict[str, Any] | None:
        """A message by its id."""
        rows = self._store.read("SELECT * FROM messages WHERE id = ?", (message_id,))
        return dict(rows[0]) if rows else None

    def select(
        self, where: Mapping[str, object], *, newest_first: bool = False, before: int | None = None, limit: int = -1
    ) -> list[dict[str, Any]]:
        """Messages for which every given `column operator` holds, for example {"created_at >=": t}."""
        conditions = [f"{column} ?" if " " in column else f"{column} = ?" for column in where]
        parameters = [*where.values()]
        if before is not None:
            conditions.append("position < ?")
            parameters.append(before)
        statement = "SELECT * FROM messages"
        if conditions:
            statement += f" WHERE {' AND '.join(conditions)}"
        statement += f" ORDER BY position {'DESC' if newest_first else 'ASC'} LIMIT ?"
        return [dict(row) for row in self._store.read(statement, (*parameters, limit))]

    def of_phone(self, number: str) -> list[dict[str, Any]]:
        """Everything one phone got and wrote, oldest first."""
        rows = self._store.read(
            "SELECT * FROM messages WHERE (direction = 'out' AND recipient = ?) OR (direction = 'in' AND sender = ?)"
            " ORDER BY position",
            (number, number),
        )
        return [dict(row) for row in rows]

    def phones(self) -> list[dict[str, Any]]:
        """The phones heard of last, at most 200, each with the number of its messages and the time of the last."""
        rows = self._store.read(
            "SELECT CASE direction WHEN 'out' THEN recipient ELSE sender END AS number, count(*) AS messages,"
            " max(created_at) AS latest FROM messages GROUP BY 1 ORDER BY 3 DESC LIMIT 200"
        )
        return [dict(row) for row in rows]

    def block(self, number: str, *, blocked: bool) -> None:
        """Act on a citizen's STOP or START as the provider does."""
        statement = "INSERT OR IGNORE INTO blocked VALUES (?)" if blocked else "DELETE FROM blocked WHERE number = ?"
        self._store.write(lambda connection: connection.execute(statement, (number,)))

    def is_blocked(self, number: str) -> bool:
        """Whether the provider refuses to send to a number."""
        return bool(self._store.read("SELECT 1 FROM blocked WHERE number = ?", (number,)))


def segments_of(text: str) -> int:
    """How many SMS a text takes."""
    try:
        length, alone, together = len(_GSM.encode(text)[0]), 160, 153
    except UnicodeEncodeError:
        length, alone, together = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= alone else math.ceil(length / together)


def _insert(connection: sqlite3.Connection, message: NewMessage) -> dict[str, Any]:
    row = {
        "id": message.id,
        "channel": message.channel,
        "direction": message.direction,
        "sender": message.sender,
        "recipient": message.recipient,
        "text": message.text,
        "status": message.status,
        "created_at": now(),
        "sent_at": now() if message.direction == "in" else None,
        "callback_url": message.callback_url,
        "attempt_id": message.attempt_id,
        "valid_for": message.valid_for,
        "segments": segments_of(message.text),
        "media": json.dumps(list(message.media)),
    }
    columns = ", ".join(row)
    places = ", ".join(f":{column}" for column in row)
    found = connection.execute(f"INSERT INTO messages ({columns}) VALUES ({places}) RETURNING *", row)  # noqa: S608
    return dict(found.fetchone())
