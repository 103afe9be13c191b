"""What follows an inspection: a document is kept or refused, and the case system is told."""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.documents.kinds import MEDIA_TYPES, Kind
from messaging.documents.limits import PIECE_BYTES
from messaging.documents.models import AskedDocument, Document, Origin, Part
from messaging.documents.naming import name_as
from messaging.documents.pieces import Content, piece_count, put_piece, remove_pieces, seal_manifest
from messaging.documents.states import TRANSITIONS, DocumentState, Refusal
from messaging.errors import Conflict, NotFound
from messaging.journal.events import EventType
from messaging.people.acting import Act, Facts
from messaging.vault.place import Place
from messaging.vault.vault import Vault
from messaging.work.leasing import FREED


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a document is found to be. `digests`: of the pieces written in place of what came; None: it stays."""

    kind: Kind
    size: int
    sha256: str
    digests: tuple[bytes, ...] | None = None


def cut(content: bytes) -> Iterator[bytes]:
    """Yield content in pieces."""
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]


def write_anew(act: Act, *, document_id: uuid.UUID, citizen_id: uuid.UUID, number: int, piece: bytes) -> bytes:
    """Store a piece of what is to be kept in place of what came, and return its digest. Nobody sees it yet."""
    return put_piece(
        act.session,
        act.vault,
        document_id=document_id,
        citizen_id=citizen_id,
        part=Part.KEPT,
        number=number,
        content=piece,
    )


def keep(act: Act, *, document_id: uuid.UUID, lease: uuid.UUID, kept: Kept) -> bool:
    """Let a document be opened from now on; False if it is gone or no longer ours to decide about."""
    document = _held(act, document_id, lease)
    if document is None:
        return False
    if kept.digests is not None:
        content = Content(
            document_id=document_id,
            citizen_id=document.citizen_id,
            part=Part.KEPT,
            size=kept.size,
            digests=kept.digests,
        )
        document.manifest, document.part = seal_manifest(act.vault, content), Part.KEPT
        document.size, document.pieces = kept.size, piece_count(kept.size)
        remove_pieces(act.session, document_id=document_id, part=Part.SENT)
    document.kind = kept.kind
    _move(act, document, DocumentState.CLEAN)
    facts = {**_facts(act, document), "type": MEDIA_TYPES[kept.kind], "size": kept.size, "digest": kept.sha256}
    act.journal(EventType.DOCUMENT_KEPT, stream=document.citizen_id, subject=document_id, facts=facts)
    _tell(act, document, "document.kept")
    return True


def refuse(act: Act, *, document_id: uuid.UUID, lease: uuid.UUID, reason: Refusal) -> bool:
    """Let go of what came, and say why; False as `keep`."""
    document = _held(act, document_id, lease)
    if document is None:
        return False
    for part in Part:
        remove_pieces(act.session, document_id=document_id, part=part)
    document.manifest, document.refusal = None, reason
    _move(act, document, DocumentState.REFUSED)
    facts = {**_facts(act, document), "type": document.declared.value, "size": document.size, "reason": reason.value}
    act.journal(EventType.DOCUMENT_REFUSED, stream=document.citizen_id, subject=document_id, facts=facts)
    _tell(act, document, "document.refused")
    return True


def park(act: Act, document_ids: Sequence[uuid.UUID]) -> None:
    """Leave documents in quarantine until a human has looked at what keeps them from being inspected."""
    chosen = sa.select(Document).where(Document.id.in_(document_ids), Document.state == DocumentState.WAITING)
    for document in act.session.scalars(chosen.with_for_update()):
        _move(act, document, DocumentState.PARKED)
        _tell(act, document, "document.parked")


def try_again(act: Act, *, document_id: uuid.UUID, citizen_id: uuid.UUID | None = None) -> None:
    """Let a document that is stuck be inspected now: one that is parked, or that waits for the virus scanner.

    With `citizen_id` only one of hers. Raises NotFound, or Conflict if it is not stuck (any more).
    """
    document = act.session.get(Document, document_id, with_for_update=True, populate_existing=True)
    if document is None or citizen_id not in {None, document.citizen_id}:
        raise NotFound("there is no such document")
    if not is_stuck(document):
        raise Conflict("the document is not stuck")
    document.next_try_at, document.tries = None, 0
    if document.state is DocumentState.PARKED:
        _move(act, document, DocumentState.WAITING)
    _tell(act, document, "document.unparked")


def stuck_documents(session: Session) -> Sequence[uuid.UUID]:
    """Return all documents that are stuck, those that came first before the others."""
    waits = sa.and_(Document.state == DocumentState.WAITING, Document.tries > 0)
    chosen = sa.select(Document.id).where(sa.or_(Document.state == DocumentState.PARKED, waits))
    return session.scalars(chosen.order_by(Document.finished_at, Document.id)).all()


def is_stuck(document: Document) -> bool:
    """Whether a technical fault keeps a document from being inspected: it is parked, or the scanner does not answer."""
    is_unscanned = document.state is DocumentState.WAITING and document.tries > 0
    return is_unscanned or document.state is DocumentState.PARKED


def open_name(vault: Vault, document: Document) -> str:
    """Return a document's name without a suffix."""
    return vault.open(document.name, owner=document.citizen_id, place=Place("documents", "name", document.id))


def open_asked(vault: Vault, asked: AskedDocument) -> str:
    """Return the words in which something was asked for."""
    return vault.open(asked.words, owner=asked.citizen_id, place=Place("asked_documents", "words", asked.id))


def _held(act: Act, document_id: uuid.UUID, lease: uuid.UUID) -> Document | None:
    chosen = sa.select(Document).filter_by(id=document_id, lease_token=lease, state=DocumentState.WAITING)
    return act.session.scalar(chosen.with_for_update())


def _move(act: Act, document: Document, state: DocumentState) -> None:
    if state not in TRANSITIONS[document.state]:
        raise Conflict(f"a document that is {document.state} does not become {state}")
    document.state, document.state_since = state, act.now
    for column, value in FREED.items():
        setattr(document, column, value)


def _facts(act: Act, document: Document) -> Facts:
    asked = act.session.get(AskedDocument, document.asked_id) if document.asked_id else None
    name = open_name(act.vault, document)
    return {
        "direction": "out" if document.origin is Origin.STAFF else "in",
        "origin": document.origin.value,
        "author_id": str(document.by_id) if document.by_id else None,
        "name": name_as(name, document.kind) if document.kind else name,
        "asked": open_asked(act.vault, asked) if asked else None,
    }


def _tell(act: Act, document: Document, action: str) -> None:
    act.audit(action, object_kind="citizen", object_id=document.citizen_id, facts={"document": str(document.id)})
    act.announce("document.changed", object_id=document.id)


class Tally:
    """Adds up content as it passes: how long it is, and its SHA-256."""

    def __init__(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()

    def passing(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Hand the pieces on."""
        for piece in pieces:
            self.size += len(piece)
            self._sha256.update(piece)
            yield piece

    @property
    def sha256(self) -> str:
        """Of all that has passed."""
        return self._sha256.hexdigest()
