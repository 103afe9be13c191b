"""Tables that a spreadsheet opens as text: a cell that came from a citizen is never computed (CSV injection).

UTF-8 with a byte order mark and semicolons, which is what a Danish Excel reads without being asked.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"

FORMULA_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_BEGINS_FORMULA = re.compile(rf"(^|[;,|\t\r\n\"'])(?=\s*[{FORMULA_SIGNS}])")
"""Also after what another program may take for the end of a cell."""
_CONTROL_FIRST = re.compile(r"^[\t\r\n\x00]")
_NUMBER = re.compile(r"[\d\s().,/:+-]+")

APOSTROPHE = "'"


def write_table(head: Sequence[str], rows: Iterable[Sequence[str]], *, foot: Sequence[str] = ()) -> str:
    """Return a table as CSV, each line of `foot` below it in a cell of its own."""
    file = io.StringIO()
    file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    writer.writerows([line] for line in foot)
    return file.getvalue()


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, nor for a number that would lose its zeros."""
    text = text.replace("\x00", "")
    safe = _BEGINS_FORMULA.sub(rf"\1{APOSTROPHE}", text)
    if safe.startswith(APOSTROPHE):
        return safe
    if _CONTROL_FIRST.match(text) or (_NUMBER.fullmatch(text) and not text.isspace()):
        return APOSTROPHE + safe
    return safe
