"""What the trial is evaluated on: one pseudonymous line for each planned appointment, as arrays.

Nothing in it names a person: caseworkers and citizens are random ids made for the extract. Planned is what stood booked
four days before its start (or at booking, if later), less what the municipality cancelled itself.
"""

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from messaging.errors import InvalidInput
from messaging.trial.models import Arm, Design

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Flags = NDArray[np.bool_]

ARMS = (Arm.SMS, Arm.APP, Arm.CONTROL)
"""An arm's place here is its code in the arrays."""


class Outcome(enum.StrEnum):
    """What became of an appointment. CANCELLED_BY_CITIZEN: notice before the start. NO_SHOW: neither came nor gave
    notice.
    """

    HELD = "held"
    NO_SHOW = "no_show"
    CANCELLED_BY_CITIZEN = "cancelled_by_citizen"
    UNKNOWN = "unknown"


OUTCOMES = tuple(Outcome)
"""An outcome's place here is its code in the arrays."""

HELD = OUTCOMES.index(Outcome.HELD)
NO_SHOW = OUTCOMES.index(Outcome.NO_SHOW)
UNKNOWN = OUTCOMES.index(Outcome.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A planned appointment. `arm` is the one allocated (intention to treat), whatever the citizen got; `month`:
    `2027-10`; `held_within`: one of its kind was held with her then or within fourteen days of it.
    """

    arm: Arm
    caseworker: str
    citizen: str
    month: str
    meeting_type: str
    target_group: str
    outcome: Outcome
    held_within: bool = False


@dataclass(frozen=True, kw_only=True)
class Before:
    """A caseworker before the trial: her stratum in the allocation, her no-show rate then (None if not known)."""

    stratum: str
    baseline_rate: float | None


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What the codes stand for, in order."""

    months: tuple[str, ...]
    meeting_types: tuple[str, ...]
    target_groups: tuple[str, ...]
    strata: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Allocated:
    """What was allocated. `ids`: of each appointment, whose it is. `arm`, `cluster`: of each id; an id that nobody has
    is in the first.
    """

    ids: Codes
    arm: Codes
    cluster: Codes

    def in_arms(self, arms: Collection[Arm]) -> Flags:
        """Return which of them are in one of these arms."""
        wanted: Flags = np.array([arm in arms for arm in ARMS])[self.arm]
        return wanted


@dataclass(frozen=True, kw_only=True)
class Extract:
    """The appointments as arrays of equal length, and of each caseworker (cluster) her stratum and baseline rate.

    Codes count from 0. `baseline` is a share between 0 and 1, NaN where not known.
    """

    design: Design
    arm: Codes
    cluster: Codes
    citizen: Codes
    month: Codes
    meeting_type: Codes
    target_group: Codes
    outcome: Codes
    held_within: Flags
    stratum: Codes
    baseline: Floats
    labels: Labels

    def __post_init__(self) -> None:
        lengths = {len(one) for one in (self.arm, self.cluster, self.citizen, self.month, self.meeting_type,
                                        self.target_group, self.outcome, self.held_within)}  # fmt: skip
        if lengths == {0}:
            raise InvalidInput("there is no appointment in the extract", field="appointments")
        if len(lengths) > 1 or len(self.stratum) != len(self.baseline) or self.cluster.max() >= len(self.stratum):
            raise InvalidInput("the arrays of the extract do not fit together", field="appointments")
        allocated, of_unit = (
            (self.cluster, "caseworker") if self.design is Design.CASEWORKER else (self.citizen, "citizen")
        )
        lowest = np.full(allocated.max() + 1, len(ARMS))
        np.minimum.at(lowest, allocated, self.arm)
        if (lowest[allocated] != self.arm).any():
            raise InvalidInput(f"a {of_unit} is in two arms, but {of_unit}s were allocated", field="arm")

    def __len__(self) -> int:
        return len(self.arm)

    def in_arms(self, arms: Collection[Arm]) -> Flags:
        """Return which appointments belong to one of these arms."""
        wanted: Flags = np.array([arm in arms for arm in ARMS])[self.arm]
        return wanted

    @cached_property
    def allocated(self) -> Allocated:
        """Caseworkers, or citizens where those were allocated."""
        ids = self.cluster if self.design is Design.CASEWORKER else self.citizen
        arm, cluster = np.zeros((2, int(ids.max()) + 1), dtype=np.intp)
        arm[ids], cluster[ids] = self.arm, self.cluster
        return Allocated(ids=ids, arm=arm, cluster=cluster)

    @cached_property
    def known(self) -> Flags:
        """Which appointments have a known outcome."""
        return np.not_equal(self.outcome, UNKNOWN)

    @cached_property
    def no_show(self) -> Flags:
        """Which appointments the citizen neither came to nor gave notice of."""
        return np.equal(self.outcome, NO_SHOW)

    @property
    def not_held(self) -> Flags:
        """Which appointments were not held at the planned time, for whatever reason."""
        return self.known & np.not_equal(self.outcome, HELD)


def extract_of(lines: Iterable[Line], *, before: Mapping[str, Before], design: Design = Design.CASEWORKER) -> Extract:
    """Return the arrays for these lines. `before`: of each caseworker id. Raises InvalidInput if one is missing."""
    appointments = tuple(lines)
    caseworkers = sorted({line.caseworker for line in appointments})
    if unheard := [one for one in caseworkers if one not in before]:
        raise InvalidInput(f"{len(unheard)} caseworkers have no stratum", field="before")
    known = [before[one] for one in caseworkers]
    months, month = _coded(line.month for line in appointments)
    meeting_types, meeting_type = _coded(line.meeting_type for line in appointments)
    target_groups, target_group = _coded(line.target_group for line in appointments)
    strata, stratum = _coded(one.stratum for one in known)
    return Extract(
        design=design,
        arm=_places(ARMS, (line.arm for line in appointments)),
        cluster=_places(caseworkers, (line.caseworker for line in appointments)),
        citizen=_coded(line.citizen for line in appointments)[1],
        month=month,
        meeting_type=meeting_type,
        target_group=target_group,
        outcome=_places(OUTCOMES, (line.outcome for line in appointments)),
        held_within=np.array([line.held_within for line in appointments], dtype=bool),
        stratum=stratum,
        baseline=np.array([np.nan if one.baseline_rate is None else one.baseline_rate for one in known], dtype=float),
        labels=Labels(months=months, meeting_types=meeting_types, target_groups=target_groups, strata=strata),
    )


def _coded(words: Iterable[str]) -> tuple[tuple[str, ...], Codes]:
    listed = list(words)
    labels = tuple(sorted(set(listed)))
    return labels, _places(labels, listed)


def _places(labels: Sequence[str], words: Iterable[str]) -> Codes:
    place = {label: number for number, label in enumerate(labels)}
    return np.array([place[word] for word in words], dtype=np.intp)
