"""The office's hours, the hours of reminders and extra closed days as dated data; from its day a row holds in place of
the settings.

Everybody who asks when we are open, or who signs, asks `settings_now`. A process looks once a minute at most, so a
change is everywhere within a minute.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.config import Config
from messaging.conversations.opening_models import ClosedDay, OpeningTimes
from messaging.conversations.unit_names import name_on
from messaging.database.upserts import insert_into
from messaging.errors import InvalidInput
from messaging.people.acting import Act
from messaging.runtime import Runtime

FRESH = timedelta(minutes=1)
FURTHEST = timedelta(days=2 * 366)

Hours = tuple[int, int]
"""From a full hour until another of the same day; 24 is midnight."""


@dataclass(frozen=True, kw_only=True)
class NewTimes:
    """Hours in full from a day on: when somebody answers, and when reminders leave."""

    id: uuid.UUID
    first_day: date
    office: Hours
    weekdays: Hours
    weekends: Hours


def settings_now(runtime: Runtime) -> Config:
    """Return the settings with the hours, the closed days and the unit's name that hold now."""
    now = runtime.clock.now()
    known = runtime.settings.get("now")
    if known is not None and abs(now - known[0]) < FRESH:
        return known[1]
    with runtime.database.read() as session:
        settings = settings_at(session, runtime.config, at=now)
    runtime.settings.put("now", (now, settings))
    return settings


def settings_at(session: Session, config: Config, *, at: datetime) -> Config:
    """Return the settings with the hours, the closed days and the unit's name that hold at a moment."""
    today = at.astimezone(COPENHAGEN).date()
    row = session.scalar(
        sa.select(OpeningTimes)
        .where(OpeningTimes.first_day <= today)
        .order_by(OpeningTimes.first_day.desc(), OpeningTimes.noted_at.desc())
        .limit(1)
    )
    config = replace(config, unit_name=name_on(session, today) or config.unit_name)
    closed = tuple(sorted({*config.closed_days, *session.scalars(sa.select(ClosedDay.day))}))
    if row is None:
        return replace(config, closed_days=closed)
    return replace(
        config,
        office_hours=(row.office_opens, row.office_closes),
        reminder_weekdays=(row.weekdays_open, row.weekdays_close),
        reminder_weekends=(row.weekends_open, row.weekends_close),
        closed_days=closed,
    )


def set_times(act: Act, new: NewTimes) -> None:
    """Let other hours hold from a day on; what held before stays on record. Raises InvalidInput."""
    _check_day(act, new.first_day, field="first_day")
    for name, (opens, closes) in (("office", new.office), ("weekdays", new.weekdays), ("weekends", new.weekends)):
        if not 0 <= opens < closes <= 24:
            raise InvalidInput("hours end after they begin", field=name)
    if act.session.get(OpeningTimes, new.id) is not None:
        return
    act.session.add(
        OpeningTimes(
            id=new.id,
            first_day=new.first_day,
            office_opens=new.office[0],
            office_closes=new.office[1],
            weekdays_open=new.weekdays[0],
            weekdays_close=new.weekdays[1],
            weekends_open=new.weekends[0],
            weekends_close=new.weekends[1],
            noted_by_id=act.actor.id,
            noted_at=act.now,
        )
    )
    facts = {"first_day": str(new.first_day), "office": str(new.office), "reminders": f"{new.weekdays} {new.weekends}"}
    act.audit("opening_times.set", object_kind="opening_times", object_id=new.id, facts={**facts})


def close_day(act: Act, *, day: date) -> None:
    """Let a day be closed like a public holiday. Raises InvalidInput."""
    _check_day(act, day, field="day")
    row = {"day": day, "noted_by_id": act.actor.id, "noted_at": act.now}
    act.session.execute(insert_into(act.session, ClosedDay).on_conflict_do_nothing(), [row])
    _audit_day(act, "day.closed", day)


def open_day(act: Act, *, day: date) -> None:
    """Let a day that was closed be as any other. Raises InvalidInput for one that is past: it was closed."""
    _check_day(act, day, field="day")
    act.session.execute(sa.delete(ClosedDay).filter_by(day=day))
    _audit_day(act, "day.opened", day)


def list_times(session: Session) -> Sequence[OpeningTimes]:
    """Return all hours that were ever set, newest first."""
    in_order = OpeningTimes.first_day.desc(), OpeningTimes.noted_at.desc()
    return session.scalars(sa.select(OpeningTimes).order_by(*in_order)).all()


def list_closed(session: Session, *, since: date) -> Sequence[date]:
    """Return the extra closed days from a day on."""
    return session.scalars(sa.select(ClosedDay.day).where(ClosedDay.day >= since).order_by(ClosedDay.day)).all()


def _check_day(act: Act, day: date, *, field: str) -> None:
    today = act.now.astimezone(COPENHAGEN).date()
    if not today <= day <= today + FURTHEST:
        raise InvalidInput("the day is past, or too far away", field=field)


def _audit_day(act: Act, action: str, day: date) -> None:
    if act.actor.id is not None:
        act.audit(action, object_kind="caseworker", object_id=act.actor.id, facts={"day": str(day)})
