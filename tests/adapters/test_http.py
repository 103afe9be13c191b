"""The outgoing session against real sockets: what left and what did not, and what it will not do."""

import os
import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.http import Answer, AnswerLost, HttpFailure, HttpSession, NothingLeft, Timeouts, UrlRefused

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

SHORT = Timeouts(connect=0.5, read=0.3)
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
Speak = Callable[[socket.socket], None]


class _Server(socketserver.ThreadingTCPServer):
    """Hands every connection to one function and counts them."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, speak: Speak, *, tls: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self.names: list[str | None] = []
        server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                server.connections += 1
                try:
                    connection = tls.wrap_socket(self.request, server_side=True) if tls else self.request
                    speak(connection)
                    connection.close()
                except OSError:
                    return

        super().__init__(("127.0.0.1", 0), Handler)
        if tls:
            tls.sni_callback = lambda _socket, name, _context: self.names.append(name)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def hear(self, connection: socket.socket) -> bytes:
        """One whole request; nothing when the caller has gone."""
        heard = b""
        while not _is_whole(heard) and (part := connection.recv(65536)):
            heard += part
        if heard:
            self.requests.append(heard)
        return heard


def _is_whole(heard: bytes) -> bool:
    head, blank, body = heard.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(blank) and len(body) >= (int(length[1]) if length else 0)


@contextmanager
def serving(speak: Callable[[_Server, socket.socket], None], *, tls: ssl.SSLContext | None = None) -> Iterator[_Server]:
    server = _Server(lambda connection: speak(server, connection), tls=tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answering(answer: bytes) -> Callable[[_Server, socket.socket], None]:
    def speak(server: _Server, connection: socket.socket) -> None:
        while server.hear(connection):
            connection.sendall(answer)

    return speak


def ask(server: _Server, *, path: str = "/", timeouts: Timeouts = SHORT, **options: Any) -> Answer:
    session = HttpSession(stub_origins=[server.origin])
    return session.request("POST", server.origin + path, timeouts=timeouts, data=b"secret body", **options)


def test_answer_has_status_lower_case_headers_and_body() -> None:
    with serving(answering(b"HTTP/1.1 418 Teapot\r\nX-Kind: Pot\r\ncontent-length: 3\r\n\r\ntea")) as server:
        answer = ask(server)

    assert (answer.status, answer.headers["x-kind"], answer.body) == (418, "Pot", b"tea")


def test_refused_connection_means_nothing_left() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{closed.getsockname()[1]}"
    session = HttpSession(stub_origins=[origin])

    with pytest.raises(NothingLeft, match="connection_refused"):
        session.request("POST", origin, timeouts=SHORT, data=b"x")


def test_unknown_name_means_nothing_left() -> None:
    def resolve(*_: object) -> list[Any]:
        raise socket.gaierror

    with pytest.raises(NothingLeft, match="name_unresolved"):
        HttpSession(resolve=resolve).request("GET", "https://example.dk", timeouts=SHORT)


def test_full_queue_of_connections_is_a_timeout_in_which_nothing_left() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        origin = f"http://127.0.0.1:{address[1]}"

        with pytest.raises(NothingLeft, match="connection_timeout"):
            HttpSession(stub_origins=[origin]).request("GET", origin, timeouts=SHORT)
        for one in waiting:
            one.close()


def test_plain_server_behind_https_means_nothing_left() -> None:
    with serving(_speak_plainly) as server:
        origin = server.origin.replace("http:", "https:")

        with pytest.raises(NothingLeft, match="tls_failed"):
            HttpSession(stub_origins=[origin]).request("POST", origin, timeouts=SHORT, data=b"x")


def _cut(server: _Server, connection: socket.socket) -> None:
    server.hear(connection)


def _hang(server: _Server, connection: socket.socket) -> None:
    server.hear(connection)
    time.sleep(1)


def _half_headers(server: _Server, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncont")


def _speak_plainly(_: _Server, connection: socket.socket) -> None:
    connection.sendall(OK)


def _half_body(server: _Server, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhalf")


def _half_chunk(server: _Server, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab")


def _nonsense(server: _Server, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"\x00\x01 no protocol at all \r\n\r\n")


def _drip(server: _Server, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
    for _ in range(20):
        connection.sendall(b"x")
        time.sleep(0.05)


def _drip_chunks(server: _Server, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    for _ in range(20):
        connection.sendall(b"1\r\nx\r\n")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("speak", "code"),
    [
        (_cut, "connection_cut"),
        (_hang, "read_timeout"),
        (_half_body, "connection_cut"),
        (_half_chunk, "connection_cut"),
        (_nonsense, "connection_cut"),
        (_drip, "answer_too_slow"),
        (_drip_chunks, "answer_too_slow"),
    ],
)
def test_failure_after_the_first_byte_is_an_answer_lost_and_never_asked_again(
    speak: Callable[[_Server, socket.socket], None], code: str
) -> None:
    """F05, R2."""
    with serving(speak) as server, pytest.raises(AnswerLost) as lost:
        ask(server)

    assert lost.value.code == code
    assert len(server.requests) == 1


def test_answer_cut_in_its_headers_has_no_body_that_could_be_a_receipt(caplog: pytest.LogCaptureFixture) -> None:
    with serving(_half_headers) as server:
        answer = ask(server, path="/phones/+4511112222")

    assert answer.body == b""
    assert not caplog.records


def test_whole_chunked_answer_is_read() -> None:
    with serving(answering(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")) as server:
        assert ask(server).body == b"ok"


@pytest.mark.parametrize("length", [b"", b"content-length: 9000000\r\n"])
def test_flood_is_cut_off(length: bytes) -> None:
    def speak(server: _Server, connection: socket.socket) -> None:
        server.hear(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n" + b"x" * 9_000_000)

    with serving(speak) as server, pytest.raises(AnswerLost, match="answer_too_large"):
        ask(server, timeouts=Timeouts(connect=1, read=5))


def test_compressed_answer_is_not_unpacked() -> None:
    """A small answer stays small."""
    with serving(
        answering(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n\x1f\x8b")
    ) as server:
        assert ask(server).body == b"\x1f\x8b"

    assert b"accept-encoding: identity" in server.requests[0].lower()


def test_redirect_is_an_answer_and_is_not_followed() -> None:
    """S4, S5."""
    with serving(answering(b"HTTP/1.1 307 Moved\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")) as server:
        answer = ask(server, auth=("user", "password"))

    assert (answer.status, answer.headers["location"]) == (307, "/elsewhere")
    assert len(server.requests) == 1


def test_cookies_are_not_kept() -> None:
    with serving(answering(b"HTTP/1.1 200 OK\r\nset-cookie: a=b; path=/\r\ncontent-length: 0\r\n\r\n")) as server:
        session = HttpSession(stub_origins=[server.origin])
        for _ in range(2):
            session.request("GET", server.origin, timeouts=SHORT)

    assert not any(b"cookie" in request.lower() for request in server.requests)


def test_environment_leads_nowhere_else(tmp_path: Path) -> None:
    """No proxy, no password file."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login stolen password stolen")
    before = dict(os.environ)
    os.environ.update(HTTP_PROXY="http://127.0.0.1:1", http_proxy="http://127.0.0.1:1", NETRC=str(netrc))
    try:
        with serving(answering(OK)) as server:
            answer = ask(server)
    finally:
        os.environ.clear()
        os.environ.update(before)

    assert answer.status == 200
    assert b"authorization" not in server.requests[0].lower()


