"""Lists for screens and the API: conversations, and the messages of a thread. Pages by keyset."""

import enum
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.models import Author, Conversation, Direction, Kind, Message, Template
from messaging.conversations.opening import count_media, open_text
from messaging.conversations.states import MessageState, Waiting
from messaging.database.base import Moment
from messaging.database.changes import SeenChange
from messaging.errors import NotFound
from messaging.journal.queries import Journaled, journaled
from messaging.people.actors import Actor
from messaging.people.models import Caseworker, Citizen
from messaging.people.queries import name_citizens
from messaging.people.visibility import known_to, visible_to
from messaging.vault.vault import Vault
from messaging.web.cursors import is_after

RECEIPT_PATIENCE = timedelta(hours=72)
"""A message that nobody confirmed for this long is shown as without receipt; its state stays `sent`."""

TROUBLE_SHOWN = timedelta(days=7)
"""How long a message that failed or expired marks its conversation."""

LEFT_TO_HUMANS = frozenset({"several_matches", "unclear_too_long"})
"""Why a message is unclear for good: nobody looks for it any more, and a human says what became of it."""

NO_MEETING = datetime(9999, 12, 31, tzinfo=UTC)
"""Where those stand who have no meeting soon: behind all who have."""

LISTING_KINDS = (int, datetime, datetime, uuid.UUID)
"""The types of `ListedConversation.key`."""


class Listing(enum.StrEnum):
    """Lists that are no standing of a conversation: whatever its standing, it may be in them."""

    NEEDS_ACTION = "needs_action"
    """A message of ours has not got through."""
    SCHEDULED = "scheduled"
    """A message of ours waits for its time."""


@dataclass(frozen=True, kw_only=True)
class ListedConversation:
    """A conversation in a list; `id` is the citizen's. `needs_action`: a message of ours has not got through.

    `meeting_at` is the citizen's next meeting, if it is soon.
    """

    id: uuid.UUID
    name: str = field(repr=False)
    waiting: Waiting
    waiting_since: datetime
    unread: int
    last_message_at: datetime
    danger_since: datetime | None
    needs_action: bool
    meeting_at: datetime | None = None

    @property
    def key(self) -> tuple[int, datetime, datetime, uuid.UUID]:
        """The place in the list: a sign of danger before all else, then the next meeting."""
        return (0 if self.danger_since else 1, self.meeting_at or NO_MEETING, self.waiting_since, self.id)


@dataclass(frozen=True, kw_only=True)
class ThreadMessage:
    """A message opened, with its place in the journal. `media` is how many files came with it."""

    id: uuid.UUID
    seq: int | None
    direction: Direction
    kind: Kind
    author: Author
    author_name: str | None
    medium: str
    text: str = field(repr=False)
    segments: int
    state: MessageState
    state_since: datetime
    reason: str | None
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None
    provider_time: datetime | None
    late: bool
    danger: str | None
    media: int
    template: str | None
    journaled: Journaled | None

    def lacks_receipt(self, now: datetime) -> bool:
        """Whether the provider has been silent about it for too long."""
        return self.state is MessageState.SENT and now - self.state_since > RECEIPT_PATIENCE

    @property
    def needs_decision(self) -> bool:
        """Whether a human has to say if it was sent."""
        return self.state is MessageState.UNCLEAR and self.reason in LEFT_TO_HUMANS


def list_conversations(
    session: Session,
    vault: Vault,
    actor: Actor,
    *,
    shown: Waiting | Listing,
    now: datetime,
    after: tuple[int, datetime, datetime, uuid.UUID] | None,
    limit: int,
    meeting_soon: sa.ColumnElement[datetime] | None = None,
) -> list[ListedConversation]:
    """Return the next conversations of this standing or list.

    Signs of danger come first, then those whose citizen has a meeting soon, by its time, then who has waited longest.
    `meeting_soon` is that time as a sub-query on `Conversation.id`; the room of the meetings knows it.
    """
    danger = sa.case((Conversation.danger_since.is_not(None), 0), else_=1)
    never = sa.literal(NO_MEETING, Moment())
    meeting = never if meeting_soon is None else sa.func.coalesce(meeting_soon, never, type_=Moment())
    place = (danger, meeting, Conversation.waiting_since, Conversation.id)
    trouble = _needs_action(now)
    chosen = (
        sa.select(Conversation, trouble, meeting)
        .join(Citizen, Citizen.id == Conversation.id)
        .where(known_to(actor), Conversation.waiting == shown if isinstance(shown, Waiting) else _is_in(shown, now))
        .order_by(*place)
        .limit(limit)
    )
    if after is not None:
        chosen = chosen.where(is_after(place, after))
    rows = session.execute(chosen).all()
    names = name_citizens(session, vault, [row.id for row, *_ in rows])
    return [
        ListedConversation(
            id=row.id,
            name=names[row.id],
            waiting=row.waiting,
            waiting_since=row.waiting_since,
            unread=row.unread,
            last_message_at=row.last_message_at,
            danger_since=row.danger_since,
            needs_action=needs_action,
            meeting_at=None if meeting_at == NO_MEETING else meeting_at,
        )
        for row, needs_action, meeting_at in rows
    ]


def count_waiting(session: Session, actor: Actor) -> dict[Waiting, int]:
    """Return how many conversations of each standing this actor may see."""
    rows = session.execute(
        sa.select(Conversation.waiting, sa.func.count())
        .join(Citizen, Citizen.id == Conversation.id)
        .where(known_to(actor))
        .group_by(Conversation.waiting)
    )
    return dict(rows.all())


def count_listed(session: Session, actor: Actor, *, now: datetime) -> dict[Listing, int]:
    """Return how many conversations of each list this actor may see."""
    counts = [sa.func.count().filter(_is_in(listing, now)) for listing in Listing]
    chosen = sa.select(*counts).select_from(Conversation).join(Citizen, Citizen.id == Conversation.id)
    row = session.execute(chosen.where(known_to(actor))).one()
    return dict(zip(Listing, row, strict=True))


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


def _is_in(listing: Listing, now: datetime) -> sa.ColumnElement[bool]:
    if listing is Listing.NEEDS_ACTION:
        return _needs_action(now)
    scheduled = Message.state == MessageState.SCHEDULED
    return sa.exists().where(Message.conversation_id == Conversation.id, scheduled)


def _needs_action(now: datetime) -> sa.ColumnElement[bool]:
    """Whether a message of the conversation is unclear or held, or has failed or expired lately."""
    stuck = Message.state.in_((MessageState.UNCLEAR, MessageState.HELD))
    lost = Message.state.in_((MessageState.FAILED, MessageState.EXPIRED))
    lately = Message.state_since > now - TROUBLE_SHOWN
    return sa.exists().where(Message.conversation_id == Conversation.id, sa.or_(stuck, sa.and_(lost, lately)))


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
