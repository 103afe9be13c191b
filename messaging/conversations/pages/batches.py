"""Writing to several: whom and which approved text, how it reads for each, and how far it is."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from messaging.conversations import batch_queries, batches, wording, writing_wording
from messaging.conversations.batch_models import BatchState
from messaging.conversations.batch_planning import Line, plan
from messaging.conversations.by_hand import Shelf
from messaging.conversations.participants import Gathering, GatheringsOf
from messaging.conversations.queries import valid_templates
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.actors import Actor
from messaging.people.models import Role
from messaging.people.queries import list_citizens, name_citizens
from messaging.runtime import Runtime
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.idempotency import fingerprint_of, take_key
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages, signed_in
from messaging.web.shell import current_runtime, current_shell
from messaging.work.lanes import Lane

PAGE = 25
LISTING = "batches"
MOST_CITIZENS = 500


class ChangedSinceShown(Conflict):
    """What would be sent is no longer what its writer was shown."""

    code = "changed_since_shown"


batch_pages = pages("batches", __name__)


@batch_pages.get("/batches")
def overview() -> str:
    """Show what one has written to several, and what waits for a second person."""
    runtime, actor = current_runtime(), _worker()
    before: Any = read_cursor(runtime.vault, request.args.get("cursor"), listing=LISTING, kinds=(uuid.UUID,))
    with runtime.database.read() as session:
        rows = batch_queries.list_batches(session, actor, before=before[0] if before else None, limit=PAGE + 1)
    more = write_cursor(runtime.vault, listing=LISTING, key=(rows[PAGE - 1].id,)) if len(rows) > PAGE else None
    return _draw("list", batches=rows[:PAGE], more=more, may_write=actor.role is Role.CASEWORKER)


@batch_pages.get("/batches/new")
def choose() -> str:
    """Show whom one may choose, and the approved texts; of a meeting that is named its participants are chosen."""
    return _choose(chosen=(), key="", meeting=request.args.get("meeting"))


@batch_pages.post("/batches/preview")
def preview() -> tuple[str, int]:
    """Show how the text reads for each, what it costs, and who is left out and why."""
    return _preview(form_id("batch_id"))


@batch_pages.post("/batches")
def create() -> Response | tuple[str, int]:
    """Send it, unless what was shown is no longer what would be sent; the same form twice is one batch."""
    batch_id = form_id("batch_id")
    try:
        _create(batch_id)
    except ChangedSinceShown:
        return _preview(batch_id, wrong=_("Noget er ændret, siden du så teksterne. Se dem igen."))
    current_runtime().waker.wake(Lane.UPKEEP)
    return redirect(url_for("batches.show", batch_id=batch_id), code=303)


def _create(batch_id: uuid.UUID) -> None:
    runtime, actor = current_runtime(), _caseworker()
    key, asked = request.form.get("template", ""), request.form.get("shown", "")
    with runtime.act(actor) as act:
        made = take_key(
            act.session,
            scope=f"batch form of {actor.id}",
            key=str(batch_id),
            fingerprint=fingerprint_of(runtime.vault, key, sorted(map(str, _citizens()))),
            object_id=batch_id,
            at=act.now,
        )
        if made is None:
            lines = _plan(runtime, act.session, actor, key, _citizens())
            if _shown(runtime, lines) != asked:
                raise ChangedSinceShown("the texts are no longer what was shown")
            batches.create_batch(act, batch_id=batch_id, key=key, lines=lines)


@batch_pages.get("/batches/<uuid:batch_id>")
def show(batch_id: uuid.UUID) -> str:
    """Show how far a batch is; its words and recipients only to its writer."""
    runtime, actor = current_runtime(), _worker()
    with runtime.act(actor) as act:
        batch = batch_queries.find_batch(act.session, actor, batch_id)
        recipients = (
            batch_queries.recipients_of_batch(act.session, runtime.vault, actor, batch_id=batch_id)
            if batch.is_own
            else []
        )
        texts = [text.text for text in valid_templates(act.session, at=act.now) if text.key == batch.key]
        act.audit("batch.opened", object_kind="batch", object_id=batch_id)
    return _draw("batch", batch=batch, recipients=recipients, texts=texts, alone=batches.ALONE)


@batch_pages.post("/batches/<uuid:batch_id>/approve")
def approve(batch_id: uuid.UUID) -> Response:
    """Let a colleague's large batch go."""
    with current_runtime().act(_worker()) as act:
        batches.approve_batch(act, batch_id=batch_id)
    current_runtime().waker.wake(Lane.UPKEEP)
    flash_once(_("Beskederne sendes nu."))
    return redirect(url_for("batches.overview"), code=303)


