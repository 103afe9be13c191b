"""A caseworker writes to a citizen: what must be in order before her message is written at all.

What the content gate would hold is refused here, so that its writer mends it while she has it before her.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from messaging.conversations import opening, sending, sending_in_app
from messaging.conversations.by_hand import Filled
from messaging.conversations.contact import last_contact
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.cover_notices import tell_who_answers
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.segments import make_gsm
from messaging.errors import Conflict, InvalidInput
from messaging.people.acting import Act
from messaging.people.reaching import Reach, reach


class FirstContact(Conflict):
    """Nothing has come from this number or arrived there yet; the writer is to say once more that it is right."""

    code = "first_contact"


class WouldBeHeld(InvalidInput):
    """The text may not leave by SMS; `reason` is what the content gate says."""

    code = "would_be_held"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the text may not leave by SMS: {reason}", field="text")
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is to be sent. `confirmed` is the number (its contact point) that the writer has said is the right one.

    `in_app`: it goes into the citizen's app, and says who may read it there.
    """

    id: uuid.UUID
    text: str = field(repr=False)
    due_at: datetime | None = None
    confirmed: uuid.UUID | None = None
    filled: Filled | None = None
    """The approved text it was made from, as it reads today."""
    in_app: ContentClass | None = None
    override: str | None = field(default=None, repr=False)
    """Why it is sent although the citizen's arm of the trial withholds it."""

    @property
    def unchanged(self) -> Filled | None:
        """The approved text, if not a word of it was changed; only then does the message count as its."""
        return self.filled if self.filled is not None and self.filled.text == self.text else None


def write_to(act: Act, letter: Letter, *, citizen_id: uuid.UUID, seen: int, office: Office) -> Message:
    """Write a caseworker's message.

    Raises NotAllSeen, NotReachable, Withheld, WouldBeHeld, FirstContact, or InvalidInput for a text that cannot be
    sent.
    """
    opening.require_seen(act, citizen_id=citizen_id, up_to=seen)
    if letter.in_app is not None:
        return _write_in_app(act, letter, citizen_id=citizen_id, content_class=letter.in_app, office=office)
    person, template = reach(act.session, citizen_id), letter.unchanged
    sending.check_text(letter.text)
    if reason := sending.why_no_sms(person, Kind.TEXT):
        raise sending.NotReachable(reason)
    require_postcard(letter.text, person=person, content_free=template is not None and template.content_free)
    if letter.confirmed != person.contact_point_id and last_contact(act.session, citizen_id, person).is_none_yet:
        raise FirstContact("nothing has come from this number or arrived there yet")
    tell_who_answers(act, citizen_id=citizen_id, office=office)
    return sending.send_message(
        act,
        citizen_id=citizen_id,
        text=letter.text,
        author=Author.CASEWORKER,
        author_id=act.actor.id,
        template=template.template if template else None,
        content_free=template.content_free if template else False,
        original=template.original if template else None,
        due_at=letter.due_at,
        message_id=letter.id,
        person=person,
        override=letter.override,
    )


def _write_in_app(
    act: Act, letter: Letter, *, citizen_id: uuid.UUID, content_class: ContentClass, office: Office
) -> Message:
    sending_in_app.check_text(letter.text)
    if reason := sending_in_app.why_not_in_app(reach(act.session, citizen_id), Kind.TEXT):
        raise sending.NotReachable(reason, way="in the app")
    tell_who_answers(act, citizen_id=citizen_id, office=office, in_app=True)
    template = letter.unchanged
    return sending_in_app.send_in_app(
        act,
        citizen_id=citizen_id,
        text=letter.text,
        content_class=content_class,
        author=Author.CASEWORKER,
        author_id=act.actor.id,
        template=template.template if template else None,
        original=template.original if template else None,
        due_at=letter.due_at,
        message_id=letter.id,
        override=letter.override,
    )


def require_postcard(text: str, *, person: Reach, content_free: bool) -> None:
    """Refuse what may not stand on a postcard. Raises WouldBeHeld."""
    if held := sending.why_held(make_gsm(text), person=person, content_free=content_free):
        raise WouldBeHeld(held)
