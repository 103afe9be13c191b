"""Citizens over HTTP."""

import uuid
from typing import Any

import marshmallow as ma
from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from messaging.clock import COPENHAGEN
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.people import registering, wishes
from messaging.people.acting import Act
from messaging.people.identity import LONGEST_NAME, is_name, read_cpr
from messaging.people.models import PauseReason, Standing
from messaging.people.numbers import read_number
from messaging.people.queries import (
    EVERYBODY,
    CitizenView,
    describe,
    find_by_cpr,
    find_caseworker,
    find_point,
    find_proposed,
    list_citizens,
    note_listing,
)
from messaging.people.visibility import find_citizen
from messaging.web.api import ApiBlueprint, calling_actor
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.idempotency import fingerprint_of, take_key
from messaging.web.shapes import Moment, PageQuery, Shape, Text, page_of
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

TEN_DIGITS = ma.validate.Regexp(r"\A[0-9]{10}\Z", error="Must be ten digits.")

A_MINUTE = RateLimitItemPerMinute(60)
A_DAY = RateLimitItemPerDay(2000)
"""Searches by CPR of one system in one web process; ten thousand numbers begin with each birthday."""
_searches = MovingWindowRateLimiter(MemoryStorage())

citizens = ApiBlueprint("citizens", __name__, description="Citizens, their numbers and their wishes")


class NumberShape(Shape):
    """A number of a citizen. Messages go to the one that is `in_use`; a `proposed` one waits for a human.

    `shared` is a human's flag, `several` says that another citizen uses it now: only texts without content go to
    either. A proposed number that another uses is accepted only once it is flagged. Nothing goes to a `paused` number
    until it is released; `provider_blocked_since` ends when the citizen sends START.
    """

    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    standing = ma.fields.Enum(Standing, by_value=True, required=True)
    source = ma.fields.String(required=True)
    valid_from = Moment(required=True)
    valid_to = Moment(required=True, allow_none=True)
    shared = ma.fields.Boolean(required=True)
    several = ma.fields.Boolean(required=True)
    paused = ma.fields.Boolean(required=True)
    paused_since = Moment(required=True, allow_none=True)
    pause_reason = ma.fields.Enum(PauseReason, by_value=True, required=True, allow_none=True)
    provider_blocked_since = Moment(required=True, allow_none=True)


class CitizenShape(Shape):
    """A citizen. The CPR number is never given out."""

    id = ma.fields.UUID(required=True)
    first_name = ma.fields.String(required=True)
    last_name = ma.fields.String(required=True)
    created_at = Moment(required=True)
    opted_out = ma.fields.Boolean(required=True)
    numbers = ma.fields.List(ma.fields.Nested(NumberShape), required=True)


class NewNumberShape(Shape):
    """A number as somebody wrote it, and who named it."""

    number = Text(required=True, validate=ma.validate.Length(max=100))
    source = Text(required=True, validate=ma.validate.Length(min=1, max=100))


class NewCitizenShape(Shape):
    """A citizen to be registered. `caseworker` are the initials of who looks after her from now on."""

    cpr = ma.fields.String(required=True, validate=TEN_DIGITS)
    first_name = Text(required=True, validate=ma.validate.Length(min=1, max=LONGEST_NAME))
    last_name = Text(required=True, validate=ma.validate.Length(min=1, max=LONGEST_NAME))
    phone = ma.fields.Nested(NewNumberShape, load_default=None, allow_none=True)
    caseworker = Text(load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=40))


class RegisteredShape(Shape):
    """A citizen who was registered. `unusable_phone` says why she has no number although one was given.

    `doubtful_phone` warns that the numbering plan does not know the number; it is used all the same.
    """

    citizen = ma.fields.Nested(CitizenShape, required=True)
    unusable_phone = ma.fields.String(required=True, allow_none=True)
    doubtful_phone = ma.fields.Boolean(required=True)


class SearchShape(Shape):
    """A search; in the body, because addresses end up in logs."""

    cpr = ma.fields.String(required=True, validate=TEN_DIGITS)


class FoundShape(Shape):
    """The citizens found: one, or none that the caller may see."""

    items = ma.fields.List(ma.fields.Nested(CitizenShape), required=True)


