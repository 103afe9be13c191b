"""Times as other systems write them, read as moments. Strict: what is not written as agreed is not guessed at."""

import re
from dataclasses import dataclass
from datetime import datetime

from messaging.appointments.timing import ImpossibleTime, UnreadableTime, moment_of
from messaging.clock import COPENHAGEN

ISO = "iso"
"""ISO 8601 to the minute or finer: with an offset a moment, without one a time on a wall in Copenhagen."""

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?")
_PARTS = {
    "yyyy": ("year", "[0-9]{4}"),
    "mm": ("month", "[0-9]{2}"),
    "dd": ("day", "[0-9]{2}"),
    "HH": ("hour", "[0-9]{2}"),
    "MM": ("minute", "[0-9]{2}"),
    "SS": ("second", "[0-9]{2}"),
    "m": ("month", "[0-9]{1,2}"),
    "d": ("day", "[0-9]{1,2}"),
    "H": ("hour", "[0-9]{1,2}"),
}
_PART = re.compile("yyyy|mm|dd|HH|MM|SS|m|d|H")
_NEEDED = {"year", "month", "day", "hour", "minute"}
_IN_DANISH = str.maketrans("yHMS", "åtms")


@dataclass(frozen=True, kw_only=True)
class WallFormat:
    """A way to write a time: `iso`, or yyyy, mm, dd (m, d), HH (H), MM and SS among other signs."""

    text: str
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, text: str) -> "WallFormat":
        """Understand a format. Raises ValueError if it lacks a part of a time or has one twice."""
        if text == ISO:
            return cls(text=text, pattern=_ISO)
        names = [_PARTS[part][0] for part in _PART.findall(text)]
        if len(set(names)) < len(names) or not set(names) >= _NEEDED:
            raise ValueError("the format lacks a part of a time, or has one twice")
        return cls(text=text, pattern=re.compile(_pattern_of(text)))

    @property
    def shown(self) -> str:
        """The format as a Danish reader writes it."""
        return "åååå-mm-ddTtt:mm" if self.text == ISO else self.text.translate(_IN_DANISH)

    def read(self, text: str) -> datetime:
        """Return the moment in UTC. Raises UnreadableTime, ImpossibleTime or AmbiguousTime."""
        match = self.pattern.fullmatch(text)
        if match is None:
            raise UnreadableTime("The time is not written as agreed.")
        try:
            given = (
                datetime.fromisoformat(text)
                if self.text == ISO
                else datetime(**{name: int(value) for name, value in match.groupdict().items()})  # type: ignore[arg-type]  # noqa: DTZ001
            )
            return moment_of(given.replace(tzinfo=None), zone=given.tzinfo or COPENHAGEN)
        except (ValueError, OverflowError):
            raise ImpossibleTime("There is no such day or time.") from None


def _pattern_of(text: str) -> str:
    parts, end = [], 0
    for part in _PART.finditer(text):
        name, digits = _PARTS[part[0]]
        parts += [re.escape(text[end : part.start()]), f"(?P<{name}>{digits})"]
        end = part.end()
    return "".join([*parts, re.escape(text[end:])])
