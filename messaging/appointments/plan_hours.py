"""The hours within which a plan's reminders may leave: its own, and never more than the service's."""

from dataclasses import dataclass
from functools import lru_cache

from messaging.conversations.open_hours import OpenHours, Span
from messaging.errors import InvalidInput


class OutsideHours(InvalidInput):
    """A plan's hours reach beyond the service's; `service` is when those are open on weekdays."""

    code = "outside_hours"

    def __init__(self, service: Span | None) -> None:
        self.service = service
        super().__init__("the hours lie outside those of the service", field="hours")


@dataclass(frozen=True, kw_only=True)
class OwnHours:
    """What a plan says of its hours: from a full hour until another of every day, and whether it spares the weekends.

    Public holidays and closed days are the service's alone: a reminder leaves on none of them.
    """

    opens: int | None = None
    closes: int | None = None
    spares_weekends: bool = False

    @property
    def span(self) -> Span | None:
        """The part of a day; None: as the service has it."""
        if self.opens is None or self.closes is None:
            return None
        return Span.of_hours(self.opens, self.closes)

    def within(self, service: OpenHours) -> OpenHours:
        """Return the hours in which reminders leave.

        Where the service's hours have changed so that nothing is left of these on weekdays, they are the service's: a
        reminder at another hour is of more use than none.
        """
        return _narrowed(service, self) or service

    def can_be_kept(self, service: OpenHours) -> bool:
        """Whether anything is left of these within the service's."""
        return _narrowed(service, self) is not None

    def check(self, service: OpenHours) -> None:
        """Refuse what is no hours, or goes beyond the service's on weekdays. Raises InvalidInput or OutsideHours."""
        if self.opens is None and self.closes is None:
            return
        if self.opens is None or self.closes is None or not 0 <= self.opens < self.closes <= 24:
            raise InvalidInput("hours begin and end, and end after they begin", field="hours")
        span = Span.of_hours(self.opens, self.closes)
        if service.weekday is None or service.weekday.cut(span) != span:
            raise OutsideHours(service.weekday)

    def has(self, hour: int) -> bool:
        """Whether a full hour lies within these."""
        return self.opens is None or self.closes is None or self.opens <= hour < self.closes


@lru_cache(maxsize=256)
def _narrowed(service: OpenHours, own: OwnHours) -> OpenHours | None:
    return service.narrowed(own.span, weekends=not own.spares_weekends)
