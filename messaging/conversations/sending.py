"""Writing messages that are to go out. Nothing is sent here: the row is the order, and the lanes carry it out."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from messaging.conversations import content_gate, secret_texts, threads
from messaging.conversations.arms import SORTS, refusal_of, sort_of
from messaging.conversations.models import Author, Direction, Kind, Message
from messaging.conversations.moving import move
from messaging.conversations.new_messages import NewMessage
from messaging.conversations.segments import make_gsm, measure
from messaging.conversations.states import MessageState
from messaging.conversations.telling import tell_written
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.acting import Act
from messaging.people.reaching import Reach, reach
from messaging.trial.capabilities import REASONS, Sort, Way, rule_for, why_withheld
from messaging.trial.withholding import Refusal, note_override
from messaging.work.lanes import Lane

LIFE = timedelta(hours=24)
"""How long a message stays worth sending when nobody says otherwise."""

LONGEST = 1600
"""Characters; what the providers take as one message."""

AFTER_STOP = frozenset({Kind.STOP_ANSWER, Kind.LOGIN_CODE})
"""All that still goes by SMS to a person who has said STOP."""

AFTER_CLOSING = AFTER_STOP | {Kind.NOTICE}
"""All that still goes to a person whose case is closed: that it is, and that a meeting is not held."""

WAITING = (MessageState.QUEUED, MessageState.SCHEDULED, MessageState.HELD)
ON_ITS_WAY = (MessageState.SENDING, MessageState.UNCLEAR)


class NotReachable(Conflict):
    """This citizen cannot be written to this way now; `reason` is what `why_unreachable` says."""

    code = "not_reachable"

    def __init__(self, reason: str, *, way: str = "by SMS") -> None:
        super().__init__(f"the citizen cannot be reached {way}: {reason}")
        self.reason = reason


class Withheld(NotReachable):
    """The citizen's arm of the trial does not let this go this way; `reason` is the arm's code."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(REASONS[refusal.arm], way="in the app" if refusal.way is Way.APP else "by SMS")
        self.refusal = refusal

    @property
    def may_be_overridden(self) -> bool:
        """Whether a caseworker may send it all the same if she says why."""
        return rule_for(self.refusal.arm, self.refusal.sort).override


def why_unreachable(person: Reach, kind: Kind, *, sort: Sort | None = None) -> str | None:
    """Return why nothing of this kind may go to this person by SMS; None if it may.

    `no_number`, `opted_out`, `case_closed`, `number_paused`, `provider_blocked`: the provider would refuse it, or the
    code of the arm of the trial that withholds it (`control_arm` …).
    """
    return why_no_sms(person, kind) or why_withheld(person.arm, sort or SORTS[kind], Way.SMS)


def why_no_sms(person: Reach, kind: Kind) -> str | None:
    """As `why_unreachable`, whatever the arms of the trial say."""
    if person.contact_point_id is None:
        return "no_number"
    if person.opted_out and kind not in AFTER_STOP:
        return "opted_out"
    if person.closed and kind not in AFTER_CLOSING:
        return "case_closed"
    if person.paused:
        return "number_paused"
    return "provider_blocked" if person.blocked else None


def send_message(
    act: Act,
    *,
    citizen_id: uuid.UUID,
    text: str,
    kind: Kind = Kind.TEXT,
    lane: Lane = Lane.INTERACTIVE,
    author: Author,
    author_id: uuid.UUID | None = None,
    template: str | None = None,
    content_free: bool = False,
    original: str | None = None,
    secret: str | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    message_id: uuid.UUID | None = None,
    person: Reach | None = None,
    sort: Sort | None = None,
    override: str | None = None,
) -> Message:
    """Write a message to a citizen; it is queued, scheduled if `due_at` is later, or held by the content gate.

    Typographic characters become the plain ones of SMS: one curly quotation mark would make it three times as long.
    `original` is the Danish text that one in another language stands for; it is journaled with it. `secret` leaves in
    place of `text`, which is all that anybody here and the journal get to read. `expires_at` is when it is of no use
    any more (24 hours after it is due if not given). `sort` is what it is to the arms of the trial, where its kind does
    not say; `override` is why a caseworker sends it in spite of them. Raises NotReachable, Withheld, or InvalidInput
    for a text that cannot be sent.
    """
    text = make_gsm(text)
    leaving = text if secret is None else make_gsm(secret)
    new = draft_message(
        act,
        citizen_id=citizen_id,
        text=text,
        leaving=leaving,
        kind=kind,
        lane=lane,
        author=author,
        author_id=author_id,
        template=template,
        content_free=content_free,
        due_at=due_at,
        expires_at=expires_at,
        message_id=message_id,
        person=person or reach(act.session, citizen_id),
        sort=sort,
        override=override,
    )
    message = Message(**new.at(threads.take_seq(act.session, citizen_id, at=act.now)))
    act.session.add(message)
    if secret is not None:
        secret_texts.keep(act, message, leaving)
    tell_written(act, message, text, original=original)
    if author is Author.CASEWORKER and kind is Kind.TEXT:
        threads.we_wait(act, citizen_id)  # only a human answers, and has seen a sign of danger
    return message


