"""Extracts for tests, made of counts that one can follow by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from messaging.evaluation.extract import Before, Extract, Line, Outcome, extract_of
from messaging.evaluation.units import Units, units_of
from messaging.trial.models import Arm, Design


@dataclass(frozen=True, kw_only=True)
class Staff:
    """A caseworker: her arm, and how many of her appointments were no-shows, cancelled and unknown."""

    arm: Arm
    appointments: int
    no_shows: int
    cancelled: int = 0
    unknown: int = 0
    stratum: str = "one"
    baseline_rate: float | None = 0.1


def sms(appointments: int, no_shows: int, **more: object) -> Staff:
    """One with SMS."""
    return Staff(arm=Arm.SMS, appointments=appointments, no_shows=no_shows, **more)  # type: ignore[arg-type]


def control(appointments: int, no_shows: int, **more: object) -> Staff:
    """One in the control arm."""
    return Staff(arm=Arm.CONTROL, appointments=appointments, no_shows=no_shows, **more)  # type: ignore[arg-type]


def lines_of(staff: Sequence[Staff]) -> list[Line]:
    """The appointments: two to a citizen, spread over two months, two meeting types and two target groups."""
    return [
        Line(
            arm=one.arm,
            caseworker=f"c{number:03d}",
            citizen=f"c{number:03d}-{appointment // 2}",
            month=("2027-10", "2027-11")[appointment % 2],
            meeting_type=("jobsamtale", "opfølgning")[appointment % 2],
            target_group=("jobparat", "uddannelsesparat")[appointment // 2 % 2],
            outcome=outcome,
        )
        for number, one in enumerate(staff)
        for appointment, outcome in enumerate(_outcomes(one))
    ]


def extract(staff: Sequence[Staff], *, design: Design = Design.CASEWORKER) -> Extract:
    """The arrays of these caseworkers."""
    before = {
        f"c{number:03d}": Before(stratum=one.stratum, baseline_rate=one.baseline_rate)
        for number, one in enumerate(staff)
    }
    return extract_of(lines_of(staff), before=before, design=design)


def units(staff: Sequence[Staff], *, adjusted: bool = False, by_appointment: bool = False) -> Units:
    """The units of SMS and app against control."""
    made = extract(staff)
    return units_of(
        made,
        made.known,
        made.no_show,
        treated=(Arm.SMS, Arm.APP),
        control=(Arm.CONTROL,),
        adjusted=adjusted,
        by_appointment=by_appointment,
    )


def chance(seed: int = 1) -> np.random.Generator:
    """Chance that is the same each time."""
    return np.random.default_rng(seed)


def _outcomes(one: Staff) -> list[Outcome]:
    held = one.appointments - one.no_shows - one.cancelled - one.unknown
    return (
        [Outcome.NO_SHOW] * one.no_shows
        + [Outcome.CANCELLED_BY_CITIZEN] * one.cancelled
        + [Outcome.UNKNOWN] * one.unknown
        + [Outcome.HELD] * held
    )
