"""The promised answer time: until when a citizen who waits is answered, counted in the office's opening hours."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging.config import Config
from messaging.conversations.office import Office
from messaging.conversations.open_hours import OpenHours

WARNED_FROM = 0.75
"""The part of the promised time after which who waits is pressing."""


class Keeping(enum.StrEnum):
    """How a promise stands."""

    IN_TIME = "in_time"
    PRESSING = "pressing"
    """Less than a quarter of the time is left."""
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class AnswerTime:
    """Until when somebody is to be answered, and whether that can still be kept."""

    until: datetime
    keeping: Keeping


@dataclass(frozen=True, kw_only=True)
class Promise:
    """That a citizen is answered before the office has been open for so long since she wrote."""

    within: timedelta
    hours: OpenHours

    @classmethod
    def from_config(cls, config: Config) -> "Promise | None":
        """Read it from the settings that hold now; None where nothing is promised."""
        if not config.answer_hours:
            return None
        return cls(within=timedelta(hours=config.answer_hours), hours=Office.from_config(config).hours)

    def answer_time(self, waiting_since: datetime, *, now: datetime) -> AnswerTime:
        """Return until when who has waited since then is to be answered."""
        until = self.hours.after(waiting_since, self.within)
        pressing = self.hours.after(waiting_since, self.within * WARNED_FROM)
        keeping = Keeping.BROKEN if now >= until else Keeping.PRESSING if now >= pressing else Keeping.IN_TIME
        return AnswerTime(until=until, keeping=keeping)

    def broken_since(self, now: datetime) -> datetime:
        """Return the moment such that the promise is broken to whoever has waited since then or longer."""
        return self.hours.before(now, self.within)


def is_first_morning(now: datetime, hours: OpenHours) -> bool:
    """Whether this is the morning of a working day after a day on which nobody read."""
    local = now.astimezone(hours.zone)
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    return local.hour < 12 and hours.is_open_day(today) and not hours.is_open_day(yesterday)
