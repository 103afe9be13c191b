"""Closing what waits for us without an answer."""

import uuid

from messaging.conversations.models import Conversation
from messaging.conversations.states import Waiting
from messaging.conversations.threads import stand
from messaging.people.acting import Act


def settle(act: Act, *, citizen_id: uuid.UUID, automatic: bool = False) -> bool:
    """Close what waits without an answer; False if nothing waited, or if a rule may not do it.

    A rule never settles a thread with a sign of danger in it; a human may.
    """
    thread = act.session.get(Conversation, citizen_id, with_for_update=True, populate_existing=True)
    if thread is None or thread.waiting is Waiting.SETTLED or (automatic and thread.danger_since is not None):
        return False
    stand(act, citizen_id, Waiting.SETTLED)
    act.audit("conversation.settled", object_kind="conversation", object_id=citizen_id, facts={"automatic": automatic})
    act.announce("conversation.settled", object_id=citizen_id)
    return True
