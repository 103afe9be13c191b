"""Where staff let a citizen's phone in and close it: beside the thread, and on a page with the QR code."""

import uuid

from flask import redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from messaging.citizen_app import pairing, sessions, wording
from messaging.citizen_app.devices import devices_of
from messaging.citizen_app.models import EndedBy, SeenAs
from messaging.citizen_app.pages.qr_codes import draw_qr
from messaging.citizen_app.subscriptions import pushed_devices
from messaging.conversations.contact import is_verified
from messaging.database.base import new_id
from messaging.errors import NotFound
from messaging.people.actors import Actor
from messaging.people.queries import name_citizens
from messaging.people.reaching import reach
from messaging.people.visibility import find_citizen
from messaging.people.wrong_person import last_wrong_person
from messaging.runtime import Runtime
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

phones = pages("phones", __name__)


@phones.get("/citizens/<uuid:citizen_id>/app")
def show(citizen_id: uuid.UUID) -> str:
    """Show the citizen's phones, and the form that lets one in."""
    return _draw(citizen_id)


@phones.post("/citizens/<uuid:citizen_id>/app/pairings")
def offer(citizen_id: uuid.UUID) -> Response | tuple[str, int]:
    """Offer to let one phone in, after saying by what one knows who sits here."""
    runtime, actor, pairing_id = current_runtime(), signed_in().on_her_own, form_id("pairing_id")
    try:
        seen_as = SeenAs(request.form.get("seen_as", ""))
    except ValueError:
        with runtime.database.read() as session:
            find_citizen(session, actor, citizen_id)
        return _draw(citizen_id, wrong=_("Vælg, hvordan du ved, hvem der sidder hos dig.")), 422
    with runtime.act(actor) as act:
        pairing.offer_pairing(act, pairing_id=pairing_id, citizen_id=citizen_id, seen_as=seen_as)
    return redirect(url_for("phones.show_offer", citizen_id=citizen_id, pairing_id=pairing_id), code=303)


@phones.get("/citizens/<uuid:citizen_id>/app/pairings/<uuid:pairing_id>")
def show_offer(citizen_id: uuid.UUID, pairing_id: uuid.UUID) -> str:
    """Show the QR code and the six digits while they hold, then what became of them."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        offered = pairing.find_offer(
            act.session, runtime.vault, citizen_id=citizen_id, pairing_id=pairing_id, now=act.now
        )
        name = name_citizens(act.session, runtime.vault, [citizen_id])[citizen_id]
        act.audit("app.pairing_shown", object_kind="citizen", object_id=citizen_id)
    address = runtime.config.public_url + url_for("app_start.show", token=offered.token)
    return render_template(
        "citizen_app/offer.html",
        citizen_id=citizen_id,
        name=name,
        offer=offered,
        address=address,
        picture=None if offered.is_taken or offered.is_over else draw_qr(address),
    )


@phones.post("/citizens/<uuid:citizen_id>/app/devices/<uuid:device_id>/end")
def end(citizen_id: uuid.UUID, device_id: uuid.UUID) -> Response:
    """Close one of the citizen's phones. Raises NotFound."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        if not sessions.end_device(act, citizen_id=citizen_id, device_id=device_id, ended_by=EndedBy.STAFF):
            raise NotFound("there is no such phone")
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Telefonen er lukket. Den kan ikke læse borgerens beskeder mere."))
    return redirect(url_for("phones.show", citizen_id=citizen_id), code=303)


def panel(runtime: Runtime, actor: Actor, citizen_id: uuid.UUID) -> Markup:
    """Draw beside the thread whether the citizen has the app."""
    if citizen_id in actor.covered:
        return Markup("")
    with runtime.database.read() as session:
        devices, wrong_at = devices_of(session, citizen_id), last_wrong_person(session, citizen_id)
        unverified = _has_unverified_number(session, citizen_id)
        pushed = pushed_devices(session, citizen_id)
    if wrong_at is not None and any(device.added_at > wrong_at for device in devices):
        wrong_at = None  # she has been met since, and her phone was let in
    html = render_template(
        "citizen_app/panel.html",
        citizen_id=citizen_id,
        devices=devices,
        pushed=pushed,
        wrong_person_at=wrong_at,
        unverified=unverified,
    )
    return Markup(html)  # noqa: S704  our own template, already escaped


def _has_unverified_number(session: Session, citizen_id: uuid.UUID) -> bool:
    """Whether her number gets no login code for want of proof that it is hers; a shared one gets none anyway."""
    person = reach(session, citizen_id)
    if person.contact_point_id is None or person.shared or person.closed:
        return False
    return not is_verified(session, citizen_id=citizen_id, contact_point_id=person.contact_point_id)


def _draw(citizen_id: uuid.UUID, *, wrong: str | None = None) -> str:
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        name = name_citizens(act.session, runtime.vault, [citizen_id])[citizen_id]
        devices = devices_of(act.session, citizen_id)
        pushed = pushed_devices(act.session, citizen_id)
        act.audit("app.devices_shown", object_kind="citizen", object_id=citizen_id)
    return render_template(
        "citizen_app/phones.html",
        citizen_id=citizen_id,
        name=name,
        devices=devices,
        pushed=pushed,
        pairing_id=new_id(),
        kinds=wording.SEEN_AS,
        wrong=wrong,
    )
