"""What each arm of the trial allows: one table, asked before anything is written and again before it leaves.

What the municipality does anyway (the summons, Huskeservice, the booking system) is not ours and is in no row: no arm
takes anything of it away.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from messaging.people.arm_models import Arm


class Sort(enum.StrEnum):
    """What is sent, as far as the arms tell it apart."""

    REMINDER = "reminder"
    FREE = "free"
    """A message by which we, or another system of ours, begin something."""
    ANSWER = "answer"
    """The same to a citizen who has written to us lately, and that a deputy answers."""
    BATCH = "batch"
    """One text to several."""
    DOCUMENT_REQUEST = "document_request"
    CANCELLATION = "cancellation"
    """We cancel a meeting or move it, or somebody else holds it."""
    SAFETY = "safety"
    """Where to turn in danger."""
    RECEIPT = "receipt"
    """An answer by itself to what a citizen has written."""
    KEYWORD_ANSWER = "keyword_answer"
    """The one answer to STOP, START and HJÆLP."""
    WELCOME = "welcome"
    """Who writes and why, before the first ordinary SMS."""
    CLOSING = "closing"
    """That the case is closed and we stop writing."""
    LOGIN_NOTICE = "login_notice"
    """That something lies in the app; it says nothing of what."""
    LOGIN_CODE = "login_code"
    PUSH = "push"


class Way(enum.StrEnum):
    """By what it goes."""

    SMS = "sms"
    APP = "app"
    PUSH = "push"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """By which ways something may go, the preferred one first; none: it is withheld.

    `override`: a caseworker may send it all the same if she says why.
    """

    ways: tuple[Way, ...]
    override: bool = False


_BOTH = Rule(ways=(Way.SMS, Way.APP))
_SMS = Rule(ways=(Way.SMS,))
_APP = Rule(ways=(Way.APP,))
_PUSH = Rule(ways=(Way.PUSH,))
_NO = Rule(ways=())
_NOT_WITHOUT_A_REASON = Rule(ways=(), override=True)

TABLE: Mapping[Sort, Mapping[Arm, Rule]] = {
    Sort.REMINDER: {Arm.SMS: _SMS, Arm.APP: _APP, Arm.CONTROL: _NO},
    Sort.FREE: {Arm.SMS: _BOTH, Arm.APP: _APP, Arm.CONTROL: _NOT_WITHOUT_A_REASON},
    Sort.ANSWER: {Arm.SMS: _BOTH, Arm.APP: _APP, Arm.CONTROL: _BOTH},
    Sort.BATCH: {Arm.SMS: _SMS, Arm.APP: _APP, Arm.CONTROL: _NO},
    Sort.DOCUMENT_REQUEST: {Arm.SMS: _APP, Arm.APP: _APP, Arm.CONTROL: _NO},
    Sort.CANCELLATION: {Arm.SMS: _BOTH, Arm.APP: _BOTH, Arm.CONTROL: _BOTH},
    Sort.SAFETY: {Arm.SMS: _BOTH, Arm.APP: _BOTH, Arm.CONTROL: _BOTH},
    Sort.RECEIPT: {Arm.SMS: _BOTH, Arm.APP: _APP, Arm.CONTROL: _BOTH},
    Sort.KEYWORD_ANSWER: {Arm.SMS: _SMS, Arm.APP: _SMS, Arm.CONTROL: _SMS},
    Sort.WELCOME: {Arm.SMS: _SMS, Arm.APP: _NO, Arm.CONTROL: _NO},
    Sort.CLOSING: {Arm.SMS: _SMS, Arm.APP: _SMS, Arm.CONTROL: _NO},
    Sort.LOGIN_NOTICE: {Arm.SMS: _SMS, Arm.APP: _SMS, Arm.CONTROL: _SMS},
    Sort.LOGIN_CODE: {Arm.SMS: _SMS, Arm.APP: _SMS, Arm.CONTROL: _SMS},
    Sort.PUSH: {Arm.SMS: _NO, Arm.APP: _PUSH, Arm.CONTROL: _NO},
}

_NO_TRIAL = Rule(ways=tuple(Way))
"""Of who is in no arm: the table says nothing."""

REASONS: Mapping[Arm, str] = {arm: f"{arm}_arm" for arm in Arm}
"""Codes of why something was withheld: `control_arm` …"""


def rule_for(arm: Arm | None, sort: Sort) -> Rule:
    """Return what holds for this sort in an arm, or outside the trial."""
    return TABLE[sort][arm] if arm is not None else _NO_TRIAL


def why_withheld(arm: Arm | None, sort: Sort, way: Way) -> str | None:
    """Return the code of the arm that does not let this sort go this way; None if it may."""
    if arm is None or way in TABLE[sort][arm].ways:
        return None
    return REASONS[arm]


def way_of_itself(arm: Arm | None, sort: Sort) -> Way | None:
    """Return by what a message goes that no person chooses a way for: SMS where that is allowed; None: withheld."""
    return next(iter(rule_for(arm, sort).ways), None)
