"""Fetches files of meetings that other systems lay out under an address. Never follows to another address."""

from collections.abc import Mapping

from adapters.errors import AdapterError, Misconfigured, TryLater
from adapters.feed_contract import FeedFile, FeedRequest
from adapters.http import Answer, HttpFailure, HttpSession, NothingLeft, Timeouts, UrlRefused

LARGEST = 20_000_000
"""Bytes of a file that is read at all."""
TIMEOUTS = Timeouts(connect=10, read=60)

_ACCEPTED = "text/calendar, text/csv, */*;q=0.1"
_FOUND, _UNCHANGED = 200, 304
_REFUSALS = {401: "refused", 403: "refused", 404: "gone", 410: "gone"}
_BUSY = frozenset({429, 503})


class FeedReader:
    """Fetches feeds over the house's one HTTP session. Thread-safe."""

    def __init__(self, http: HttpSession) -> None:
        self._http = http

    def fetch(self, request: FeedRequest) -> FeedFile | None:
        """Return the file, or None if it is as it was. Raises Misconfigured or TryLater."""
        headers = {"Accept": _ACCEPTED, **request.headers}
        if request.etag:
            headers["If-None-Match"] = request.etag
        if request.last_modified:
            headers["If-Modified-Since"] = request.last_modified
        answer = self._answer(request.url, headers)
        if answer.status == _UNCHANGED:
            return None
        if answer.status != _FOUND:
            raise _failure(answer)
        return FeedFile(
            body=answer.body, etag=answer.headers.get("etag"), last_modified=answer.headers.get("last-modified")
        )

    def _answer(self, url: str, headers: Mapping[str, str]) -> Answer:
        try:
            return self._http.request("GET", url, timeouts=TIMEOUTS, headers=headers, largest=LARGEST)
        except UrlRefused as failure:
            raise Misconfigured("url_refused") from failure
        except NothingLeft as failure:
            raise TryLater("unreachable") from failure
        except HttpFailure as failure:
            raise TryLater("too_large" if failure.code == "answer_too_large" else "answer_lost") from failure


def _failure(answer: Answer) -> AdapterError:
    status = answer.status
    if status in _REFUSALS:
        return Misconfigured(_REFUSALS[status])
    if status in _BUSY:
        return TryLater("busy", retry_after=answer.retry_after, counts=False)
    if status in range(300, 400):
        return Misconfigured("redirected")
    return TryLater("server_error" if status in range(500, 600) else "unexpected_answer")
