"""A trial is drawn, locked, joined by newcomers, and ends. What is drawn before the lock is kept nowhere: the seed is.

Whoever is in an arm stays there, whatever transfers follow, and who was in a trial before takes part in no other. A
citizen who comes later gets the arm of the first caseworker she has after the lock; where citizens are allocated, one
drawn from the seed and her id.
"""

import hashlib
import uuid
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.errors import Conflict, InvalidInput
from messaging.people.acting import Act, Facts
from messaging.people.models import Caseworker, Role
from messaging.trial import allocating
from messaging.trial.allocating import allocate, strata_of_caseworkers
from messaging.trial.eligible import eligible, of
from messaging.trial.models import Arm, Design, Trial, TrialArm, TrialCaseworker
from messaging.trial.taking_part import join, leave
from messaging.trial.target_groups import read_list
from messaging.vault.vault import Vault

SHORTEST = 6
"""Months."""
LARGEST_SEED = 2**53
"""Whole numbers up to here are the same in every system that repeats the allocation."""

PLAN_LOCKED = "trial.plan_locked"
"""The entry of the audit trail that fixes the file of the analysis."""

Rates = Mapping[uuid.UUID, float]
"""Caseworker → share of no-shows among her appointments before the trial; who is not in it has none that is known."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """An allocation. `arms_of_caseworkers` is empty where citizens are allocated; `strata` are the caseworkers'."""

    design: Design
    seed: int
    strata: Mapping[uuid.UUID, str]
    arms_of_caseworkers: Mapping[uuid.UUID, Arm]
    arms_of_citizens: Mapping[uuid.UUID, Arm]
    caseworkers_of_citizens: Mapping[uuid.UUID, uuid.UUID]

    def sizes(self) -> Mapping[Arm, tuple[int, int]]:
        """Return how many caseworkers and citizens are in each arm."""
        caseworkers, citizens = list(self.arms_of_caseworkers.values()), list(self.arms_of_citizens.values())
        return {arm: (caseworkers.count(arm), citizens.count(arm)) for arm in Arm}


def draw(session: Session, vault: Vault, *, design: Design, seed: int, rates: Rates, at: datetime) -> Drawn:
    """Allocate all who take part now. Raises InvalidInput if an arm would be empty, or for a seed out of bounds."""
    if not 0 <= seed < LARGEST_SEED:
        raise InvalidInput(f"a seed is a whole number from 0 to {LARGEST_SEED - 1}", field="seed")
    teams = {
        row.id: row.unit_id
        for row in session.execute(
            sa.select(Caseworker.id, Caseworker.unit_id).where(Caseworker.active, Caseworker.role == Role.CASEWORKER)
        )
    }
    citizens = of(teams, eligible(session, vault, at=at))
    if not citizens:
        raise InvalidInput(
            "no citizen takes part: one needs a caseworker, a listed target group and an age under 30", field="units"
        )
    strata = strata_of_caseworkers(
        [
            allocating.Caseworker(id=str(id_), team=str(teams[id_]), baseline_rate=rates.get(id_))
            for id_ in sorted(set(citizens.values()))
        ]
    )
    known = {uuid.UUID(id_): stratum for id_, stratum in strata.items()}
    if design is Design.CASEWORKER:
        of_caseworkers = {uuid.UUID(id_): arm for id_, arm in allocate(strata, seed=seed).items()}
        of_citizens = {citizen: of_caseworkers[caseworker] for citizen, caseworker in citizens.items()}
    else:
        within = {str(citizen): str(caseworker) for citizen, caseworker in citizens.items()}
        of_caseworkers = {}
        of_citizens = {uuid.UUID(id_): arm for id_, arm in allocate(within, seed=seed).items()}
    return Drawn(
        design=design,
        seed=seed,
        strata=known,
        arms_of_caseworkers=of_caseworkers,
        arms_of_citizens=of_citizens,
        caseworkers_of_citizens=citizens,
    )


def lock(act: Act, *, design: Design, seed: int, ends_at: datetime, rates: Rates, plan: str | None = None) -> Drawn:
    """Begin the trial now: allocate, and let nothing change it. All or nothing.

    `plan`: the file of the analysis, which is fixed with it; its SHA-256 goes into the audit trail. Raises
    Conflict if one is under way, or InvalidInput for under six months of test or an empty arm.
    """
    if under_way(act.session) is not None:
        raise Conflict("a trial is under way; its allocation is locked")
    if act.session.scalar(sa.select(sa.exists().where(TrialArm.ended_at.is_(None)))):
        raise Conflict("citizens are in arms already, without a trial")
    require_length(begins=act.now, ends=ends_at)
    drawn = draw(act.session, act.vault, design=design, seed=seed, rates=rates, at=act.now)
    trial = Trial(design=design, seed=seed, locked_at=act.now, ends_at=ends_at, plan=plan, under_way=True)
    act.session.add(trial)
    act.session.flush()
    act.session.add_all(
        TrialCaseworker(
            trial_id=trial.id,
            caseworker_id=caseworker_id,
            stratum=stratum,
            baseline_rate=rates.get(caseworker_id),
            arm=drawn.arms_of_caseworkers.get(caseworker_id),
        )
        for caseworker_id, stratum in drawn.strata.items()
    )
    join(act, drawn.arms_of_citizens)
    groups = read_list(act.session).known_at(act.now).taking_part(act.now.astimezone(COPENHAGEN).date())
    facts: Facts = {
        "design": design,
        "seed": seed,
        "citizens": len(drawn.arms_of_citizens),
        "target_groups": " ".join(sorted(groups)),
    }
    act.audit("trial.locked", object_kind="trial", object_id=trial.id, facts=facts)
    if plan is not None:
        act.audit(PLAN_LOCKED, object_kind="trial", object_id=trial.id, facts=plan_facts(plan))
    return drawn


