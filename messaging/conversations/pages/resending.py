"""The buttons under a message that never left: send it again, by SMS or in the app."""

import uuid

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from messaging.conversations import opening, resending, sending, wording
from messaging.conversations.pages.composer import Draft, require_app
from messaging.conversations.pages.thread import seen_up_to, show_thread
from messaging.conversations.pages.writing import note_refusal
from messaging.conversations.writing import FirstContact, WouldBeHeld
from messaging.people.reaching import APP, SMS
from messaging.people.visibility import find_citizen
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

again = pages("again", __name__)

Refused = (
    opening.NotAllSeen
    | sending.NotReachable
    | WouldBeHeld
    | FirstContact
    | resending.MayHaveLeft
    | resending.NumberChanged
)


@again.post("/conversations/<uuid:citizen_id>/messages/<uuid:message_id>/again")
def send(citizen_id: uuid.UUID, message_id: uuid.UUID) -> Response | tuple[str, int]:
    """Send it as a new message; pressed twice, or in two tabs, it is one."""
    runtime, actor = current_runtime(), signed_in()
    way = APP if request.form.get("way") == APP else SMS
    try:
        with runtime.act(actor) as act:
            find_citizen(act.session, actor, citizen_id)
            if way == APP:
                require_app(act.session, citizen_id)
            resending.resend(act, citizen_id=citizen_id, message_id=message_id, seen=seen_up_to(), way=way)
    except sending.Withheld as error:
        note_refusal(error)
        return show_thread(citizen_id, Draft(wrong=_("Ikke sendt. %(why)s", why=_why(error)))), 409
    except (
        opening.NotAllSeen,
        sending.NotReachable,
        WouldBeHeld,
        FirstContact,
        resending.MayHaveLeft,
        resending.NumberChanged,
    ) as error:
        return show_thread(citizen_id, Draft(wrong=_("Ikke sendt. %(why)s", why=_why(error)))), 409
    runtime.waker.wake(Lane.INTERACTIVE, Lane.JOURNAL)
    flash_once(_("Beskeden ligger nu i appen.") if way == APP else _("Beskeden sendes igen som en ny besked."))
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


def _why(error: Refused) -> str:
    if isinstance(error, opening.NotAllSeen):
        return wording.NOT_ALL_SEEN
    if isinstance(error, sending.NotReachable | WouldBeHeld):
        return wording.REASONS[error.reason]
    if isinstance(error, resending.NumberChanged):
        return _("Borgeren har fået et andet nummer siden. Skriv beskeden igen her, så spørger vi til nummeret.")
    if isinstance(error, FirstContact):
        return _("Vi har ikke hørt fra nummeret endnu. Skriv beskeden igen her, så spørger vi til nummeret.")
    return _("Beskeden er måske nået frem, og sendes derfor ikke igen herfra.")
