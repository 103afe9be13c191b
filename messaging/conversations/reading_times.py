"""Whether somebody reads what a citizen writes now, and else when: the office's hours, a caseworker's own, or absence.

Whoever is away and has no deputy reads when she is back. With a deputy the citizen waits no longer than usual.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from messaging.conversations.office import Office
from messaging.conversations.open_hours import OpenHours, Span
from messaging.conversations.rendering import day_word, wall_clock
from messaging.people.working_hours import Week, hours_of, who_reads


@dataclass(frozen=True, kw_only=True)
class NotRead:
    """That nobody reads now. `period` names this time; in each a citizen is told so once.

    `caseworker` and `read_at` say who reads when; without them it is the office that is closed.
    """

    period: str
    caseworker: str | None = None
    read_at: datetime | None = None

    @property
    def is_office(self) -> bool:
        """Whether the office's hours tell when somebody reads."""
        return self.read_at is None

    def variables(self, *, now: datetime, language: str = "da") -> dict[str, str]:
        """What the approved text calls these, in its language."""
        if self.read_at is None or self.caseworker is None:
            return {}
        at = {"da": " kl.", "en": " at"}.get(language, "")
        words = f"{day_word(self.read_at, sent_at=now, language=language)}{at} {wall_clock(self.read_at)}"
        return {"caseworker": self.caseworker, "read_at": words}


def not_read(session: Session, citizen_id: uuid.UUID, *, now: datetime, office: Office) -> NotRead | None:
    """Return why nobody reads this citizen's messages now; None if somebody does."""
    reader = who_reads(session, citizen_id, now=now)
    if reader is None:
        return _closed(office.hours, now)
    if reader.is_covered:
        return _closed(office.hours, now)
    week = hours_of(session, reader.caseworker.id)
    hours, name = _her_hours(week, office) if week else office.hours, reader.caseworker.first_name
    if reader.absence is not None:
        back = hours.next_open(reader.absence.until)
        return NotRead(period=f"absence {reader.absence.id}", caseworker=name, read_at=back)
    closed = _closed(hours, now)
    if closed is None or not week:
        return closed
    return NotRead(period=closed.period, caseworker=name, read_at=hours.next_open(now))


def _closed(hours: OpenHours, now: datetime) -> NotRead | None:
    period = hours.closed_period(now)
    return NotRead(period=period) if period else None


def _her_hours(week: Week, office: Office) -> OpenHours:
    days = {day: Span(opens=begins, closes=ends) for day, (begins, ends) in week.items()}
    return OpenHours(days=days, closed_days=office.hours.closed_days)
