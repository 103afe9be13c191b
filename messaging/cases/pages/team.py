"""The team leader's page: how her unit stands, with the way to each list. No figure is any one person's."""

from flask import render_template

from messaging.cases.team import describe_team
from messaging.clock import day_around
from messaging.conversations.answer_time import Promise
from messaging.conversations.opening_times import settings_now
from messaging.errors import NotFound
from messaging.people.models import Role
from messaging.web.pages import pages, signed_in
from messaging.web.shell import current_runtime

team_pages = pages("team", __name__)


@team_pages.get("/team")
def overview() -> str:
    """Show the unit's figures."""
    runtime, actor = current_runtime(), signed_in()
    if actor.role is not Role.TEAM_LEADER:
        raise NotFound("nobody else has a unit to look after")
    now, promise = runtime.clock.now(), Promise.from_config(settings_now(runtime))
    with runtime.database.read() as session:
        standing = describe_team(session, actor, now=now, promise=promise, today=day_around(now))
    return render_template("cases/team.html", team=standing, promise=promise)
