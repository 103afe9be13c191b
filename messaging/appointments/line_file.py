"""Reads files of lines and fields that other systems export, line by line: a bad one harms none of its neighbours."""

import csv
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from messaging.appointments.external_ids import shown_id
from messaging.conversations.content_gate import mask_cpr
from messaging.errors import InvalidInput

_LONGEST_QUOTED = 20
"""Lines one quoted field may run over; an unclosed quote swallows no more than its own line."""
_LONGEST_LINE = 100_000
"""Bytes of a line that is read at all."""
ENCODING_NAMES = {"utf-8": "UTF-8", "cp1252": "Windows-1252", "latin-1": "ISO-8859-1"}


class UnusableFile(InvalidInput):
    """The file as a whole is not what it should be; the Danish message says what is missing."""

    code = "unusable_file"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong or doubtful with a line: a stable code and the sentence a person reads, without the content."""

    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ReportedLine:
    """A line that was refused, or used with a doubt, and why. `external_id` is the other system's name for it."""

    line: int
    external_id: str | None
    faults: tuple[Fault, ...]

    @property
    def code(self) -> str:
        """The code of the first fault."""
        return self.faults[0].code

    @property
    def sentence(self) -> str:
        """What is wrong, in Danish."""
        return " ".join(fault.sentence for fault in self.faults)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One line by the names of its columns, trimmed and composed. `line` is where it stands in the file, from 1."""

    line: int
    values: Mapping[str, str] = field(repr=False)
    faults: tuple[Fault, ...] = ()
    """Why it cannot be used, although it can be read whose line it is."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How lines are written: the sign between fields and Python's name of the encoding."""

    separator: str = ";"
    encoding: str = "utf-8"


SEMICOLONS = Dialect()


def read_records(
    data: bytes, *, columns: Sequence[str], dialect: Dialect = SEMICOLONS
) -> Iterator[Record | ReportedLine]:
    """Yield each filled line below the header as a record, or with the reason why it is none.

    A separator stands between and quotes around fields; UTF-8 may begin with a BOM. Columns may stand in any order
    and others may stand among them. Raises UnusableFile if the header lacks a column.
    """
    lines = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").split(b"\n")
    header = _header(lines[0], columns=columns, dialect=dialect)
    position = 1
    while position < len(lines):
        taken, fields = _fields(lines, start=position, width=len(header), dialect=dialect)
        if lines[position].strip():
            yield _record(fields, header=header, line=position + 1)
        position += taken


def _header(line: bytes, *, columns: Sequence[str], dialect: Dialect) -> list[str]:
    try:
        names = [name.strip() for name in _split(line, dialect)]
    except (UnicodeDecodeError, csv.Error):
        raise UnusableFile(f"Filen er ikke en {_described(dialect)} med overskrifter.") from None
    missing = [column for column in columns if column not in names]
    if missing:
        raise UnusableFile(f"Filens første linje mangler kolonnen {', '.join(missing)}.")
    if len(set(names)) < len(names):
        raise UnusableFile("Filens første linje har to kolonner med samme navn.")
    return names


def _described(dialect: Dialect) -> str:
    name = {";": "semikolonsepareret", ",": "kommasepareret", "\t": "tabulatorsepareret"}.get(dialect.separator)
    return f"{name or 'separeret'} fil i {ENCODING_NAMES.get(dialect.encoding, dialect.encoding)}"


def _fields(lines: Sequence[bytes], *, start: int, width: int, dialect: Dialect) -> tuple[int, list[str] | Fault]:
    """Split the line at `start`, together with the lines below it if a quoted field runs on into them."""
    if len(lines[start]) > _LONGEST_LINE:
        return 1, Fault(code="too_long", sentence="Linjen er for lang til at blive læst.")
    for taken in range(1, _LONGEST_QUOTED + 1):
        below = lines[start + 1 : start + taken]
        if len(below) < taken - 1 or any(_is_whole(line, width=width, dialect=dialect) for line in below):
            break
        try:
            fields = _split(b"\n".join(lines[start : start + taken]), dialect)
        except UnicodeDecodeError:
            name = ENCODING_NAMES.get(dialect.encoding, dialect.encoding)
            return 1, Fault(code="wrong_encoding", sentence=f"Linjen er ikke i {name}.")
        except csv.Error:
            continue
        if taken == 1 or len(fields) == width:
            return taken, fields
    return 1, Fault(code="broken_quotes", sentence="Linjens citationstegn går ikke op.")


def _is_whole(line: bytes, *, width: int, dialect: Dialect) -> bool:
    try:
        return len(_split(line, dialect)) == width
    except (UnicodeDecodeError, csv.Error):
        return False


def _split(line: bytes, dialect: Dialect) -> list[str]:
    return next(csv.reader([line.decode(dialect.encoding)], delimiter=dialect.separator, strict=True), [])


def _record(fields: list[str] | Fault, *, header: Sequence[str], line: int) -> Record | ReportedLine:
    if isinstance(fields, Fault):
        return ReportedLine(line=line, external_id=None, faults=(fields,))
    if len(fields) != len(header):
        sentence = f"Linjen har {len(fields)} felter, men overskriften har {len(header)}."
        fault = Fault(code="wrong_number_of_fields", sentence=sentence)
        return ReportedLine(line=line, external_id=shown_id(mask_cpr(fields[0].strip())), faults=(fault,))
    values = (unicodedata.normalize("NFC", text.strip()) for text in fields)
    return Record(line=line, values=dict(zip(header, values, strict=True)))
