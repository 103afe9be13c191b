"""The states of appointments and reminders, and which change may follow which.

    booked → confirmed ⇄ new_time_asked
      └─────────┴────────────┴→ moved (a new revision: booked) · cancelled_by_citizen · cancelled_by_us
                             └→ held · no_show · unknown   (an outcome; corrected by a new one)

An answer never cancels a meeting by itself.
"""

import enum


class AppointmentState(enum.StrEnum):
    """How a meeting stands."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    NEW_TIME_ASKED = "new_time_asked"
    CANCELLED_BY_CITIZEN = "cancelled_by_citizen"
    CANCELLED_BY_US = "cancelled_by_us"
    HELD = "held"
    NO_SHOW = "no_show"
    UNKNOWN = "unknown"


class OutcomeWord(enum.StrEnum):
    """What a caseworker says became of a meeting."""

    HELD = "held"
    CANCELLED_BY_CITIZEN = "cancelled_by_citizen"
    CANCELLED_BY_US = "cancelled_by_us"
    NO_SHOW = "no_show"
    UNKNOWN = "unknown"


class ReminderState(enum.StrEnum):
    """planned · on_hold → sent · withheld (trial arm) · skipped (with a reason)."""

    PLANNED = "planned"
    ON_HOLD = "on_hold"
    SENT = "sent"
    WITHHELD = "withheld"
    SKIPPED = "skipped"


WAITING = frozenset({ReminderState.PLANNED, ReminderState.ON_HOLD})
"""A reminder that is still to be decided on."""


class Action(enum.StrEnum):
    """What was done with a citizen's message once it was read."""

    SETTLED = "settled"
    """Nobody needs to read it: a clean confirmation or a thanks."""
    KEYWORD = "keyword"
    """A bare keyword, acted on and answered when it was received."""
    CONFIRMED = "confirmed"
    """The meeting is confirmed, and a human reads what else it says."""
    NEW_TIME_ASKED = "new_time_asked"
    """Another time is asked for; a human finds it."""
    NUMBER_PAUSED = "number_paused"
    """The number is somebody else's; nothing goes to it until a human has looked."""
    TO_HUMAN = "to_human"


NEEDS_NOBODY = frozenset({Action.SETTLED, Action.KEYWORD})

OPEN = frozenset({AppointmentState.BOOKED, AppointmentState.CONFIRMED, AppointmentState.NEW_TIME_ASKED})
"""A meeting that is to take place: reminders and answers may concern it."""

ENDS = frozenset(AppointmentState) - OPEN

CANCELLED = frozenset({AppointmentState.CANCELLED_BY_CITIZEN, AppointmentState.CANCELLED_BY_US})

TRANSITIONS: dict[AppointmentState, frozenset[AppointmentState]] = {
    AppointmentState.BOOKED: frozenset(AppointmentState) - {AppointmentState.BOOKED},
    AppointmentState.CONFIRMED: frozenset(AppointmentState) - {AppointmentState.CONFIRMED},
    AppointmentState.NEW_TIME_ASKED: frozenset(AppointmentState) - {AppointmentState.NEW_TIME_ASKED},
    **{end: (ENDS | {AppointmentState.BOOKED}) - {end} for end in ENDS},
}
"""From an end a meeting comes back only by a corrected outcome, or booked anew by the booking system."""

MOVED = "moved"
"""Why a reminder of a meeting's old time is not sent, and the step that the notice of the new one is."""
