"""Measures what documents cost the web server: `python -m benchmarks.uploads`.

One of 20 MB by a form and one in pieces, each with the most memory the server held beyond what it held before; then
many at once, of which none may be lost. Ends with exit code 1 if one was, or if a document cost 64 MB or more.
"""

import argparse
import hashlib
import http.client
import json
import random
import re
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.service import Service, running_service
from messaging.citizen_app.models import Opened
from messaging.citizen_app.pages.doors import cookie_name
from messaging.citizen_app.sessions import begin_session
from messaging.conversations.attachment_models import Attachment
from messaging.documents.limits import MEGABYTE, PIECE_BYTES
from messaging.documents.models import Document
from messaging.documents.pieces import content_of, read_pieces
from messaging.documents.states import DocumentState
from messaging.people.actors import SYSTEM

LARGE = 20 * MEGABYTE
GOAL = 64 * MEGABYTE
AT_ONCE = 50
SMALL = 2 * MEGABYTE
BOUNDARY = "a-boundary-that-stands-in-no-file"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Seconds and the memory of a document of 20 MB by each way, seconds of many at once, and how many were lost."""

    by_form_seconds: float
    by_form_bytes: int
    in_pieces_seconds: float
    in_pieces_bytes: int
    at_once: int
    at_once_seconds: float
    at_once_bytes: int
    lost: int

    @property
    def holds(self) -> bool:
        """Whether the goals are met."""
        return self.lost == 0 and max(self.by_form_bytes, self.in_pieces_bytes) < GOAL


class Phone:
    """A citizen's phone that sends documents made of noise."""

    def __init__(self, service: Service, citizen_id: uuid.UUID) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
        config = service.runtime.config
        with service.runtime.act(SYSTEM) as act:
            token = begin_session(act, citizen_id=citizen_id, opened=Opened.MITID)
        self._cookies = f"{cookie_name(config)}={token}"
        page, cookie = self._ask("GET", "/app/papers", body=None, headers={})
        self._cookies += f"; {cookie.partition(';')[0]}"
        found = re.search(rb'name="csrf_token" value="([^"]+)"', page)
        if found is None:
            raise RuntimeError(f"the page has no form: {page[:200]!r}")
        self._token = found[1].decode()

    def hangs_up(self) -> None:
        """Let go of the line."""
        self._line.close()

    def sends_form(self, content: "Noise") -> None:
        """Send a document whole."""
        head = "".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in (("csrf_token", self._token), ("document_id", content.id))
        )
        head += (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        )
        tail = f"\r\n--{BOUNDARY}--\r\n"
        length = len(head) + content.size + len(tail)

        def body() -> Iterator[bytes]:
            yield head.encode()
            yield from content.pieces()
            yield tail.encode()

        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(length)}
        self._ask("POST", "/app/papers", body=body(), headers=headers)

    def sends_pieces(self, content: "Noise") -> None:
        """Send a document in pieces."""
        path, token = f"/app/papers/{content.id}", {"X-CSRFToken": self._token}
        about = f"name=a.pdf&type=application/pdf&size={content.size}".encode()
        form = {"Content-Type": "application/x-www-form-urlencoded", **token}
        self._ask("POST", f"{path}/begin", body=about, headers=form)
        for number, piece in enumerate(content.pieces()):
            headers = {"Content-Type": "application/octet-stream", **token}
            self._ask("POST", f"{path}/pieces/{number}", body=piece, headers=headers)
        self._ask("POST", f"{path}/finish", body=b"", headers=form)

    def _ask(
        self, method: str, path: str, *, body: bytes | Iterator[bytes] | None, headers: dict[str, str]
    ) -> tuple[bytes, str]:
        """Ask, again while the service is busy, as the page's own script does."""
        for tries in range(20):
            self._line.request(method, path, body=body, headers={"Cookie": self._cookies, **headers})
            answer = self._line.getresponse()
            said = answer.read()
            if answer.status in {200, 303}:
                return said, answer.getheader("Set-Cookie", "")
            if answer.status != 503 or not isinstance(body, bytes | None):
                break
            time.sleep(0.1 * (tries + 1))
        raise RuntimeError(f"{method} {path}: {answer.status} {said[:200]!r}")


