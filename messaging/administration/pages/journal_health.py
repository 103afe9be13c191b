"""How the journal is: what the case system has not taken, and sending it there again."""

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.administration import health, replaying, wording
from messaging.administration.pages.doors import reader, superuser
from messaging.errors import InvalidInput
from messaging.journal import overseeing
from messaging.journal.models import EventState
from messaging.people.models import Role
from messaging.web.language import many
from messaging.web.pages import flash_once, pages
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

journal_health = pages("journal_health", __name__)


@journal_health.get("/administration/journal")
def overview() -> str:
    """Show what is stuck and what is on its way."""
    actor, runtime = reader(), current_runtime()
    with runtime.database.read() as session:
        return render_template(
            "administration/journal.html",
            oldest=overseeing.oldest_open(session),
            queue=health.queues(session, at=runtime.clock.now())[-1],
            counts=health.count_stuck(session),
            stuck=[event for state in replaying.REPLAYABLE for event in health.stuck_events(session, state)],
            pending=health.stuck_events(session, EventState.PENDING),
            may_replay=actor.role is Role.SUPERUSER,
            shown=health.SHOWN,
            words=wording,
        )


@journal_health.post("/administration/journal/replay")
def replay() -> Response:
    """Send the events that the form names again."""
    actor, runtime = superuser(), current_runtime()
    event_ids = _event_ids()
    with runtime.act(actor) as act:
        count = replaying.replay(act, event_ids=event_ids)
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(many("%(num)s hændelse sendes igen.", "%(num)s hændelser sendes igen.", count))
    return redirect(url_for("journal_health.overview"), code=303)


def _event_ids() -> list[uuid.UUID]:
    try:
        return [uuid.UUID(value) for value in request.form.getlist("event")[: 2 * health.SHOWN]]
    except ValueError:
        raise InvalidInput("the form holds no such id", field="event") from None
