"""What time it is for the rules of the house.

Due times, expiry, quiet hours and reminders ask this clock; leases and retry delays ask the database; signatures use
real time. A rehearsal sets and accelerates the clock of all its processes through one small file.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def begin_of_day(day: date) -> datetime:
    """Return the moment a day begins on the wall clock, in UTC."""
    return datetime.combine(day, time.min, COPENHAGEN).astimezone(UTC)


def day_around(at: datetime) -> tuple[datetime, datetime]:
    """Return when the wall clock's day around this moment begins and ends."""
    day = at.astimezone(COPENHAGEN).date()
    return begin_of_day(day), begin_of_day(day + timedelta(days=1))


class Clock(Protocol):
    """Tells the time as an aware datetime in UTC."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)


@dataclass(kw_only=True)
class FixedClock:
    """A clock that stands still until it is told to move; for tests."""

    moment: datetime

    def now(self) -> datetime:
        """Return the moment it stands at."""
        return self.moment

    def advance(self, **duration: float) -> None:
        """Move forward by a timedelta's keywords."""
        self.moment += timedelta(**duration)


@dataclass(kw_only=True)
class RehearsalClock:
    """A clock that all processes of a rehearsal read from one file: an anchor in both times and a factor.

    The file is replaced as a whole, so a reader sees the old or the new setting, never half of one.
    """

    path: Path
    _stamp: int = field(default=-1, init=False)
    _real: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)
    _shown: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)
    _factor: float = field(default=1.0, init=False)

    def now(self) -> datetime:
        """Return the rehearsed moment in UTC."""
        stamp = self.path.stat().st_mtime_ns
        if stamp != self._stamp:
            setting = json.loads(self.path.read_text(encoding="utf-8"))
            self._real = datetime.fromisoformat(setting["real"])
            self._shown = datetime.fromisoformat(setting["shown"])
            self._factor = float(setting["factor"])
            self._stamp = stamp
        return self._shown + (datetime.now(UTC) - self._real) * self._factor

    def set(self, shown: datetime, *, factor: float) -> None:
        """Let all readers see `shown` now, running `factor` times as fast as real time."""
        setting = {"real": datetime.now(UTC).isoformat(), "shown": shown.isoformat(), "factor": factor}
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(setting), encoding="utf-8")
        fresh.replace(self.path)