@citizens.get("/citizens")
@citizens.needs("citizens:read")
@citizens.takes(PageQuery, where="query")
@citizens.gives(200, page_of(CitizenShape))
def list_all(query: dict[str, Any]) -> dict[str, Any]:
    """List citizens in the order they were registered."""
    runtime, actor, limit = current_runtime(), calling_actor(), query["limit"]
    after: Any = read_cursor(runtime.vault, query.get("cursor"), listing="citizens", kinds=(uuid.UUID,))
    with runtime.database.read() as session:
        rows = list_citizens(session, actor, after=after[0] if after else None, limit=limit + 1)
        items = describe(session, runtime.vault, rows[:limit])
    with runtime.act(actor) as act:
        note_listing(act, count=len(items))
    more = write_cursor(runtime.vault, listing="citizens", key=(rows[limit - 1].id,)) if len(rows) > limit else None
    return {"items": items, "next": more}


@citizens.post("/citizens")
@citizens.needs("citizens:write", errors=(409,))
@citizens.keyed
@citizens.takes(NewCitizenShape)
@citizens.gives(201, RegisteredShape)
def register(asked: dict[str, Any], *, key: str) -> dict[str, Any]:
    """Register a citizen who is not here yet; without a number if the phone given can be none."""
    runtime, actor, citizen_id = current_runtime(), calling_actor(), new_id()
    phone = read_number(asked["phone"]["number"]) if asked["phone"] else None
    with runtime.act(actor) as act:
        earlier = take_key(
            act.session,
            scope=f"citizens:{actor.system}",
            key=key,
            fingerprint=fingerprint_of(runtime.vault, asked),
            object_id=citizen_id,
            at=act.now,
        )
        if earlier is None:
            _enter(act, citizen_id, asked, e164=phone.e164 if phone else None)
        view = _view(act, earlier or citizen_id)
    runtime.waker.wake(Lane.JOURNAL)
    return {
        "citizen": view,
        "unusable_phone": phone.reason if phone else None,
        "doubtful_phone": bool(phone and phone.doubtful),
    }


@citizens.post("/citizens/search")
@citizens.needs("citizens:read", errors=(429,))
@citizens.takes(SearchShape)
@citizens.gives(200, FoundShape)
def search(query: dict[str, Any]) -> dict[str, Any]:
    """Find a citizen by CPR number; so many a minute and a day that nobody finds numbers by trying them."""
    runtime, caller = current_runtime(), str(calling_actor().system)
    if not (_searches.hit(A_MINUTE, caller) and _searches.hit(A_DAY, caller)):
        raise TooManyRequests
    with runtime.act(calling_actor()) as act:
        found = find_by_cpr(act.session, runtime.vault, act.actor, cpr=query["cpr"])
        act.audit("citizens.sought", object_kind="citizens", object_id=EVERYBODY, facts={"found": len(found)})
        for citizen in found:
            act.audit("citizen.looked_up", object_kind="citizen", object_id=citizen.id)
        return {"items": describe(act.session, runtime.vault, found)}


@citizens.get("/citizens/<uuid:citizen_id>")
@citizens.needs("citizens:read", errors=(404,))
@citizens.gives(200, CitizenShape)
def show(citizen_id: uuid.UUID) -> CitizenView:
    """Show one citizen."""
    with current_runtime().act(calling_actor()) as act:
        act.audit("citizen.opened", object_kind="citizen", object_id=citizen_id)
        return _view(act, citizen_id)


@citizens.put("/citizens/<uuid:citizen_id>/opt-out")
@citizens.needs("citizens:write", errors=(404,))
@citizens.gives(200, CitizenShape)
def opt_out(citizen_id: uuid.UUID) -> CitizenView:
    """Note that the citizen wants no SMS."""
    return _wish(citizen_id, wants_sms=False)


@citizens.delete("/citizens/<uuid:citizen_id>/opt-out")
@citizens.needs("citizens:write", errors=(404,))
@citizens.gives(200, CitizenShape)
def opt_in(citizen_id: uuid.UUID) -> CitizenView:
    """Note that the citizen wants SMS again."""
    return _wish(citizen_id, wants_sms=True)


