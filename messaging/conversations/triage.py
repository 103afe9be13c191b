"""What waits in triage: messages of numbers that are nobody's, or several persons', and whom they may concern."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.models import Message
from messaging.conversations.opening import count_media, open_text
from messaging.people.actors import Actor
from messaging.people.models import Citizen, ContactPoint, PhoneNumber, Role, Standing
from messaging.people.queries import name_citizens
from messaging.people.visibility import visible_to
from messaging.vault.vault import TRIAGE, Vault
from messaging.web.cursors import is_after

LISTING_KINDS = (int, uuid.UUID)
"""The types of `TriageMessage.key`."""


@dataclass(frozen=True, kw_only=True)
class TriageMessage:
    """A message of a number that is nobody's, or several persons'. `candidates` are those the actor may see."""

    id: uuid.UUID
    text: str = field(repr=False)
    created_at: datetime
    danger: str | None
    media: int
    number_paused: bool
    candidates: dict[uuid.UUID, str] = field(repr=False)

    @property
    def key(self) -> tuple[int, uuid.UUID]:
        """The place in the list: a sign of danger before all else."""
        return (0 if self.danger else 1, self.id)


def list_triage(
    session: Session, vault: Vault, actor: Actor, *, after: tuple[int, uuid.UUID] | None, limit: int
) -> list[TriageMessage]:
    """Return the next messages whose sender is unclear, as far as they may concern this actor; danger first."""
    place = (sa.case((Message.danger.is_not(None), 0), else_=1), Message.id)
    chosen = (
        sa.select(Message, PhoneNumber.paused_since)
        .join(PhoneNumber, PhoneNumber.id == Message.number_id)
        .where(_in_triage_for(actor))
        .order_by(*place)
        .limit(limit)
    )
    if after is not None:
        chosen = chosen.where(is_after(place, after))
    rows = session.execute(chosen).all()
    candidates = _candidates(session, vault, actor, [message.number_id for message, _ in rows])
    media = count_media(session, vault, [message for message, _ in rows], owner=TRIAGE)
    return [
        TriageMessage(
            id=message.id,
            text=open_text(vault, message, owner=TRIAGE),
            created_at=message.created_at,
            danger=message.danger,
            media=media.get(message.id, 0),
            number_paused=paused_since is not None,
            candidates=candidates[message.number_id],
        )
        for message, paused_since in rows
    ]


def count_triage(session: Session, actor: Actor) -> int:
    """Return how many messages whose sender is unclear may concern this actor."""
    chosen = sa.select(sa.func.count()).select_from(Message).where(_in_triage_for(actor))
    return session.scalar(chosen) or 0


def may_have_written(session: Session, actor: Actor, *, message_id: uuid.UUID, citizen_id: uuid.UUID) -> bool:
    """Whether this message waits for this actor in triage and can be this citizen's.

    An unknown number may be anybody's, a known one only its holders'.
    """
    possible = sa.or_(~_held_by(sa.true()), _held_by(Citizen.id == citizen_id))
    chosen = sa.select(Message.id).where(Message.id == message_id, _in_triage_for(actor), possible)
    return session.scalar(chosen) is not None


def _in_triage_for(actor: Actor) -> sa.ColumnElement[bool]:
    """A shared number's messages concern those who look after one of its persons, an unknown one's all who do so."""
    if actor.role is not Role.CASEWORKER:
        return sa.false()
    return sa.and_(Message.conversation_id.is_(None), sa.or_(~_held_by(sa.true()), _held_by(visible_to(actor))))


def _held_by(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    holders = sa.select(ContactPoint.id).join(Citizen, Citizen.id == ContactPoint.citizen_id)
    return holders.where(
        ContactPoint.number_id == Message.number_id, ContactPoint.standing == Standing.IN_USE, condition
    ).exists()


def _candidates(
    session: Session, vault: Vault, actor: Actor, number_ids: list[uuid.UUID | None]
) -> dict[uuid.UUID | None, dict[uuid.UUID, str]]:
    rows = session.execute(
        sa.select(ContactPoint.number_id, Citizen.id)
        .join(Citizen, Citizen.id == ContactPoint.citizen_id)
        .where(ContactPoint.number_id.in_(number_ids), ContactPoint.standing == Standing.IN_USE, visible_to(actor))
    ).all()
    names = name_citizens(session, vault, [row.id for row in rows])
    candidates: dict[uuid.UUID | None, dict[uuid.UUID, str]] = {number_id: {} for number_id in number_ids}
    for number_id, citizen_id in rows:
        candidates[number_id][citizen_id] = names[citizen_id]
    return candidates
