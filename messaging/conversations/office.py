"""The office as texts speak of it: its name and number, and when somebody reads."""

from dataclasses import dataclass

from messaging.config import Config
from messaging.conversations.open_hours import OpenHours, Span


@dataclass(frozen=True, kw_only=True)
class Office:
    """Who signs, whom to ring, where to log in, and the hours in which messages are read."""

    unit: str
    phone: str
    app: str
    hours: OpenHours

    @classmethod
    def from_config(cls, config: Config) -> "Office":
        """Read it from the settings."""
        opens, closes = config.office_hours
        return cls(
            unit=config.unit_name,
            phone=config.unit_phone,
            app=config.app_name,
            hours=OpenHours(
                weekday=Span.of_hours(opens, closes),
                weekend=None,
                closed_days=frozenset(config.closed_days),
            ),
        )

    @property
    def variables(self) -> dict[str, str]:
        """What the approved Danish texts call these."""
        return self.variables_in("da")

    def variables_in(self, language: str) -> dict[str, str]:
        """The same for texts in another language."""
        return {
            "unit": self.unit,
            "office_phone": self.phone,
            "app": self.app,
            "opening_hours": self.opening_hours if language == "da" else self._hours_elsewhere(language),
        }

    @property
    def opening_hours(self) -> str:
        """The hours in words, as they stand in a text: `på hverdage kl. 8-16`."""
        span = self.hours.weekday
        if span is None:
            return "når vi har åbent"
        return f"på hverdage kl. {span.opens.hour}-{span.closes.hour or 24}"

    def _hours_elsewhere(self, language: str) -> str:
        """In English in words; else in figures alone, which read the same everywhere."""
        span = self.hours.weekday
        if span is None:
            return "when we are open" if language == "en" else ""
        figures = f"{span.opens.hour}-{span.closes.hour or 24}"
        return f"on weekdays {figures}" if language == "en" else figures
