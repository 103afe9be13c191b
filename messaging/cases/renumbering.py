"""Numbers by hand: entered while the citizen stands at the desk, taken into use, seen to ring, ended.

What was written to the number before and has not left is called back: nobody knows who holds that phone now.
"""

import uuid
from datetime import timedelta

import sqlalchemy as sa

from messaging.conversations.sending import cancel_waiting
from messaging.conversations.threads import lock_thread
from messaging.errors import Conflict
from messaging.people import preferring, registering, wishes
from messaging.people.acting import Act, Facts
from messaging.people.card_models import NumberRecord
from messaging.people.models import ContactPoint, PhoneNumber, Standing
from messaging.people.visibility import find_citizen

NUMBER_ENDED = "number_ended"
"""Why a message is called back."""

SAME_CALL = timedelta(minutes=1)


class NumberMoved(Conflict):
    """Another number has been taken into use since the page was drawn."""

    code = "number_moved"


class NothingNew(Conflict):
    """The number is the one in use."""

    code = "nothing_new"


def enter_number(
    act: Act, *, citizen_id: uuid.UUID, e164: str, source: str, shared: bool, seen: uuid.UUID | None
) -> int:
    """Use this number for the citizen from now on; return how many messages to the one before were called back.

    `source` says who named it, `shared` that others use it too, `seen` is the contact point in use as the actor saw
    it. Raises NumberMoved, NothingNew, or NumberInUse if another citizen uses it and it is not said to be shared.
    """
    citizen = find_citizen(act.session, act.actor, citizen_id)
    lock_thread(act.session, citizen.id)
    number = registering.number_of(act, e164=e164)
    old = point_in_use(act, citizen.id)
    if (old.id if old else None) != seen:
        raise NumberMoved("the citizen has another number in use than the page showed")
    if old is not None and old.number_id == number.id:
        raise NothingNew("the number is in use for this citizen already")
    if shared and not number.shared:
        wishes.mark_shared(act, number_id=number.id, shared=True)
    point = _open_point(act, citizen.id, number) or registering.propose_number(
        act, citizen_id=citizen.id, number=number, e164=e164, source=source
    )
    act.session.flush()
    record_of(act, point.id).entered_by = act.actor.id
    preferring.note_no_number(act, citizen_id=citizen.id, has_none=False)
    return use_number(act, point=point)


def use_number(act: Act, *, point: ContactPoint) -> int:
    """Take a proposed number into use; return how many messages to the one before were called back.

    Raises NumberInUse.
    """
    lock_thread(act.session, point.citizen_id)
    old = point_in_use(act, point.citizen_id)
    called_back = _call_back(act, old) if old is not None else 0
    registering.accept_number(act, contact_point_id=point.id)
    act.announce("number.changed", object_id=point.citizen_id)
    return called_back


def end_number(act: Act, *, point: ContactPoint, has_none: bool = False) -> int:
    """Use this number no more, in use or proposed; return how many messages to it were called back.

    `has_none`: the citizen has no number at all now.
    """
    lock_thread(act.session, point.citizen_id)
    called_back = _call_back(act, point) if point.standing is Standing.IN_USE else 0
    registering.end_number(act, contact_point_id=point.id)
    if has_none:
        preferring.note_no_number(act, citizen_id=point.citizen_id, has_none=True)
    act.announce("number.changed", object_id=point.citizen_id)
    return called_back


def note_ringing(act: Act, *, point: ContactPoint) -> None:
    """Note that the actor called the number and saw the citizen's phone ring; within a minute it is the same call."""
    record = record_of(act, point.id)
    if record.verified_at is not None and act.now - record.verified_at < SAME_CALL:
        return
    record.verified_at, record.verified_by = act.now, act.actor.id
    facts: Facts = {"verified_by": str(act.actor.id)}
    act.journal("number.verified", stream=point.citizen_id, subject=point.id, facts=facts)
    act.audit("number.verified", object_kind="citizen", object_id=point.citizen_id)


def point_in_use(act: Act, citizen_id: uuid.UUID) -> ContactPoint | None:
    """Return the citizen's number in use, with nobody else changing it."""
    chosen = sa.select(ContactPoint).filter_by(citizen_id=citizen_id, standing=Standing.IN_USE)
    return act.session.scalar(chosen.with_for_update().execution_options(populate_existing=True))


def record_of(act: Act, point_id: uuid.UUID) -> NumberRecord:
    """Return the record of a number, made if there is none."""
    record = act.session.get(NumberRecord, point_id, with_for_update=True)
    if record is None:
        record = NumberRecord(contact_point_id=point_id)
        act.session.add(record)
    return record


def _open_point(act: Act, citizen_id: uuid.UUID, number: PhoneNumber) -> ContactPoint | None:
    """Return the contact point by which an import has proposed this number."""
    return act.session.scalar(
        sa.select(ContactPoint).filter_by(citizen_id=citizen_id, number_id=number.id, standing=Standing.PROPOSED)
    )


def _call_back(act: Act, point: ContactPoint) -> int:
    return cancel_waiting(act, citizen_id=point.citizen_id, number_id=point.number_id, reason=NUMBER_ENDED)