@batch_pages.post("/batches/<uuid:batch_id>/cancel")
def cancel(batch_id: uuid.UUID) -> Response:
    """Call back all that has not left."""
    with current_runtime().act(_caseworker()) as act:
        caught = batches.cancel_batch(act, batch_id=batch_id)
    current_runtime().waker.wake(Lane.JOURNAL)
    flash_once(_("%(caught)s beskeder er trukket tilbage.", caught=caught))
    return redirect(url_for("batches.show", batch_id=batch_id), code=303)


def _choose(*, chosen: tuple[uuid.UUID, ...], key: str, meeting: str | None = None, wrong: str = "") -> str:
    runtime, actor = current_runtime(), _caseworker().on_her_own
    with runtime.database.read() as session:
        rows = list_citizens(session, actor, after=None, limit=MOST_CITIZENS)
        names = name_citizens(session, runtime.vault, [row.id for row in rows])
        keys = Shelf(session, at=runtime.clock.now()).keys(shared=False)
        gatherings = _gatherings(session, actor)
    gathering = next((one for one in gatherings if str(one.id) == meeting), None)
    chosen = gathering.citizen_ids if gathering else chosen
    by_name = sorted(names.items(), key=lambda named: (named[0] not in chosen, named[1]))
    return _draw(
        "choose",
        names=by_name,
        keys=keys,
        chosen=chosen,
        gatherings=gatherings,
        gathering=gathering,
        key=key,
        wrong=wrong,
        batch_id=new_id(),
    )


def _gatherings(session: Session, actor: Actor) -> Sequence[Gathering]:
    gatherings_of: GatheringsOf | None = current_shell().gatherings_of
    return gatherings_of(session, actor, current_runtime().clock.now()) if gatherings_of else ()


def _preview(batch_id: uuid.UUID, *, wrong: str = "") -> tuple[str, int]:
    runtime, actor, key = current_runtime(), _caseworker(), request.form.get("template", "")
    chosen = _everybody(actor) if request.form.get("everybody") == "yes" else _citizens()
    if not chosen or not key:
        return _choose(chosen=tuple(chosen), key=key, wrong=_("Vælg en skabelon og mindst én borger.")), 422
    with runtime.act(actor) as act:
        lines = _plan(runtime, act.session, actor, key, chosen)
        names = name_citizens(act.session, runtime.vault, [line.citizen_id for line in lines])
        act.audit("batch.previewed", object_kind="batch", object_id=batch_id, facts={"citizens": len(lines)})
    lines = tuple(sorted(lines, key=lambda line: names[line.citizen_id]))
    receiving = [line for line in lines if line.filled]
    html = _draw(
        "preview",
        batch_id=batch_id,
        key=key,
        names=names,
        receiving=receiving,
        left_out=[line for line in lines if not line.filled],
        segments=sum(line.segments for line in receiving),
        shown=_shown(runtime, lines),
        needs_another=len(receiving) > batches.ALONE,
        alone=batches.ALONE,
        wrong=wrong,
    )
    return html, 409 if wrong else 200


def _everybody(actor: Actor) -> list[uuid.UUID]:
    with current_runtime().database.read() as session:
        return [row.id for row in list_citizens(session, actor.on_her_own, after=None, limit=MOST_CITIZENS)]


def _plan(runtime: Runtime, session: Session, actor: Actor, key: str, chosen: list[uuid.UUID]) -> tuple[Line, ...]:
    return plan(
        runtime,
        session,
        key=key,
        citizen_ids=batch_queries.may_be_chosen(session, actor, chosen),
        writer_id=actor.id,
        meetings_of=current_shell().meetings_of,
    )


def _shown(runtime: Runtime, lines: tuple[Line, ...]) -> str:
    """Return a keyed digest of all that was shown, so that nothing else is sent."""
    said = sorted([str(line.citizen_id), line.filled.text if line.filled else "", line.reason or ""] for line in lines)
    return fingerprint_of(runtime.vault, said).hex()


def _citizens() -> list[uuid.UUID]:
    try:
        return [uuid.UUID(word) for word in request.form.getlist("citizen")][:MOST_CITIZENS]
    except ValueError:
        raise InvalidInput("the form names no such citizen", field="citizen") from None


def _worker() -> Actor:
    actor = signed_in()
    if actor.role not in batch_queries.WORKS_WITH_BATCHES:
        raise NotFound("there are no batches for this role")
    return actor


def _caseworker() -> Actor:
    actor = signed_in()
    if actor.role is not Role.CASEWORKER:
        raise NotFound("only a caseworker writes to several")
    return actor


def _draw(page: str, **values: Any) -> str:
    ore = current_runtime().config.sms_price
    return render_template(
        f"conversations/batch_{page}.html",
        words=wording,
        states=writing_wording.BATCH_STATES,
        recipient_states=writing_wording.RECIPIENT_STATES,
        why_left_out=writing_wording.why_left_out,
        title_of=writing_wording.title_of,
        price_of=lambda segments: writing_wording.price(segments, ore) if ore else "",
        BatchState=BatchState,
        **values,
    )
