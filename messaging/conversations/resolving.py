"""Clearing up unclear sends: by the provider's list, and where that does not tell, by a human. Never by sending again.

A report that carries our token may settle an attempt at any moment before; whoever comes first is right. A message is
ours in the list if number, text and time fit and no other attempt is bound to its id.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from adapters.contract import SentRecord
from messaging.conversations.answers import mark_not_sent, mark_unclear, set_by_database_clock
from messaging.conversations.delivery import accept, load
from messaging.conversations.intending import BODY_DIGEST
from messaging.conversations.models import Attempt, Message
from messaging.conversations.states import AttemptState, MessageState
from messaging.database.moments import database_now
from messaging.errors import Conflict
from messaging.people.acting import Act
from messaging.people.models import ContactPoint
from messaging.vault.place import Place
from messaging.waits import Waits

BY_LIST = "list"
BY_HUMAN = "human"


class StillLookedFor(Conflict):
    """The provider's list may yet tell what became of the message; a human who guesses wrong would send it twice."""

    code = "still_looked_for"

    def __init__(self) -> None:
        super().__init__("the provider is still being asked whether the message was sent")


@dataclass(frozen=True, kw_only=True)
class Search:
    """An unclear attempt and where in the provider's list to look for it."""

    attempt_id: uuid.UUID
    recipient: str = field(repr=False)
    since: datetime
    until: datetime


def overdue(waits: Waits) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on attempts that `give_up_leases` and `hand_to_humans` look for."""
    return [_has_died(), _is_too_old(waits)]


def give_up_leases(act: Act, *, waits: Waits, all_of_them: bool = False) -> int:
    """Turn attempts whose process died into unclear ones; with `all_of_them` every open one, at a worker's start."""
    died = Attempt.state == AttemptState.INTENDED if all_of_them else _has_died()
    attempts = act.session.scalars(sa.select(Attempt.id).where(died).order_by(Attempt.id)).all()
    for attempt_id in attempts:
        attempt, message = load(act, attempt_id)
        if attempt.state is AttemptState.INTENDED:
            mark_unclear(act, attempt, message, reason="process_died", waits=waits)
    return len(attempts)


def due_searches(session: Session, *, limit: int = 50) -> list[uuid.UUID]:
    """Return the unclear attempts whose next look-up is due."""
    due = sa.select(Attempt.id).where(Attempt.state == AttemptState.UNCLEAR, Attempt.next_lookup_at <= database_now())
    return list(session.scalars(due.order_by(Attempt.next_lookup_at).limit(limit)))


def begin_search(act: Act, attempt_id: uuid.UUID, *, waits: Waits) -> Search | None:
    """Say where to look, and when to look again; None if the attempt has been settled meanwhile."""
    attempt, message = load(act, attempt_id)
    if attempt.state is not AttemptState.UNCLEAR:
        return None
    plan = waits.lookups
    following = plan[min(attempt.lookups + 1, len(plan) - 1)]
    attempt.lookups += 1
    set_by_database_clock(act, attempt, next_lookup_at=following)
    point = act.session.get_one(ContactPoint, message.contact_point_id)
    return Search(
        attempt_id=attempt_id,
        recipient=act.vault.open(
            point.number, owner=point.citizen_id, place=Place("contact_points", "number", point.id)
        ),
        since=attempt.intended_at - timedelta(seconds=waits.list_window_before),
        until=attempt.intended_at + timedelta(seconds=waits.list_window_after),
    )


def conclude(act: Act, search: Search, records: Sequence[SentRecord], *, waits: Waits, chance: Random) -> None:
    """Draw the conclusion from the provider's list: found once, found several times, or proved absent."""
    attempt, message = load(act, search.attempt_id)
    if attempt.state is not AttemptState.UNCLEAR:
        return
    found = [record for record in records if _is_ours(act, attempt, record)]
    if len(found) == 1:
        accept(
            act,
            attempt,
            message,
            provider_message_id=found[0].provider_message_id,
            status=found[0].status,
            resolved_by=BY_LIST,
            waits=waits,
            reason=found[0].error_code,
        )
    elif found:
        _to_human(act, attempt, message, reason="several_matches")
    else:
        _note_absence(act, attempt, message, waits=waits, chance=chance)


def decide(act: Act, *, message_id: uuid.UUID, was_sent: bool, waits: Waits, chance: Random) -> None:
    """Let a human say what became of an unclear message.

    Raises StillLookedFor while the provider's list is still to be asked, Conflict if it is not unclear any more.
    """
    attempt_id = act.session.scalar(
        sa.select(Attempt.id)
        .where(Attempt.message_id == message_id, Attempt.state == AttemptState.UNCLEAR)
        .order_by(Attempt.number.desc())
    )
    if attempt_id is None:
        raise Conflict("the message is not unclear any more")
    attempt, message = load(act, attempt_id)
    if attempt.next_lookup_at is not None:
        raise StillLookedFor
    act.audit("message.decided", object_kind="message", object_id=message_id, facts={"was_sent": was_sent})
    if was_sent:
        accept(
            act,
            attempt,
            message,
            provider_message_id=None,
            resolved_by=BY_HUMAN,
            waits=waits,
        )
    else:
        mark_not_sent(
            act, attempt, message, reason="decided", waits=waits, chance=chance, spent=False, resolved_by=BY_HUMAN
        )


def _is_ours(act: Act, attempt: Attempt, record: SentRecord) -> bool:
    if act.vault.fingerprint(record.text.encode(), purpose=BODY_DIGEST) != attempt.body_digest:
        return False
    bound = act.session.scalar(
        sa.select(Attempt.id).filter_by(channel=attempt.channel, provider_message_id=record.provider_message_id)
    )
    return bound is None or bound == attempt.id


def _note_absence(act: Act, attempt: Attempt, message: Message, *, waits: Waits, chance: Random) -> None:
    """Two empty look-ups, the last one late enough, prove that nothing was sent."""
    attempt.empty_lookups += 1
    act.session.flush()
    old_enough = act.session.scalar(
        sa.select(sa.literal(1)).where(
            Attempt.id == attempt.id, Attempt.intended_at <= database_now(-waits.absence_proof)
        )
    )
    if attempt.empty_lookups >= 2 and old_enough:
        mark_not_sent(
            act, attempt, message, reason="not_in_list", waits=waits, chance=chance, spent=False, resolved_by=BY_LIST
        )


def hand_to_humans(act: Act, *, waits: Waits) -> int:
    """Stop looking for attempts that stayed unclear too long: a caseworker decides now."""
    old = act.session.scalars(sa.select(Attempt.id).where(_is_too_old(waits)).order_by(Attempt.id)).all()
    for attempt_id in old:
        attempt, message = load(act, attempt_id)
        _to_human(act, attempt, message, reason="unclear_too_long")
    return len(old)


def _to_human(act: Act, attempt: Attempt, message: Message, *, reason: str) -> None:
    attempt.next_lookup_at = None
    if message.state is MessageState.UNCLEAR:
        message.reason = reason
        act.audit("message.left_to_human", object_kind="message", object_id=message.id, facts={"reason": reason})
        act.announce("message.changed", object_id=message.id)


def _has_died() -> sa.ColumnElement[bool]:
    return sa.and_(Attempt.state == AttemptState.INTENDED, Attempt.lease_until < database_now())


def _is_too_old(waits: Waits) -> sa.ColumnElement[bool]:
    return sa.and_(
        Attempt.state == AttemptState.UNCLEAR,
        Attempt.next_lookup_at.is_not(None),
        Attempt.intended_at < database_now(-waits.unclear_to_human),
    )
