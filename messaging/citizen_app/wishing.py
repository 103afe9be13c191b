"""What a citizen says herself of how she is best met: SMS or none, the channel, the language, an interpreter.

STOP in other words: the same rows, the same event, the same messages called back. It lifts no duty to attend.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from messaging.conversations import threads
from messaging.conversations.sending import AFTER_STOP, cancel_waiting
from messaging.errors import InvalidInput
from messaging.people import preferring, wishes
from messaging.people.acting import Act
from messaging.people.card_models import Medium, Preference
from messaging.people.preferences import Wanted
from messaging.people.reaching import SMS, Reach, reach


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How a citizen wants to be met, and how SMS can reach her now."""

    wanted: Wanted
    sms: Reach


def wishes_of(session: Session, citizen_id: uuid.UUID) -> Wishes:
    """Return what is known of this citizen's wishes."""
    row = session.get(Preference, citizen_id)
    wanted = Wanted(medium=row.medium, language=row.language, interpreter=row.interpreter) if row else Wanted()
    return Wishes(wanted=wanted, sms=reach(session, citizen_id))


def note_wishes(act: Act, *, citizen_id: uuid.UUID, sms: bool, wanted: Wanted) -> bool:
    """Note what this citizen wants; False if all of it was known. Raises InvalidInput for SMS by who wants none."""
    if wanted.medium is Medium.SMS and not sms:
        raise InvalidInput("who wants no SMS is met by something else", field="medium")
    threads.lock_thread_to_be(act.session, citizen_id)
    changed = preferring.note_preferences(act, citizen_id=citizen_id, wanted=wanted)
    if sms:
        changed |= wishes.opt_in(act, citizen_id=citizen_id)
    elif wishes.opt_out(act, citizen_id=citizen_id):
        cancel_waiting(act, citizen_id=citizen_id, reason="opted_out", medium=SMS, spare=AFTER_STOP)
        changed = True
    if changed:
        act.announce("citizen.preferences", object_id=citizen_id)
    return changed
