"""The one place that says whether the arms may be compared. Who looks every month finds a difference by chance.

The end is the one that was fixed at the lock. A trial that is ended before its time is waited for all the same:
otherwise it could be ended in the month in which it looks best.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.trial.models import Trial
from messaging.trial.running import latest

AFTER = timedelta(days=14)
"""After the end: a meeting that was put off is held by then, and outcomes are told."""

A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Apart:
    """Whether the arms are told apart wherever figures stand, and from which day; None where there is no trial."""

    now: bool
    since: date | None


def opens_at(trial: Trial) -> datetime:
    """Return the moment from which the arms may be compared."""
    return trial.ends_at + AFTER


def may_compare(trial: Trial, *, at: datetime, through: str | None = None) -> bool:
    """Whether they may now, by the meetings up to and with the month `through` (`2028-01`; None: by all)."""
    # A trial that ends as a month begins has no meeting in that month.
    last = f"{(trial.ends_at - A_MOMENT).astimezone(COPENHAGEN):%Y-%m}"
    return at >= opens_at(trial) and (through is None or through >= last)


def arms_apart(session: Session, *, at: datetime) -> Apart:
    """Return it for the last trial. Without one there is nothing to compare, and the arms stand together too."""
    trial = latest(session)
    if trial is None:
        return Apart(now=False, since=None)
    return Apart(now=may_compare(trial, at=at), since=opens_at(trial).astimezone(COPENHAGEN).date())
