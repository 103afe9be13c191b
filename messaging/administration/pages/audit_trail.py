"""The audit trail for auditors; each look at it is itself an entry."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from messaging.administration import trail
from messaging.administration.pages.doors import auditor
from messaging.audit.heads import HEADS_FILE, Heads
from messaging.clock import COPENHAGEN
from messaging.errors import InvalidInput
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.language import now as _
from messaging.web.pages import pages
from messaging.web.shell import current_runtime

PAGE = 50
MOST_EXPORTED = 50_000
FIELDS = ("since", "until", "actor", "action", "object")
LISTING = "audit trail"
NOBODY = uuid.UUID(int=0)

audit_trail = pages("audit_trail", __name__)


@audit_trail.get("/administration/audit")
def overview() -> str | tuple[str, int]:
    """Show the entries within the bounds, the newest first, and how the chain stands."""
    actor, runtime = auditor(), current_runtime()
    after: Any = read_cursor(runtime.vault, request.args.get("cursor"), listing=LISTING, kinds=(uuid.UUID,))
    bounds, wrong = _bounds_or_why_not()
    with runtime.act(actor) as act:
        trail.note_reading(act, bounds)
    with runtime.database.read() as session:
        shown = trail.entries(session, bounds, after=after[0] if after else None, limit=PAGE + 1) if not wrong else []
        page = render_template(
            "administration/audit.html",
            entries=shown[:PAGE],
            initials=trail.initials_of(session, shown),
            standing=trail.standing(session, runtime.vault, Heads(runtime.config.data_folder / HEADS_FILE)),
            form={name: request.args.get(name, "") for name in FIELDS},
            more=write_cursor(runtime.vault, listing=LISTING, key=(shown[PAGE - 1].id,)) if len(shown) > PAGE else None,
            wrong=wrong,
            most=MOST_EXPORTED,
        )
    return (page, 422) if wrong else page


@audit_trail.get("/administration/audit.csv")
def export() -> Response:
    """Give the entries within the bounds as a file."""
    actor, runtime = auditor(), current_runtime()
    bounds = _bounds()
    with runtime.act(actor) as act:
        trail.note_reading(act, bounds, exported=True)
    with runtime.database.read() as session:
        answer = make_response(trail.as_csv(trail.entries(session, bounds, after=None, limit=MOST_EXPORTED)))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="audit-trail.csv"'
    return answer


def _bounds_or_why_not() -> tuple[trail.Bounds, str | None]:
    try:
        return _bounds(), None
    except InvalidInput:
        return trail.Bounds(), _("Noget i felterne kan ikke bruges. Se på datoerne og på id’erne.")


def _bounds() -> trail.Bounds:
    """Read what the query says. Raises InvalidInput."""
    until = _day("until")
    return trail.Bounds(
        since=_midnight(_day("since")),
        until=_midnight(until + timedelta(days=1)) if until else None,
        actor_id=_actor(),
        action=_field("action"),
        object_id=_id("object"),
    )


def _field(name: str) -> str | None:
    return request.args.get(name, "").strip() or None


def _day(name: str) -> date | None:
    value = _field(name)
    try:
        day = date.fromisoformat(value) if value else None
    except ValueError:
        day = date.min
    if day is not None and not 2000 <= day.year <= 9000:
        raise InvalidInput("there is no such day", field=name)
    return day


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), COPENHAGEN)


def _id(name: str) -> uuid.UUID | None:
    value = _field(name)
    try:
        return uuid.UUID(value) if value else None
    except ValueError:
        raise InvalidInput("there is no such id", field=name) from None


def _actor() -> uuid.UUID | None:
    word = _field("actor")
    if word is None:
        return None
    with current_runtime().database.read() as session:
        return trail.find_actor(session, word) or NOBODY