@dataclass(frozen=True)
class Noise:
    """Content that is the same each time it is asked for, and never in memory as a whole."""

    id: str
    size: int

    def pieces(self) -> Iterator[bytes]:
        """Yield it in pieces."""
        source = random.Random(self.id)
        for start in range(0, self.size, PIECE_BYTES):
            yield source.randbytes(min(PIECE_BYTES, self.size - start))

    def digest(self) -> str:
        """Its digest."""
        return _digest(self.pieces())


def measure(*, large: int = LARGE, at_once: int = AT_ONCE, small: int = SMALL) -> Measured:
    """Run the web server on SQLite and send it documents."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "service"
        urls = {name: f"sqlite:///{Path(root) / name}.db" for name in ("database", "keystore")}
        with running_service(
            folder,
            database_url=urls["database"],
            keystore_url=urls["keystore"],
            workers=1,
            threads=100,
            citizens=at_once + 1,
        ) as service:
            phone = Phone(service, service.citizens[0])
            for warm in (phone.sends_form, phone.sends_pieces):
                warm(_noise(MEGABYTE))
            form, pieces = _noise(large), _noise(large)
            by_form = _cost(service, lambda: phone.sends_form(form))
            in_pieces = _cost(service, lambda: phone.sends_pieces(pieces))
            many = [_noise(small) for _ in range(at_once)]
            phones = [Phone(service, citizen_id) for citizen_id in service.citizens[1:]]
            together = _cost(service, lambda: _all_at_once(phones, many))
            for each in (phone, *phones):
                each.hangs_up()
            lost = sum(not _is_there(service, content) for content in (form, pieces, *many))
    return Measured(
        by_form_seconds=by_form[0],
        by_form_bytes=by_form[1],
        in_pieces_seconds=in_pieces[0],
        in_pieces_bytes=in_pieces[1],
        at_once=at_once,
        at_once_seconds=together[0],
        at_once_bytes=together[1],
        lost=lost,
    )


def _noise(size: int) -> Noise:
    return Noise(str(uuid.uuid4()), size)


def _all_at_once(phones: list[Phone], contents: list[Noise]) -> None:
    threads = [
        threading.Thread(target=phone.sends_pieces, args=(content,))
        for phone, content in zip(phones, contents, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _is_there(service: Service, content: Noise) -> bool:
    """Whether it waits for its inspection, stands in the thread and is what was sent, byte for byte."""
    runtime, document_id = service.runtime, uuid.UUID(content.id)
    with runtime.database.read() as session:
        document = session.get(Document, document_id)
        attached = session.scalar(sa.select(Attachment.message_id).filter_by(document_id=document_id))
    if document is None or document.state is not DocumentState.WAITING or attached is None:
        return False
    stored = read_pieces(runtime.database, runtime.vault, content_of(runtime.vault, document))
    return _digest(stored) == content.digest()


def _digest(pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _cost(service: Service, work: Callable[[], None]) -> tuple[float, int]:
    """Do something; return the seconds it took, and the most memory the server held beyond what it held before."""
    processes = _tree(service.pid)
    before = sum(_memory(pid, "VmRSS") for pid in processes)
    for pid in processes:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the high-water mark begins anew
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    return seconds, max(0, sum(_memory(pid, "VmHWM") for pid in processes) - before)


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(descendant for child in children for descendant in _tree(int(child)))]


def _memory(pid: int, name: str) -> int:
    line = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(line[1]) * 1024 if line else 0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.uploads", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON for a machine")
    asked = parser.parse_args()
    measured = measure()
    if asked.json:
        print(json.dumps(asdict(measured)))
    else:
        print(
            f"{LARGE // MEGABYTE} MB by a form: {measured.by_form_seconds:.1f} s,"
            f" {measured.by_form_bytes / MEGABYTE:.1f} MB of memory\n"
            f"{LARGE // MEGABYTE} MB in pieces: {measured.in_pieces_seconds:.1f} s,"
            f" {measured.in_pieces_bytes / MEGABYTE:.1f} MB of memory\n"
            f"{measured.at_once} at once, {SMALL // MEGABYTE} MB each, in pieces: {measured.at_once_seconds:.1f} s,"
            f" {measured.at_once_bytes / MEGABYTE:.1f} MB of memory, {measured.lost} lost"
        )
    return 0 if measured.holds else 1


if __name__ == "__main__":
    sys.exit(main())
