"""The one place that says whether the arms may be compared. Who looks every month finds a difference by chance.

The end is the one that was fixed at the lock. A trial that is ended before its time is waited for all the same:
otherwise it could be ended in the month in which it looks best.
"""

from datetime import datetime, timedelta

from messaging.clock import COPENHAGEN
from messaging.trial.models import Trial

AFTER = timedelta(days=14)
"""After the end: a meeting that was put off is held by then, and outcomes are told."""


def opens_at(trial: Trial) -> datetime:
    """Return the moment from which the arms may be compared."""
    return trial.ends_at + AFTER


def may_compare(trial: Trial, *, at: datetime, through: str | None = None) -> bool:
    """Whether they may now, by the meetings up to and with the month `through` (`2028-01`; None: by all)."""
    last = f"{trial.ends_at.astimezone(COPENHAGEN):%Y-%m}"
    return at >= opens_at(trial) and (through is None or through >= last)
