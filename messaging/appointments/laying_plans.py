"""Reminder plans: one superuser writes a plan, another signs it, and only then do reminders follow it.

A plan is never changed. A new version is a new plan for the same meetings from a later day; ended, it holds until the
day that is said.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.plan_hours import OwnHours
from messaging.appointments.plan_models import ReminderPlan, ReminderPlanStep
from messaging.appointments.plan_texts import kept_from_sms, reminder_texts
from messaging.appointments.plans import Scope, plans_of, scope_of
from messaging.clock import COPENHAGEN
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.open_hours import REMINDER_HOURS, OpenHours
from messaging.errors import InvalidInput, NotFound
from messaging.people.acting import Act, Facts
from messaging.people.four_eyes import NoLongerWaiting, check_signature, check_waiting
from messaging.people.models import Unit
from messaging.trial.capabilities import Way
from messaging.trial.target_groups import read_list

MOST_STEPS = 4
MOST_TEXTS = 4
FARTHEST = 60
"""Days before a meeting."""
FURTHEST = timedelta(days=2 * 366)
WAYS = (Way.APP, Way.SMS)
"""By which a plan may let its reminders go: what the service has. A push is no way of its own, it tells of the app."""
AS_THE_SERVICE = OwnHours()
_CAPS = range(1, 10)


class KeptFromSms(InvalidInput):
    """A plan names texts that may not leave by SMS; `texts` are their classes by their keys."""

    code = "kept_from_sms"

    def __init__(self, texts: Mapping[str, ContentClass]) -> None:
        self.texts = texts
        named = ", ".join(f"{key} ({texts[key]})" for key in sorted(texts))
        super().__init__(f"these may not leave by SMS: {named}", field="texts")


@dataclass(frozen=True, kw_only=True)
class NewStep:
    """A step as somebody writes it. `texts` are keys of texts; one of them is drawn for each meeting."""

    days: int
    hour: int | None = None
    texts: Sequence[str]

    @property
    def key(self) -> str:
        """The name of the step in the database: `3_days`, `1_day_at_16`."""
        unit = "day" if self.days == 1 else "days"
        return f"{self.days}_{unit}" if self.hour is None else f"{self.days}_{unit}_at_{self.hour:02}"


@dataclass(frozen=True, kw_only=True)
class NewPlan:
    """What somebody has written: for which meetings, from which day of meeting until which, and what they get."""

    id: uuid.UUID
    scope: Scope
    first_day: date
    last_day: date | None = None
    steps: Sequence[NewStep]
    most_per_day: int | None = None
    most_per_meeting: int | None = None
    stops_when_confirmed: bool = True
    combines: bool = False
    hours: OwnHours = AS_THE_SERVICE
    ways: Sequence[str] = ()
    """Of `Way`, the preferred one first; none: as the service has it."""


def write_plan(act: Act, new: NewPlan, *, service: OpenHours = REMINDER_HOURS) -> ReminderPlan:
    """Keep a plan until somebody else signs it; the same id again is the same plan.

    `service` are the hours in which reminders leave now. Raises InvalidInput, with the name of the field that is wrong,
    KeptFromSms or OutsideHours.
    """
    earlier = act.session.get(ReminderPlan, new.id)
    if earlier is not None:
        return earlier
    if act.actor.id is None:
        raise ValueError("only a person writes a plan")
    _check(act, new, service=service)
    row = ReminderPlan(
        id=new.id,
        unit_id=new.scope.unit_id,
        meeting_type=new.scope.meeting_type,
        target_group=new.scope.target_group,
        first_day=new.first_day,
        last_day=new.last_day,
        most_per_day=new.most_per_day,
        most_per_meeting=new.most_per_meeting,
        stops_when_confirmed=new.stops_when_confirmed,
        combines=new.combines,
        opens=new.hours.opens,
        closes=new.hours.closes,
        spares_weekends=new.hours.spares_weekends,
        ways=" ".join(new.ways) or None,
        written_by_id=act.actor.id,
        written_at=act.now,
    )
    act.session.add(row)
    act.session.flush()
    act.session.add_all(
        ReminderPlanStep(plan_id=row.id, key=step.key, days=step.days, hour=step.hour, texts=" ".join(step.texts))
        for step in new.steps
    )
    act.audit("reminder_plan.drafted", object_kind="reminder_plan", object_id=row.id, facts=_facts(act.session, row))
    return row


def sign_plan(act: Act, *, plan_id: uuid.UUID, service: OpenHours = REMINDER_HOURS) -> None:
    """Let a plan hold from its first day; one without a last day ends those before it for the same meetings.

    Raises NotFound, OwnDraft, NoLongerWaiting, InvalidInput where one of its texts has none valid any more,
    KeptFromSms, or OutsideHours where those of the service have changed since it was written.
    """
    row = _locked(act, plan_id)
    check_signature(act, row)
    plan = plans_of(act.session, [row])[row.id]
    _check_texts(act, [key for texts in plan.texts.values() for key in texts])
    if plan.hours is not None:
        plan.hours.check(service)
    if row.last_day is None:
        _end_earlier(act, row)
    row.signed_by_id, row.signed_at = act.actor.id, act.now
    act.audit("reminder_plan.signed", object_kind="reminder_plan", object_id=row.id, facts=_facts(act.session, row))


def withdraw_plan(act: Act, *, plan_id: uuid.UUID) -> None:
    """Let a plan that nobody has signed wait no longer; it stays on record. Raises NotFound or NoLongerWaiting."""
    row = _locked(act, plan_id)
    check_waiting(row)
    row.withdrawn_at = act.now
    act.audit("reminder_plan.withdrawn", object_kind="reminder_plan", object_id=row.id)


def end_plan(act: Act, *, plan_id: uuid.UUID, last_day: date) -> None:
    """Let a signed plan hold for meetings until this day and none after it.

    Raises NotFound, NoLongerWaiting for one that nobody signed or that ends earlier, or InvalidInput for a day past.
    """
    row = _locked(act, plan_id)
    if row.signed_at is None or (row.last_day is not None and row.last_day <= last_day):
        raise NoLongerWaiting("it does not hold so long")
    if last_day < _today(act):
        raise InvalidInput("the day is past", field="last_day")
    row.last_day = last_day
    facts: Facts = {"last_day": str(last_day)}
    act.audit("reminder_plan.ended", object_kind="reminder_plan", object_id=row.id, facts=facts)


def _check(act: Act, new: NewPlan, *, service: OpenHours) -> None:
    _check_days(act, new)
    scope = new.scope
    if scope.unit_id is not None and act.session.get(Unit, scope.unit_id) is None:
        raise InvalidInput("there is no such unit", field="unit")
    if scope.target_group is not None and scope.target_group not in read_list(act.session).on(new.first_day):
        raise InvalidInput("there is no such target group on that day", field="target_group")
    for field, most in (("most_per_day", new.most_per_day), ("most_per_meeting", new.most_per_meeting)):
        if most is not None and most not in _CAPS:
            raise InvalidInput("a limit is between 1 and 9", field=field)
    new.hours.check(service)
    _check_steps(new.steps)
    if not all(step.hour is None or new.hours.has(step.hour) for step in new.steps):
        raise InvalidInput("the hour of a step lies outside the plan's own", field="step_hours")
    if len(set(new.ways)) < len(new.ways) or not {*new.ways} <= {*WAYS}:
        raise InvalidInput("ways are different ones of SMS and app", field="ways")
    _check_texts(act, [key for step in new.steps for key in step.texts])


def _check_days(act: Act, new: NewPlan) -> None:
    if not _today(act) <= new.first_day <= _today(act) + FURTHEST:
        raise InvalidInput("the first day is past, or too far away", field="first_day")
    if new.last_day is not None and new.last_day < new.first_day:
        raise InvalidInput("the last day is before the first", field="last_day")


def _check_steps(steps: Sequence[NewStep]) -> None:
    if not 1 <= len(steps) <= MOST_STEPS or len({step.key for step in steps}) < len(steps):
        raise InvalidInput(f"a plan has between 1 and {MOST_STEPS} different steps", field="steps")
    for step in steps:
        if not 0 <= step.days <= FARTHEST or (step.days == 0 and step.hour is None):
            raise InvalidInput("a step is days before the meeting, or at an hour of its day", field="steps")
        if step.hour is not None and not 0 <= step.hour <= 23:
            raise InvalidInput("an hour is between 0 and 23", field="steps")
        if not 1 <= len(step.texts) <= MOST_TEXTS or len(set(step.texts)) < len(step.texts):
            raise InvalidInput(f"a step has between 1 and {MOST_TEXTS} different texts", field="texts")


def _check_texts(act: Act, keys: Sequence[str]) -> None:
    kept = kept_from_sms(act.session, day=_today(act))
    if unfit := {key: kept[key] for key in keys if key in kept}:
        raise KeptFromSms(unfit)
    usable = reminder_texts(act.session, day=_today(act))
    if missing := [key for key in keys if key not in usable]:
        raise InvalidInput("no version is approved of " + ", ".join(missing), field="texts")


def _end_earlier(act: Act, row: ReminderPlan) -> None:
    signed = sa.select(ReminderPlan).where(ReminderPlan.signed_at.is_not(None), ReminderPlan.first_day <= row.first_day)
    for earlier in act.session.scalars(signed.with_for_update()):
        lasts = earlier.last_day is None or earlier.last_day >= row.first_day
        if scope_of(earlier) == scope_of(row) and lasts:
            earlier.last_day = row.first_day - timedelta(days=1)


def _locked(act: Act, plan_id: uuid.UUID) -> ReminderPlan:
    row = act.session.get(ReminderPlan, plan_id, with_for_update=True)
    if row is None:
        raise NotFound("there is no such plan")
    return row


def _today(act: Act) -> date:
    return act.now.astimezone(COPENHAGEN).date()


def _facts(session: Session, row: ReminderPlan) -> Facts:
    plan = plans_of(session, [row])[row.id]
    return {
        "unit": str(row.unit_id) if row.unit_id else None,
        "meeting_type": row.meeting_type,
        "target_group": row.target_group,
        "first_day": str(row.first_day),
        "last_day": str(row.last_day) if row.last_day else None,
        "steps": ", ".join(f"{step.key}: {' '.join(plan.texts[step.key])}" for step in plan.steps),
        "most_per_day": row.most_per_day,
        "most_per_meeting": row.most_per_meeting,
        "stops_when_confirmed": row.stops_when_confirmed,
        "combines": row.combines,
        "hours": f"{row.opens}-{row.closes}" if row.opens is not None else None,
        "spares_weekends": row.spares_weekends,
        "ways": row.ways,
    }
