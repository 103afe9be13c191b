"""Writing the report as a file: PDF, a page that stands by itself, or a table for a spreadsheet."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from jinja2 import Environment, PackageLoader

from messaging.errors import InvalidInput
from messaging.evaluation.document import Report, Table
from messaging.evaluation.moments_in_words import moment
from messaging.ledger.cells import write_table
from messaging.ledger.printing import print_pdf

STYLE = Path(__file__).parent / "html/evaluation/report.css"
ABOUT = "Om rapporten"
COLUMNS = ("afsnit", "tabel", "række", "kolonne", "værdi")

_templates = Environment(loader=PackageLoader("messaging.evaluation", "html"), autoescape=True)


def write(report: Report, ending: str) -> bytes:
    """Return the report as a file with this ending. Raises InvalidInput for one that it is not written as."""
    return FORMS[known(ending)](report)


def known(ending: str) -> str:
    """Return an ending in small letters. Raises InvalidInput if the report is not written so."""
    found = ending.lower()
    if found not in FORMS:
        raise InvalidInput(
            f"a report is written as {', '.join(FORMS)}, not as {ending or 'a file without an ending'}", field="out"
        )
    return found


def body_of(report: Report) -> str:
    """Return the report's sections as HTML, to be shown on a page of the service."""
    return _templates.get_template("evaluation/body.html").render(report=report)


def _html(report: Report) -> bytes:
    return _page(report).encode()


def _pdf(report: Report) -> bytes:
    return print_pdf(_page(report))


def _csv(report: Report) -> bytes:
    return write_table(COLUMNS, _lines(report)).encode()


def _page(report: Report) -> str:
    template = _templates.get_template("evaluation/report.html")
    return template.render(report=report, style=STYLE.read_text(encoding="utf-8"), made=moment(report.made_at))


def _lines(report: Report) -> Iterator[tuple[str, ...]]:
    """Yield a line for each sentence and each cell: every program that reads tables can pick what it needs."""
    for sentence in (report.title, *report.warnings, *(() if report.compares else report.about)):
        yield ("", "", "", "", sentence)
    for section in report.sections:
        for sentence in section.sentences:
            yield (section.title, "", "", "", sentence)
        for table in (*section.tables, *(plot.table for plot in section.plots)):
            yield from _cells(section.title, table)
    for sentence in report.about if report.compares else ():
        yield (ABOUT, "", "", "", sentence)


def _cells(section: str, table: Table) -> Iterator[tuple[str, ...]]:
    for first, *cells in table.rows:
        for column, cell in zip(table.head[1:], cells, strict=True):
            yield (section, table.caption, first, column, cell)


FORMS: Mapping[str, Callable[[Report], bytes]] = {".pdf": _pdf, ".html": _html, ".csv": _csv}
"""Ending → what writes it."""
