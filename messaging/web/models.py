"""The table that lets a caller repeat a request without repeating its effect."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base


class IdempotencyKey(Base):
    """A caller's key and what it made. `fingerprint` is a keyed digest of the request: another body is an error."""

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    object_id: Mapped[uuid.UUID]
    created_at: Mapped[datetime]
