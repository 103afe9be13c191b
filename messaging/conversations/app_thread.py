"""A citizen's thread as her app shows it: what has come and gone by SMS and app, as far as her sign-in opens it.

What has not left, was withdrawn or never arrived is not shown, nor what staff note among themselves. Nothing here
says what the citizen has read: that a message was shown is all that is known.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Direction, Kind, Message
from messaging.conversations.moving import move
from messaging.conversations.opening import open_text
from messaging.conversations.states import MessageState
from messaging.conversations.templates import DANISH, language_of_name
from messaging.conversations.threads import lock_thread
from messaging.people.acting import Act
from messaging.people.models import Caseworker
from messaging.people.reaching import APP
from messaging.vault.vault import Vault
from messaging.web.language import now as _

PAGE = 30

SHOWN = (MessageState.SENDING, MessageState.SENT, MessageState.DELIVERED, MessageState.READ, MessageState.UNCLEAR)
"""States in which a message of ours has left, or may have."""


@dataclass(frozen=True, kw_only=True)
class AppMessage:
    """A message as the citizen sees it. `text` is None where her sign-in does not open it: `needs` says what would.

    `author`: the first name of the caseworker who wrote it, or that the system did; empty for the citizen herself.
    `at` is when it was sent: of one that was written ahead, at `written_at`, it is the time it was due.
    """

    id: uuid.UUID
    seq: int
    direction: Direction
    author: str
    medium: str
    kind: Kind
    state: MessageState
    written_at: datetime
    at: datetime
    content_class: ContentClass
    language: str | None
    """The language of what we wrote; None of what the citizen wrote, who writes in any."""
    text: str | None = field(repr=False)

    @property
    def needs(self) -> ContentClass | None:
        """What a sign-in must open for this to be read; None where it is open."""
        return self.content_class if self.text is None else None


@dataclass(frozen=True, kw_only=True)
class AppPage:
    """Some messages, oldest first. `before` of the page with those before them is the `seq` of the first."""

    entries: list[AppMessage]
    has_earlier: bool


def read_app_page(
    session: Session,
    vault: Vault,
    *,
    citizen_id: uuid.UUID,
    classes: Collection[ContentClass],
    before: int | None = None,
    size: int = PAGE,
    only: Sequence[sa.ColumnElement[bool]] = (),
) -> AppPage:
    """Return the last messages, or the last before one, by its place in the thread. Two statements, and keys.

    `only` leaves out what does not fit these conditions, as if it were not there.
    """
    chosen = (
        sa.select(Message, Caseworker.name)
        .outerjoin(Caseworker, sa.and_(Caseworker.id == Message.author_id, Message.author == Author.CASEWORKER))
        .where(Message.conversation_id == citizen_id, is_shown(), *only)
        .order_by(Message.due_at.desc(), Message.seq.desc())
        .limit(size + 1)
    )
    if before is not None:
        chosen = chosen.where(_is_before(citizen_id, before))
    rows = session.execute(chosen).all()
    shown = [_shown(vault, message, name, citizen_id, classes) for message, name in rows[size - 1 :: -1]]
    return AppPage(entries=shown, has_earlier=len(rows) > size)


def page_with(session: Session, *, citizen_id: uuid.UUID, seq: int, after: int) -> int | None:
    """Return `before` of the page on which a message stands with some after it; None: that is the newest page."""
    there = aliased(Message)
    at = sa.select(there.due_at).where(there.conversation_id == citizen_id, there.seq == seq).scalar_subquery()
    follows = sa.or_(Message.due_at > at, sa.and_(Message.due_at == at, Message.seq > seq))
    chosen = sa.select(Message.seq).where(Message.conversation_id == citizen_id, is_shown(), follows)
    return session.scalar(chosen.order_by(Message.due_at, Message.seq).offset(after).limit(1))


def mark_read(
    act: Act,
    *,
    citizen_id: uuid.UUID,
    up_to_seq: int,
    classes: Collection[ContentClass],
    loaded_at: datetime | None = None,
) -> int:
    """Note that the citizen's app showed what lies in it up to this place, as far as she may see; return how many.

    `loaded_at`: when the page that showed them was read, so that one placed since, with an earlier place, is left.
    """
    lying = [
        Message.conversation_id == citizen_id,
        lies_unread(),
        Message.seq <= up_to_seq,
        Message.content_class.in_(classes),
    ]
    if loaded_at is not None:
        lying.append(Message.state_since <= loaded_at)
    if act.session.scalar(sa.select(Message.id).where(*lying).limit(1)) is None:
        return 0
    lock_thread(act.session, citizen_id)
    messages = act.session.scalars(
        sa.select(Message)
        .where(*lying)
        .order_by(Message.seq)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for message in messages:
        move(act, message, MessageState.READ, facts={"channel": APP})
        act.audit("message.shown_in_app", object_kind="message", object_id=message.id)
    return len(messages)


def lies_unread() -> sa.ColumnElement[bool]:
    """Return the condition that a message lies in the app and has not been shown there; it has an index."""
    return sa.and_(
        Message.state == sa.literal_column(f"'{MessageState.SENT}'"), Message.medium == sa.literal_column(f"'{APP}'")
    )


def is_shown() -> sa.ColumnElement[bool]:
    """Return the condition that a message is one of those a citizen's thread holds for her."""
    ours = sa.and_(Message.state.in_(SHOWN), Message.kind != Kind.LOGIN_CODE)
    return sa.or_(Message.direction == Direction.IN, ours)


def _is_before(citizen_id: uuid.UUID, seq: int) -> sa.ColumnElement[bool]:
    """Whether a message was sent before the one at this place."""
    there = aliased(Message)
    at = sa.select(there.due_at).where(there.conversation_id == citizen_id, there.seq == seq).scalar_subquery()
    return sa.or_(Message.due_at < at, sa.and_(Message.due_at == at, Message.seq < seq))


def _shown(
    vault: Vault, message: Message, name: str | None, citizen_id: uuid.UUID, classes: Collection[ContentClass]
) -> AppMessage:
    return AppMessage(
        id=message.id,
        seq=message.seq or 0,
        direction=message.direction,
        author=_author(message, name),
        medium=message.medium,
        kind=message.kind,
        state=message.state,
        written_at=message.created_at,
        at=message.due_at,
        content_class=message.content_class,
        language=_language(message),
        text=open_text(vault, message, owner=citizen_id) if message.content_class in classes else None,
    )


def _language(message: Message) -> str | None:
    if message.direction is Direction.IN:
        return None
    return language_of_name(message.template) if message.template else DANISH


def _author(message: Message, name: Any) -> str:
    if message.direction is Direction.IN:
        return ""
    return str(name).split()[0] if name else _("Systemet")
