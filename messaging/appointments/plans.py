"""Which reminder plan a meeting has: the signed one of its day that names most of what the meeting is.

A plan may name a unit, a meeting type and a target group. Of those that fit, the one that names more of them wins; of
two that name equally many, a meeting type goes before a target group, and that before a unit. Of two for the same, the
one with the later first day wins. Where none fits, the steps of the settings hold. Who is placed in a target group that
is not in the list on the meeting's day is in none.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment
from messaging.appointments.plan_hours import OwnHours
from messaging.appointments.plan_models import ReminderPlan, ReminderPlanStep
from messaging.appointments.timing import Step
from messaging.clock import COPENHAGEN
from messaging.conversations.open_hours import OpenHours
from messaging.people.models import Caseworker
from messaging.trial.capabilities import Way
from messaging.trial.models import CitizenTargetGroup
from messaging.trial.target_groups import GroupList, read_list
from messaging.vault.vault import Vault


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The steps of some meetings and what holds for them. `id` is None for the steps of the settings.

    `texts` are the keys of the texts of each step by its key; a step that has none there is worded by its place.
    """

    steps: Sequence[Step]
    id: uuid.UUID | None = None
    texts: Mapping[str, Sequence[str]]
    most_per_day: int | None = None
    most_per_meeting: int | None = None
    stops_when_confirmed: bool = False
    combines: bool = False
    hours: OwnHours | None = None
    """Within which its reminders leave; None: those of the service."""
    ways: Sequence[Way] | None = None
    """By which they go, the preferred one first; None: as the service has it."""

    @property
    def counts(self) -> bool:
        """Whether it matters how many reminders went before."""
        return self.most_per_day is not None or self.most_per_meeting is not None

    def hours_within(self, service: OpenHours) -> OpenHours:
        """Return the hours in which its reminders leave."""
        return self.hours.within(service) if self.hours is not None else service

    def step(self, key: str) -> Step | None:
        """Return the step of this key; None if the plan has none, or none any more."""
        return next((step for step in self.steps if step.key == key), None)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a plan is chosen by: a meeting's own, or what a plan names of it."""

    unit_id: uuid.UUID | None
    meeting_type: str | None
    target_group: str | None

    def holds_for(self, meeting: "Scope") -> bool:
        """Whether a meeting has all that is named here."""
        named = ((self.unit_id, meeting.unit_id), (self.meeting_type, meeting.meeting_type))
        return all(mine in (None, its) for mine, its in (*named, (self.target_group, meeting.target_group)))

    @property
    def precision(self) -> tuple[int, bool, bool, bool]:
        """What two that both hold for a meeting are compared by; the greater wins."""
        names = (self.meeting_type is not None, self.target_group is not None, self.unit_id is not None)
        return (sum(names), *names)


class Plans:
    """All plans that were ever signed, read once, and the steps of the settings for where none holds."""

    def __init__(self, session: Session, *, steps: Sequence[Step]) -> None:
        self._session = session
        self._default = Plan(steps=steps, texts={})
        signed = sa.select(ReminderPlan).where(ReminderPlan.signed_at.is_not(None))
        self._rows = session.scalars(signed.order_by(ReminderPlan.first_day, ReminderPlan.signed_at)).all()
        self._plans = plans_of(session, self._rows)
        names_groups = any(row.target_group is not None for row in self._rows)
        self._groups = read_list(session) if names_groups else None

    def __bool__(self) -> bool:
        return bool(self._rows)

    def of(self, plan_id: uuid.UUID | None) -> Plan:
        """Return the plan that a reminder was planned by."""
        return self._plans[plan_id] if plan_id is not None else self._default

    def choose(self, appointments: Sequence[Appointment]) -> Sequence[Plan]:
        """Return the plan of each of these meetings, in their order."""
        if not self._rows:
            return [self._default] * len(appointments)
        scopes = _scopes(self._session, appointments, groups=self._groups)
        return [self._of_meeting(appointment, scopes[appointment.id]) for appointment in appointments]

    def _of_meeting(self, appointment: Appointment, scope: Scope) -> Plan:
        day = appointment.starts_at.astimezone(COPENHAGEN).date()
        holding = [row for row in self._rows if _is_of(row, day) and scope_of(row).holds_for(scope)]
        # Of equals the last one is the greatest: they are in the order of their days.
        best = max(reversed(holding), key=lambda row: scope_of(row).precision, default=None)
        return self.of(best.id if best is not None else None)


