"""The waves before, during and after the trial: on which days staff are asked."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.experience.models import Wave, WaveDays
from messaging.people.acting import Act

ORDER = tuple(Wave)


def days_of_waves(session: Session) -> Mapping[Wave, WaveDays]:
    """Return the days of the waves that have some."""
    return {row.wave: row for row in session.scalars(sa.select(WaveDays))}


def open_wave(session: Session, *, day: date) -> Wave | None:
    """Return the wave of this day."""
    return session.scalar(sa.select(WaveDays.wave).where(WaveDays.first_day <= day, WaveDays.last_day >= day))


def set_days(act: Act, *, wave: Wave, first_day: date, last_day: date) -> None:
    """Let a wave be on these days. Raises InvalidInput if it is over already, ends too early or overlaps another."""
    today = act.now.astimezone(COPENHAGEN).date()
    waves = days_of_waves(act.session)
    present = waves.get(wave)
    if present is not None and present.last_day < today:
        raise InvalidInput("the wave is over", field="wave")
    if last_day < first_day or last_day < today:
        raise InvalidInput("the last day is before the first one, or before today", field="last_day")
    for other, row in waves.items():
        earlier = ORDER.index(other) < ORDER.index(wave)
        if other is not wave and not (row.last_day < first_day if earlier else last_day < row.first_day):
            raise InvalidInput("the waves follow each other and do not overlap", field="first_day")
    if present is None:
        act.session.add(WaveDays(wave=wave, first_day=first_day, last_day=last_day))
    else:
        present.first_day, present.last_day = first_day, last_day
    act.session.flush()
    facts = {"wave": wave.value, "first_day": str(first_day), "last_day": str(last_day)}
    act.audit("wave.set", object_kind="wave", object_id=new_id(), facts=dict(facts))
