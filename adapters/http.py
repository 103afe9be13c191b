"""The one outgoing HTTP session: explicit time-outs, no retries or redirects, guarded addresses, discreet errors.

HttpFailure
├── UrlRefused    the guard did not let us call
├── NothingLeft   name, connection or TLS failed: not one byte of the request left
└── AnswerLost    something failed after the first byte had left: the request may have been acted on

Callers decide what that means for a message. Every answer with a status, whatever it is, is an `Answer`.
"""

import functools
import http.client
import logging
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, NoReturn, cast

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from adapters.addresses import AddressGuard, AddressRefused, Resolve

_CHUNK = 65_536


class HttpFailure(Exception):
    """No answer. `code` is a short stable word; URLs, numbers and bodies are never part of it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class UrlRefused(HttpFailure):
    """The guard refused the URL or an address of its host."""


class NothingLeft(HttpFailure):
    """Certainly nothing was sent: name, connection or TLS failed."""


class AnswerLost(HttpFailure):
    """The first byte had left; whether the other side acted on the request is unknown."""


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds to wait for a connection (with TLS), for each part of the answer, and for the whole body."""

    connect: float
    read: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def retry_after(self) -> float | None:
        """The seconds its Retry-After asks for, given as seconds or as a date; None if absent or unreadable."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:6])
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        return max(0.0, (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - time.time())


class _Wire(threading.local):
    """Whether this thread's current request has put a byte on the wire."""

    left = False


class _Guarded(HTTPConnection):
    """A connection that goes only where the guard allows and notes when the first byte leaves."""

    scheme = "http"

    def __init__(self, *args: Any, guard: AddressGuard, wire: _Wire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._guard = guard
        self._wire = wire

    def _new_conn(self) -> socket.socket:
        try:
            addresses = self._guard.addresses(scheme=self.scheme, host=self._dns_host, port=self.port)
        except AddressRefused as error:
            raise UrlRefused(error.code) from None
        except (OSError, UnicodeError):
            raise NothingLeft("name_unresolved") from None
        return _connect(addresses, timeout=cast("float", self.timeout))

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self._wire.left = True
        super().send(data)


class _GuardedTls(_Guarded, HTTPSConnection):
    """The same over TLS. Server name and certificate are still those of the host, not of the address."""

    scheme = "https"


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


def _connect(addresses: list[Any], *, timeout: float) -> socket.socket:
    """Connect to the first address that answers; `timeout` seconds for all of them together."""
    deadline = time.monotonic() + timeout
    code = "connection_refused"
    for family, sockaddr in addresses:
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(max(0.05, deadline - time.monotonic()))
        try:
            connection.connect(sockaddr)
        except OSError as error:
            connection.close()
            code = "connection_timeout" if isinstance(error, TimeoutError) else "connection_refused"
        else:
            connection.settimeout(timeout)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
    raise NothingLeft(code)


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, *, guard: AddressGuard, wire: _Wire, pool_size: int) -> None:
        self._extra: dict[str, Any] = {"guard": guard, "wire": wire}
        super().__init__(pool_connections=8, pool_maxsize=pool_size, max_retries=0, pool_block=True)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        # The manager only calls these; a partial hands our two extras on to every connection.
        self.poolmanager.pool_classes_by_scheme = cast(
            "dict[str, type[HTTPConnectionPool]]",
            {"http": functools.partial(_Pool, **self._extra), "https": functools.partial(_TlsPool, **self._extra)},
        )


class HttpSession:
    """Built once per process; thread-safe. `stub_origins` may be http and inside the house, everything else may not.

    `pool_size` bounds the connections to one origin; `largest_answer` is in bytes; `ca_file` replaces the public CAs;
    `pace` multiplies every time-out, for rehearsals.
    """

    def __init__(
        self,
        *,
        stub_origins: Collection[str] = (),
        pool_size: int = 32,
        largest_answer: int = 8_000_000,
        ca_file: Path | None = None,
        pace: float = 1.0,
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        self.guard = AddressGuard.for_origins(stub_origins, resolve=resolve)
        self._wire = _Wire()
        self._largest_answer = largest_answer
        self._pace = pace
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(ca_file) if ca_file else True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers = requests.structures.CaseInsensitiveDict(
            {"User-Agent": "borgerdialog", "Accept-Encoding": "identity"}
        )
        adapter = _GuardedAdapter(guard=self.guard, wire=self._wire, pool_size=pool_size)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        # urllib3 logs addresses, and with them phone numbers, at DEBUG and when an answer's headers are broken.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)

    def request(
        self,
        method: str,
        url: str,
        *,
        timeouts: Timeouts,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        data: bytes | Mapping[str, Any] | None = None,
        auth: tuple[str, str] | None = None,
        largest: int | None = None,
    ) -> Answer:
        """One request, once; `largest` bounds the answer in place of the session's own bound.

        Raises HttpFailure, and nothing else, when there is no complete answer.
        """
        self._wire.left = False
        try:
            prepared = self._session.prepare_request(
                requests.Request(method, url, headers=headers, params=params, data=data, auth=auth)
            )
            self.guard.check_url(prepared.url or "")
            return self._send(prepared, timeouts=timeouts, largest=largest or self._largest_answer)
        except AddressRefused as error:
            raise UrlRefused(error.code) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            self._fail(error)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._fail(error)

    def _send(self, prepared: requests.PreparedRequest, *, timeouts: Timeouts, largest: int) -> Answer:
        connect, read = timeouts.connect * self._pace, timeouts.read * self._pace
        response = self._session.send(prepared, stream=True, allow_redirects=False, timeout=(connect, read))
        try:
            body = self._body(response.raw, deadline=time.monotonic() + read, largest=largest)
            response.raw.release_conn()
        finally:
            response.close()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=response.status_code, headers=headers, body=body)

    def _body(self, raw: urllib3.BaseHTTPResponse, *, deadline: float, largest: int) -> bytes:
        """The body as it stands on the wire; a drip or a flood ends in AnswerLost."""
        parts, size = [], 0
        while part := raw.read1(_CHUNK, decode_content=False):
            parts.append(part)
            size += len(part)
            if size > largest:
                raise AnswerLost("answer_too_large")
            if time.monotonic() > deadline:
                raise AnswerLost("answer_too_slow")
        return b"".join(parts)

    def _fail(self, error: Exception) -> NoReturn:
        """Tell by the wire, not by the exception's type, whether anything left; a TLS error may come at any time."""
        timed_out = isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError)
        if self._wire.left:
            raise AnswerLost("read_timeout" if timed_out else "connection_cut") from None
        if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError | ssl.SSLError):
            raise NothingLeft("tls_failed") from None
        if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema | ValueError):
            raise UrlRefused("url_broken") from None
        raise NothingLeft("connection_timeout" if timed_out else "connection_refused") from None

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()
