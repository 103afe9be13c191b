"""The citizen's phones: which can read her messages, and closing one or all others."""

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app import sessions
from messaging.citizen_app.devices import devices_of
from messaging.citizen_app.models import EndedBy
from messaging.citizen_app.pages.doors import all_here, app_pages, citizen_here, show_out
from messaging.errors import NotFound
from messaging.web.language import now as _
from messaging.web.pages import flash_once
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

app_devices = app_pages("app_devices", __name__)


@app_devices.get("/devices")
def overview() -> str:
    """Show the phones that are in."""
    runtime, here, held = current_runtime(), citizen_here(), all_here()
    with runtime.database.read() as session:
        devices = devices_of(session, here.citizen_id)
        visits = sessions.other_visits(session, citizen_id=here.citizen_id, keep=held, now=runtime.clock.now())
    mine = {found.device_id for found in held}
    others = sum(device.id not in mine for device in devices)
    return render_template("citizen_app/devices.html", devices=devices, mine=mine, others=others, visits=visits)


@app_devices.post("/devices/end-others")
def end_others() -> Response:
    """Close every other phone, and sign out every other browser; once more changes nothing."""
    runtime, here, held = current_runtime(), citizen_here(), all_here()
    with runtime.act(here.actor) as act:
        sessions.end_others(act, citizen_id=here.citizen_id, keep=held, ended_by=EndedBy.CITIZEN)
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Alle andre er lukket ude. Kun her kan dine beskeder læses nu."))
    return redirect(url_for("app_devices.overview"), code=303)


@app_devices.post("/devices/<uuid:device_id>/end")
def end(device_id: uuid.UUID) -> Response:
    """Close one phone; if it is this one, it is signed out. Raises NotFound."""
    runtime, here, this_one = current_runtime(), citizen_here(), {held.device_id for held in all_here()}
    ended_by = EndedBy.LOST if request.form.get("lost") == "yes" else EndedBy.CITIZEN
    with runtime.act(here.actor) as act:
        if not sessions.end_device(act, citizen_id=here.citizen_id, device_id=device_id, ended_by=ended_by):
            raise NotFound("there is no such phone")
    runtime.waker.wake(Lane.JOURNAL)
    if device_id in this_one:
        return show_out(url_for("app_ways.show"))
    flash_once(_("Telefonen er lukket. Den kan ikke læse dine beskeder mere."))
    return redirect(url_for("app_devices.overview"), code=303)
