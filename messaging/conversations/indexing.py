"""Making messages findable, after the commit: each gets the tokens of its words under its citizen's key.

The indexer follows the changes from the first one on, so a message that was there before it is taken in like a new
one, and after a crash it goes on where it was. What waits in triage is nobody's yet: it is announced again when it has
found its thread, and gets its tokens then.
"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from messaging.conversations.models import Conversation, Kind, Message, SearchToken
from messaging.conversations.opening import open_text
from messaging.conversations.search_words import terms_of
from messaging.database.changes import SeenChange, Tail
from messaging.database.upserts import insert_into
from messaging.runtime import Runtime
from messaging.vault.errors import CannotOpen
from messaging.vault.vault import Vault

READER = "conversations.search"
"""The name under which the indexer keeps its place in the changes."""
KINDS = frozenset({"message.received", "message.written"})
BATCH = 200
"""Messages a transaction: short enough for those who wait to write."""

log = structlog.get_logger()


class SearchIndexer:
    """Keeps the tokens up with the messages. What it sees twice it stores once."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._tail = Tail(READER, kinds=KINDS, limit=BATCH)

    def drain(self) -> int:
        """Take in what was written since; return how many messages that were."""
        database = self._runtime.database
        with database.read() as session:
            changes = self._tail.next(session)
            rows = _tokens(session, self._runtime.vault, changes)
        if changes:
            with database.write() as session:
                if rows:
                    session.execute(insert_into(session, SearchToken).on_conflict_do_nothing(), rows)
                self._tail.settle(session, changes)
        return len(changes)


def _tokens(session: Session, vault: Vault, changes: Sequence[SeenChange]) -> list[dict[str, int | uuid.UUID]]:
    """Return the rows of the messages that stand in a thread and can be opened."""
    ids = {change.object_id for change in changes}
    found = session.execute(
        sa.select(Message, Conversation.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id.in_(ids), Message.kind != Kind.LOGIN_CODE)
        .order_by(Message.id)
    ).all()
    vault.warm({citizen_id for _, citizen_id in found})
    return [
        {"token": token, "message_id": message.id}
        for message, citizen_id in found
        for token in _of(vault, message, citizen_id)
    ]


def _of(vault: Vault, message: Message, citizen_id: uuid.UUID) -> list[int]:
    try:
        terms = sorted(terms_of(open_text(vault, message, owner=citizen_id)))
    except CannotOpen:  # one that cannot be read must not keep the others from being found
        log.warning("search.unreadable", message=str(message.id))
        return []
    return vault.search_tokens(terms, owners=[citizen_id])[citizen_id]
