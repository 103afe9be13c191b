"""Who is away when, and who sees meanwhile what waits for her. Reported by herself, or by the leader of her unit.

A report opens nothing to the one who makes it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN, begin_of_day
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.absence_models import Absence, AbsenceReason
from messaging.people.acting import Act
from messaging.people.actors import Actor
from messaging.people.covering import deputy_is_of_the_unit, in_force
from messaging.people.models import Caseworker, Role

LONGEST = timedelta(days=366)
MOST = 200
"""Absences listed; more than a unit has ahead."""


class AlreadyAway(Conflict):
    """She is reported away within these days already."""

    code = "already_away"


class DeputyAway(Conflict):
    """The deputy is herself away within these days: what waits would wait for nobody."""

    code = "deputy_away"


@dataclass(frozen=True, kw_only=True)
class Report:
    """Who is away from the first to the last day, both counted, and who covers; None: nobody does."""

    caseworker_id: uuid.UUID
    deputy_id: uuid.UUID | None
    first_day: date
    last_day: date
    reason: AbsenceReason


@dataclass(frozen=True, kw_only=True)
class AbsenceView:
    """An absence as it is listed. `is_on`: it holds now."""

    id: uuid.UUID
    caseworker_id: uuid.UUID
    caseworker: str
    deputy: str | None
    first_day: date
    last_day: date
    reason: AbsenceReason
    is_on: bool
    deputy_is_away: bool
    """The deputy has herself been reported away within these days, or is no caseworker of the unit any more."""


def report_absence(act: Act, report: Report) -> Absence:
    """Note that somebody is away. Raises NotFound, InvalidInput, AlreadyAway, DeputyAway."""
    absent = _lock_staff(act, report.caseworker_id)
    since, until = begin_of_day(report.first_day), begin_of_day(report.last_day + timedelta(days=1))
    if not act.now < until <= since + LONGEST or since >= until:
        raise InvalidInput("an absence ends after it begins, not in the past, and within a year", field="last_day")
    if report.deputy_id is not None and not _may_cover(act.session, absent, report.deputy_id):
        raise InvalidInput("the deputy is another caseworker of the unit", field="deputy")
    _refuse_overlap(act, report.caseworker_id, since, until, AlreadyAway("she is away then already"))
    if report.deputy_id is not None:
        _refuse_overlap(act, report.deputy_id, since, until, DeputyAway("the deputy is away then herself"))
    row = Absence(
        id=new_id(),
        caseworker_id=absent.id,
        deputy_id=report.deputy_id,
        since=since,
        until=until,
        reason=report.reason,
        reported_by=act.actor.id,
        reported_at=act.now,
    )
    act.session.add(row)
    deputy = str(report.deputy_id) if report.deputy_id else None
    facts = {"absent": str(absent.id), "deputy": deputy, "since": since.isoformat(), "until": until.isoformat()}
    act.audit("absence.reported", object_kind="absence", object_id=row.id, facts={**facts})
    act.announce("absence.reported", object_id=row.id)
    return row


def end_absence(act: Act, *, absence_id: uuid.UUID) -> None:
    """Note that somebody is back, or was not away after all; the cover ends at once. Raises NotFound."""
    absence = find_absence(act.session, act.actor, absence_id)
    act.session.refresh(absence, with_for_update=True)
    if absence.ended_at is None:
        absence.ended_at = act.now
        act.audit("absence.ended", object_kind="absence", object_id=absence.id)
        act.announce("absence.ended", object_id=absence.id)


def find_absence(session: Session, actor: Actor, absence_id: uuid.UUID) -> Absence:
    """Return an absence of the actor's own or of her unit's. Raises NotFound."""
    chosen = sa.select(Absence).join(Caseworker, Caseworker.id == Absence.caseworker_id)
    absence = session.scalar(chosen.where(Absence.id == absence_id, _may_report(actor)))
    if absence is None:
        raise NotFound("there is no such absence")
    return absence


def list_absences(session: Session, actor: Actor, *, now: datetime) -> list[AbsenceView]:
    """Return the absences that hold or are to come, of the actor's own or of her unit's, by when they begin."""
    deputy = sa.orm.aliased(Caseworker)
    rows = session.execute(
        sa.select(Absence, Caseworker.name, deputy.name, _deputy_is_away())
        .join(Caseworker, Caseworker.id == Absence.caseworker_id)
        .outerjoin(deputy, deputy.id == Absence.deputy_id)
        .where(Absence.until > now, Absence.ended_at.is_(None), _may_report(actor))
        .order_by(Absence.since, Absence.id)
        .limit(MOST)
    )
    return [
        AbsenceView(
            id=absence.id,
            caseworker_id=absence.caseworker_id,
            caseworker=name,
            deputy=covers,
            first_day=absence.since.astimezone(COPENHAGEN).date(),
            last_day=(absence.until - timedelta(hours=1)).astimezone(COPENHAGEN).date(),
            reason=absence.reason,
            is_on=absence.since <= now,
            deputy_is_away=deputy_is_away,
        )
        for absence, name, covers, deputy_is_away in rows
    ]


def list_staff(session: Session, actor: Actor) -> Sequence[Caseworker]:
    """Return the caseworkers of the actor's unit, by name."""
    chosen = sa.select(Caseworker).filter_by(unit_id=actor.unit_id, role=Role.CASEWORKER, active=True)
    return session.scalars(chosen.order_by(Caseworker.name)).all()