def draft_message(
    act: Act,
    *,
    citizen_id: uuid.UUID,
    text: str,
    leaving: str,
    kind: Kind,
    lane: Lane,
    author: Author,
    author_id: uuid.UUID | None = None,
    template: str | None,
    content_free: bool,
    due_at: datetime | None = None,
    expires_at: datetime | None,
    message_id: uuid.UUID | None = None,
    person: Reach,
    sort: Sort | None = None,
    override: str | None = None,
) -> NewMessage:
    """Return a message as `send_message` writes it, sealed but with no place in the thread yet. Raises as it does."""
    check_text(text)
    check_text(leaving)
    if reason := why_no_sms(person, kind):
        raise NotReachable(reason)
    message_id = message_id or new_id()
    require_arm(act, person, citizen_id, kind=kind, sort=sort, way=Way.SMS, override=override, message_id=message_id)
    due = due_at or act.now
    held = why_held(leaving, person=person, content_free=content_free)
    state = MessageState.SCHEDULED if due > act.now else MessageState.QUEUED
    return NewMessage(
        id=message_id,
        conversation_id=citizen_id,
        kind=kind,
        author=author,
        author_id=author_id,
        number_id=person.number_id,
        contact_point_id=person.contact_point_id,
        body=act.seal(text, owner=citizen_id, table="messages", column="body", row=message_id),
        segments=measure(leaving).count,
        content_free=content_free,
        template=template,
        sort=sort,
        lane=lane,
        state=MessageState.HELD if held else state,
        state_since=act.now,
        reason=held,
        created_at=act.now,
        due_at=due,
        expires_at=expires_at or due + LIFE,
    )


def require_arm(
    act: Act,
    person: Reach,
    citizen_id: uuid.UUID,
    *,
    kind: Kind,
    sort: Sort | None,
    way: Way,
    override: str | None,
    message_id: uuid.UUID,
) -> None:
    """Refuse what the citizen's arm withholds, unless a caseworker may and does say why. Raises Withheld."""
    sort = sort_of(act.session, person, citizen_id=citizen_id, kind=kind, sort=sort, at=act.now)
    refusal = refusal_of(person, citizen_id=citizen_id, sort=sort, way=way)
    if refusal is None:
        return
    withheld = Withheld(refusal)
    if override is None or not withheld.may_be_overridden:
        raise withheld
    note_override(act, refusal, reason=override, message_id=message_id)


def check_text(text: str) -> None:
    """Refuse a text that no provider would take. Raises InvalidInput."""
    if not text.strip():
        raise InvalidInput("a message needs a text", field="text")
    if len(text) > LONGEST:
        raise InvalidInput(f"a message has at most {LONGEST} characters", field="text")


def why_held(text: str, *, person: Reach, content_free: bool) -> str | None:
    """Return the code of what keeps this text from leaving by SMS; None if nothing does."""
    if person.shared and not content_free:
        return "shared_number"
    holds = content_gate.examine(text)
    return holds[0].reason if holds else None


def cancel_waiting(
    act: Act,
    *,
    reason: str,
    citizen_id: uuid.UUID | None = None,
    number_id: uuid.UUID | None = None,
    message_ids: Collection[uuid.UUID] | None = None,
    medium: str | None = None,
    spare: Collection[Kind] = (),
) -> int:
    """Call back what has not left yet: of a citizen, to a number, or of a list of messages. Return how many.

    With `medium` only what was to go that way.

    What is on its way cannot be caught; should it prove not to have left, it is not sent again.
    """
    chosen = sa.select(Message).where(Message.direction == Direction.OUT, Message.state.in_((*WAITING, *ON_ITS_WAY)))
    if citizen_id is not None:
        chosen = chosen.where(Message.conversation_id == citizen_id)
    if number_id is not None:
        chosen = chosen.where(Message.number_id == number_id)
    if message_ids is not None:
        chosen = chosen.where(Message.id.in_(message_ids))
    if medium is not None:
        chosen = chosen.where(Message.medium == medium)
    concerned = set(act.session.scalars(chosen.with_only_columns(Message.conversation_id)))
    for thread in sorted(thread for thread in concerned if thread is not None):
        threads.lock_thread(act.session, thread)
    waiting = act.session.scalars(
        chosen.where(Message.kind.not_in(spare))
        .order_by(Message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    caught = 0
    for message in waiting:
        if message.state in ON_ITS_WAY:
            message.called_back = reason
        else:
            caught += 1
            move(act, message, MessageState.CANCELLED, reason=reason, facts={"cancelled_by": act.actor.kind})
        act.audit("message.called_back", object_kind="message", object_id=message.id, facts={"reason": reason})
    return caught


def cancel_message(act: Act, *, message_id: uuid.UUID) -> None:
    """Call back one message. Raises NotFound, or Conflict if it has left or ended already."""
    if cancel_waiting(act, message_ids=[message_id], reason="cancelled_by_hand") == 0:
        if act.session.get(Message, message_id) is None:
            raise NotFound("there is no such message")
        raise Conflict("the message has left already, or has ended")
