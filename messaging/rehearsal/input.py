"""The input of a rehearsal: texts, replies and booking files, with canaries put in."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from messaging.errors import InvalidInput
from messaging.rehearsal.canaries import Canaries

NAME, PURPOSE, CPR = "fornavn", "formaal", "cpr"


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
    lines = data.decode("utf-8-sig").split("\r\n")
    header = lines[0].split(";")
    name, purpose, cpr = header.index(NAME), header.index(PURPOSE), header.index(CPR)
    of_person: dict[str, str] = {}
    marked = [lines[0]]
    for line in lines[1:]:
        fields = next(csv.reader([line], delimiter=";"), [])
        if len(fields) == len(header):
            canary = of_person.setdefault(fields[cpr], canaries.new())
            fields[name] += canary
            fields[purpose] += " " + canary
            line = _written(fields)
        marked.append(line)
    return ("\ufeff" + "\r\n".join(marked)).encode()


def _written(fields: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="").writerow(fields)
    return out.getvalue()
