"""Turning a page into a tagged PDF, in a process of its own.

WeasyPrint needs seconds and much memory for a long document; the process that serves everybody can spare neither.
The page goes in and the PDF comes out through pipes: no content touches a disk.
"""

import subprocess
import sys
from threading import BoundedSemaphore

from messaging.errors import BorgerdialogError

AT_ONCE = 2
SECONDS = 120

_presses = BoundedSemaphore(AT_ONCE)


class CannotPrint(BorgerdialogError):
    """The document could not be made; nothing of it was kept."""

    code = "cannot_print"


def print_pdf(html: str) -> bytes:
    """Return the page as a PDF with tags, title and language. Waits its turn. Raises CannotPrint."""
    command = [sys.executable, "-m", "messaging.ledger.press"]
    with _presses:
        try:
            done = subprocess.run(command, input=html.encode(), capture_output=True, timeout=SECONDS, check=True)  # noqa: S603
        except subprocess.SubprocessError:
            pass  # raised below, outside: this error would carry the page with it
        else:
            return done.stdout
    raise CannotPrint("the document could not be made")
