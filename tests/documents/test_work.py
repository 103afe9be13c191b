"""From quarantine to being opened: inspection, virus scanner, journal, and what happens when one of them fails."""

import hashlib
import uuid
from dataclasses import replace

import orjson
import pytest
import sqlalchemy as sa

from adapters.errors import AdapterError, Misconfigured, TryLater
from adapters.stubs.scanner import EICAR
from messaging.documents import keeping
from messaging.documents.kinds import Declared
from messaging.documents.models import Document, DocumentPiece, Origin, Part
from messaging.documents.states import DocumentState, Refusal
from messaging.documents.work import DocumentWork
from messaging.errors import Conflict
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from messaging.vault.place import Place
from tests.documents import files
from tests.documents.conftest import Desk


class Scanner:
    """Finds what it is told to find, or fails."""

    def __init__(self, *, finds: str | None = None, fails: AdapterError | None = None) -> None:
        self.finds, self.fails, self.seen = finds, fails, b""

    def scan(self, content: object) -> str | None:
        if self.fails:
            raise self.fails
        self.seen = b"".join(content)  # type: ignore[arg-type]
        return self.finds


def scanned(desk: Desk, scanner: Scanner) -> Desk:
    return replace(desk, runtime=replace(desk.runtime, scanner=scanner))


def journaled(desk: Desk, document_id: uuid.UUID) -> list[tuple[str, dict[str, object]]]:
    with desk.runtime.database.read() as session:
        events = session.scalars(sa.select(JournalEvent).filter_by(subject_id=document_id)).all()
    return [
        (
            event.type,
            orjson.loads(
                desk.runtime.vault.open_bytes(
                    event.payload, owner=event.stream_id, place=Place("journal_events", "payload", event.id)
                )
            ),
        )
        for event in events
    ]


def pieces(desk: Desk, document_id: uuid.UUID) -> set[tuple[Part, int]]:
    with desk.runtime.database.read() as session:
        rows = session.execute(sa.select(DocumentPiece.part, DocumentPiece.number).filter_by(document_id=document_id))
        return {(row.part, row.number) for row in rows}


def test_pdf_is_kept_as_it_came_and_journaled_with_its_digest(desk: Desk) -> None:
    content = files.pdf()
    document_id = desk.keeps(content, name="../lønseddel marts.pdf")

    assert desk.document(document_id).state is DocumentState.CLEAN
    assert desk.content(document_id) == content
    assert journaled(desk, document_id) == [
        (
            "document.kept",
            {
                "direction": "in",
                "origin": "citizen",
                "author_id": None,
                "name": "lønseddel marts.pdf",
                "asked": None,
                "type": "application/pdf",
                "size": len(content),
                "digest": hashlib.sha256(content).hexdigest(),
            },
        )
    ]


def test_photo_is_kept_as_what_was_written_anew_and_nothing_else_of_it_stays(desk: Desk) -> None:
    document_id = desk.keeps(files.photo("PNG", size=(900, 900)), Declared.PNG, name="IMG.png")
    kept, document = desk.content(document_id), desk.document(document_id)

    assert kept.startswith(b"\xff\xd8\xff")
    assert (document.kind, document.size) == ("jpeg", len(kept))
    assert pieces(desk, document_id) == {(Part.KEPT, 0)}
    (event, facts), *_ = journaled(desk, document_id)
    assert (event, facts["digest"]) == ("document.kept", hashlib.sha256(kept).hexdigest())


def test_refused_document_leaves_its_reason_and_no_content(desk: Desk) -> None:
    document_id = desk.keeps(files.pdf_with_script())
    document = desk.document(document_id)

    assert (document.state, document.refusal, document.manifest) == (DocumentState.REFUSED, Refusal.ACTIVE, None)
    assert pieces(desk, document_id) == set()
    (event, facts), *_ = journaled(desk, document_id)
    assert (event, facts["reason"]) == ("document.refused", "active")


