"""Twilio's library over our own HTTP session: explicit time-outs, no retries, every failure one of our errors."""

import json
import logging
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.http import HttpClient
from twilio.http.response import Response

from adapters.channels.twilio_codes import failed_read, failed_send
from adapters.errors import AdapterError, Misconfigured, OutcomeUnknown, TryLater
from adapters.http import AnswerLost, HttpFailure, HttpSession, Timeouts, UrlRefused

# Twilio itself gives up after about 26 s; waiting longer than that turns many unclear sends into clear ones.
TIMEOUTS = Timeouts(connect=3, read=30)


class SessionHttpClient(HttpClient):
    """What the library calls for every request. Raises our errors before the library can make its own of them.

    `base_url` replaces the provider's origin, so that a stub can play the provider.
    """

    def __init__(self, session: HttpSession, *, base_url: str) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False)
        self._session = session
        self._base = urlsplit(base_url)

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002  # the library's signature
        allow_redirects: bool = False,  # noqa: ARG002, FBT001, FBT002  # the library's signature
    ) -> Response:
        """One request, once. A send (POST) and a look-up fail in different ways."""
        sends = method.upper() == "POST"
        try:
            answer = self._session.request(
                method, self._at_base(uri), timeouts=TIMEOUTS, params=params, data=data, headers=headers, auth=auth
            )
        except HttpFailure as failure:
            raise _no_answer(failure, sends=sends) from None
        if not 200 <= answer.status < 300:
            raise failed_send(answer) if sends else failed_read(answer)
        if not _is_json_object(answer.body):
            raise OutcomeUnknown("answer_unreadable") if sends else TryLater("answer_unreadable")
        return Response(answer.status, answer.body.decode(), answer.headers)

    def _at_base(self, uri: str) -> str:
        if not self._base.netloc:
            return uri
        return urlunsplit(urlsplit(uri)._replace(scheme=self._base.scheme, netloc=self._base.netloc))


def _no_answer(failure: HttpFailure, *, sends: bool) -> AdapterError:
    if isinstance(failure, UrlRefused):
        return Misconfigured(failure.code)
    if isinstance(failure, AnswerLost) and sends:
        return OutcomeUnknown(failure.code)
    return TryLater(failure.code)


def _is_json_object(body: bytes) -> bool:
    try:
        decoded: Any = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(decoded, dict)
