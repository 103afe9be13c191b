"""The one gate through which every look-up of a citizen goes: what an actor may not see does not exist for them."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.errors import NotFound
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import CaseloadEntry, Caseworker, Citizen, Role

NO_SUCH_CITIZEN = "there is no such citizen"


def sees_all(actor: Actor) -> bool:
    """Whether every citizen is this actor's to see: the service itself and other systems' keys."""
    return actor.kind in {ActorKind.SYSTEM, ActorKind.INTEGRATION}


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition on `Citizen.id` that holds for the citizens this actor may see.

    A caseworker sees her own caseload, a team leader her unit's; superusers and auditors see no citizen at all.
    """
    if sees_all(actor):
        return sa.true()
    if actor.kind is ActorKind.CITIZEN:
        return Citizen.id == actor.id
    present = sa.select(CaseloadEntry.citizen_id).where(CaseloadEntry.valid_to.is_(None))
    if actor.role is Role.CASEWORKER:
        return Citizen.id.in_(present.where(CaseloadEntry.caseworker_id == actor.id))
    if actor.role is Role.TEAM_LEADER:
        unit = present.join(Caseworker, Caseworker.id == CaseloadEntry.caseworker_id)
        return Citizen.id.in_(unit.where(Caseworker.unit_id == actor.unit_id))
    return sa.false()


def find_citizen(session: Session, actor: Actor, citizen_id: uuid.UUID) -> Citizen:
    """Return the citizen, or raise NotFound: whether absent or not theirs to see is the same answer."""
    citizen = session.scalar(sa.select(Citizen).where(Citizen.id == citizen_id, visible_to(actor)))
    if citizen is None:
        raise NotFound(NO_SUCH_CITIZEN)
    return citizen
