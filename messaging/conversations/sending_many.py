"""Writing many messages to many citizens with a few statements in all, for what is written by the hundred."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from messaging.audit.trail import NewEntry
from messaging.conversations import threads
from messaging.conversations.models import Message
from messaging.conversations.new_messages import NewMessage
from messaging.conversations.telling import written_event
from messaging.database.changes import announce_many
from messaging.database.many_rows import insert_many
from messaging.journal.recording import NewEvent
from messaging.people.acting import Act


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """A message as `draft_message` returns it, with its text and the Danish one it stands for, if any."""

    message: NewMessage
    text: str = field(repr=False)
    original: str | None = field(default=None, repr=False)


def send_many(act: Act, drafted: Sequence[Drafted]) -> None:
    """Write drafted messages, each at the end of its thread in the order given. The threads are locked."""
    messages = [one.message for one in drafted]
    wanted = Counter(message.conversation_id for message in messages)
    last = threads.take_seqs(act.session, wanted, at=act.now)
    seqs = {thread: last[thread] - many for thread, many in wanted.items()}
    rows = []
    for message in messages:
        seqs[message.conversation_id] += 1
        rows.append(message.at(seqs[message.conversation_id]))
    insert_many(act.session, Message, rows)
    act.journal_many([_event(act, one) for one in drafted])
    act.audit_many([_entry(message) for message in messages])
    announce_many(act.session, "message.written", object_ids=[message.id for message in messages])


def _event(act: Act, one: Drafted) -> NewEvent:
    message = one.message
    type_, facts = written_event(message, one.text, original=one.original)
    return NewEvent(
        stream_id=message.conversation_id, type=type_, subject_id=message.id, occurred_at=act.now, facts=facts
    )


def _entry(message: NewMessage) -> NewEntry:
    facts = {"state": message.state}
    return NewEntry(action="message.written", object_kind="message", object_id=message.id, facts=facts)
