"""The lists a caseworker works from, for screens and the API: who is in which, in what order. Pages by keyset.

Everything starts from the citizens the actor may know of, so that a list costs what her caseload costs, however many
conversations there are. What the rows say of single messages is in `listed_messages`.
"""

import enum
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.attaching import has_papers
from messaging.conversations.models import Conversation, Message
from messaging.conversations.states import PROOF, MessageState, Waiting
from messaging.database.base import Moment
from messaging.people.actors import Actor
from messaging.people.models import Citizen
from messaging.people.queries import name_citizens
from messaging.people.reaching import SMS, is_without_sms
from messaging.people.visibility import known_to
from messaging.vault.vault import Vault
from messaging.web.cursors import is_after

TROUBLE_SHOWN = timedelta(days=7)
"""How long a message that failed or expired marks its conversation."""

FAILURES_COUNTED = timedelta(days=30)
FAILURES_TOO_MANY = 2
"""So many failures in so long, and nothing delivered since: SMS does not reach the citizen."""

NO_MEETING = datetime(9999, 12, 31, tzinfo=UTC)
"""Where those stand who have no meeting soon: behind all who have."""

LISTING_KINDS = (int, datetime, datetime, uuid.UUID)
"""The types of `ListedConversation.key`."""


class Listing(enum.StrEnum):
    """Lists that are no standing of a conversation: whatever its standing, it may be in them."""

    NEEDS_ACTION = "needs_action"
    """A message of ours has not got through."""
    UNREACHABLE = "unreachable"
    """SMS does not reach the citizen, so no reminder does; she need not have a conversation, and may have the app."""
    SCHEDULED = "scheduled"
    """A message of ours waits for its time."""
    ALL = "all"
    """Everybody, also who never had a message."""


@dataclass(frozen=True, kw_only=True)
class ListedConversation:
    """A citizen in a list, by her id. `needs_action`: a message of ours has not got through.

    `rank` comes first in the list's order. `since` is what the list is in the order of; `meeting_at` is the citizen's
    next meeting, if it is soon. Who has no conversation yet counts as settled since she was registered.
    """

    id: uuid.UUID
    name: str = field(repr=False)
    rank: int
    since: datetime
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
        return (self.rank, self.meeting_at or NO_MEETING, self.since, self.id)


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
    with_papers: bool = False,
) -> list[ListedConversation]:
    """Return the next conversations of this standing or list.

    Signs of danger come first, then those whose citizen has a meeting soon, by its time, then who has waited longest.
    `meeting_soon` is that time as a sub-query on `Citizen.id`; the room of the meetings knows it. `with_papers` leaves
    only threads in which a message has a document.
    """
    never = sa.literal(NO_MEETING, Moment())
    meeting = never if meeting_soon is None else sa.func.coalesce(meeting_soon, never, type_=Moment())
    place = (_rank(shown), meeting, _since(shown), Citizen.id)
    chosen = (
        sa.select(Citizen.id, Citizen.created_at, Conversation, _needs_action(now), *place[:3])
        .outerjoin(Conversation, Conversation.id == Citizen.id)
        .where(known_to(actor), _is_in(shown, now), _narrowed(with_papers=with_papers))
        .order_by(*place)
        .limit(limit)
    )
    if after is not None:
        chosen = chosen.where(is_after(place, after))
    rows = session.execute(chosen).all()
    names = name_citizens(session, vault, [citizen_id for citizen_id, *_ in rows])
    return [
        ListedConversation(
            id=citizen_id,
            name=names[citizen_id],
            rank=rank,
            since=since,
            waiting=row.waiting if row else Waiting.SETTLED,
            waiting_since=row.waiting_since if row else created_at,
            unread=row.unread if row else 0,
            last_message_at=row.last_message_at if row else created_at,
            danger_since=row.danger_since if row else None,
            needs_action=needs_action,
            meeting_at=None if meeting_at == NO_MEETING else meeting_at,
        )
        for citizen_id, created_at, row, needs_action, rank, meeting_at, since in rows
    ]


def count_lists(
    session: Session, actor: Actor, *, now: datetime, with_papers: bool = False
) -> dict[Waiting | Listing, int]:
    """Return how many citizens this actor may know of stand in each list, narrowed as `list_conversations`."""
    lists: tuple[Waiting | Listing, ...] = (*Waiting, *Listing)
    row = session.execute(
        sa.select(*(sa.func.count().filter(_is_in(shown, now)) for shown in lists))
        .select_from(Citizen)
        .outerjoin(Conversation, Conversation.id == Citizen.id)
        .where(known_to(actor), _narrowed(with_papers=with_papers))
    ).one()
    return dict(zip(lists, row, strict=True))


def is_stuck(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a message is unclear or held, or has failed or expired lately."""
    open_ended = Message.state.in_((MessageState.UNCLEAR, MessageState.HELD))
    lost = Message.state.in_((MessageState.FAILED, MessageState.EXPIRED))
    return sa.or_(open_ended, sa.and_(lost, Message.state_since > now - TROUBLE_SHOWN))


def _narrowed(*, with_papers: bool) -> sa.ColumnElement[bool]:
    return has_papers(Citizen.id) if with_papers else sa.true()


def _is_in(shown: Waiting | Listing, now: datetime) -> sa.ColumnElement[bool]:
    if isinstance(shown, Waiting):
        return Conversation.waiting == shown
    match shown:
        case Listing.NEEDS_ACTION:
            return _needs_action(now)
        case Listing.UNREACHABLE:
            return sa.or_(is_without_sms(Citizen.id), _fails_again_and_again(now))
        case Listing.SCHEDULED:
            return _scheduled().exists()
        case Listing.ALL:
            return sa.true()


def _rank(shown: Waiting | Listing) -> sa.Case[int]:
    """Signs of danger first; among everybody then by whose move it is."""
    by_standing = [(Conversation.waiting == one, place) for place, one in enumerate(Waiting, start=1)]
    cases = by_standing if shown is Listing.ALL else []
    return sa.case((Conversation.danger_since.is_not(None), 0), *cases, else_=len(Waiting) + 1)


def _since(shown: Waiting | Listing) -> sa.ColumnElement[datetime]:
    if isinstance(shown, Waiting):
        return Conversation.waiting_since.expression
    if shown is Listing.SCHEDULED:
        return _scheduled().with_only_columns(sa.func.min(Message.due_at, type_=Moment())).scalar_subquery()
    return sa.func.coalesce(Conversation.waiting_since, Citizen.created_at, type_=Moment())


def _scheduled() -> sa.Select[Any]:
    scheduled = Message.state == MessageState.SCHEDULED
    return sa.select(Message.id).where(Message.conversation_id == Citizen.id, scheduled).correlate(Citizen)


def _needs_action(now: datetime) -> sa.ColumnElement[bool]:
    """Whether a message of the conversation is stuck."""
    return sa.exists().where(Message.conversation_id == Citizen.id, is_stuck(now))


def _fails_again_and_again(now: datetime) -> sa.ColumnElement[bool]:
    later = sa.orm.aliased(Message)
    delivered_since = sa.exists().where(
        later.conversation_id == Message.conversation_id,
        later.medium == SMS,
        later.seq > Message.seq,
        later.state.in_(PROOF),
    )
    failures = (
        sa.select(sa.func.count())
        .select_from(Message)
        .where(
            Message.conversation_id == Citizen.id,
            Message.state == MessageState.FAILED,
            Message.state_since > now - FAILURES_COUNTED,
            ~delivered_since,
        )
        .correlate(Citizen)
        .scalar_subquery()
    )
    return failures >= FAILURES_TOO_MANY
