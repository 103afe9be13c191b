"""Handing out a file: as something to save, under a safe name, and nothing that a browser would run or show as ours."""

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response

POLICY = "sandbox; default-src 'none'"
"""Stands beside the policy of every answer; browsers hold to both."""


def attachment(pieces: Iterator[bytes], *, name: str, media_type: str, size: int) -> Response:
    """Return a file that is handed out piece by piece. The first piece is read now: what cannot be opened is an error.

    `name` is one of ours: cleaned, without anything that could lead out of the header.
    """
    answer = Response(_from_first(pieces), content_type=media_type)
    answer.headers["Content-Disposition"] = _disposition(name)
    answer.headers["Content-Length"] = str(size)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


def _from_first(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")

    def handed() -> Iterator[bytes]:
        yield first
        yield from pieces

    return handed()


def _disposition(name: str) -> str:
    """Spell the name twice, as RFC 6266 says: in ASCII for old readers, and as it is."""
    plain = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
