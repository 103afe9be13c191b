"""Who takes part in the trial: citizens under 30 in a target group that does, with a caseworker and an open case.

Whom an arm takes is decided when she joins, which of her meetings are counted for each at its own time. Which groups
take part in a trial is told on each day from what was signed before its lock: no later signature moves anybody.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.people.identity import birth_date
from messaging.people.models import CaseloadEntry, Citizen
from messaging.people.reaching import is_closed
from messaging.trial.models import CitizenTargetGroup, Trial, TrialArm
from messaging.trial.target_groups import GroupList, read_list
from messaging.vault.place import Place
from messaging.vault.vault import Vault

TOO_OLD = 30


def eligible(
    session: Session, vault: Vault, *, at: datetime, since: datetime | None = None
) -> Mapping[uuid.UUID, uuid.UUID]:
    """Return citizen → caseworker of all who take part and are in no arm yet.

    The caseworker is the present one; with `since`, the lock of the trial under way, the first who looked after her
    from that moment on.
    """
    today = at.astimezone(COPENHAGEN).date()
    groups = read_list(session).known_at(since or at)
    held: sa.ColumnElement[bool] = CaseloadEntry.valid_to.is_(None)
    if since is not None:
        held = sa.or_(held, CaseloadEntry.valid_to > since)
    rows = session.execute(
        sa.select(Citizen, CaseloadEntry.caseworker_id)
        .join(CaseloadEntry, sa.and_(CaseloadEntry.citizen_id == Citizen.id, held))
        .join(
            CitizenTargetGroup,
            sa.and_(CitizenTargetGroup.citizen_id == Citizen.id, CitizenTargetGroup.valid_to.is_(None)),
        )
        .where(
            CitizenTargetGroup.target_group.in_(groups.taking_part(today)),
            ~sa.exists().where(TrialArm.citizen_id == Citizen.id),
            ~is_closed(Citizen.id),
        )
        .order_by(Citizen.id, CaseloadEntry.valid_from)
    ).all()
    vault.warm(sorted({citizen.id for citizen, _ in rows}))
    first: dict[uuid.UUID, uuid.UUID] = {}
    for citizen, caseworker_id in rows:
        if citizen.id not in first and _is_young(vault, citizen, on=today):
            first[citizen.id] = caseworker_id
    return first


def eligible_at(
    session: Session, vault: Vault, times: Collection[tuple[uuid.UUID, datetime]]
) -> Collection[tuple[uuid.UUID, datetime]]:
    """Return those of these citizens and times at which she is under 30 and in a target group that takes part.

    Of whoever is erased nobody can say how old she is: she is not among them.
    """
    lists = _Lists(session)
    placed: dict[uuid.UUID, list[CitizenTargetGroup]] = {}
    ids = {citizen_id for citizen_id, _ in times}
    for place in session.scalars(sa.select(CitizenTargetGroup).where(CitizenTargetGroup.citizen_id.in_(ids))):
        placed.setdefault(place.citizen_id, []).append(place)
    in_group = [(who, at) for who, at in times if any(lists.count(place, at=at) for place in placed.get(who, ()))]
    citizens = session.scalars(sa.select(Citizen).where(Citizen.id.in_({who for who, _ in in_group}))).all()
    vault.warm(sorted(citizen.id for citizen in citizens))
    cprs = {citizen.id: _cpr(vault, citizen) for citizen in citizens if vault.has_owner(citizen.id)}
    return {
        (who, at) for who, at in in_group if who in cprs and is_young(cprs[who], on=at.astimezone(COPENHAGEN).date())
    }


class _Lists:
    """The list of target groups as it holds in each trial, and outside of all of them."""

    def __init__(self, session: Session) -> None:
        self._now = read_list(session)
        self._trials = [
            (row.locked_at, row.ended_at, self._now.known_at(row.locked_at))
            for row in session.execute(sa.select(Trial.locked_at, Trial.ended_at))
        ]

    def count(self, place: CitizenTargetGroup, *, at: datetime) -> bool:
        """Whether she is in this group at this moment, and it takes part in the trial then."""
        holds = place.valid_from <= at and (place.valid_to is None or at < place.valid_to)
        return holds and place.target_group in self._at(at).taking_part(at.astimezone(COPENHAGEN).date())

    def _at(self, at: datetime) -> GroupList:
        within = (groups for locked, ended, groups in self._trials if locked <= at and (ended is None or at < ended))
        return next(within, self._now)


def is_young(cpr: str, *, on: date) -> bool:
    """Whether the holder of this personal number is under 30 on a day."""
    born = birth_date(cpr)
    return (on.year - born.year) - ((on.month, on.day) < (born.month, born.day)) < TOO_OLD


def of(caseworkers: Collection[uuid.UUID], citizens: Mapping[uuid.UUID, uuid.UUID]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Return those of the citizens whom one of these caseworkers looks after."""
    return {citizen: caseworker for citizen, caseworker in citizens.items() if caseworker in caseworkers}


def _is_young(vault: Vault, citizen: Citizen, *, on: date) -> bool:
    """The same of a citizen; of whoever is erased nobody can say."""
    return vault.has_owner(citizen.id) and is_young(_cpr(vault, citizen), on=on)


def _cpr(vault: Vault, citizen: Citizen) -> str:
    return vault.open(citizen.cpr, owner=citizen.id, place=Place("citizens", "cpr", citizen.id))
