"""Keys by which other systems use the API: made once, shown once, known afterwards only by a keyed digest."""

import secrets
import threading
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.acting import Act, Facts
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import ApiKey
from messaging.vault.vault import Vault

PREFIX = "bd_"
CACHE_SECONDS = 3.0
"""A revoked key works for this long at most; five seconds are what we promise."""
CACHED = 1000

SCOPES: dict[str, str] = {
    "citizens:read": "Look up citizens, their numbers and wishes",
    "citizens:write": "Register citizens, note their wishes and decide about their numbers",
    "conversations:read": "List conversations",
    "conversations:write": "Settle conversations",
    "messages:read": "Read the messages of a conversation",
    "messages:write": "Send and cancel messages",
    "appointments:read": "List appointments, their outcomes and reminders",
    "appointments:write": "Book, change and cancel appointments, record outcomes",
    "documents:read": "Fetch documents that citizens have sent or been sent",
    "templates:read": "List templates",
    "keys:manage": "Create, list and revoke keys",
}


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key just made. `secret` is shown now and never again."""

    key: ApiKey
    secret: str = field(repr=False)


def create_key(act: Act, *, name: str, scopes: Collection[str], succeeds: uuid.UUID | None = None) -> NewKey:
    """Make a key; of one that `succeeds` another the system goes on as the same source. The other stays as it is.

    Raises InvalidInput for an unknown scope or a key to succeed that never was, Conflict if the name is taken.
    """
    if strange := sorted(set(scopes) - set(SCOPES)):
        raise InvalidInput(f"there is no scope called {', '.join(strange)}", field="scopes")
    if act.session.scalar(sa.select(ApiKey.id).filter_by(name=name)) is not None:
        raise Conflict("a key of this name exists, or existed")
    former = act.session.get(ApiKey, succeeds) if succeeds else None
    if succeeds and former is None:
        raise InvalidInput("there is no such key to succeed", field="succeeds")
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        id=new_id(),
        name=name,
        secret_digest=_digest(act.vault, secret),
        scopes=" ".join(sorted(scopes)),
        created_at=act.now,
        system_id=former.system if former else None,
    )
    act.session.add(key)
    facts: Facts = {"scopes": key.scopes, "system": str(key.system)}
    act.audit("api_key.created", object_kind="api_key", object_id=key.id, facts=facts)
    return NewKey(key=key, secret=secret)


def revoke_key(act: Act, *, key_id: uuid.UUID) -> ApiKey:
    """End a key; ending it again changes nothing. Raises NotFound."""
    key = act.session.get(ApiKey, key_id)
    if key is None:
        raise NotFound("there is no such key")
    if key.revoked_at is None:
        key.revoked_at = act.now
        act.audit("api_key.revoked", object_kind="api_key", object_id=key.id)
    return key


def find_key(session: Session, *, name: str) -> ApiKey:
    """Return the key of this name, also a revoked one. Raises NotFound."""
    key = session.scalar(sa.select(ApiKey).filter_by(name=name))
    if key is None:
        raise NotFound("there is no key of that name")
    return key


def list_keys(session: Session) -> Sequence[ApiKey]:
    """Return all keys, also the revoked ones, by name."""
    return session.scalars(sa.select(ApiKey).order_by(ApiKey.name)).all()


class KeyHolders:
    """Who holds which secret: looked up once and remembered for seconds, so that a revocation soon tells everywhere."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._lock = threading.Lock()
        self._known: dict[bytes, tuple[Actor, float]] = {}

    def find(self, secret: str) -> Actor | None:
        """Return the actor of a live key, None for anything else."""
        if not (secret.startswith(PREFIX) and secret.isascii()):
            return None
        digest = _digest(self._vault, secret)
        known = self._known.get(digest)
        if known is not None and time.monotonic() < known[1]:
            return known[0]
        return self._look_up(digest)

    def _look_up(self, digest: bytes) -> Actor | None:
        with self._database.read() as session:
            key = session.scalar(sa.select(ApiKey).filter_by(secret_digest=digest, revoked_at=None))
        with self._lock:
            self._known.pop(digest, None)
            if key is None:
                return None
            if len(self._known) >= CACHED:
                self._known.clear()
            actor = Actor(
                kind=ActorKind.INTEGRATION, id=key.id, system_id=key.system_id, scopes=frozenset(key.scopes.split())
            )
            self._known[digest] = (actor, time.monotonic() + CACHE_SECONDS)
        return actor


def _digest(vault: Vault, secret: str) -> bytes:
    return vault.fingerprint(secret.encode(), purpose="api-key")
