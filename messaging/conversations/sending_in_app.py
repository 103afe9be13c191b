"""Writing messages that the citizen reads in her app. No provider carries them: what is due lies there at once.

Neither a number nor a STOP for SMS stands in their way, and what may not stand on a postcard may stand here.
"""

import uuid
from datetime import datetime

from messaging.conversations import threads
from messaging.conversations.arms import refusal_now
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Direction, Kind, Message
from messaging.conversations.moving import PLACED, move
from messaging.conversations.sending import (
    AFTER_CLOSING,
    LIFE,
    NotReachable,
    require_arm,
    why_unreachable,
)
from messaging.conversations.states import MessageState
from messaging.conversations.telling import tell_written
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.people.acting import Act
from messaging.people.reaching import APP, Reach, reach
from messaging.trial.capabilities import REASONS, Sort, Way, way_of_itself
from messaging.trial.withholding import note_withheld
from messaging.work.lanes import Lane

LONGEST = 5000
"""Characters; what a citizen reads on a telephone without putting it away."""


def why_not_in_app(person: Reach, kind: Kind) -> str | None:
    """Return why nothing of this kind may be put into this person's app: `case_closed`; None if it may."""
    return "case_closed" if person.closed and kind not in AFTER_CLOSING else None


def why_no_way(person: Reach, kind: Kind, sort: Sort) -> str | None:
    """Return why what goes by itself, the way the person's arm wants, cannot go to her; None if it can."""
    way = way_of_itself(person.arm, sort)
    if way is None and person.arm is not None:
        return REASONS[person.arm]
    return why_not_in_app(person, kind) if way is Way.APP else why_unreachable(person, kind, sort=sort)


def send_in_app(
    act: Act,
    *,
    citizen_id: uuid.UUID,
    text: str,
    content_class: ContentClass,
    author: Author,
    author_id: uuid.UUID | None = None,
    kind: Kind = Kind.TEXT,
    template: str | None = None,
    original: str | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    message_id: uuid.UUID | None = None,
    sort: Sort | None = None,
    override: str | None = None,
) -> Message:
    """Put a message into a citizen's app: now, or at `due_at` if that is later.

    `content_class` says how she must have signed in to read it. The text stays as it was written. Whether she has the
    app is for the caller to know. `sort` and `override` are as in `send_message`. Raises NotReachable, Withheld, or
    InvalidInput for a text that is empty or too long.
    """
    check_text(text)
    person = reach(act.session, citizen_id)
    if reason := why_not_in_app(person, kind):
        raise NotReachable(reason, way="in the app")
    message_id = message_id or new_id()
    require_arm(act, person, citizen_id, kind=kind, sort=sort, way=Way.APP, override=override, message_id=message_id)
    due = due_at or act.now
    message = Message(
        id=message_id,
        conversation_id=citizen_id,
        seq=threads.take_seq(act.session, citizen_id, at=act.now),
        direction=Direction.OUT,
        kind=kind,
        author=author,
        author_id=author_id,
        medium=APP,
        content_class=for_the_app(content_class),
        segments=1,
        template=template,
        sort=sort,
        lane=Lane.INTERACTIVE,
        state=MessageState.SCHEDULED if due > act.now else MessageState.SENT,
        state_since=act.now,
        created_at=act.now,
        due_at=due,
        expires_at=expires_at or due + LIFE,
    )
    message.body = act.seal(text, owner=citizen_id, table="messages", column="body", row=message.id)
    act.session.add(message)
    tell_written(act, message, text, original=original)
    if message.state is MessageState.SENT:
        act.journal(PLACED, stream=citizen_id, subject=message.id, facts={"channel": APP})
        act.announce(PLACED, object_id=message.id)
    if author is Author.CASEWORKER and kind is Kind.TEXT:
        threads.we_wait(act, citizen_id)
    return message


def place(act: Act, message: Message) -> None:
    """Put a scheduled message into the app now; it is cancelled if that may not be any more. The thread is locked."""
    if message.conversation_id is None:
        raise ValueError("an outgoing message belongs to a conversation")
    person = reach(act.session, message.conversation_id)
    reason = why_not_in_app(person, message.kind)
    if reason is None and (refusal := refusal_now(act.session, message, person)):
        note_withheld(act, refusal, message_id=message.id)
        reason = REASONS[refusal.arm]
    if reason:
        move(act, message, MessageState.CANCELLED, reason=reason, facts={"cancelled_by": act.actor.kind})
        return
    move(act, message, MessageState.SENT, facts={"channel": APP})
    act.announce(PLACED, object_id=message.id)


def check_text(text: str) -> None:
    """Refuse a text that is no message. Raises InvalidInput."""
    if not text.strip():
        raise InvalidInput("a message needs a text", field="text")
    if len(text) > LONGEST:
        raise InvalidInput(f"a message in the app has at most {LONGEST} characters", field="text")


def for_the_app(content_class: ContentClass) -> ContentClass:
    """Return how a text of this class is kept in the app: what names consequences is chosen by age, not by sign-in."""
    return ContentClass.SMS_OK if content_class is ContentClass.CONSEQUENCE else content_class
