"""Tables of conversations: threads, messages, attempts to send them, receipts, raw inbound events, templates."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from adapters.contract import DeliveryStatus
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.states import AttemptState, MessageState, Waiting
from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Caseworker, Citizen, ContactPoint, PhoneNumber
from messaging.vault.sealed import Sealed, sealed_column
from messaging.work.lanes import Lane


class Direction(enum.StrEnum):
    """Which way a message goes, seen from us."""

    IN = "in"
    OUT = "out"


class Kind(enum.StrEnum):
    """Why a message exists. After STOP nothing but STOP_ANSWER and LOGIN_CODE leaves by SMS."""

    TEXT = "text"
    REMINDER = "reminder"
    NOTICE = "notice"
    AUTO_REPLY = "auto_reply"
    STOP_ANSWER = "stop_answer"
    LOGIN_CODE = "login_code"


class Author(enum.StrEnum):
    """Who wrote a message."""

    CITIZEN = "citizen"
    CASEWORKER = "caseworker"
    INTEGRATION = "integration"
    SYSTEM = "system"


class Conversation(Base):
    """The one thread of a citizen over all channels and numbers; its id is the citizen's. Counters are kept."""

    __tablename__ = "conversations"
    __table_args__ = (sa.Index("ix_conversations_waiting", "waiting", "waiting_since"),)

    id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), primary_key=True)
    last_seq: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[Waiting] = mapped_column(word_of(Waiting), default=Waiting.SETTLED)
    waiting_since: Mapped[datetime]
    unread: Mapped[int] = mapped_column(default=0)
    last_message_at: Mapped[datetime]
    danger_since: Mapped[datetime | None]


class Message(Base):
    """One message, in or out; an outgoing one is also its own entry in the send queue.

    A message without conversation waits in triage, sealed under the triage owner, until a human says whose it is.
    """

    __tablename__ = "messages"
    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "seq"),
        sa.CheckConstraint("(conversation_id IS NULL) = (seq IS NULL)", name="seq_in_thread"),
        sa.CheckConstraint(
            "direction = 'in' OR medium = 'app' OR contact_point_id IS NOT NULL OR number_id IS NOT NULL",
            name="addressed",
        ),
        sa.Index(
            "uq_messages_in_flight",
            "conversation_id",
            unique=True,
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        ),
        sa.Index(
            "ix_messages_due",
            "lane",
            "due_at",
            sqlite_where=sa.text("state IN ('queued', 'scheduled')"),
            postgresql_where=sa.text("state IN ('queued', 'scheduled')"),
        ),
        sa.Index(
            "ix_messages_open",
            "conversation_id",
            sqlite_where=sa.text("state IN ('queued', 'scheduled', 'sending', 'unclear', 'held')"),
            postgresql_where=sa.text("state IN ('queued', 'scheduled', 'sending', 'unclear', 'held')"),
        ),
        sa.Index(
            "ix_messages_parked",
            "id",
            sqlite_where=sa.text("reason = 'parked'"),
            postgresql_where=sa.text("reason = 'parked'"),
        ),
        sa.Index(
            "ix_messages_unread_in_app",
            "conversation_id",
            sqlite_where=sa.text("state = 'sent' AND medium = 'app'"),
            postgresql_where=sa.text("state = 'sent' AND medium = 'app'"),
        ),
        sa.Index(
            "ix_messages_triage",
            "number_id",
            sqlite_where=sa.text("conversation_id IS NULL"),
            postgresql_where=sa.text("conversation_id IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Conversation.id))
    seq: Mapped[int | None]
    direction: Mapped[Direction] = mapped_column(word_of(Direction))
    kind: Mapped[Kind] = mapped_column(word_of(Kind), default=Kind.TEXT)
    author: Mapped[Author] = mapped_column(word_of(Author))
    author_id: Mapped[uuid.UUID | None]
    medium: Mapped[str]
    """`sms` or `app`; which provider carried an SMS stands in the attempt or the inbound event."""
    number_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(PhoneNumber.id))
    contact_point_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(ContactPoint.id))
    """The number an outgoing message is pinned to when it is written."""
    body: Mapped[Sealed] = sealed_column("body")
    segments: Mapped[int] = mapped_column(default=1)
    content_free: Mapped[bool] = mapped_column(default=False)
    """Says nothing about the person: may go to a number that several share."""
    template: Mapped[str | None]
    """`key/variant/language/version` of the template the words came from."""
    lane: Mapped[Lane] = mapped_column(word_of(Lane), default=Lane.INTERACTIVE)
    state: Mapped[MessageState] = mapped_column(word_of(MessageState))
    state_since: Mapped[datetime]
    reason: Mapped[str | None]
    """Code of why it is held, failed, expired or cancelled; the words are in `wording.py`."""
    called_back: Mapped[str | None]
    """Why it was called back while it was already on its way: if it proves not to have left, it is cancelled."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    provider_time: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)
    """Found by the poll because no webhook ever told us."""
    danger: Mapped[str | None]
    """Which rule saw a sign of danger; a flag for a human, never a judgement."""
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    """By the database's clock: the end of a back-off while queued; while sent or unclear, until when it holds back the
    next message of its conversation."""
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    deaths: Mapped[int] = mapped_column(default=0)
    """How often a process died holding this row; three park it."""
    content_class: Mapped[ContentClass] = mapped_column(
        word_of(ContentClass), default=ContentClass.SMS_OK, server_default=ContentClass.SMS_OK
    )
    """How a citizen must have signed in to read it in the app."""
    sort: Mapped[str | None]
    """What it is to the arms of the trial (`trial.capabilities.Sort`), where its kind does not say.

    Without a CHECK: PostgreSQL reads each of them anew for every message.
    """


class Attempt(Base):
    """One try to hand a message to a provider, committed before the provider is called."""

    __tablename__ = "attempts"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "number"),
        sa.UniqueConstraint("channel", "provider_message_id"),
        sa.Index(
            "ix_attempts_unclear",
            "next_lookup_at",
            sqlite_where=sa.text("state IN ('intended', 'unclear')"),
            postgresql_where=sa.text("state IN ('intended', 'unclear')"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Message.id))
    number: Mapped[int]
    channel: Mapped[str]
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    body_digest: Mapped[bytes]
    """Keyed digest of the text, to recognise it in the provider's list."""
    state: Mapped[AttemptState] = mapped_column(word_of(AttemptState))
    intended_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    provider_message_id: Mapped[str | None]
    error_code: Mapped[str | None]
    status: Mapped[DeliveryStatus | None] = mapped_column(word_of(DeliveryStatus))
    """The highest-ranking receipt so far."""
    lookups: Mapped[int] = mapped_column(default=0)
    empty_lookups: Mapped[int] = mapped_column(default=0)
    next_lookup_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    """`answer`, `callback`, `list` or `human`."""


