"""The input of a rehearsal: texts, replies and booking files, with canaries put in."""

import csv
import io
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from messaging.appointments.timing import parse_wall_time
from messaging.errors import InvalidInput
from messaging.rehearsal.canaries import Canaries

NAME, PURPOSE, CPR, START = "fornavn", "formaal", "cpr", "start"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A citizen's answer to a reminder and how a human would label it."""

    label: str
    text: str = field(repr=False)


def read_texts(path: Path, canaries: Canaries) -> list[str]:
    """Return the texts of a file, one a line, each with a canary at its end."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [f"{line.rstrip()} {canaries.new()}" for line in lines if line.strip()]


def read_replies(path: Path) -> list[Reply]:
    """Return the labelled replies of a file. Raises InvalidInput naming a line that is not `label<TAB>text`."""
    replies = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        label, tab, text = line.partition("\t")
        if not tab:
            raise InvalidInput(f"line {number} of {path.name} is not a label, a tab and a text", field="replies")
        replies.append(Reply(label=label, text=text))
    return replies


def mark_bookings(data: bytes, canaries: Canaries) -> bytes:
    """Put canaries into the names and purposes of a booking file; a line with too few fields stays as it is."""
    header, lines = _lines(data)
    name, purpose, cpr = header.index(NAME), header.index(PURPOSE), header.index(CPR)
    of_person: dict[str, str] = {}
    marked = [";".join(header)]
    for line in lines:
        fields = _fields(line)
        if len(fields) == len(header):
            canary = of_person.setdefault(fields[cpr], canaries.new())
            fields[name] += canary
            fields[purpose] += " " + canary
            line = _written(fields)
        marked.append(line)
    return ("\ufeff" + "\r\n".join(marked)).encode()


def starts_of(data: bytes) -> list[datetime]:
    """Return when the meetings of a booking file begin, as far as that can be read."""
    header, lines = _lines(data)
    starts = []
    for fields in map(_fields, lines):
        with suppress(ValueError, InvalidInput):
            starts.append(parse_wall_time(dict(zip(header, fields, strict=False)).get(START, "")))
    if not starts:
        raise InvalidInput("no line of the booking file has a time that can be read", field="appointments")
    return starts


def _lines(data: bytes) -> tuple[list[str], list[str]]:
    header, *lines = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    missing = {NAME, PURPOSE, CPR, START} - set(header.split(";"))
    if missing:
        raise InvalidInput(f"the booking file has no column {', '.join(sorted(missing))}", field="appointments")
    return header.split(";"), lines


def _fields(line: str) -> list[str]:
    return next(csv.reader([line], delimiter=";"), [])


def _written(fields: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="").writerow(fields)
    return out.getvalue()