def plan_facts(plan: str) -> Facts:
    """Return what the audit trail is told of the file of an analysis."""
    return {"sha256": hashlib.sha256(plan.encode()).hexdigest()}


def require_length(*, begins: datetime, ends: datetime) -> None:
    """Refuse an end before the beginning, or under six months after it. Raises InvalidInput."""
    if ends <= begins:
        raise InvalidInput("the trial would end before it begins", field="until")
    if ends.astimezone(COPENHAGEN).date() < _months_later(begins.astimezone(COPENHAGEN).date(), SHORTEST):
        raise InvalidInput("a trial tests for at least six months", field="until")


def under_way(session: Session) -> Trial | None:
    """Return the trial that has not ended."""
    return session.scalar(sa.select(Trial).where(Trial.under_way.is_(True)))


def latest(session: Session) -> Trial | None:
    """Return the trial under way, or the last that was."""
    return session.scalar(sa.select(Trial).order_by(Trial.locked_at.desc()).limit(1))


def is_any_work(session: Session, vault: Vault, *, at: datetime) -> bool:
    """Whether the trial has reached its end, or somebody is to join it; a look that takes no lock."""
    trial = under_way(session)
    return trial is not None and (trial.ends_at <= at or bool(_newcomers(session, vault, trial, at=at)))


def keep_up(act: Act) -> int:
    """Let newcomers join the trial under way, or end it when its time has come; return how many joined."""
    trial = under_way(act.session)
    if trial is None:
        return 0
    if trial.ends_at <= act.now:
        end(act)
        return 0
    arms = _newcomers(act.session, act.vault, trial, at=act.now)
    join(act, arms)
    if arms:
        act.audit("trial.joined", object_kind="trial", object_id=trial.id, facts={"citizens": len(arms)})
    return len(arms)


def succeed(act: Act, *, leaving: str, successor: str) -> None:
    """Let somebody who takes another's place after the lock have her arm. Both by initials.

    Raises Conflict without a trial of caseworkers under way, or if she is in it already; InvalidInput for strangers.
    """
    trial = under_way(act.session)
    if trial is None or trial.design is not Design.CASEWORKER:
        raise Conflict("no trial is under way in which caseworkers have arms")
    place = act.session.get(TrialCaseworker, (trial.id, _caseworker(act.session, leaving)))
    if place is None:
        raise InvalidInput(f"{leaving} is not in the trial", field="leaving")
    successor_id = _caseworker(act.session, successor)
    if act.session.get(TrialCaseworker, (trial.id, successor_id)) is not None:
        raise Conflict(f"{successor} is in the trial already")
    act.session.add(
        TrialCaseworker(
            trial_id=trial.id,
            caseworker_id=successor_id,
            stratum=place.stratum,
            baseline_rate=place.baseline_rate,
            arm=place.arm,
            successor_of=place.caseworker_id,
        )
    )
    act.audit("trial.succeeded", object_kind="caseworker", object_id=successor_id, facts={"arm": place.arm})


def end(act: Act) -> None:
    """End the trial under way: from now on no arm decides on anything. Raises Conflict if there is none."""
    trial = under_way(act.session)
    if trial is None:
        raise Conflict("no trial is under way")
    trial.ended_at, trial.under_way = act.now, None
    leave(act, act.session.scalars(sa.select(TrialArm.citizen_id).where(TrialArm.ended_at.is_(None))).all())
    act.audit("trial.ended", object_kind="trial", object_id=trial.id)


def _newcomers(session: Session, vault: Vault, trial: Trial, *, at: datetime) -> Mapping[uuid.UUID, Arm]:
    arms = {
        row.caseworker_id: row.arm
        for row in session.execute(
            sa.select(TrialCaseworker.caseworker_id, TrialCaseworker.arm).filter_by(trial_id=trial.id)
        )
    }
    citizens = of(arms, eligible(session, vault, at=at, since=trial.locked_at))
    return {citizen: arms[caseworker] or _drawn(trial.seed, citizen) for citizen, caseworker in citizens.items()}


def _drawn(seed: int, citizen_id: uuid.UUID) -> Arm:
    return list(Arm)[int(Random(f"{seed}/{citizen_id}").random() * len(Arm))]


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _caseworker(session: Session, initials: str) -> uuid.UUID:
    found = session.scalar(sa.select(Caseworker.id).filter_by(initials=initials))
    if found is None:
        raise InvalidInput(f"nobody works here under the initials {initials}", field="initials")
    return found
