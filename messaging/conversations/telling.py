"""How all who must know hear that a message to a citizen was written: case system, audit trail, other processes."""

from messaging.conversations.models import Direction, Message
from messaging.conversations.new_messages import NewMessage
from messaging.conversations.states import MessageState
from messaging.people.acting import Act, Facts
from messaging.people.reaching import APP


def tell_written(act: Act, message: Message, text: str, *, original: str | None = None) -> None:
    """Journal, audit and announce that a message to a citizen was written."""
    if message.conversation_id is None:
        raise ValueError("an outgoing message belongs to a conversation")
    type_, facts = written_event(message, text, original=original)
    act.journal(type_, stream=message.conversation_id, subject=message.id, facts=facts)
    act.audit("message.written", object_kind="message", object_id=message.id, facts={"state": message.state})
    act.announce("message.written", object_id=message.id)


def written_event(message: Message | NewMessage, text: str, *, original: str | None) -> tuple[str, Facts]:
    """Return how the case system is told that a message to a citizen was written."""
    facts: Facts = {
        "direction": Direction.OUT,
        "channel": message.medium,
        "kind": message.kind,
        "author": message.author,
        "author_id": str(message.author_id) if message.author_id else None,
        "text": text,
        "template": message.template,
        **({"original": original} if original else {}),
        **({"content_class": message.content_class} if message.medium == APP else {}),
    }
    if message.state is MessageState.HELD:
        return "message.held", {**facts, "reason": message.reason}
    return "message.queued", {**facts, "due_at": message.due_at.isoformat()}
