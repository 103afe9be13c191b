"""A message that is to go out, before it has its place in the thread."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Direction, Kind
from messaging.conversations.states import MessageState
from messaging.people.reaching import SMS
from messaging.trial.capabilities import Sort
from messaging.vault.sealed import Sealed
from messaging.work.lanes import Lane


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """What is to be written of a message to a citizen; the fields are columns of `Message`."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    kind: Kind
    author: Author
    author_id: uuid.UUID | None
    number_id: uuid.UUID | None
    contact_point_id: uuid.UUID | None
    body: Sealed
    segments: int
    content_free: bool
    template: str | None
    sort: Sort | None
    lane: Lane
    state: MessageState
    state_since: datetime
    reason: str | None
    created_at: datetime
    due_at: datetime
    expires_at: datetime
    direction: Direction = Direction.OUT
    medium: str = SMS
    content_class: ContentClass = ContentClass.SMS_OK

    def at(self, seq: int) -> dict[str, Any]:
        """Return its row with this place in the thread."""
        return {**vars(self), "seq": seq}
