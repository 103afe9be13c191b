"""A source's file of meetings: which lines are usable, and what is wrong with the others.

Pure: nothing is stored and nobody is looked up. Every filled line becomes a row, a cancellation or a refusal, and only
one of them. How the source writes is its profile's to say.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from messaging.appointments.booking_rows import BookingRow, CalledOff, Line, Naming, RowReader, reported
from messaging.appointments.external_ids import BETWEEN
from messaging.appointments.feed_file import read_events
from messaging.appointments.line_file import Dialect, Record, ReportedLine, read_records
from messaging.appointments.profiles import Layout, Profile, standard

TARGET_GROUP = "maalgruppe"
"""A column that may stand in the file of any source: the citizen's target group."""


@dataclass(frozen=True, kw_only=True)
class BookingFile:
    """What a file holds: usable rows, cancellations, refused lines, and doubts about rows that are used."""

    rows: tuple[BookingRow, ...]
    called_off: tuple[CalledOff, ...]
    rejected: tuple[ReportedLine, ...]
    warnings: tuple[ReportedLine, ...]
    named: frozenset[str] = field(repr=False)
    """Every id that stands in the file, also on lines that could not be used."""
    named_whole: frozenset[str] = field(repr=False)
    """Ids of which everybody's part counts as named, because a line could not be used or named nobody."""
    unread: int
    """Lines of which not even the id could be read."""
    target_groups: Mapping[str, str] = field(default_factory=dict, repr=False)
    """CPR number → target group, of the citizens of whom the file says one; no part of a meeting."""

    @property
    def lines(self) -> int:
        """How many lines the file has below its header, empty ones not counted."""
        return len(self.rows) + len(self.called_off) + len(self.rejected)

    def names(self, external_id: str) -> bool:
        """Whether the file says anything of this meeting, be it that the line cannot be used."""
        return external_id in self.named or external_id.rpartition(BETWEEN)[0] in self.named_whole


def nobody(_cpr: str) -> str:
    """Name no participants: for profiles without meetings of several citizens."""
    return ""


def read_bookings(
    data: bytes,
    *,
    now: datetime,
    caseworkers: Collection[str] | None = None,
    profile: Profile | None = None,
    participant: Naming = nobody,
    groups: Collection[str] = (),
) -> BookingFile:
    """Read a whole file. `caseworkers` are the known initials and addresses, if they are to be checked.

    `groups` are the codes of the target groups there are; any other is reported.

    Raises UnusableFile if the file is none of ours; whatever is wrong with a line is reported with the line.
    """
    profile = profile or standard()
    reader = RowReader(profile=profile, now=now, caseworkers=caseworkers, participant=participant)
    usable: list[Line] = []
    rejected: list[ReportedLine] = []
    refused: set[str] = set()
    unread = 0
    doubted: list[ReportedLine] = []
    placed: dict[str, str] = {}
    for record in _records(data, profile):
        if isinstance(record, ReportedLine):
            rejected.append(record)
            unread += 1
            continue
        fields = profile.fields(record.values)
        read = reader.read(record, fields)
        if isinstance(read, ReportedLine):
            rejected.append(read)
            refused.add(fields["external_id"])
        else:
            usable.append(read)
            doubted.extend(reader.doubts(read, fields))
            group = record.values.get(TARGET_GROUP, "").casefold()
            if group in groups and read.cpr:
                placed[read.cpr] = group
            elif group and group not in groups:
                doubted.append(reported(read, "unknown_target_group"))
    kept, repeated, warnings = _settle_repeated(usable)
    for_all = {line.external_id for line in kept if isinstance(line, CalledOff) and not line.cpr}
    return BookingFile(
        rows=tuple(line for line in kept if isinstance(line, BookingRow)),
        called_off=tuple(line for line in kept if isinstance(line, CalledOff)),
        rejected=tuple(sorted([*rejected, *repeated], key=lambda line: line.line)),
        warnings=(*warnings, *doubted),
        named=frozenset(refused.union(line.external_id for line in usable)),
        named_whole=frozenset(refused | for_all if profile.participants else ()),
        unread=unread + ("" in refused),
        target_groups=placed,
    )


def _records(data: bytes, profile: Profile) -> Iterator[Record | ReportedLine]:
    if profile.layout is Layout.ICALENDAR:
        return read_events(data, profile=profile)
    dialect = Dialect(separator=profile.separator, encoding=profile.encoding)
    return read_records(data, columns=profile.needed_columns, dialect=dialect)


def _settle_repeated(
    usable: Iterable[Line],
) -> tuple[tuple[Line, ...], list[ReportedLine], tuple[ReportedLine, ...]]:
    """Let the last line of each meeting count; say what the others were, and what changed."""
    by_id: dict[str, list[Line]] = defaultdict(list)
    for line in usable:
        by_id[line.external_id].append(line)
    kept: list[Line] = []
    rejected: list[ReportedLine] = []
    warnings: list[ReportedLine] = []
    for same in by_id.values():
        if len({line.cpr for line in same if line.cpr}) > 1:
            rejected.extend(reported(line, "conflicting") for line in same)
            continue
        last = same[0]
        for line in same[1:]:
            if line == last:
                rejected.append(reported(line, "duplicate"))
                continue
            rejected.append(reported(last, "superseded"))
            warnings.append(reported(line, "moved" if _is_moved(last, line) else "changed"))
            last = line
        kept.append(last)
    return tuple(kept), rejected, tuple(warnings)


def _is_moved(before: Line, after: Line) -> bool:
    both_stand = isinstance(before, BookingRow) and isinstance(after, BookingRow)
    return both_stand and before.starts_at != after.starts_at  # type: ignore[union-attr]
