"""Where a citizen lets her phone knock when something new lies in the app, and ends that."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from adapters.contract import PushChannel
from adapters.errors import RecipientRefused
from messaging.citizen_app.pages.doors import app_pages, citizen_here
from messaging.citizen_app.push_models import PushEnd
from messaging.citizen_app.subscriptions import is_pushed_to, stop_pushes, subscribe
from messaging.errors import NotFound
from messaging.web.language import now as _
from messaging.web.pages import flash_once
from messaging.web.shell import current_runtime

app_push = app_pages("app_push", __name__)


@app_push.get("/push")
def show() -> str:
    """Say whether this phone knocks, and offer the other. Raises NotFound where there are no pushes."""
    return _draw()


@app_push.post("/push")
def begin() -> Response | tuple[str, int]:
    """Push to this browser from now on; `subscription` is its own word, in JSON."""
    channel, runtime, here = _channel(), current_runtime(), citizen_here()
    subscription = request.form.get("subscription", "")
    if here.device_id is None:
        return _draw(), 409
    try:
        channel.check_recipient(subscription)
    except RecipientRefused:
        return _draw(wrong=_("Din telefon bruger en tjeneste, vi ikke kan sende til. Du får sms i stedet.")), 422
    with runtime.act(here.actor) as act:
        subscribe(
            act,
            citizen_id=here.citizen_id,
            device_id=here.device_id,
            session_id=here.session_id,
            subscription=subscription,
        )
    flash_once(_("Din telefon giver nu besked, når der er nyt."))
    return redirect(url_for("app_push.show"), code=303)


@app_push.post("/push/end")
def end() -> Response:
    """Push to this browser no more."""
    _channel()
    here = citizen_here()
    with current_runtime().act(here.actor) as act:
        stop_pushes(act, session_id=here.session_id, why=PushEnd.CITIZEN)
    flash_once(_("Din telefon giver ikke mere besked. Du får sms i stedet."))
    return redirect(url_for("app_push.show"), code=303)


def _channel() -> PushChannel:
    channel = current_runtime().push
    if channel is None:
        raise NotFound("there are no pushes here")
    return channel


def _draw(*, wrong: str | None = None) -> str:
    channel, runtime, here = _channel(), current_runtime(), citizen_here()
    with runtime.database.read() as session:
        is_on = is_pushed_to(session, session_id=here.session_id)
    return render_template(
        "citizen_app/push.html",
        key=channel.sender,
        is_on=is_on,
        may_be_on=here.device_id is not None,
        wrong=wrong,
    )
