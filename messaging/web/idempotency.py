"""Repeating a request without repeating its effect.

The caller's key is written first, in the transaction of the effect. Of parallel requests with one key the database
lets one through; the others wait for it and get what it made. A key that comes again with another content is an error:
answering it with the first one's result would silently lose the second.
"""

import hmac
import uuid
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.database.upserts import insert_into
from messaging.errors import InvalidInput
from messaging.vault.vault import Vault
from messaging.web.models import IdempotencyKey


def fingerprint_of(vault: Vault, *asked: Any) -> bytes:
    """Return the keyed digest of all that was asked, whatever the order of its fields."""
    return vault.fingerprint(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS), purpose="idempotency")


def take_key(
    session: Session, *, scope: str, key: str, fingerprint: bytes, object_id: uuid.UUID, at: datetime
) -> uuid.UUID | None:
    """Note that `key` makes the object `object_id`; return None, or what it made before: then there is nothing to do.

    `scope` is the caller and the route, `fingerprint` a keyed digest of all that was asked. Raises InvalidInput if the
    key came before with another fingerprint.
    """
    insert = insert_into(session, IdempotencyKey).values(
        scope=scope, key=key, fingerprint=fingerprint, object_id=object_id, created_at=at
    )
    taken = session.execute(insert.on_conflict_do_nothing().returning(IdempotencyKey.object_id)).scalar()
    if taken is not None:
        return None
    return _made(session.scalars(_of(scope, key)).one(), fingerprint)


def find_made(session: Session, *, scope: str, key: str, fingerprint: bytes) -> uuid.UUID | None:
    """Return what `key` made before, None if it made nothing yet. Raises as `take_key`."""
    earlier = session.scalar(_of(scope, key))
    return None if earlier is None else _made(earlier, fingerprint)


def _of(scope: str, key: str) -> sa.Select[IdempotencyKey]:
    return sa.select(IdempotencyKey).filter_by(scope=scope, key=key)


def _made(earlier: IdempotencyKey, fingerprint: bytes) -> uuid.UUID:
    if not hmac.compare_digest(earlier.fingerprint, fingerprint):
        raise InvalidInput("this key was used for another content before; nothing was changed", field="Idempotency-Key")
    return earlier.object_id
