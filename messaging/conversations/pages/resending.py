"""The button under a message that never left: send it again."""

import uuid

from flask import redirect, url_for
from werkzeug.wrappers import Response

from messaging.conversations import opening, resending, sending, wording
from messaging.conversations.pages.composer import Draft
from messaging.conversations.pages.thread import seen_up_to, show_thread
from messaging.conversations.writing import WouldBeHeld
from messaging.people.visibility import find_citizen
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

again = pages("again", __name__)

Refused = opening.NotAllSeen | sending.NotReachable | WouldBeHeld | resending.MayHaveLeft | resending.NumberChanged


@again.post("/conversations/<uuid:citizen_id>/messages/<uuid:message_id>/again")
def send(citizen_id: uuid.UUID, message_id: uuid.UUID) -> Response | tuple[str, int]:
    """Send it as a new message; pressed twice, or in two tabs, it is one."""
    runtime, actor = current_runtime(), signed_in()
    try:
        with runtime.act(actor) as act:
            find_citizen(act.session, actor, citizen_id)
            resending.resend(act, citizen_id=citizen_id, message_id=message_id, seen=seen_up_to())
    except (
        opening.NotAllSeen,
        sending.NotReachable,
        WouldBeHeld,
        resending.MayHaveLeft,
        resending.NumberChanged,
    ) as error:
        return show_thread(citizen_id, Draft(wrong=_("Ikke sendt. %(why)s", why=_why(error)))), 409
    runtime.waker.wake(Lane.INTERACTIVE, Lane.JOURNAL)
    flash_once(_("Beskeden sendes igen som en ny besked."))
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


def _why(error: Refused) -> str:
    if isinstance(error, opening.NotAllSeen):
        return wording.NOT_ALL_SEEN
    if isinstance(error, sending.NotReachable | WouldBeHeld):
        return wording.REASONS[error.reason]
    if isinstance(error, resending.NumberChanged):
        return _("Borgeren har fået et andet nummer siden. Skriv beskeden igen her, så spørger vi til nummeret.")
    return _("Beskeden er måske nået frem, og sendes derfor ikke igen herfra.")
