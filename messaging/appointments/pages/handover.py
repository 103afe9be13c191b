"""Handing citizens over: who, to whom, and what goes along, shown before it happens."""

import uuid
from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.appointments import handing_over
from messaging.appointments.planning import reminder_rules
from messaging.conversations.opening_times import settings_now
from messaging.database.base import new_id
from messaging.errors import InvalidInput, NotFound
from messaging.people import absences, transferring
from messaging.people.actors import Actor
from messaging.people.models import Role
from messaging.people.transferring import AlreadyTransferred, Handover
from messaging.web.idempotency import fingerprint_of, take_key
from messaging.web.language import many as _n
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_answer, form_id, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

handover = pages("handover", __name__)


@handover.get("/handover")
def choose() -> str:
    """Show a caseload to choose from: one's own, or for a team leader that of somebody in her unit."""
    return _choose(_giver())


@handover.post("/handover/preview")
def preview() -> str | tuple[str, int]:
    """Show what goes along with each citizen chosen, before anything happens."""
    runtime, actor = current_runtime(), _giver()
    entry_ids = _entry_ids()
    if not entry_ids:
        return _choose(actor, wrong=_("Vælg mindst én borger.")), 422
    to_id, note = form_id("to"), request.form.get("note", "").strip()
    with runtime.database.read() as session:
        entries = transferring.entries_of(session, actor, entry_ids=entry_ids)
        receiver = next((one for one in transferring.colleagues(session, actor) if one.id == to_id), None)
        rows = handing_over.under_way(session, runtime.vault, entries, now=runtime.clock.now())
        away_until = absences.away_until(session, to_id, now=runtime.clock.now())
    if receiver is None:
        return _choose(actor, wrong=_("Vælg, hvem der tager over.")), 422
    return render_template(
        "appointments/handover_preview.html",
        rows=rows,
        receiver=receiver,
        away_until=away_until,
        note=note,
        with_meetings=form_answer("meetings"),
        form_id=new_id(),
    )


@handover.post("/handover")
def perform() -> Response | tuple[str, int]:
    """Hand the citizens over; a form that is sent twice does it once."""
    runtime, actor = current_runtime(), _giver()
    asked = Handover(entry_ids=_entry_ids(), to_id=form_id("to"), note=request.form.get("note", "").strip())
    with_meetings, key = form_answer("meetings"), form_id("form_id")
    fingerprint = fingerprint_of(runtime.vault, [*map(str, asked.entry_ids), str(asked.to_id), asked.note])
    try:
        with runtime.act(actor) as act:
            scope = f"handover of {actor.id}"
            done = take_key(act.session, scope=scope, key=str(key), fingerprint=fingerprint, object_id=key, at=act.now)
            if done is None:
                rules = reminder_rules(settings_now(runtime))
                handing_over.hand_over(act, asked, with_meetings=with_meetings, rules=rules)
    except AlreadyTransferred:
        return _choose(actor, wrong=_("En kollega nåede at overdrage en af borgerne. Intet er ændret nu.")), 409
    except InvalidInput as error:
        return _choose(actor, wrong=_why_not(error)), 422
    runtime.waker.wake(Lane.JOURNAL)
    number = len(asked.entry_ids)
    flash_once(_n("%(num)s borger er overdraget.", "%(num)s borgere er overdraget.", number))
    return redirect(url_for("handover.choose"), code=303)


def _choose(actor: Actor, *, wrong: str | None = None) -> str:
    runtime = current_runtime()
    with runtime.database.read() as session:
        givers = transferring.colleagues(session, actor) if actor.role is Role.TEAM_LEADER else []
        giver_id = _giver_id(actor, [giver.id for giver in givers])
        entries = transferring.caseload(session, actor, caseworker_id=giver_id) if giver_id else []
        receivers = [one for one in transferring.colleagues(session, actor) if one.id != giver_id]
        rows = handing_over.under_way(session, runtime.vault, entries, now=runtime.clock.now())
    return render_template(
        "appointments/handover.html",
        rows=rows,
        givers=givers,
        giver_id=giver_id,
        receivers=receivers,
        wrong=wrong,
        chosen=set(request.form.getlist("entry")),
        to=request.form.get("to", ""),
        note=request.form.get("note", ""),
        longest_note=transferring.LONGEST_NOTE,
    )


def _giver() -> Actor:
    actor = signed_in()
    if actor.role not in {Role.CASEWORKER, Role.TEAM_LEADER}:
        raise NotFound("nobody else hands citizens over")
    return actor


def _giver_id(actor: Actor, of_unit: Sequence[uuid.UUID]) -> uuid.UUID | None:
    """Return whose caseload is shown; a team leader chooses one of her unit."""
    if actor.role is Role.CASEWORKER:
        return actor.id
    return next((one for one in of_unit if str(one) == request.values.get("from")), None)


def _entry_ids() -> list[uuid.UUID]:
    try:
        return sorted({uuid.UUID(word) for word in request.form.getlist("entry")})
    except ValueError:
        raise InvalidInput("the form holds no such id", field="entry") from None


def _why_not(error: InvalidInput) -> str:
    match error.field:
        case "to":
            return _("Vælg en anden, der tager over. Intet er ændret.")
        case "note":
            return _("Noten er for lang. Intet er ændret.")
    return _("Vælg borgerne igen. Intet er ændret.")
