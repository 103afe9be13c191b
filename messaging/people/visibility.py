"""The one gate through which every look-up of a citizen goes: what an actor may not see does not exist for them.

Two things are told apart: whom an actor may know of, in lists and counts (`known_to`), and whose content she may see
(`visible_to`). They differ for team leaders, who open content for a stated reason only.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.errors import NotAllowed, NotFound
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import CaseloadEntry, Caseworker, Citizen, Role

NO_SUCH_CITIZEN = "there is no such citizen"


class ReasonMissing(NotAllowed):
    """A team leader may see this citizen's content once she has said why."""

    code = "reason_missing"

    def __init__(self, citizen_id: uuid.UUID) -> None:
        super().__init__("a team leader states a reason first")
        self.citizen_id = citizen_id


def sees_all(actor: Actor) -> bool:
    """Whether every citizen is this actor's to see: the service itself and other systems' keys."""
    return actor.kind in {ActorKind.SYSTEM, ActorKind.INTEGRATION}


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition on `Citizen.id` that holds for the citizens whose content this actor may see."""
    if actor.role is Role.TEAM_LEADER:
        return sa.and_(known_to(actor), Citizen.id.in_(actor.opened))
    return known_to(actor)


def known_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition on `Citizen.id` that holds for the citizens this actor may know of.

    A caseworker sees her own caseload and, of absent colleagues', those who wait for somebody now; a team leader her
    unit's; superusers and auditors see no citizen at all.
    """
    if sees_all(actor):
        return sa.true()
    if actor.kind is ActorKind.CITIZEN:
        return Citizen.id == actor.id
    present = sa.select(CaseloadEntry.citizen_id).where(CaseloadEntry.valid_to.is_(None))
    if actor.role is Role.CASEWORKER:
        own = Citizen.id.in_(present.where(CaseloadEntry.caseworker_id == actor.id))
        return sa.or_(own, Citizen.id.in_(actor.covered.keys())) if actor.covered else own
    if actor.role is Role.TEAM_LEADER:
        unit = present.join(Caseworker, Caseworker.id == CaseloadEntry.caseworker_id)
        return Citizen.id.in_(unit.where(Caseworker.unit_id == actor.unit_id))
    return sa.false()


def find_citizen(session: Session, actor: Actor, citizen_id: uuid.UUID) -> Citizen:
    """Return the citizen, or raise NotFound: whether absent or not theirs to see is the same answer.

    Raises ReasonMissing for a team leader who may know of the citizen and has not said why she wants to see more.
    """
    citizen = find_known(session, actor, citizen_id)
    if actor.role is Role.TEAM_LEADER and citizen.id not in actor.opened:
        raise ReasonMissing(citizen.id)
    return citizen


def find_known(session: Session, actor: Actor, citizen_id: uuid.UUID) -> Citizen:
    """As `find_citizen`, for whom the actor may only know of. Raises NotFound."""
    citizen = session.scalar(sa.select(Citizen).where(Citizen.id == citizen_id, known_to(actor)))
    if citizen is None:
        raise NotFound(NO_SUCH_CITIZEN)
    return citizen


def staff_of(session: Session, citizen_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Return who of the staff may see each of these citizens: their caseworker, and the leaders of her unit."""
    leader = sa.orm.aliased(Caseworker)
    rows = session.execute(
        sa.select(CaseloadEntry.citizen_id, Caseworker.id, leader.id)
        .join(Caseworker, Caseworker.id == CaseloadEntry.caseworker_id)
        .outerjoin(leader, sa.and_(leader.unit_id == Caseworker.unit_id, leader.role == Role.TEAM_LEADER))
        .where(CaseloadEntry.citizen_id.in_(citizen_ids), CaseloadEntry.valid_to.is_(None))
    )
    staff: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for citizen_id, caseworker_id, leader_id in rows:
        staff[citizen_id] |= {caseworker_id, leader_id} - {None}
    return {citizen_id: frozenset(ids) for citizen_id, ids in staff.items()}
