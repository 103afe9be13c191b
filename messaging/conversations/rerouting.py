"""An SMS that has not left goes into the citizen's app instead: called back, and written there, in one transaction."""

from messaging.conversations import sending, sending_in_app
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.editing import ChangedMeanwhile, Edit, HasLeft, find_editable
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.moving import move
from messaging.conversations.states import MessageState
from messaging.conversations.threads import lock_thread
from messaging.people.acting import Act, Facts
from messaging.people.reaching import SMS, reach
from messaging.trial.withholding import reason_given

IN_APP_INSTEAD = "in_app_instead"
"""Why the SMS was called back."""


def send_in_app_instead(act: Act, edit: Edit, *, content_class: ContentClass) -> Message:
    """Put what an SMS should have said, as its editor has it now, into the citizen's app; return the new message.

    Whether she has the app is for the caller to know. The same form sent twice is one message, for the SMS has ended
    then. Raises NotFound, HasLeft, ChangedMeanwhile, NotReachable, Withheld, or InvalidInput for a text that cannot be
    sent.
    """
    lock_thread(act.session, edit.citizen_id)
    message = find_editable(act, citizen_id=edit.citizen_id, message_id=edit.message_id)
    if message.medium != SMS:
        raise HasLeft("the message goes into the app already")
    if message.state_since != edit.seen:
        raise ChangedMeanwhile("somebody has changed the message since it was opened")
    sending_in_app.check_text(edit.text)
    if reason := sending_in_app.why_not_in_app(reach(act.session, edit.citizen_id), Kind.TEXT):
        raise sending.NotReachable(reason, way="in the app")
    placed = sending_in_app.send_in_app(
        act,
        citizen_id=edit.citizen_id,
        text=edit.text,
        content_class=content_class,
        author=Author.CASEWORKER,
        author_id=act.actor.id,
        due_at=edit.due_at,
        override=reason_given(act, message.id),
    )
    move(act, message, MessageState.CANCELLED, reason=IN_APP_INSTEAD, facts={"cancelled_by": act.actor.kind})
    facts: Facts = {"reason": IN_APP_INSTEAD, "as": str(placed.id)}
    act.audit("message.called_back", object_kind="message", object_id=message.id, facts=facts)
    return placed
