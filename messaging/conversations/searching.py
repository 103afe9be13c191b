"""Finding messages again: which hold all the words somebody seeks, among those of the citizens she may see.

The tokens lead to messages that may hold the words; the few that are shown are opened, and only those that do hold
them stay. So a page may be shorter than it could be, but nothing beyond it is opened.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import eq, ge, lt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.app_thread import is_shown
from messaging.conversations.attaching import has_documents
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Direction, Message, SearchToken
from messaging.conversations.opening import open_text
from messaging.conversations.search_lines import Piece, line_of_hit
from messaging.conversations.search_words import SoughtWord
from messaging.database.base import new_id
from messaging.database.sets import is_among
from messaging.journal.models import JournalEvent
from messaging.people.acting import Act
from messaging.people.actors import Actor
from messaging.people.models import Citizen
from messaging.people.visibility import visible_to
from messaging.vault.vault import Vault


@dataclass(frozen=True, kw_only=True)
class Search:
    """What somebody seeks; what is None does not matter. `since` counts, `until` does not any more."""

    words: tuple[SoughtWord, ...] = field(default=(), repr=False)
    citizen_id: uuid.UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    direction: Direction | None = None
    medium: str | None = None
    template: str | None = None
    """The key of a template, whatever its variant and version."""
    receipt_number: str | None = None
    as_citizen: Collection[ContentClass] | None = None
    """The classes that a citizen's sign-in opens: she finds what her own thread shows her, and nothing else."""
    with_papers: bool = False
    """Only messages that documents came with."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A message that was found, with the line in which the words stand."""

    id: uuid.UUID
    citizen_id: uuid.UUID
    seq: int
    direction: Direction
    medium: str
    created_at: datetime
    line: tuple[Piece, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Found:
    """The hits of one page, the newest first; `last` is where the next page goes on, None if there is none."""

    hits: tuple[Hit, ...]
    last: uuid.UUID | None


def find_messages(
    session: Session, vault: Vault, actor: Actor, search: Search, *, after: uuid.UUID | None, limit: int
) -> Found:
    """Return the next messages with all the words and in all the bounds; opens at most `limit` of them."""
    chosen = (
        sa.select(Message, Citizen.id)
        .join(Citizen, Citizen.id == Message.conversation_id)
        .where(visible_to(actor), *_bounds(search, actor), *_holding(session, vault, actor, search))
        .order_by(Message.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        chosen = chosen.where(Message.id < after)
    rows = session.execute(chosen).all()
    vault.warm({citizen_id for _, citizen_id in rows[:limit]})
    opened = (_hit(vault, message, citizen_id, search.words) for message, citizen_id in rows[:limit])
    return Found(
        hits=tuple(hit for hit in opened if hit is not None),
        last=rows[limit - 1][0].id if len(rows) > limit else None,
    )


def note_search(act: Act, search: Search, hits: Iterable[Hit]) -> None:
    """Note that somebody has searched, and whose messages she was shown; of what she sought, only a digest is kept."""
    words = " ".join(sought.word for sought in search.words)
    bounds = (search.citizen_id, search.since, search.until, search.direction, search.medium, search.template)
    told = f"{bounds!r}, with papers" if search.with_papers else repr(bounds)
    act.audit(
        "search.made",
        object_kind="search",
        object_id=new_id(),
        facts={"words": words, "bounds": told, "receipt_number": search.receipt_number},
    )
    for citizen_id in dict.fromkeys(hit.citizen_id for hit in hits):
        act.audit("conversation.found", object_kind="conversation", object_id=citizen_id)


def _bounds(search: Search, actor: Actor) -> list[sa.ColumnElement[bool]]:
    bounds = (
        (eq, Citizen.id, search.citizen_id),
        (ge, Message.created_at, search.since),
        (lt, Message.created_at, search.until),
        (eq, Message.direction, search.direction),
        (eq, Message.medium, search.medium),
    )
    conditions: list[sa.ColumnElement[bool]] = [
        compare(column, value) for compare, column, value in bounds if value is not None
    ]
    if search.as_citizen is not None:
        conditions += [is_shown(), Message.content_class.in_(search.as_citizen)]
    if search.template is not None:
        conditions.append(Message.template.startswith(f"{search.template}/", autoescape=True))
    if search.with_papers:
        conditions.append(has_documents())
    if search.receipt_number is not None:
        conditions.append(Message.id.in_(_receipted(search.receipt_number, actor)))
    return conditions


def _receipted(receipt_number: str, actor: Actor) -> sa.Select[uuid.UUID]:
    """The subjects of the events with this receipt, looked for in the streams of the citizens the actor may see."""
    streams = sa.select(Citizen.id).where(visible_to(actor))
    events = sa.select(JournalEvent.subject_id).where(JournalEvent.stream_id.in_(streams))
    return events.where(JournalEvent.receipt_number == receipt_number)


def _holding(session: Session, vault: Vault, actor: Actor, search: Search) -> list[sa.ColumnElement[bool]]:
    """Return the condition that a message has the tokens of all words that have any."""
    sought = [word.terms for word in search.words if word.terms]
    if not sought:
        return []
    seen = sa.select(Citizen.id).where(visible_to(actor))
    if search.citizen_id is not None:
        seen = seen.where(Citizen.id == search.citizen_id)
    tokens = _tokens(vault, sorted(set().union(*sought)), owners=session.scalars(seen).all())
    having = [
        sa.select(SearchToken.message_id).where(
            is_among(session, SearchToken.token, [token for term in terms for token in tokens[term]])
        )
        for terms in sought
    ]
    held = sa.intersect(*having) if len(having) > 1 else having[0]
    candidates = held.cte("candidates").prefix_with(
        "MATERIALIZED"
    )  # else a planner may walk all messages, newest first
    return [Message.id.in_(sa.select(candidates.c.message_id))]


def _tokens(vault: Vault, terms: Sequence[str], *, owners: Collection[uuid.UUID]) -> dict[str, list[int]]:
    """Return all owners' tokens of each term."""
    of_owners = vault.search_tokens(terms, owners=owners).values()
    return {term: [tokens[place] for tokens in of_owners] for place, term in enumerate(terms)}


def _hit(vault: Vault, message: Message, citizen_id: uuid.UUID, words: Sequence[SoughtWord]) -> Hit | None:
    line = line_of_hit(open_text(vault, message, owner=citizen_id), words)
    if line is None:
        return None
    return Hit(
        id=message.id,
        citizen_id=citizen_id,
        seq=message.seq or 0,
        direction=message.direction,
        medium=message.medium,
        created_at=message.created_at,
        line=line,
    )
