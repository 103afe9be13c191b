"""The trial in counts, for whoever leads it: no person's name or rate."""

from flask import render_template

from messaging.administration import wording
from messaging.administration.pages.doors import reader
from messaging.attendance.across import meetings_across
from messaging.clock import COPENHAGEN
from messaging.evaluation.waiting import may_compare
from messaging.trial.figures import Standing, standing
from messaging.trial.models import Arm
from messaging.trial.running import latest
from messaging.web.pages import pages
from messaging.web.shell import current_runtime

trial_pages = pages("trial_pages", __name__)


@trial_pages.get("/administration/trial")
def overview() -> str:
    """Show the arms' sizes per unit, who joined by month, and what blurs the difference between the arms.

    Whether a month's newcomers fell unevenly is judged when the arms may be compared, and not before.
    """
    reader()
    runtime = current_runtime()
    with runtime.database.read() as session:
        found = latest(session)
        judges = found is not None and may_compare(found, at=runtime.clock.now())
        stands = standing(session, found, judges=judges) if found is not None else None
        meetings = meetings_across(session, found) if found is not None else None
    return render_template(
        "administration/trial.html",
        stands=stands,
        meetings=meetings,
        judges=judges,
        days=_days(stands) if stands else None,
        arms=tuple(Arm),
        words=wording,
        uneven=wording.UNEVEN,
    )


def _days(stands: Standing) -> dict[str, str]:
    """Return its days with their year: a trial runs over the turn of one."""
    moments = {"locked": stands.locked_at, "ends": stands.ends_at, "ended": stands.ended_at}
    return {name: f"{at.astimezone(COPENHAGEN):%d-%m-%Y}" for name, at in moments.items() if at is not None}
