"""The channels: how they are, and the switch by which nothing leaves any more."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from adapters.contract import Finding
from adapters.errors import AdapterError
from messaging.administration import health, wording
from messaging.administration.pages.doors import reader, superuser
from messaging.conversations import stopping
from messaging.conversations.stop_models import StopReason
from messaging.errors import InvalidInput
from messaging.people.models import Role
from messaging.people.queries import name_staff
from messaging.runtime import Runtime
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages
from messaging.web.shell import current_runtime
from messaging.work.lanes import MESSAGE_LANES

STOPS_SHOWN = 10

channels = pages("channels", __name__)


@channels.get("/administration/channels")
def overview() -> str:
    """Show how the channel is; asked to, also what the provider says of our account."""
    actor, runtime = reader(), current_runtime()
    findings = _examine(runtime) if "examine" in request.args else None
    name = runtime.channel.name
    with runtime.database.read() as session:
        stops = stopping.last_stops(session, channel=name, limit=STOPS_SHOWN)
        staff = name_staff(session, {id_ for stop in stops for id_ in (stop.stopped_by, stop.lifted_by) if id_})
        return render_template(
            "administration/channels.html",
            channel=name,
            health=health.channel_health(session, channel=name, at=runtime.clock.now()),
            breakers=health.breakers(session),
            stop=next((stop for stop in stops if stop.lifted_at is None), None),
            stops=stops,
            staff=staff,
            findings=findings,
            may_stop=actor.role is Role.SUPERUSER,
            words=wording,
        )


@channels.post("/administration/channels/stop")
def stop() -> Response:
    """Let nothing leave any more."""
    actor, runtime = superuser(), current_runtime()
    reason = _reason()
    with runtime.act(actor) as act:
        stopping.stop_channel(act, channel=runtime.channel.name, reason=reason)
    flash_once(_("Afsendelse er slået fra. Beskeder venter, til du slår den til igen."))
    return redirect(url_for("channels.overview"), code=303)


@channels.post("/administration/channels/release")
def release() -> Response:
    """Let what waits leave again."""
    actor, runtime = superuser(), current_runtime()
    stop_id = form_id("stop")
    with runtime.act(actor) as act:
        lifted = stopping.lift_stop(act, stop_id=stop_id)
    if lifted:
        runtime.waker.wake(*MESSAGE_LANES)
        flash_once(_("Afsendelse er slået til. Det, der venter, sendes nu."))
    return redirect(url_for("channels.overview"), code=303)


def _reason() -> StopReason:
    try:
        return StopReason(request.form.get("reason", ""))
    except ValueError:
        raise InvalidInput("choose why nothing is to be sent", field="reason") from None


def _examine(runtime: Runtime) -> list[Finding]:
    """Ask the provider, with no transaction open; that it cannot be asked is a finding too."""
    try:
        return list(runtime.channel.examine())
    except AdapterError as error:
        return [Finding(code=error.code, sentence=_("Udbyderen kunne ikke spørges nu."), blocking=True)]
