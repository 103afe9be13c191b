"""Our own files, compressed for whoever takes them so, where no proxy does it.

Only these: they are the same for everybody. The length of a compressed page would tell what stands in it to whoever can
put words of their own beside it.
"""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.security import safe_join

WORTH_IT = frozenset({".css", ".js", ".svg"})
"""Kinds of file that get much smaller; pictures and fonts are compressed as they are."""
MOST_KEPT = 100
"""Files whose compressed form a process keeps."""


class StaticFiles(Flask):
    """A Flask that answers with compressed static files."""

    def send_static_file(self, filename: str) -> Response:
        """Serve a file of ours. Raises NotFound."""
        answer = super().send_static_file(filename)
        if Path(filename).suffix not in WORTH_IT:
            return answer
        answer.vary.add("Accept-Encoding")
        path = safe_join(str(self.static_folder), filename)
        if answer.status_code != 200 or not request.accept_encodings.quality("gzip") or path is None:
            return answer
        return _compressed(answer, Path(path))


def _compressed(answer: Response, path: Path) -> Response:
    content = _gzip(path, path.stat().st_mtime_ns)
    headers = answer.headers.copy()
    answer.close()
    headers.remove("Content-Length")
    told = Response(content, headers=headers)
    told.content_encoding = "gzip"
    told.set_etag(f"{answer.get_etag()[0]}-gzip")
    told.make_conditional(request)
    return told


@lru_cache(maxsize=MOST_KEPT)
def _gzip(path: Path, changed: int) -> bytes:  # noqa: ARG001  a file that has changed is another one
    return gzip.compress(path.read_bytes(), mtime=0)
