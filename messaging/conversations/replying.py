"""Answering a citizen by itself the way she wrote: an SMS by SMS, what she wrote in the app in the app.

In the app's arm of the trial an SMS, too, is answered in the app, and an SMS says to log in.
"""

import uuid

from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.sending import send_message, why_unreachable
from messaging.conversations.sending_in_app import send_in_app, why_not_in_app
from messaging.people.acting import Act
from messaging.people.reaching import APP, Reach
from messaging.trial.capabilities import Sort, Way, why_withheld


def goes_in_app(message: Message, person: Reach, *, sort: Sort = Sort.RECEIPT) -> bool:
    """Whether the answer is read in the app."""
    return message.medium == APP or why_withheld(person.arm, sort, Way.SMS) is not None


def why_no_reply(message: Message, person: Reach, *, sort: Sort = Sort.RECEIPT) -> str | None:
    """Return why this message may not be answered by itself; None if it may."""
    if goes_in_app(message, person, sort=sort):
        return why_not_in_app(person, Kind.AUTO_REPLY)
    return why_unreachable(person, Kind.AUTO_REPLY, sort=sort)


def may_be_seen_by_others(message: Message, person: Reach, *, sort: Sort = Sort.RECEIPT) -> bool:
    """Whether the answer goes to a number that several use, so that it must say nothing of the person."""
    return person.shared and not goes_in_app(message, person, sort=sort)


def reply_by_itself(
    act: Act,
    message: Message,
    *,
    citizen_id: uuid.UUID,
    person: Reach,
    text: str,
    template: str,
    original: str | None,
    content_free: bool,
    sort: Sort = Sort.RECEIPT,
) -> Message:
    """Write the answer to a message. Raises NotReachable."""
    if goes_in_app(message, person, sort=sort):
        return send_in_app(
            act,
            citizen_id=citizen_id,
            text=text,
            content_class=ContentClass.SMS_OK,
            # Who has written by SMS is not in the app: she must hear that something lies there.
            kind=Kind.AUTO_REPLY if message.medium == APP else Kind.NOTICE,
            sort=sort,
            author=Author.SYSTEM,
            template=template,
            original=original,
        )
    return send_message(
        act,
        citizen_id=citizen_id,
        text=text,
        kind=Kind.AUTO_REPLY,
        author=Author.SYSTEM,
        template=template,
        original=original,
        content_free=content_free,
        person=person,
        sort=sort,
    )