@citizens.post("/citizens/<uuid:citizen_id>/numbers/<uuid:number_id>/accept")
@citizens.needs("citizens:write", errors=(404, 409))
@citizens.gives(200, CitizenShape)
def accept_number(citizen_id: uuid.UUID, number_id: uuid.UUID) -> CitizenView:
    """Use a proposed number from now on; the one in use until now ends."""
    runtime = current_runtime()
    with runtime.act(calling_actor()) as act:
        point = find_proposed(act.session, act.actor, citizen_id=citizen_id, point_id=number_id)
        registering.accept_number(act, contact_point_id=point.id)
        view = _view(act, citizen_id)
    runtime.waker.wake(Lane.JOURNAL)
    return view


@citizens.post("/citizens/<uuid:citizen_id>/numbers/<uuid:number_id>/release")
@citizens.needs("citizens:write", errors=(404,))
@citizens.gives(200, CitizenShape)
def release_number(citizen_id: uuid.UUID, number_id: uuid.UUID) -> CitizenView:
    """Let messages go to a paused number again."""
    runtime = current_runtime()
    with runtime.act(calling_actor()) as act:
        point = find_point(act.session, act.actor, citizen_id=citizen_id, point_id=number_id)
        wishes.release_number(act, number_id=point.number_id)
        view = _view(act, citizen_id)
    runtime.waker.wake(Lane.JOURNAL)
    return view


@citizens.put("/citizens/<uuid:citizen_id>/numbers/<uuid:number_id>/shared")
@citizens.needs("citizens:write", errors=(404,))
@citizens.gives(200, CitizenShape)
def mark_shared(citizen_id: uuid.UUID, number_id: uuid.UUID) -> CitizenView:
    """Flag a number as used by several: only texts without content go to it."""
    return _mark_shared(citizen_id, number_id, shared=True)


@citizens.delete("/citizens/<uuid:citizen_id>/numbers/<uuid:number_id>/shared")
@citizens.needs("citizens:write", errors=(404,))
@citizens.gives(200, CitizenShape)
def mark_own(citizen_id: uuid.UUID, number_id: uuid.UUID) -> CitizenView:
    """Note that the citizen alone uses a number."""
    return _mark_shared(citizen_id, number_id, shared=False)


def _enter(act: Act, citizen_id: uuid.UUID, asked: dict[str, Any], *, e164: str | None) -> None:
    for name in ("first_name", "last_name"):
        if not is_name(asked[name]):
            raise InvalidInput("no message could call anybody so", field=name)
    cpr = read_cpr(asked["cpr"], today=act.now.astimezone(COPENHAGEN).date())
    person = registering.Person(cpr=cpr, first_name=asked["first_name"], last_name=asked["last_name"])
    registering.register_citizen(act, citizen_id=citizen_id, person=person)
    if asked["caseworker"] is not None:
        caseworker_id = find_caseworker(act.session, initials=asked["caseworker"])
        registering.assign(act, citizen_id=citizen_id, caseworker_id=caseworker_id)
    if e164 is not None:
        registering.name_number(act, citizen_id=citizen_id, e164=e164, source=asked["phone"]["source"])


def _wish(citizen_id: uuid.UUID, *, wants_sms: bool) -> CitizenView:
    runtime = current_runtime()
    with runtime.act(calling_actor()) as act:
        citizen = find_citizen(act.session, act.actor, citizen_id)
        (wishes.opt_in if wants_sms else wishes.opt_out)(act, citizen_id=citizen.id)
        view = _view(act, citizen_id)
    runtime.waker.wake(Lane.JOURNAL)
    return view


def _mark_shared(citizen_id: uuid.UUID, number_id: uuid.UUID, *, shared: bool) -> CitizenView:
    with current_runtime().act(calling_actor()) as act:
        point = find_point(act.session, act.actor, citizen_id=citizen_id, point_id=number_id)
        wishes.mark_shared(act, number_id=point.number_id, shared=shared)
        return _view(act, citizen_id)


def _view(act: Act, citizen_id: uuid.UUID) -> CitizenView:
    act.session.flush()
    return describe(act.session, act.vault, [find_citizen(act.session, act.actor, citizen_id)])[0]