def may_stand_in(session: Session, absence: Absence, caseworker_id: uuid.UUID, *, now: datetime) -> bool:
    """Whether a colleague may hold a meeting in the absent one's place: of her unit, and here now."""
    absent = session.get_one(Caseworker, absence.caseworker_id)
    away = sa.exists().where(Absence.caseworker_id == caseworker_id, in_force(now))
    return _may_cover(session, absent, caseworker_id) and not session.scalar(sa.select(away))


def list_stand_ins(session: Session, absence: Absence, *, now: datetime) -> Sequence[Caseworker]:
    """Return who may hold the absent one's meetings now, by name."""
    unit = sa.select(Caseworker.unit_id).where(Caseworker.id == absence.caseworker_id).scalar_subquery()
    away = sa.select(Absence.caseworker_id).where(in_force(now))
    chosen = sa.select(Caseworker).filter_by(role=Role.CASEWORKER, active=True)
    here = chosen.where(Caseworker.unit_id == unit, Caseworker.id.not_in(away), Caseworker.id != absence.caseworker_id)
    return session.scalars(here.order_by(Caseworker.name)).all()


def name_of(session: Session, caseworker_id: uuid.UUID) -> str:
    """Return what a caseworker is called."""
    return session.get_one(Caseworker, caseworker_id).name


def away_until(session: Session, caseworker_id: uuid.UUID, *, now: datetime) -> date | None:
    """Return the last day of a caseworker's present absence; None if she is here."""
    chosen = sa.select(Absence.until).where(Absence.caseworker_id == caseworker_id, in_force(now))
    until = session.scalar(chosen)
    return (until - timedelta(hours=1)).astimezone(COPENHAGEN).date() if until else None


def covers_for(session: Session, actor: Actor, *, now: datetime) -> list[str]:
    """Return for whom the actor covers now, by name."""
    chosen = sa.select(Caseworker.name).join(Absence, Absence.caseworker_id == Caseworker.id)
    return list(session.scalars(chosen.where(in_force(now), Absence.deputy_id == actor.id).order_by(Caseworker.name)))


def _deputy_is_away() -> sa.ColumnElement[bool]:
    other = sa.orm.aliased(Absence)
    is_away = sa.exists().where(
        other.caseworker_id == Absence.deputy_id,
        other.ended_at.is_(None),
        other.since < Absence.until,
        other.until > Absence.since,
    )
    return sa.or_(is_away, sa.and_(Absence.deputy_id.is_not(None), ~deputy_is_of_the_unit()))


def _may_report(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on `Caseworker` that holds for whom this actor may report away."""
    if actor.role is Role.TEAM_LEADER:
        return sa.and_(Caseworker.unit_id == actor.unit_id, Caseworker.role == Role.CASEWORKER)
    return Caseworker.id == actor.id if actor.role is Role.CASEWORKER else sa.false()


def _lock_staff(act: Act, caseworker_id: uuid.UUID) -> Caseworker:
    """Return who is reported away; of two reports at once the second sees the first. Raises NotFound."""
    chosen = sa.select(Caseworker).where(Caseworker.id == caseworker_id, _may_report(act.actor))
    absent = act.session.scalar(chosen.with_for_update())
    if absent is None:
        raise NotFound("there is no such caseworker")
    return absent


def _may_cover(session: Session, absent: Caseworker, deputy_id: uuid.UUID) -> bool:
    colleague = sa.exists().where(
        Caseworker.id == deputy_id,
        Caseworker.id != absent.id,
        Caseworker.unit_id == absent.unit_id,
        Caseworker.role == Role.CASEWORKER,
        Caseworker.active,
    )
    return bool(session.scalar(sa.select(colleague)))


def _refuse_overlap(act: Act, caseworker_id: uuid.UUID, since: datetime, until: datetime, refusal: Conflict) -> None:
    away = sa.exists().where(
        Absence.caseworker_id == caseworker_id,
        Absence.ended_at.is_(None),
        Absence.since < until,
        Absence.until > since,
    )
    if act.session.scalar(sa.select(away)):
        raise refusal
