"""Writing many messages to many citizens with a few statements in all, for what is written by the hundred."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from messaging.conversations import threads
from messaging.conversations.models import Message
from messaging.conversations.telling import written_event
from messaging.database.changes import announce_many
from messaging.journal.recording import NewEvent, record_many
from messaging.people.acting import Act


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """A message as `draft_message` returns it, with its text and the Danish one it stands for, if any."""

    message: Message
    text: str = field(repr=False)
    original: str | None = field(default=None, repr=False)


def send_many(act: Act, drafted: Sequence[Drafted]) -> None:
    """Write drafted messages, each at the end of its thread in the order given. The threads are locked."""
    threads_of = Counter(_thread(one) for one in drafted)
    if not drafted:
        return
    last = threads.take_seqs(act.session, threads_of, at=act.now)
    free = {thread: last[thread] - many for thread, many in threads_of.items()}
    for one in drafted:
        free[_thread(one)] += 1
        one.message.seq = free[_thread(one)]
    act.session.add_all([one.message for one in drafted])
    act.session.flush()
    record_many(act.session, act.vault, events=[_event(act, one) for one in drafted])
    for one in drafted:
        act.audit(
            "message.written", object_kind="message", object_id=one.message.id, facts={"state": one.message.state}
        )
    announce_many(act.session, "message.written", object_ids=[one.message.id for one in drafted])


def _event(act: Act, one: Drafted) -> NewEvent:
    type_, facts = written_event(one.message, one.text, original=one.original)
    return NewEvent(stream_id=_thread(one), type=type_, subject_id=one.message.id, occurred_at=act.now, facts=facts)


def _thread(one: Drafted) -> uuid.UUID:
    if one.message.conversation_id is None:
        raise ValueError("an outgoing message belongs to a conversation")
    return one.message.conversation_id
