"""Reading content: whoever opens a thread, or what waits in triage, leaves an entry in the audit trail."""

import uuid

import sqlalchemy as sa

from messaging.conversations.models import Conversation
from messaging.people.acting import Act
from messaging.people.actors import ActorKind
from messaging.people.models import Citizen
from messaging.people.visibility import find_citizen
from messaging.vault.vault import TRIAGE


def open_thread(act: Act, *, citizen_id: uuid.UUID) -> Citizen:
    """Note that somebody reads this citizen's messages; what staff has opened is read. Raises NotFound."""
    citizen = find_citizen(act.session, act.actor, citizen_id)
    if act.actor.kind is ActorKind.STAFF:
        act.session.execute(
            sa.update(Conversation).where(Conversation.id == citizen_id, Conversation.unread > 0).values(unread=0)
        )
    act.audit("conversation.opened", object_kind="conversation", object_id=citizen_id)
    return citizen


def open_triage(act: Act) -> None:
    """Note that somebody reads the messages whose senders are unclear."""
    act.audit("triage.opened", object_kind="conversation", object_id=TRIAGE)
