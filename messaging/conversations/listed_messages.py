"""What the rows of a list say beyond whose they are: which message it is about, and why a citizen cannot be reached."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.content_gate import mask_cpr
from messaging.conversations.inbox_lists import Listing, is_stuck
from messaging.conversations.models import Kind, Message
from messaging.conversations.opening import open_text
from messaging.conversations.queries import Progress
from messaging.conversations.sending import why_no_sms
from messaging.conversations.states import MessageState, Waiting
from messaging.people.acting import Act
from messaging.people.actors import Actor
from messaging.people.models import Citizen
from messaging.people.reaching import reach_many
from messaging.people.visibility import visible_to
from messaging.vault.vault import Vault

FIRST_WORDS = 60
"""Letters of a message that stand on its row."""

UNDELIVERED = "undelivered_again"
"""Why a citizen cannot be reached whose number looks well: message after message does not arrive."""


@dataclass(frozen=True, kw_only=True)
class ListedMessage(Progress):
    """The message a row is about. `words`, how it begins, only for who may open it; else None."""

    id: uuid.UUID
    created_at: datetime
    due_at: datetime
    words: str | None = field(repr=False)


def find_messages(
    session: Session, vault: Vault, actor: Actor, *, shown: Waiting | Listing, now: datetime, ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, ListedMessage]:
    """Return the message each of these citizens is in the list for, opened; nothing in lists that are about none.

    A deputy reads no words of a colleague's citizen here, nor a leader of one she has given no reason to open.
    """
    chosen = _chosen(shown, now)
    if chosen is None:
        return {}
    one = chosen.where(Message.conversation_id == Citizen.id).limit(1).correlate(Citizen).scalar_subquery()
    message_of = sa.select(Message, visible_to(actor.on_her_own)).join(Citizen, Message.id == one)
    rows = session.execute(message_of.where(Citizen.id.in_(ids)))
    return {
        owner: ListedMessage(
            id=message.id,
            medium=message.medium,
            state=message.state,
            state_since=message.state_since,
            reason=message.reason,
            created_at=message.created_at,
            due_at=message.due_at,
            words=first_words(open_text(vault, message, owner=owner)) if may_open else None,
        )
        for message, may_open in rows
        if (owner := message.conversation_id) is not None
    }


def note_words_read(act: Act, messages: Collection[ListedMessage]) -> None:
    """Note that somebody was shown how these messages begin."""
    for message in messages:
        if message.words is not None:
            act.audit("message.listed", object_kind="message", object_id=message.id)


def why_each_unreachable(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return why each of these citizens, who cannot be reached, cannot."""
    people = reach_many(session, list(ids))
    return {id_: why_no_sms(people[id_], Kind.TEXT) or UNDELIVERED for id_ in ids}


def first_words(text: str) -> str:
    """Return how a text begins, on one line, cut between words, and without personal numbers."""
    line = " ".join(mask_cpr(text).split())
    if len(line) <= FIRST_WORDS:
        return line
    return f"{line[:FIRST_WORDS].rsplit(' ', 1)[0]} …"


def _chosen(shown: Waiting | Listing, now: datetime) -> sa.Select[uuid.UUID] | None:
    if shown is Listing.NEEDS_ACTION:
        return sa.select(Message.id).where(is_stuck(now)).order_by(Message.seq.desc())
    if shown is Listing.SCHEDULED:
        scheduled = Message.state == MessageState.SCHEDULED
        return sa.select(Message.id).where(scheduled).order_by(Message.due_at, Message.id)
    return None