def test_connection_is_used_again() -> None:
    with serving(answering(OK)) as server:
        session = HttpSession(stub_origins=[server.origin])
        for _ in range(5):
            session.request("GET", server.origin, timeouts=SHORT)

        assert server.connections == 1


def test_connection_the_other_side_closed_is_replaced_before_anything_leaves() -> None:
    def speak(server: _Server, connection: socket.socket) -> None:
        server.hear(connection)
        connection.sendall(OK)

    with serving(speak) as server:
        session = HttpSession(stub_origins=[server.origin])
        for _ in range(3):
            assert session.request("POST", server.origin, timeouts=SHORT, data=b"x").status == 200
            time.sleep(0.05)

    assert server.connections == 3


def test_connections_to_one_origin_are_bounded() -> None:
    def speak(server: _Server, connection: socket.socket) -> None:
        while server.hear(connection):
            time.sleep(0.02)
            connection.sendall(OK)

    with serving(speak) as server:
        session = HttpSession(stub_origins=[server.origin], pool_size=3)
        threads = [
            threading.Thread(target=session.request, args=("GET", server.origin), kwargs={"timeouts": SHORT})
            for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert server.connections <= 3


def test_name_that_changes_its_mind_is_resolved_once_and_gains_nothing() -> None:
    """S4: rebinding. What was checked is what is connected to."""
    asked = []

    def resolve(host: str, port: int, *_: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with serving(answering(OK)) as server:
        origin = server.origin.replace("127.0.0.1", "stub.example.dk")
        session = HttpSession(stub_origins=[origin], resolve=resolve)
        answer = session.request("GET", origin, timeouts=SHORT)

    assert answer.status == 200
    assert asked == ["stub.example.dk"]


def test_name_of_an_inner_address_is_refused_and_never_connected_to() -> None:
    """S4."""

    def resolve(host: str, port: int, *_: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.server_address[1]))]

    with serving(answering(OK)) as server, pytest.raises(UrlRefused, match="address"):
        HttpSession(resolve=resolve).request("GET", "https://innocent.example.dk", timeouts=SHORT)

    assert server.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://example.dk/",
            "https://user:password@example.dk/",
            "ftp://example.dk/",
            "",
            "https://",
            "https://[::1",
        ),
        *("https://exa mple.dk", "https://.dk", "https://a..dk", f"https://{'a' * 70}.dk"),
    ],
)
def test_url_that_may_not_be_called_is_refused(url: str) -> None:
    with pytest.raises(HttpFailure) as refused:
        HttpSession().request("GET", url, timeouts=SHORT)

    assert isinstance(refused.value, UrlRefused | NothingLeft)


