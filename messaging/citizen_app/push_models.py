"""Tables of notices: browsers that take pushes, the spells in which something lies unshown, and each push."""

import enum
import uuid
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.citizen_app.models import AppSession, Device
from messaging.conversations.models import Message
from messaging.database.base import Base, new_id, word_of
from messaging.database.moments import database_clock
from messaging.people.models import Citizen
from messaging.vault.sealed import Sealed, sealed_column

OPEN = sa.text("ended_at IS NULL")
PLANNED = sa.text("state = 'planned'")


class PushEnd(enum.StrEnum):
    """Why a browser is not pushed to any more. GONE: its push service says so; REPLACED: it subscribed anew."""

    CITIZEN = "citizen"
    SIGNED_OUT = "signed_out"
    DEVICE = "device"
    GONE = "gone"
    REPLACED = "replaced"


class NoticeEnd(enum.StrEnum):
    """How a spell ended: she was shown it or is past needing it, was told by SMS, or cannot be told.

    UNWRITABLE: for want of a text.
    """

    READ = "read"
    TOLD = "told"
    NOT_REACHABLE = "not_reachable"
    UNWRITABLE = "unwritable"


class PushState(enum.StrEnum):
    """How far one push to one browser has come.

    planned ⇄ intended → accepted · refused · unclear
       └→ dropped (shown meanwhile, or the browser has ended)
    """

    PLANNED = "planned"
    INTENDED = "intended"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    DROPPED = "dropped"


PUSH_TRANSITIONS: Mapping[PushState, frozenset[PushState]] = {
    PushState.PLANNED: frozenset({PushState.INTENDED, PushState.DROPPED}),
    PushState.INTENDED: frozenset(
        {PushState.ACCEPTED, PushState.REFUSED, PushState.UNCLEAR, PushState.PLANNED}  # certainly not sent: again
    ),
    PushState.ACCEPTED: frozenset(),
    PushState.REFUSED: frozenset(),
    PushState.UNCLEAR: frozenset(),
    PushState.DROPPED: frozenset(),
}
"""What may have left is never sent again: the SMS comes anyway."""

HOPEFUL = (PushState.PLANNED, PushState.INTENDED, PushState.ACCEPTED, PushState.UNCLEAR)
"""States of a push that may still tell her, or may have."""


class PushSubscription(Base):
    """A browser on a citizen's phone that takes pushes; it ends with its sign-in and with the phone's access.

    `endpoint_index` is a keyed digest of its address: one browser is one living row, whoever is signed in there.
    """

    __tablename__ = "push_subscriptions"
    __table_args__ = (
        sa.Index(
            "uq_push_subscriptions_living", "endpoint_index", unique=True, sqlite_where=OPEN, postgresql_where=OPEN
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    device_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Device.id), index=True)
    session_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(AppSession.id), index=True)
    endpoint_index: Mapped[bytes]
    subscription: Mapped[Sealed] = sealed_column("subscription")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[PushEnd | None] = mapped_column(word_of(PushEnd))


class Notice(Base):
    """A spell in which something in the app was not shown: from the message that began it until she is told or sees it.

    A citizen has one open at a time; what is placed meanwhile belongs to it. `sms_due_at` is None where no SMS follows.
    """

    __tablename__ = "notices"
    __table_args__ = (
        sa.Index("uq_notices_open", "citizen_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        sa.Index("ix_notices_sms_due", "sms_due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        sa.Index("ix_notices_told", "citizen_id", "told_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    message_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Message.id), unique=True)
    begun_at: Mapped[datetime]
    sms_due_at: Mapped[datetime | None]
    sms_message_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Message.id), unique=True)
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[NoticeEnd | None] = mapped_column(word_of(NoticeEnd))


class Push(Base):
    """One push of a notice to one browser, written as intended and committed before the push service is called.

    `due_at` and `begun_at` are by the database's clock: they are about retries and about processes that died.
    """

    __tablename__ = "pushes"
    __table_args__ = (
        sa.UniqueConstraint("notice_id", "subscription_id"),
        sa.Index("ix_pushes_due", "due_at", sqlite_where=PLANNED, postgresql_where=PLANNED),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    notice_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Notice.id))
    subscription_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(PushSubscription.id), index=True)
    state: Mapped[PushState] = mapped_column(word_of(PushState), default=PushState.PLANNED)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(server_default=database_clock())
    begun_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    code: Mapped[str | None]
