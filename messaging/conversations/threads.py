"""The thread of a citizen as a row: the lock every change of it takes first, its sequence, and whose move it is."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.models import Conversation
from messaging.conversations.states import Waiting
from messaging.database.many_rows import count_on
from messaging.database.upserts import insert_into
from messaging.people.acting import Act
from messaging.people.models import Citizen


def lock_thread(session: Session, conversation_id: uuid.UUID) -> None:
    """Take the thread before anything in it changes: whoever else wants to change it waits, in one order for all."""
    session.execute(sa.select(Conversation.id).filter_by(id=conversation_id).with_for_update())


def lock_thread_to_be(session: Session, citizen_id: uuid.UUID) -> None:
    """As `lock_thread`, also where nothing has been written yet: then there is no thread to take but its citizen."""
    chosen = sa.select(Conversation.id).filter_by(id=citizen_id).with_for_update()
    if session.scalar(chosen) is None:
        session.execute(sa.select(Citizen.id).filter_by(id=citizen_id).with_for_update(key_share=True))


def lock_threads(session: Session, conversation_ids: Iterable[uuid.UUID]) -> None:
    """As `lock_thread`, for many at once, in the one order that all who lock several keep to."""
    several = sa.select(Conversation.id).where(Conversation.id.in_(set(conversation_ids)))
    session.execute(several.order_by(Conversation.id).with_for_update())


def take_seq(session: Session, conversation_id: uuid.UUID, *, at: datetime) -> int:
    """Return the next place in the thread, making the thread if this is its first message. Locks the thread."""
    return take_seqs(session, {conversation_id: 1}, at=at)[conversation_id]


def take_seqs(session: Session, wanted: Mapping[uuid.UUID, int], *, at: datetime) -> dict[uuid.UUID, int]:
    """As `take_seq`, for many threads in one statement: return the last place of those that each wanted."""
    new = {"waiting": Waiting.SETTLED, "waiting_since": at, "unread": 0, "last_message_at": at}
    rows = [{"id": id_, "last_seq": many, **new} for id_, many in wanted.items()]
    return count_on(session, Conversation, rows, counter="last_seq", renewed="last_message_at")


def citizen_waits(act: Act, conversation_id: uuid.UUID, *, danger: bool) -> None:
    """Note that the citizen has written and the next move is ours; how long she has waited is not reset."""
    act.session.execute(
        sa.update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(
            waiting_since=sa.case((Conversation.waiting == Waiting.FOR_US, Conversation.waiting_since), else_=act.now),
            waiting=Waiting.FOR_US,
            unread=Conversation.unread + 1,
            danger_since=sa.func.coalesce(Conversation.danger_since, act.now) if danger else Conversation.danger_since,
        )
    )


def something_waits(act: Act, conversation_id: uuid.UUID) -> None:
    """Note that a human has to look, though nothing was written; the thread is made if there is none. Locks it."""
    made = insert_into(act.session, Conversation).values(
        id=conversation_id,
        last_seq=0,
        waiting=Waiting.SETTLED,
        waiting_since=act.now,
        unread=0,
        last_message_at=act.now,
    )
    act.session.execute(made.on_conflict_do_nothing())
    citizen_waits(act, conversation_id, danger=False)


def we_wait(act: Act, conversation_id: uuid.UUID) -> None:
    """Note that a human has answered: the next move is the citizen's, and a sign of danger has been seen."""
    stand(act, conversation_id, Waiting.FOR_CITIZEN)


def stand(act: Act, conversation_id: uuid.UUID, waiting: Waiting) -> None:
    """Let the thread stand so from now on: nothing unread, no sign of danger left to see."""
    act.session.execute(
        sa.update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(waiting=waiting, waiting_since=act.now, unread=0, danger_since=None)
        .execution_options(synchronize_session="fetch")
    )
