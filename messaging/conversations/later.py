"""When a message that is to wait may leave: a time on the wall clock, soon, and in hours in which we write."""

from datetime import UTC, datetime, timedelta

from messaging.clock import COPENHAGEN
from messaging.conversations.open_hours import REMINDER_HOURS
from messaging.errors import InvalidInput

LATEST = timedelta(days=90)
"""How far ahead a message may be planned."""

FIELD = "due_at"
"""The field of the reply form that says when."""


def read_time(words: str, *, now: datetime) -> datetime | None:
    """Return when `words` (`2027-03-02T10:15`, or empty for now) let a message leave. Raises InvalidInput."""
    if not words:
        return None
    try:
        due_at = datetime.fromisoformat(words).replace(tzinfo=COPENHAGEN).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput("this is no time", field=FIELD) from None
    if not (now < due_at <= now + LATEST and REMINDER_HOURS.is_open(due_at)):
        raise InvalidInput("nothing can be sent then", field=FIELD)
    return due_at
