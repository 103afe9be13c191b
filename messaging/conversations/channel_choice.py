"""Which ways a message takes to a citizen: one table, from what it is for and what she has and prefers to a ladder.

Everybody who must choose asks here; what an arm of the trial does not allow is taken out. The table says what we want;
whether a number may be written to (STOP, a paused number, a closed case) is asked when a step is taken.
"""

import enum
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from messaging.people.arm_models import Arm
from messaging.people.card_models import Medium
from messaging.trial import capabilities
from messaging.trial.capabilities import Sort, rule_for, why_withheld


class Purpose(enum.StrEnum):
    """What a message is for, as far as its ways depend on it."""

    IN_APP = "in_app"
    """Somebody has put it into the app, because of what it says or because the citizen has it."""
    AUTO_REPLY = "auto_reply"
    """An answer by itself to what she has just written in the app: she is there."""
    REMINDER = "reminder"


class Has(enum.StrEnum):
    """The most a citizen has."""

    NUMBER = "number"
    """No phone with the app on it; whether there is a number is asked when it is used."""
    APP = "app"
    PUSH = "push"
    """The app, and a phone on which it may knock."""


class Way(enum.StrEnum):
    """One step of a ladder."""

    SMS = "sms"
    """The words themselves by SMS."""
    APP = "app"
    """The words in the app."""
    PUSH = "push"
    """Word to each phone that there is something, without content."""
    LOGIN_SMS = "login_sms"
    """An SMS that says to log in, at once."""
    LOGIN_SMS_LATER = "login_sms_later"
    """The same, if the message has not been shown by then."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a citizen has, and how she prefers to hear from us; who has the app and was never asked prefers it."""

    has: Has = Has.NUMBER
    prefers: Medium = Medium.SMS
    asked: bool = False
    """Whether what she prefers was noted; else it is what having the app suggests."""


MeansOf = Callable[[Session, Collection[uuid.UUID]], Mapping[uuid.UUID, Means]]
"""Tells the means of citizens; who has none in it has a number at most."""

Ladder = tuple[Way, ...]

_IN_APP: Ladder = (Way.APP, Way.LOGIN_SMS)
_PUSHED: Ladder = (Way.APP, Way.PUSH, Way.LOGIN_SMS_LATER)
_QUIETLY: Ladder = (Way.APP,)
_BY_SMS: Ladder = (Way.SMS,)

TABLE: Mapping[Purpose, Mapping[Has, Mapping[Medium, Ladder]]] = {
    Purpose.IN_APP: {
        Has.NUMBER: {Medium.SMS: _IN_APP, Medium.APP: _IN_APP, Medium.CALL: _IN_APP},
        Has.APP: {Medium.SMS: _IN_APP, Medium.APP: _IN_APP, Medium.CALL: _IN_APP},
        Has.PUSH: {Medium.SMS: _PUSHED, Medium.APP: _PUSHED, Medium.CALL: _PUSHED},
    },
    Purpose.AUTO_REPLY: {
        Has.NUMBER: {Medium.SMS: _QUIETLY, Medium.APP: _QUIETLY, Medium.CALL: _QUIETLY},
        Has.APP: {Medium.SMS: _QUIETLY, Medium.APP: _QUIETLY, Medium.CALL: _QUIETLY},
        Has.PUSH: {Medium.SMS: _QUIETLY, Medium.APP: _QUIETLY, Medium.CALL: _QUIETLY},
    },
    # A reminder must reach her before the meeting, and its words may stand on a postcard: to who wants SMS they go so.
    Purpose.REMINDER: {
        Has.NUMBER: {Medium.SMS: _BY_SMS, Medium.APP: _BY_SMS, Medium.CALL: _BY_SMS},
        Has.APP: {Medium.SMS: _BY_SMS, Medium.APP: _IN_APP, Medium.CALL: _IN_APP},
        Has.PUSH: {Medium.SMS: _BY_SMS, Medium.APP: _PUSHED, Medium.CALL: _PUSHED},
    },
}


def ladder_for(
    purpose: Purpose, means: Means, *, arm: Arm | None = None, ways: Sequence[capabilities.Way] | None = None
) -> Ladder:
    """Return the ways a message takes, in their order; none where the citizen's arm of the trial withholds it.

    `ways`: those by which a reminder is to go, the preferred one first. They may put those of an arm into another order
    or take some of them out, and add none.
    """
    if purpose is Purpose.REMINDER and (arm is not None or ways is not None):
        way = _way_by_arm(arm, ways) if arm is not None else _way_by_order(ways or (), means)
        if way is not capabilities.Way.APP:
            return _BY_SMS if way is capabilities.Way.SMS else ()
        purpose = Purpose.IN_APP
    has = means.has
    if has is Has.PUSH and why_withheld(arm, Sort.PUSH, capabilities.Way.PUSH):
        has = Has.APP
    return TABLE[purpose][has][means.prefers]


def _way_by_arm(arm: Arm, ways: Sequence[capabilities.Way] | None) -> capabilities.Way | None:
    allowed = rule_for(arm, Sort.REMINDER).ways
    return next((way for way in ways or allowed if way in allowed), None)


def _way_by_order(ways: Sequence[capabilities.Way], means: Means) -> capabilities.Way | None:
    """Return the first of these ways that she has; what she has asked for goes before their order."""
    app, sms = capabilities.Way.APP, capabilities.Way.SMS
    open_to_her = [way for way in ways if way is not app or means.has is not Has.NUMBER or sms not in ways]
    wished = {Medium.SMS: sms, Medium.APP: app}.get(means.prefers) if means.asked else None
    return wished if wished in open_to_her else next(iter(open_to_her), None)


def means_unknown(_session: Session, _citizen_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Means]:
    """Stand in where nobody tells what citizens have."""
    return {}