def test_document_of_staff_goes_the_same_way(desk: Desk) -> None:
    document_id = desk.keeps(files.pdf(), origin=Origin.STAFF)
    (_, facts), *_ = journaled(desk, document_id)

    assert (facts["direction"], facts["author_id"]) == ("out", str(desk.caseworker.id))


def test_s12_what_the_scanner_knows_is_refused_and_gone(desk: Desk) -> None:
    scanner = Scanner(finds="Eicar-Test-Signature")
    document_id = scanned(desk, scanner).keeps(EICAR, Declared.TEXT)

    assert scanner.seen == EICAR
    assert desk.document(document_id).refusal is Refusal.VIRUS
    assert pieces(desk, document_id) == set()


@pytest.mark.parametrize("fails", [TryLater("scanner_down"), Misconfigured("scanner_limit")])
def test_what_cannot_be_scanned_waits_and_is_tried_again(fails: AdapterError, desk: Desk) -> None:
    document_id = scanned(desk, Scanner(fails=fails)).keeps(files.pdf())
    document = desk.document(document_id)

    assert (document.state, document.tries, document.lease_token) == (DocumentState.WAITING, 1, None)
    assert journaled(desk, document_id) == []
    with desk.runtime.database.write() as session:
        session.execute(sa.update(Document).values(next_try_at=None))
    scanned(desk, Scanner()).inspects()
    assert desk.document(document_id).state is DocumentState.CLEAN


def test_document_that_processes_died_over_is_parked_until_a_human_lets_it_go(desk: Desk) -> None:
    document_id = desk.sends(files.pdf())
    with desk.runtime.database.write() as session:
        session.execute(sa.update(Document).values(deaths=3))

    assert desk.inspects() == 0
    desk.work.sweep()
    assert desk.document(document_id).state is DocumentState.PARKED
    with desk.runtime.act(SYSTEM) as act:
        keeping.try_again(act, document_id=document_id)
    with pytest.raises(Conflict), desk.runtime.act(SYSTEM) as act:
        keeping.try_again(act, document_id=document_id)
    desk.inspects()
    assert desk.document(document_id).state is DocumentState.CLEAN


def test_inspection_that_died_half_way_is_done_again_from_the_start(desk: Desk) -> None:
    document_id = desk.sends(files.photo(), Declared.JPEG)
    with desk.runtime.act(SYSTEM) as act:
        keeping.write_anew(act, document_id=document_id, citizen_id=desk.citizen_id, number=0, piece=b"half")
    desk.inspects()

    assert desk.content(document_id).startswith(b"\xff\xd8\xff")


def test_who_lost_its_claim_decides_nothing(desk: Desk) -> None:
    document_id = desk.sends(files.pdf())

    with desk.runtime.act(SYSTEM) as act:
        assert not keeping.refuse(act, document_id=document_id, lease=uuid.uuid4(), reason=Refusal.VIRUS)
    assert desk.document(document_id).state is DocumentState.WAITING


def test_document_that_is_gone_meanwhile_is_let_be(desk: Desk) -> None:
    document_id = desk.sends(files.pdf())

    class Erasing(Scanner):
        def scan(self, content: object) -> str | None:
            with desk.runtime.database.write() as session:
                session.execute(sa.delete(Document))
            return None

    scanned(desk, Erasing()).work.drain()
    assert journaled(desk, document_id) == []
    assert desk.work.drain() == 0


def test_start_frees_what_the_last_worker_held(desk: Desk) -> None:
    document_id = desk.sends(files.pdf())
    with desk.runtime.database.write() as session:
        session.execute(sa.update(Document).values(lease_token=uuid.uuid4(), lease_until=desk.runtime.clock.now()))
    DocumentWork(runtime=desk.runtime).start()

    assert desk.document(document_id).lease_token is None
    assert desk.document(document_id).deaths == 1