def test_failures_show_no_url_and_no_body() -> None:
    """S15."""
    with serving(_cut) as server, pytest.raises(AnswerLost) as lost:
        ask(server, path="/phones/+4511112222")

    assert repr(lost.value) == "AnswerLost('connection_cut')"
    assert lost.value.__suppress_context__


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for stub.example.dk that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stub.example.dk")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("stub.example.dk")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize(
    ("host", "trusted", "expected"),
    [
        ("stub.example.dk", True, "200"),
        ("other.example.dk", True, "tls_failed"),
        ("stub.example.dk", False, "tls_failed"),
    ],
)
def test_certificate_and_server_name_are_those_of_the_host_though_we_connect_to_an_address(
    certificate: tuple[Path, Path], host: str, trusted: bool, expected: str
) -> None:
    """S4: pinning the address must not weaken TLS."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate)

    def resolve(_: str, port: int, *__: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with serving(answering(OK), tls=tls) as server:
        origin = f"https://{host}:{server.server_address[1]}"
        session = HttpSession(stub_origins=[origin], resolve=resolve, ca_file=certificate[0] if trusted else None)
        try:
            outcome = str(session.request("POST", origin, timeouts=Timeouts(connect=2, read=2), data=b"x").status)
        except NothingLeft as failure:
            outcome = failure.code

    assert outcome == expected
    assert server.names == [host]
    assert len(server.requests) == (1 if expected == "200" else 0)


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [("30", 30, 30), ("0", 0, 0), (" 7 ", 7, 7), ("Fri, 31 Dec 1999 23:59:59 GMT", 0, 0), ("999999999", 1, 999_999)],
)
def test_wish_to_wait_is_read_as_seconds_or_date(value: str, low: float, high: float) -> None:
    wait = Answer(status=503, headers={"retry-after": value}, body=b"").retry_after

    assert wait is not None
    assert low <= wait <= high


def test_wish_to_wait_until_a_date_is_the_time_until_then() -> None:
    then = (datetime.now(UTC) + timedelta(seconds=60)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    wait = Answer(status=503, headers={"retry-after": then}, body=b"").retry_after

    assert wait == pytest.approx(60, abs=2)


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "٣", "Fri, 99 Foo 1999"])
def test_wish_that_cannot_be_read_is_none(value: str) -> None:
    assert Answer(status=503, headers={"retry-after": value}, body=b"").retry_after is None
