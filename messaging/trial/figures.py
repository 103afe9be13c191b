"""How the trial stands, in counts: no person's name or rate, and nothing of what anybody wrote."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from messaging.clock import COPENHAGEN
from messaging.people.absence_models import CoveredOpening, Transfer
from messaging.people.models import CaseloadEntry, Caseworker, Unit
from messaging.trial.models import Arm, ArmDecision, Design, Trial, TrialArm, TrialCaseworker, Verdict

Sizes = Mapping[Arm, int]


@dataclass(frozen=True, kw_only=True)
class Inflow:
    """Who joined in a month (`2027-10`), by arm. `p`: how likely so uneven a month is by chance; None for nobody, and
    where that is not judged.
    """

    month: str
    sizes: Sizes
    p: float | None


@dataclass(frozen=True, kw_only=True)
class Contamination:
    """What blurs the difference between the arms, since the lock.

    `transfers`: citizens handed to a caseworker of another arm, or of none. `covers`: threads of citizens opened by a
    stand-in of another arm. `overrides`: messages sent in spite of an arm. `withheld`: what the arms kept back.
    """

    transfers: int
    covers: int
    overrides: int
    withheld: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The whole of it. `caseworkers` are counted by their places, so that a successor makes no arm larger; 0 where
    citizens are allocated.
    """

    design: Design
    locked_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    caseworkers: Sizes
    citizens: Sizes
    units: Mapping[str, Sizes]
    inflow: Sequence[Inflow]
    contamination: Contamination


def standing(session: Session, trial: Trial, *, judges: bool = False) -> Standing:
    """Return how this trial stands. `judges`: with how unevenly newcomers fell, once the arms may be compared."""
    arms = session.scalars(sa.select(TrialCaseworker.arm).filter_by(trial_id=trial.id, successor_of=None)).all()
    taking_part = _since(trial)
    rows = session.execute(sa.select(TrialArm.arm, sa.func.count()).where(taking_part).group_by(TrialArm.arm))
    citizens = {row[0]: row[1] for row in rows}
    return Standing(
        design=trial.design,
        locked_at=trial.locked_at,
        ends_at=trial.ends_at,
        ended_at=trial.ended_at,
        caseworkers=_sizes(Counter(arm for arm in arms if arm is not None)),
        citizens=_sizes(citizens),
        units=_units(session, trial),
        inflow=_inflow(session, trial, expected=Counter(arm for arm in arms if arm is not None), judges=judges),
        contamination=_contamination(session, trial),
    )


def chance_of(counts: Sequence[int], weights: Sequence[float]) -> float | None:
    """Return the p-value of Pearson's test that counts fall by these weights; None if nothing was counted.

    In closed form for two and three classes, which is all that arms are.
    """
    total, whole = sum(counts), sum(weights)
    if total == 0 or len(counts) not in {2, 3}:
        return None
    expected = [total * weight / whole for weight in weights]
    statistic = sum((count - hoped) ** 2 / hoped for count, hoped in zip(counts, expected, strict=True))
    return math.exp(-statistic / 2) if len(counts) == 3 else math.erfc(math.sqrt(statistic / 2))


def _since(trial: Trial) -> sa.ColumnElement[bool]:
    begun = TrialArm.since >= trial.locked_at
    return begun if trial.ended_at is None else sa.and_(begun, TrialArm.since <= trial.ended_at)


def _sizes(counted: Mapping[Arm, int]) -> Sizes:
    return {arm: counted.get(arm, 0) for arm in Arm}


def _units(session: Session, trial: Trial) -> Mapping[str, Sizes]:
    rows = session.execute(
        sa.select(Unit.name, TrialArm.arm, sa.func.count())
        .join(Caseworker, Caseworker.unit_id == Unit.id)
        .join(CaseloadEntry, sa.and_(CaseloadEntry.caseworker_id == Caseworker.id, CaseloadEntry.valid_to.is_(None)))
        .join(TrialArm, TrialArm.citizen_id == CaseloadEntry.citizen_id)
        .where(_since(trial))
        .group_by(Unit.name, TrialArm.arm)
        .order_by(Unit.name)
    )
    units: dict[str, dict[Arm, int]] = {}
    for name, arm, count in rows:
        units.setdefault(name, {})[arm] = count
    return {name: _sizes(sizes) for name, sizes in units.items()}


def _inflow(session: Session, trial: Trial, *, expected: Mapping[Arm, int], judges: bool) -> Sequence[Inflow]:
    """Newcomers are expected by how many caseworkers an arm has; where citizens are allocated, evenly."""
    joined = session.execute(
        sa.select(TrialArm.since, TrialArm.arm).where(_since(trial), TrialArm.since > trial.locked_at)
    )
    months: dict[str, Counter[Arm]] = {}
    for since, arm in joined:
        months.setdefault(f"{since.astimezone(COPENHAGEN):%Y-%m}", Counter())[arm] += 1
    weights = [float(expected.get(arm, 0)) for arm in Arm] if expected else [1.0] * len(Arm)
    return [
        Inflow(
            month=month,
            sizes=_sizes(counted),
            p=chance_of([counted[arm] for arm in Arm], weights) if judges else None,
        )
        for month, counted in sorted(months.items())
    ]


def _contamination(session: Session, trial: Trial) -> Contamination:
    until = trial.ended_at or datetime.max.replace(tzinfo=trial.locked_at.tzinfo, year=9000)
    theirs = aliased(TrialCaseworker)
    of_trial = sa.and_(theirs.trial_id == trial.id)
    # Where citizens are allocated a caseworker has all arms among hers: nobody crosses over by being handed on.
    crossed = sa.or_(theirs.arm.is_(None), theirs.arm != TrialArm.arm)
    by_caseworker = trial.design is Design.CASEWORKER
    transfers = session.scalar(
        sa.select(sa.func.count())
        .select_from(Transfer)
        .join(TrialArm, TrialArm.citizen_id == Transfer.citizen_id)
        .outerjoin(theirs, sa.and_(of_trial, theirs.caseworker_id == Transfer.to_id))
        .where(Transfer.transferred_at > trial.locked_at, Transfer.transferred_at <= until, crossed)
        .where(Transfer.transferred_at > TrialArm.since)
    )
    covers = session.scalar(
        sa.select(sa.func.count())
        .select_from(CoveredOpening)
        .join(TrialArm, TrialArm.citizen_id == CoveredOpening.citizen_id)
        .outerjoin(theirs, sa.and_(of_trial, theirs.caseworker_id == CoveredOpening.caseworker_id))
        .where(CoveredOpening.opened_at > trial.locked_at, CoveredOpening.opened_at <= until, crossed)
    )
    decided = {
        row[0]: row[1]
        for row in session.execute(
            sa.select(ArmDecision.verdict, sa.func.count())
            .where(ArmDecision.decided_at >= trial.locked_at, ArmDecision.decided_at <= until)
            .group_by(ArmDecision.verdict)
        )
    }
    return Contamination(
        transfers=(transfers or 0) if by_caseworker else 0,
        covers=(covers or 0) if by_caseworker else 0,
        overrides=decided.get(Verdict.OVERRIDDEN, 0),
        withheld=decided.get(Verdict.WITHHELD, 0),
    )
