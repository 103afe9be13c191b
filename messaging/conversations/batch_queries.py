"""What pages show of messages to several: a writer's own, those that wait for a second person, and how far one is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.batch_models import Batch, BatchRecipient, BatchState, RecipientState
from messaging.conversations.models import Message
from messaging.conversations.states import MessageState
from messaging.errors import NotFound
from messaging.people.actors import Actor
from messaging.people.models import Caseworker, Citizen, Role
from messaging.people.queries import name_citizens
from messaging.people.visibility import visible_to
from messaging.vault.place import Place
from messaging.vault.vault import Vault

WORKS_WITH_BATCHES = frozenset({Role.CASEWORKER, Role.TEAM_LEADER, Role.SUPERUSER})


@dataclass(frozen=True, kw_only=True)
class BatchView:
    """A batch in a list. `is_own`: the reader wrote it."""

    id: uuid.UUID
    key: str
    size: int
    segments: int
    state: BatchState
    created_at: datetime
    writer: str
    is_own: bool


@dataclass(frozen=True, kw_only=True)
class RecipientView:
    """One recipient: her words, and how far they are."""

    citizen_id: uuid.UUID
    name: str = field(repr=False)
    state: RecipientState
    reason: str | None
    text: str = field(repr=False)
    message_state: MessageState | None


def list_batches(session: Session, actor: Actor, *, before: uuid.UUID | None, limit: int) -> list[BatchView]:
    """Return the newest batches of the actor's own, and those that wait for somebody like her."""
    chosen = _of(actor).order_by(Batch.id.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(Batch.id < before)
    return [_view(actor, batch, writer) for batch, writer in session.execute(chosen)]


def find_batch(session: Session, actor: Actor, batch_id: uuid.UUID) -> BatchView:
    """Return a batch that is the actor's own or waits for somebody like her. Raises NotFound."""
    row = session.execute(_of(actor).where(Batch.id == batch_id)).first()
    if row is None:
        raise NotFound("there is no such batch")
    return _view(actor, *row)


def recipients_of_batch(session: Session, vault: Vault, actor: Actor, *, batch_id: uuid.UUID) -> list[RecipientView]:
    """Return the recipients whom the actor may still see, with their words, by name."""
    rows = session.execute(
        sa.select(BatchRecipient, Message.state)
        .join(Citizen, Citizen.id == BatchRecipient.citizen_id)
        .outerjoin(Message, Message.id == BatchRecipient.message_id)
        .where(BatchRecipient.batch_id == batch_id, visible_to(actor))
    ).all()
    names = name_citizens(session, vault, [row.citizen_id for row, _ in rows])
    views = [
        RecipientView(
            citizen_id=row.citizen_id,
            name=names[row.citizen_id],
            state=row.state,
            reason=row.reason,
            text=_text(vault, row),
            message_state=state,
        )
        for row, state in rows
    ]
    return sorted(views, key=lambda view: view.name)


def may_be_chosen(session: Session, actor: Actor, citizen_ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Return which of these citizens are the actor's own, each once and in one order. Raises NotFound if one is not."""
    wanted = sorted(set(citizen_ids))
    found = set(session.scalars(sa.select(Citizen.id).where(Citizen.id.in_(wanted), visible_to(actor.on_her_own))))
    if found != set(wanted):
        raise NotFound("there is no such citizen")
    return wanted


def _of(actor: Actor) -> sa.Select[Batch, str]:
    waits = Batch.state == BatchState.WAITING_FOR_APPROVAL
    theirs = waits if actor.role is Role.SUPERUSER else sa.and_(waits, Caseworker.unit_id == actor.unit_id)
    may = theirs if actor.role in WORKS_WITH_BATCHES else sa.false()
    return (
        sa.select(Batch, Caseworker.name)
        .join(Caseworker, Caseworker.id == Batch.writer_id)
        .where(sa.or_(Batch.writer_id == actor.id, may))
    )


def _view(actor: Actor, batch: Batch, writer: str) -> BatchView:
    return BatchView(
        id=batch.id,
        key=batch.key,
        size=batch.size,
        segments=batch.segments,
        state=batch.state,
        created_at=batch.created_at,
        writer=writer,
        is_own=batch.writer_id == actor.id,
    )


def _text(vault: Vault, row: BatchRecipient) -> str:
    if row.body is None:
        return ""
    return vault.open(row.body, owner=row.citizen_id, place=Place("batch_recipients", "body", row.id))
