"""Who can see the citizen's messages, as she reads it: her caseworker, who answers meanwhile, and who reads along."""

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app.answering_info import who_answers
from messaging.citizen_app.pages.doors import app_pages, citizen_here
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.people import helper_wording, helping
from messaging.people.helper_models import HelpEndedBy
from messaging.people.reading_along import helpers_of
from messaging.web.language import now as _
from messaging.web.pages import flash_once
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

my_helpers = app_pages("my_helpers", __name__)


@my_helpers.get("/helpers")
def overview() -> str:
    """Show who can see her messages."""
    runtime, here = current_runtime(), citizen_here()
    with runtime.act(here.actor) as act:
        helpers = helpers_of(act.session, runtime.vault, citizen_id=here.citizen_id, now=act.now, also_past=True)
        answering = who_answers(
            act.session,
            citizen_id=here.citizen_id,
            now=act.now,
            office=Office.from_config(settings_now(runtime)),
            promise=None,
        )
        act.audit("helper.listed", object_kind="citizen", object_id=here.citizen_id)
    return render_template(
        "citizen_app/my_helpers.html",
        helpers=helpers,
        answering=answering,
        kinds=helper_wording.KINDS,
        may_agree=ContentClass.LOGIN_ONLY in here.may_see,
    )


@my_helpers.post("/helpers/<uuid:helper_id>/end")
def end(helper_id: uuid.UUID) -> Response:
    """End it, or say no to who was prepared. Raises NotFound."""
    runtime, here = current_runtime(), citizen_here()
    with runtime.act(here.actor) as act:
        helping.end_helper(act, citizen_id=here.citizen_id, helper_id=helper_id, ended_by=HelpEndedBy.CITIZEN)
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Det er slut. Personen kan ikke læse dine beskeder mere."))
    return redirect(url_for("my_helpers.overview"), code=303)


@my_helpers.post("/helpers/<uuid:helper_id>/agree")
def agree(helper_id: uuid.UUID) -> Response:
    """Take her yes; who was let in by a code alone cannot give it. Raises NotFound."""
    runtime, here = current_runtime(), citizen_here()
    if ContentClass.LOGIN_ONLY not in here.may_see:
        flash_once(_("Du kan ikke sige ja her. Mød op, eller brug MitID."))
        return redirect(url_for("my_helpers.overview"), code=303)
    with runtime.act(here.actor) as act:
        helping.agree(
            act,
            citizen_id=here.citizen_id,
            helper_id=helper_id,
            sees_login_only=request.form.get("sees_login_only") == "yes",
        )
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Du har sagt ja. Du kan sige nej igen når som helst."))
    return redirect(url_for("my_helpers.overview"), code=303)
