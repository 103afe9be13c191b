"""The chain's arithmetic: each link is a keyed digest of its place, its entry and the link before it."""

import hmac
from typing import Any

import sqlalchemy as sa

from messaging.audit.models import AuditEntry
from messaging.audit.trail import canonical
from messaging.vault.vault import Vault
from messaging.vault.wrapping import framed

Row = sa.Row[*tuple[Any, ...]]

GENESIS = bytes(32)
"""Stands before the first link."""

FIELDS = ("id", "at", "actor_kind", "actor_id", "action", "object_kind", "object_id", "digest")
CONTENT = tuple(getattr(AuditEntry, name) for name in FIELDS)
"""The columns of what an entry tells: all of it is in its MAC and in its link."""


def content_of(row: Row) -> bytes:
    """Return the canonical bytes of a row that begins with the columns of CONTENT."""
    return canonical(**dict(zip(FIELDS, row, strict=False)))


def link_key(vault: Vault) -> bytes:
    """Return the key of the links."""
    return vault.branch("audit chain")


def link(key: bytes, *, position: int, content: bytes, previous: bytes) -> bytes:
    """Return the link of the entry with this content at this position, counted from 1."""
    return hmac.digest(key, framed(str(position).encode(), content) + previous, "sha256")
