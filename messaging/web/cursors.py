"""Cursors of lists: where the next page begins, as one opaque word that only we can make.

A list is ordered by columns that end in the id, so a page begins exactly where the one before ended, whatever was
added meanwhile.
"""

import binascii
import hmac
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from messaging.errors import InvalidInput

if TYPE_CHECKING:
    from messaging.vault.vault import Vault

SEAL_BYTES = 16
LONGEST = 400

Key = tuple[int | str | datetime | uuid.UUID, ...]
"""The values of the order's columns in the last row of a page."""


def write_cursor(vault: "Vault", *, listing: str, key: Key) -> str:
    """Return the cursor of a place in a list; it fits no other list."""
    content = orjson.dumps(key)
    return urlsafe_b64encode(_seal(vault, listing, content) + content).decode().rstrip("=")


def read_cursor(vault: "Vault", cursor: str | None, *, listing: str, kinds: Sequence[type]) -> Key | None:
    """Return the place, None for the beginning. Raises InvalidInput for anything we did not write for this list."""
    if cursor is None:
        return None
    raw = _decode(cursor)
    seal, content = raw[:SEAL_BYTES], raw[SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(vault, listing, content)):
        raise InvalidInput("this cursor was not given out for this list", field="cursor")
    return tuple(_read(value, kind) for value, kind in zip(orjson.loads(content), kinds, strict=True))


def is_after(
    place: Sequence[sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[Any]], key: Sequence[object]
) -> sa.ColumnElement[bool]:
    """Return that a row comes after the place; row values, so that an index can serve it."""
    return sa.tuple_(*place) > _values(place, key)


def is_before(
    place: Sequence[sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[Any]], key: Sequence[object]
) -> sa.ColumnElement[bool]:
    """As `is_after`, for a list whose newest rows come first."""
    return sa.tuple_(*place) < _values(place, key)


def _values(
    place: Sequence[sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[Any]], key: Sequence[object]
) -> sa.Tuple:
    types = [column.type for column in place]
    return sa.tuple_(*(sa.literal(value, type_) for value, type_ in zip(key, types, strict=True)))


def _decode(cursor: str) -> bytes:
    if len(cursor) > LONGEST or not cursor.isascii():
        return b""
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except binascii.Error:
        return b""


def _seal(vault: "Vault", listing: str, content: bytes) -> bytes:
    return vault.fingerprint(listing.encode() + b"\0" + content, purpose="cursor")[:SEAL_BYTES]


def _read(value: int | str, kind: type) -> int | str | datetime | uuid.UUID:
    if kind is datetime:
        return datetime.fromisoformat(str(value))
    return uuid.UUID(str(value)) if kind is uuid.UUID else value
