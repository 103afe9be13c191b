"""By which way a reminder goes to a citizen, and why by none: her plan's ways, as far as her arm of the trial allows.

Asked when a reminder is about to be written, and of those that are shown before. The arm is asked once more at the last
look before an SMS leaves.
"""

import uuid
from collections.abc import Sequence

from messaging.conversations.arms import refusal_of
from messaging.conversations.channel_choice import Has, Means, Purpose, ladder_for
from messaging.conversations.channel_choice import Way as Rung
from messaging.conversations.models import Kind
from messaging.conversations.sending import why_no_sms, why_unreachable
from messaging.conversations.sending_in_app import why_not_in_app
from messaging.people.reaching import Reach
from messaging.trial.capabilities import REASONS, Sort, Way
from messaging.trial.withholding import Refusal

Ways = Sequence[Way] | None
"""What a plan says; None: as the service has it."""


def goes_in_app(person: Reach, means: Means, *, ways: Ways) -> bool:
    """Whether the table of ways puts her reminders into her app, or she has it and no SMS reaches her."""
    if ladder_for(Purpose.REMINDER, means, arm=person.arm, ways=ways)[:1] == (Rung.APP,):
        return True
    may_be_there = person.arm is None and means.has is not Has.NUMBER and (ways is None or Way.APP in ways)
    return may_be_there and why_no_sms(person, Kind.REMINDER) is not None


def why_no_way(person: Reach, means: Means, *, ways: Ways) -> str | None:
    """Return why a reminder cannot go to her by any of its plan's ways; None if it can.

    It is the arm of the trial where that allows none of them.
    """
    if person.arm is not None and not ladder_for(Purpose.REMINDER, means, arm=person.arm, ways=ways):
        return REASONS[person.arm]
    if not goes_in_app(person, means, ways=ways):
        return why_unreachable(person, Kind.REMINDER, sort=Sort.REMINDER)
    if reason := why_not_in_app(person, Kind.REMINDER):
        return reason
    # By a plan that has the app alone: who has not put it on a phone hears of it by the SMS to log in, or not at all.
    is_told_by_sms = person.arm is None and means.has is Has.NUMBER
    return why_no_sms(person, Kind.REMINDER) if is_told_by_sms else None


def refusal_by_arm(person: Reach, *, citizen_id: uuid.UUID, ways: Ways, reason: str) -> Refusal | None:
    """Return what is to be noted where her arm is the reason why a reminder goes by none of its plan's ways."""
    way = Way.APP if ways is not None and Way.SMS not in ways else Way.SMS
    refusal = refusal_of(person, citizen_id=citizen_id, sort=Sort.REMINDER, way=way)
    return refusal if refusal is not None and reason == REASONS[refusal.arm] else None