class Receipt(Base):
    """What a provider said of a message, each different word once, kept for ever in the order of arrival."""

    __tablename__ = "receipts"
    __table_args__ = (sa.UniqueConstraint("channel", "provider_message_id", "provider_status", "error_code"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    attempt_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Attempt.id), index=True)
    channel: Mapped[str]
    provider_message_id: Mapped[str]
    provider_status: Mapped[str]
    error_code: Mapped[str] = mapped_column(default="")
    status: Mapped[DeliveryStatus] = mapped_column(word_of(DeliveryStatus))
    received_at: Mapped[datetime]


class InboundEvent(Base):
    """What a provider delivered, as it came; unique by the provider's id, and the gate through which its effects pass.

    The id is the id of the message it became.
    """

    __tablename__ = "inbound_events"
    __table_args__ = (sa.UniqueConstraint("channel", "account", "provider_message_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    channel: Mapped[str]
    account: Mapped[str]
    provider_message_id: Mapped[str]
    received_at: Mapped[datetime]
    raw: Mapped[Sealed] = sealed_column("raw")


class SearchToken(Base):
    """That a message holds a word; which word only the citizen's key can tell."""

    __tablename__ = "search_tokens"
    __table_args__ = ({"sqlite_with_rowid": False},)

    token: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey(Message.id, ondelete="CASCADE"), primary_key=True, index=True
    )


class Template(Base):
    """One version of an approved text with `{variables}`, valid from a day until a day."""

    __tablename__ = "templates"
    __table_args__ = (sa.UniqueConstraint("key", "variant", "language", "version"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str]
    variant: Mapped[str]
    language: Mapped[str]
    version: Mapped[int]
    content_class: Mapped[str]
    text: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    approved_by: Mapped[str]


class TemplateDraft(Base):
    """A text that waits until somebody else than its writer approves it; then it is the next version of a template.

    A shipped draft has no writer. Nothing but the page of drafts reads them, so that no draft can be sent.
    """

    __tablename__ = "template_drafts"
    __table_args__ = (
        sa.CheckConstraint("written_by_id IS NULL OR approved_by_id <> written_by_id", name="four_eyes"),
        sa.CheckConstraint("(approved_at IS NULL) = (template_id IS NULL)", name="approved_is_a_version"),
        sa.Index("ix_template_drafts_key", "key"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    variant: Mapped[str]
    language: Mapped[str]
    content_class: Mapped[str]
    text: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    """Until when it stands in for the version before it, which then is valid again; None: it stays."""
    written_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    written_at: Mapped[datetime]
    approved_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    approved_at: Mapped[datetime | None]
    template_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Template.id), unique=True)
    withdrawn_at: Mapped[datetime | None]
