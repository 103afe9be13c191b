"""Sending again what certainly never left: as a new message, once for each that was given up, by SMS or in the app.

What is unclear, or was taken by a provider, is never sent again here: it may be on a telephone already.
"""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations import opening, sending, sending_in_app
from messaging.conversations.contact import last_contact
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Attempt, Author, Direction, Kind, Message
from messaging.conversations.queries import ThreadMessage
from messaging.conversations.segments import make_gsm
from messaging.conversations.states import AttemptState, MessageState
from messaging.conversations.templates import DANISH
from messaging.conversations.writing import FirstContact, WouldBeHeld
from messaging.database.base import new_id
from messaging.errors import Conflict, NotFound
from messaging.people.acting import Act
from messaging.people.reaching import APP, SMS, Reach, reach
from messaging.trial.withholding import reason_given
from messaging.web.idempotency import fingerprint_of, take_key
from messaging.web.models import IdempotencyKey

SCOPE = "sending again"
GIVEN_UP = (MessageState.FAILED, MessageState.EXPIRED)
MAY_HAVE_LEFT = (AttemptState.INTENDED, AttemptState.ACCEPTED, AttemptState.UNCLEAR)


class MayHaveLeft(Conflict):
    """The message is not given up, or nothing proves that it never left."""

    code = "may_have_left"


class NumberChanged(Conflict):
    """The citizen has another number since; its writer is to see which before anything goes there."""

    code = "number_changed"


def resend(act: Act, *, citizen_id: uuid.UUID, message_id: uuid.UUID, seen: int, way: str = SMS) -> uuid.UUID:
    """Write the words of a message that never left in a new one; return its id, also when that was done before.

    `way` is `sms` or `app`; whether she has the app is for the caller to know. Raises NotFound, MayHaveLeft,
    NumberChanged, FirstContact, NotAllSeen, NotReachable, Withheld, WouldBeHeld.
    """
    asked = fingerprint_of(act.vault, str(citizen_id), str(message_id))
    again = new_id()
    made = take_key(act.session, scope=SCOPE, key=str(message_id), fingerprint=asked, object_id=again, at=act.now)
    if made is not None:
        return made
    opening.require_seen(act, citizen_id=citizen_id, up_to=seen)
    message = _find(act, citizen_id=citizen_id, message_id=message_id)
    text = opening.open_text(act.vault, message, owner=citizen_id)
    act.audit("message.sent_again", object_kind="message", object_id=message_id, facts={"as": str(again)})
    if way == APP:
        _send_in_app(act, message, text, citizen_id=citizen_id, again=again)
    else:
        _send_by_sms(act, message, text, citizen_id=citizen_id, again=again)
    return again


def _send_in_app(act: Act, message: Message, text: str, *, citizen_id: uuid.UUID, again: uuid.UUID) -> None:
    """What was an SMS takes a sign-in in the app, as what is written there does unless its writer says more."""
    sending_in_app.send_in_app(
        act,
        citizen_id=citizen_id,
        text=text,
        content_class=message.content_class if message.medium == APP else ContentClass.LOGIN_ONLY,
        author=Author.CASEWORKER,
        author_id=act.actor.id,
        template=message.template,
        message_id=again,
        override=reason_given(act, message.id),
    )


def _send_by_sms(act: Act, message: Message, text: str, *, citizen_id: uuid.UUID, again: uuid.UUID) -> None:
    person = reach(act.session, citizen_id)
    if reason := sending.why_no_sms(person, Kind.TEXT):
        raise sending.NotReachable(reason)
    if message.medium == SMS and person.contact_point_id != message.contact_point_id:
        raise NumberChanged("the citizen has another number since the message was written")
    if message.medium == APP and last_contact(act.session, citizen_id, person).is_none_yet:
        raise FirstContact("nothing has come from this number or arrived there yet")
    if held := why_no_postcard(message.content_class, text, person=person, content_free=message.content_free):
        raise WouldBeHeld(held)
    sending.send_message(
        act,
        citizen_id=citizen_id,
        text=text,
        author=Author.CASEWORKER,
        author_id=act.actor.id,
        template=message.template,
        content_free=message.content_free,
        message_id=again,
        person=person,
        override=reason_given(act, message.id),
    )


def why_no_postcard(content_class: ContentClass, text: str, *, person: Reach, content_free: bool) -> str | None:
    """Return the code of what keeps these words from an SMS: the content gate, or that only MitID was to open them."""
    if content_class is ContentClass.SENSITIVE:
        return "login_only"
    return sending.why_held(make_gsm(text), person=person, content_free=content_free)


def ways_again(
    session: Session, messages: Sequence[ThreadMessage], *, person: Reach, app: bool
) -> Mapping[uuid.UUID, tuple[str, ...]]:
    """Return by which ways each of these messages may be sent again, its own first. `app`: she may be written to there.

    What was an SMS keeps its button whatever stands in its way now: pressing it says what does.
    """
    ways = {}
    again = resendable(session, messages)
    for message in messages:
        if message.id in again:
            sms = message.medium == SMS or _fits_sms(message, person)
            offered = {SMS: sms, APP: app}
            own = (message.medium, *(way for way in offered if way != message.medium))
            ways[message.id] = tuple(way for way in own if offered[way])
    return ways


def _fits_sms(message: ThreadMessage, person: Reach) -> bool:
    reachable = sending.why_unreachable(person, Kind.TEXT) is None
    return reachable and not why_no_postcard(message.content_class, message.text, person=person, content_free=False)


def resendable(session: Session, messages: Sequence[ThreadMessage]) -> frozenset[uuid.UUID]:
    """Return which of these messages may be sent again, and were not yet."""
    given_up = [message.id for message in messages if message.state in GIVEN_UP]
    sent_again = sa.select(IdempotencyKey.key).where(
        IdempotencyKey.scope == SCOPE, IdempotencyKey.key.in_([str(id_) for id_ in given_up])
    )
    done = set(session.scalars(sent_again))
    fit = session.scalars(sa.select(Message.id).where(Message.id.in_(given_up), _never_left())).all()
    return frozenset(id_ for id_ in fit if str(id_) not in done)


def _find(act: Act, *, citizen_id: uuid.UUID, message_id: uuid.UUID) -> Message:
    chosen = sa.select(Message).filter_by(id=message_id, conversation_id=citizen_id, direction=Direction.OUT)
    message = act.session.scalar(chosen.with_for_update().execution_options(populate_existing=True))
    if message is None:
        raise NotFound("there is no such message")
    if act.session.scalar(sa.select(Message.id).where(Message.id == message_id, _never_left())) is None:
        raise MayHaveLeft("nothing proves that the message never left")
    return message


def _never_left() -> sa.ColumnElement[bool]:
    """A caseworker's words that were given up with no try that could have got through.

    One in another language is left out: its Danish original must be journaled with it, so it is made anew.
    """
    tried = sa.exists().where(Attempt.message_id == Message.id, Attempt.state.in_(MAY_HAVE_LEFT))
    danish = sa.or_(Message.template.is_(None), Message.template.like(f"%/{DANISH}/%"))
    return sa.and_(
        Message.direction == Direction.OUT,
        Message.medium.in_((SMS, APP)),
        Message.kind == Kind.TEXT,
        Message.author == Author.CASEWORKER,
        Message.state.in_(GIVEN_UP),
        danish,
        ~tried,
    )
