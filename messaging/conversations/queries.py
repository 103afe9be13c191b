"""The messages of a thread for screens and the API, in pages by keyset; the lists of threads are in `inbox_lists`."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Conversation, Direction, Kind, Message, Template
from messaging.conversations.opening import count_media, open_text
from messaging.conversations.states import MessageState
from messaging.database.changes import SeenChange
from messaging.errors import NotFound
from messaging.journal.queries import Journaled, journaled
from messaging.people.actors import Actor
from messaging.people.models import Caseworker, Citizen
from messaging.people.reaching import APP
from messaging.people.visibility import visible_to
from messaging.vault.vault import Vault

RECEIPT_PATIENCE = timedelta(hours=72)
"""A message that nobody confirmed for this long is shown as without receipt; its state stays `sent`."""

LEFT_TO_HUMANS = frozenset({"several_matches", "unclear_too_long"})
"""Why a message is unclear for good: nobody looks for it any more, and a human says what became of it."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a message has come, and why no further."""

    medium: str
    state: MessageState
    state_since: datetime
    reason: str | None

    def lacks_receipt(self, now: datetime) -> bool:
        """Whether the provider has been silent about it for too long; nobody but the citizen is asked of the app."""
        waits = self.state is MessageState.SENT and self.medium != APP
        return waits and now - self.state_since > RECEIPT_PATIENCE

    @property
    def needs_decision(self) -> bool:
        """Whether a human has to say if it was sent."""
        return self.state is MessageState.UNCLEAR and self.reason in LEFT_TO_HUMANS


@dataclass(frozen=True, kw_only=True)
class ThreadMessage(Progress):
    """A message opened, with its place in the journal. `media` is how many files came with it."""

    id: uuid.UUID
    seq: int | None
    direction: Direction
    kind: Kind
    author: Author
    author_name: str | None
    content_class: ContentClass
    text: str = field(repr=False)
    segments: int
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None
    provider_time: datetime | None
    late: bool
    danger: str | None
    media: int
    template: str | None
    journaled: Journaled | None


def newest_messages(
    session: Session, vault: Vault, citizen_id: uuid.UUID, *, before: int | None, limit: int
) -> list[ThreadMessage]:
    """Return the last messages of a thread, or the last before a place in it; oldest first."""
    chosen = sa.select(Message).where(Message.conversation_id == citizen_id).order_by(Message.seq.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(Message.seq < before)
    return open_messages(session, vault, citizen_id, session.scalars(chosen).all()[::-1])


def next_messages(
    session: Session, vault: Vault, citizen_id: uuid.UUID, *, after: int, limit: int
) -> list[ThreadMessage]:
    """Return the messages that follow a place in a thread; 0 begins with the first."""
    chosen = (
        sa.select(Message)
        .where(Message.conversation_id == citizen_id, Message.seq > after)
        .order_by(Message.seq)
        .limit(limit)
    )
    return open_messages(session, vault, citizen_id, session.scalars(chosen).all())


def one_message(session: Session, vault: Vault, actor: Actor, *, message_id: uuid.UUID) -> ThreadMessage:
    """Return a message of a thread this actor may see. Raises NotFound."""
    message = session.scalar(
        sa.select(Message)
        .join(Citizen, Citizen.id == Message.conversation_id)
        .where(Message.id == message_id, visible_to(actor))
    )
    if message is None or message.conversation_id is None:
        raise NotFound("there is no such message")
    return open_messages(session, vault, message.conversation_id, [message])[0]


def citizens_concerned(session: Session, changes: Collection[SeenChange]) -> set[uuid.UUID]:
    """Return whose conversations some changes concern; those of other rooms concern none here."""
    themselves = {change.object_id for change in changes if change.kind.startswith("conversation.")}
    messages = {change.object_id for change in changes if change.kind.startswith(("message.", "reply."))}
    of_messages = sa.select(Conversation.id).join(Message, Message.conversation_id == Conversation.id)
    return themselves | set(session.scalars(of_messages.where(Message.id.in_(messages))))


def valid_templates(session: Session, *, at: datetime) -> Sequence[Template]:
    """Return the approved texts that are valid at a moment."""
    return session.scalars(
        sa.select(Template)
        .where(Template.valid_from <= at, sa.or_(Template.valid_to.is_(None), Template.valid_to > at))
        .order_by(Template.key, Template.variant, Template.language, Template.version)
    ).all()


def open_messages(
    session: Session, vault: Vault, citizen_id: uuid.UUID, messages: Sequence[Message]
) -> list[ThreadMessage]:
    """Return these messages of one citizen's thread as they are read, in their order."""
    media = count_media(session, vault, messages, owner=citizen_id)
    places = journaled(session, stream_id=citizen_id, subject_ids=[message.id for message in messages])
    authors = {message.author_id for message in messages if message.author is Author.CASEWORKER}
    names = dict(session.execute(sa.select(Caseworker.id, Caseworker.name).where(Caseworker.id.in_(authors))).all())
    return [
        ThreadMessage(
            id=message.id,
            seq=message.seq,
            direction=message.direction,
            kind=message.kind,
            author=message.author,
            author_name=names.get(message.author_id) if message.author_id else None,
            medium=message.medium,
            content_class=message.content_class,
            text=open_text(vault, message, owner=citizen_id),
            segments=message.segments,
            state=message.state,
            state_since=message.state_since,
            reason=message.reason,
            created_at=message.created_at,
            due_at=message.due_at,
            expires_at=message.expires_at,
            provider_time=message.provider_time,
            late=message.late,
            danger=message.danger,
            media=media.get(message.id, 0),
            template=message.template,
            journaled=places.get(message.id),
        )
        for message in messages
    ]
