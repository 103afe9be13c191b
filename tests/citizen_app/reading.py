"""Reading the app's pages as a citizen does: the words of ours on them, each line of a page a sentence of its own."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from tools.catalogue import ROOT, texts

FOR_STAFF = re.compile(r'extends "web/layout.html"|id="[a-z-]*panel"|import .*\bsigned_in\b')
"""Told of templates and modules that no citizen sees."""
INLINE = {"a", "strong", "em", "span", "b", "i", "time", "bdi", "abbr"}
SILENT = {"script", "style", "title"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


class _Words(HTMLParser):
    """Collects what stands in `main`; whatever is not inline ends a line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]
        self._in_main = 0
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_main += tag == "main"
        self._silent += tag in SILENT
        if tag not in INLINE:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_main -= tag == "main"
        self._silent -= tag in SILENT
        if tag not in INLINE:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self._in_main and not self._silent:
            self.lines[-1] += data


def words_of(page: str) -> str:
    """Return what a page says, a paragraph, heading or button to a line."""
    reader = _Words()
    reader.feed(page)
    return "\n".join(" ".join(line.split()) for line in reader.lines if line.strip())


def our_texts() -> Iterator[str]:
    """Return every text of ours that the app shows to citizens, in Danish."""
    for message in texts():
        if message.id and any(_is_for_citizens(path) for path, _ in message.locations):
            yield from message.id if isinstance(message.id, tuple) else (message.id,)


def without_values(text: str) -> str:
    """Return a text with a figure in place of what is filled in: a value is not ours to write plainly."""
    return PLACEHOLDER.sub("1", text)


def _is_for_citizens(path: str) -> bool:
    if not path.startswith(("messaging/citizen_app/html/", "messaging/citizen_app/pages/")):
        return False
    return not FOR_STAFF.search((ROOT / path).read_text(encoding="utf-8"))
