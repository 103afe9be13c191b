"""Taking in what a citizen wrote: the raw event, the message and all that follows from it in one transaction.

The insert of the raw event is the gate: the provider's id is unique, and only who gets through it has any effect. A
plain text from one person's number goes by one gated statement (`inbound_statement.py`); keywords, unknown and shared
numbers go the longer way here.
"""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations import threads
from messaging.conversations.attaching import expect_files
from messaging.conversations.incoming import Incoming, facts_of, raw_of, raw_place
from messaging.conversations.keyword_answers import act_on_keyword, note_block
from messaging.conversations.keywords import Keyword
from messaging.conversations.models import Author, Direction, InboundEvent, Kind, Message
from messaging.conversations.states import MessageState
from messaging.database.upserts import insert_into
from messaging.people import wishes
from messaging.people.acting import Act
from messaging.people.models import PauseReason
from messaging.people.reaching import SMS, Route, find_route
from messaging.people.registering import number_of
from messaging.vault.vault import TRIAGE


def is_known(session: Session, incoming: Incoming) -> bool:
    """Whether the provider delivered this before. Only the gate of `store` says for sure that it did not."""
    source = incoming.source
    same = sa.select(InboundEvent.id).filter_by(
        channel=incoming.channel, account=source.account, provider_message_id=source.provider_message_id
    )
    return session.scalar(same) is not None


def store(act: Act, incoming: Incoming) -> bool:
    """Store a message and what follows from it; False if the provider delivered it before: nothing is changed then."""
    route = find_route(act.session, act.vault.phone_index(incoming.source.sender))
    citizen_id = route.citizen_id if route else None
    if not _pass_gate(act, incoming, owner=citizen_id or TRIAGE):
        return False
    if route is None or citizen_id is None:
        _to_triage(act, incoming, route)
    else:
        _to_thread(act, incoming, route, citizen_id)
    return True


def _pass_gate(act: Act, incoming: Incoming, *, owner: uuid.UUID) -> bool:
    source = incoming.source
    raw = act.vault.seal_bytes(raw_of(source), owner=owner, place=raw_place(incoming.id))
    gate = insert_into(act.session, InboundEvent).values(
        id=incoming.id,
        channel=incoming.channel,
        account=source.account,
        provider_message_id=source.provider_message_id,
        received_at=act.now,
        raw=raw,
    )
    passed = act.session.execute(gate.on_conflict_do_nothing().returning(InboundEvent.id)).scalar()
    return passed is not None


def _to_thread(act: Act, incoming: Incoming, route: Route, citizen_id: uuid.UUID) -> None:
    seq = threads.take_seq(act.session, citizen_id, at=act.now)
    message = _message(act, incoming, owner=citizen_id, number_id=route.number_id, thread=citizen_id, seq=seq)
    _tell(act, message, incoming, stream=citizen_id)
    expect_files(act, message_id=message.id, count=len(incoming.source.media))
    if incoming.is_keyword:
        act_on_keyword(act, message, keyword=incoming.keyword, provider_opt_out=incoming.source.provider_opt_out)
    else:
        threads.citizen_waits(act, citizen_id, danger=incoming.danger is not None)


def _to_triage(act: Act, incoming: Incoming, route: Route | None) -> None:
    """Keep a message of a number that is nobody's, or several persons', until a human says whose it is."""
    number_id = route.number_id if route else number_of(act, e164=incoming.source.sender).id
    message = _message(act, incoming, owner=TRIAGE, number_id=number_id, thread=None, seq=None)
    _tell(act, message, incoming, stream=TRIAGE)
    note_block(act, number_id, provider_opt_out=incoming.source.provider_opt_out, keyword=incoming.keyword)
    if incoming.keyword is Keyword.STOP:
        several = route is not None and bool(route.citizen_ids)
        reason = PauseReason.STOP_FROM_SHARED if several else PauseReason.STOP_FROM_UNKNOWN
        wishes.pause_number(act, number_id=number_id, reason=reason)


def _message(
    act: Act,
    incoming: Incoming,
    *,
    owner: uuid.UUID,
    number_id: uuid.UUID,
    thread: uuid.UUID | None,
    seq: int | None,
) -> Message:
    message = Message(
        id=incoming.id,
        conversation_id=thread,
        seq=seq,
        direction=Direction.IN,
        kind=Kind.TEXT,
        author=Author.CITIZEN,
        medium=SMS,
        number_id=number_id,
        state=MessageState.RECEIVED,
        state_since=act.now,
        created_at=act.now,
        due_at=act.now,
        provider_time=incoming.source.provider_time,
        late=incoming.late,
        danger=incoming.danger,
    )
    message.body = act.seal(incoming.text, owner=owner, table="messages", column="body", row=message.id)
    act.session.add(message)
    return message


def _tell(act: Act, message: Message, incoming: Incoming, *, stream: uuid.UUID) -> None:
    act.journal("message.received", stream=stream, subject=message.id, facts=facts_of(incoming))
    act.audit("message.received", object_kind="message", object_id=message.id)
    act.announce("message.received", object_id=message.id)