def plans_of(session: Session, rows: Collection[ReminderPlan]) -> dict[uuid.UUID, Plan]:
    """Return plans with their steps, the farthest from the meeting first."""
    steps: dict[uuid.UUID, list[ReminderPlanStep]] = defaultdict(list)
    for step in session.scalars(
        sa.select(ReminderPlanStep)
        .where(ReminderPlanStep.plan_id.in_([row.id for row in rows]))
        .order_by(ReminderPlanStep.days.desc(), ReminderPlanStep.hour)
    ):
        steps[step.plan_id].append(step)
    return {
        row.id: Plan(
            id=row.id,
            steps=tuple(Step(key=step.key, days=step.days, hour=step.hour) for step in steps[row.id]),
            texts={step.key: tuple(step.texts.split()) for step in steps[row.id]},
            most_per_day=row.most_per_day,
            most_per_meeting=row.most_per_meeting,
            stops_when_confirmed=row.stops_when_confirmed,
            combines=row.combines,
            hours=hours_of(row),
            ways=tuple(Way(way) for way in row.ways.split()) if row.ways else None,
        )
        for row in rows
    }


def hours_of(row: ReminderPlan) -> OwnHours | None:
    """Return the hours that a plan has of its own, None if it has none."""
    if row.opens is None and not row.spares_weekends:
        return None
    return OwnHours(opens=row.opens, closes=row.closes, spares_weekends=row.spares_weekends)


def shut_plans(session: Session, *, hours: OpenHours, at: datetime) -> Mapping[uuid.UUID, datetime]:
    """Return the plans with hours of their own whose reminders may not leave now, and when they may again."""
    has_own = sa.or_(ReminderPlan.opens.is_not(None), ReminderPlan.spares_weekends)
    rows = session.scalars(sa.select(ReminderPlan).where(ReminderPlan.signed_at.is_not(None), has_own))
    own = ((row.id, known.within(hours)) for row in rows if (known := hours_of(row)) is not None)
    return {plan_id: its.next_open(at) for plan_id, its in own if not its.is_open(at)}


def scope_of(row: ReminderPlan) -> Scope:
    """Return what a plan names of its meetings."""
    return Scope(unit_id=row.unit_id, meeting_type=row.meeting_type, target_group=row.target_group)


def draw_text(vault: Vault, plan: Plan, *, appointment_id: uuid.UUID, step: str) -> str | None:
    """Return which of a step's texts this meeting gets; None where the plan names none.

    It is drawn by a keyed digest of meeting and step: the same whenever it is drawn, also when the meeting is moved,
    and not to be told beforehand by anybody.
    """
    texts = plan.texts.get(step, ())
    if not texts:
        return None
    digest = vault.fingerprint(appointment_id.bytes + step.encode(), purpose="reminder text")
    return texts[int.from_bytes(digest) % len(texts)]


def _is_of(row: ReminderPlan, day: date) -> bool:
    return row.first_day <= day and (row.last_day is None or day <= row.last_day)


def _scopes(
    session: Session, appointments: Collection[Appointment], *, groups: GroupList | None
) -> dict[uuid.UUID, Scope]:
    """Return what the meetings are, with the target groups by this list; without one no plan asks for them."""
    placed = _placed(session, {appointment.citizen_id for appointment in appointments}) if groups else {}
    caseworkers = {appointment.caseworker_id for appointment in appointments}
    of_staff = sa.select(Caseworker.id, Caseworker.unit_id).where(Caseworker.id.in_(caseworkers))
    units = dict(session.execute(of_staff).all())
    return {
        appointment.id: Scope(
            unit_id=units[appointment.caseworker_id],
            meeting_type=appointment.meeting_type,
            target_group=_listed(groups, placed.get(appointment.citizen_id), appointment),
        )
        for appointment in appointments
    }


def _placed(session: Session, citizens: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    present = sa.select(CitizenTargetGroup.citizen_id, CitizenTargetGroup.target_group).where(
        CitizenTargetGroup.citizen_id.in_(citizens), CitizenTargetGroup.valid_to.is_(None)
    )
    return dict(session.execute(present).all())


def _listed(groups: GroupList | None, code: str | None, appointment: Appointment) -> str | None:
    if groups is None or code is None:
        return None
    return code if code in groups.on(appointment.starts_at.astimezone(COPENHAGEN).date()) else None
