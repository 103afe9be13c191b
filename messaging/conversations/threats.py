"""What is marked as a threat: within a thread with its note, and as the incidents of a unit without any content."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.threat_models import Threat
from messaging.people.actors import Actor
from messaging.people.models import Caseworker, Citizen, Role
from messaging.people.queries import name_citizens
from messaging.people.visibility import known_to
from messaging.vault.place import Place
from messaging.vault.vault import Vault


@dataclass(frozen=True, kw_only=True)
class ThreatView:
    """A standing mark on a message, opened."""

    id: uuid.UUID
    marked_by: str
    marked_at: datetime
    note: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Incident:
    """A mark as a leader sees it in a list, without a word of what was written. `seen_by` has taken notice."""

    id: uuid.UUID
    citizen_id: uuid.UUID
    citizen: str = field(repr=False)
    occurred_at: datetime
    marked_by: str
    marked_at: datetime
    seen_by: str | None
    taken_back_at: datetime | None


def threats_among(
    session: Session, vault: Vault, *, citizen_id: uuid.UUID, message_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, ThreatView]:
    """Return the standing marks on these messages of a citizen, by message."""
    rows = session.execute(
        sa.select(Threat, Caseworker.name)
        .join(Caseworker, Caseworker.id == Threat.marked_by)
        .where(Threat.citizen_id == citizen_id, Threat.message_id.in_(message_ids), Threat.taken_back_at.is_(None))
    )
    return {
        threat.message_id: ThreatView(
            id=threat.id,
            marked_by=name,
            marked_at=threat.marked_at,
            note=vault.open(threat.note, owner=citizen_id, place=Place("threats", "note", threat.id)),
        )
        for threat, name in rows
    }


def list_incidents(
    session: Session, vault: Vault, actor: Actor, *, after: uuid.UUID | None, limit: int
) -> list[Incident]:
    """Return the next incidents among the citizens this leader may know of, newest first. Their ids are in time order.

    Others than team leaders get none.
    """
    marker, leader = sa.orm.aliased(Caseworker), sa.orm.aliased(Caseworker)
    chosen = (
        sa.select(Threat, marker.name, leader.name)
        .join(Citizen, Citizen.id == Threat.citizen_id)
        .join(marker, marker.id == Threat.marked_by)
        .outerjoin(leader, leader.id == Threat.seen_by)
        .where(_led_by(actor))
        .order_by(Threat.id.desc())
        .limit(limit)
    )
    if after is not None:
        chosen = chosen.where(Threat.id < after)
    rows = session.execute(chosen).all()
    names = name_citizens(session, vault, [threat.citizen_id for threat, *_ in rows])
    return [
        Incident(
            id=threat.id,
            citizen_id=threat.citizen_id,
            citizen=names[threat.citizen_id],
            occurred_at=threat.occurred_at,
            marked_by=marked_by,
            marked_at=threat.marked_at,
            seen_by=seen_by,
            taken_back_at=threat.taken_back_at,
        )
        for threat, marked_by, seen_by in rows
    ]


def count_unnoticed(session: Session, actor: Actor) -> int:
    """Return how many standing incidents nobody has taken notice of, among those this leader may know of."""
    counted = sa.select(sa.func.count()).select_from(Threat).join(Citizen, Citizen.id == Threat.citizen_id)
    unnoticed = (Threat.seen_at.is_(None), Threat.taken_back_at.is_(None))
    return session.scalar(counted.where(_led_by(actor), *unnoticed)) or 0


def _led_by(actor: Actor) -> sa.ColumnElement[bool]:
    return known_to(actor) if actor.role is Role.TEAM_LEADER else sa.false()
