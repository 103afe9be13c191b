"""Content in pieces: each sealed for its place, and a manifest that says which pieces are the whole.

A piece opens only as that number of that part of that document, for its place is made of the three. The manifest holds
the size and a keyed digest of every piece, and is sealed for the document and the part; so a piece that is left out,
cut, moved, changed or taken from another document raises CannotOpen, and nothing of it is handed on.
"""

import hashlib
import hmac
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.database.engine import Database
from messaging.database.upserts import insert_into
from messaging.documents.limits import PIECE_BYTES
from messaging.documents.models import Document, DocumentPiece, Part
from messaging.errors import Conflict
from messaging.vault.errors import CannotOpen
from messaging.vault.place import Place
from messaging.vault.sealed import Sealed
from messaging.vault.vault import Vault
from messaging.vault.wrapping import framed


@dataclass(frozen=True, kw_only=True)
class Content:
    """The whole of a document's content: whose it is, which pieces, and what they add up to."""

    document_id: uuid.UUID
    citizen_id: uuid.UUID
    part: Part
    size: int
    digests: tuple[bytes, ...] = field(repr=False)


def piece_count(size: int) -> int:
    """Return how many pieces so many bytes are."""
    return -(-size // PIECE_BYTES)


def piece_length(size: int, number: int) -> int:
    """Return how long the piece of this number is."""
    return min(PIECE_BYTES, size - number * PIECE_BYTES)


def put_piece(
    session: Session,
    vault: Vault,
    *,
    document_id: uuid.UUID,
    citizen_id: uuid.UUID,
    part: Part,
    number: int,
    content: bytes,
) -> bytes:
    """Seal and store one piece and return its digest; the same piece again changes nothing.

    Raises Conflict if there is another piece under its number, UnknownOwner if the citizen's key is gone.
    """
    digest = _digest(vault, document_id, part, number, content)
    sealed = vault.seal_bytes(content, owner=citizen_id, place=piece_place(document_id, part, number))
    insert = insert_into(session, DocumentPiece).values(
        document_id=document_id, part=part, number=number, content=sealed, digest=digest
    )
    if session.execute(insert.on_conflict_do_nothing().returning(DocumentPiece.number)).first() is None:
        earlier = session.scalars(
            sa.select(DocumentPiece.digest).where(_of(document_id, part), DocumentPiece.number == number)
        ).one()
        if not hmac.compare_digest(earlier, digest):
            raise Conflict("there is another piece under this number; nothing was changed")
    return digest


def stored_digests(session: Session, *, document_id: uuid.UUID, part: Part) -> dict[int, bytes]:
    """Return the digests of the pieces that are here, by their numbers."""
    rows = session.execute(sa.select(DocumentPiece.number, DocumentPiece.digest).where(_of(document_id, part)))
    return {row.number: row.digest for row in rows}


def seal_manifest(vault: Vault, content: Content) -> Sealed:
    """Return what says which pieces are the whole."""
    told = {"size": content.size, "digests": [digest.hex() for digest in content.digests]}
    place = _manifest_place(content.document_id, content.part)
    return vault.seal_bytes(orjson.dumps(told), owner=content.citizen_id, place=place)


def content_of(vault: Vault, document: Document) -> Content:
    """Return what a document's content is. Raises CannotOpen if the manifest is not the document's."""
    if document.manifest is None:
        raise CannotOpen
    place = _manifest_place(document.id, document.part)
    told = orjson.loads(vault.open_bytes(document.manifest, owner=document.citizen_id, place=place))
    return Content(
        document_id=document.id,
        citizen_id=document.citizen_id,
        part=document.part,
        size=told["size"],
        digests=tuple(bytes.fromhex(digest) for digest in told["digests"]),
    )


def check_whole(session: Session, content: Content) -> None:
    """Raise CannotOpen unless exactly the pieces of the manifest are here; their content is looked at in reading."""
    stored = stored_digests(session, document_id=content.document_id, part=content.part)
    if stored != dict(enumerate(content.digests)):
        raise CannotOpen


def read_pieces(database: Database, vault: Vault, content: Content) -> Iterator[bytes]:
    """Yield the content piece by piece, each in a look at the database of its own. Raises CannotOpen."""
    for number, digest in enumerate(content.digests):
        with database.read() as session:
            whole = sa.select(DocumentPiece.content).where(_of(content.document_id, content.part))
            sealed = session.scalar(whole.where(DocumentPiece.number == number))
        yield _opened(vault, content, number, sealed, digest)


def remove_pieces(session: Session, *, document_id: uuid.UUID, part: Part) -> None:
    """Remove the pieces of one part of a document."""
    session.execute(sa.delete(DocumentPiece).where(_of(document_id, part)))


def piece_place(document_id: uuid.UUID, part: Part, number: int) -> Place:
    """Return where a piece is sealed. The row id of a place is made of all that a piece must not be moved from."""
    return Place("document_pieces", "content", _row(document_id, part, str(number)))


def _manifest_place(document_id: uuid.UUID, part: Part) -> Place:
    return Place("documents", "manifest", _row(document_id, part, "manifest"))


def _row(document_id: uuid.UUID, part: Part, what: str) -> uuid.UUID:
    told = framed(b"document", document_id.bytes, part.encode(), what.encode())
    return uuid.UUID(bytes=hashlib.sha256(told).digest()[:16])


def _opened(vault: Vault, content: Content, number: int, sealed: Sealed | None, digest: bytes) -> bytes:
    if sealed is None:
        raise CannotOpen
    place = piece_place(content.document_id, content.part, number)
    piece = vault.open_bytes(sealed, owner=content.citizen_id, place=place)
    fits = len(piece) == piece_length(content.size, number)
    if not fits or not hmac.compare_digest(_digest(vault, content.document_id, content.part, number, piece), digest):
        raise CannotOpen
    return piece


def _digest(vault: Vault, document_id: uuid.UUID, part: Part, number: int, content: bytes) -> bytes:
    told = framed(document_id.bytes, part.encode(), str(number).encode(), content)
    return vault.fingerprint(told, purpose="document piece")


def _of(document_id: uuid.UUID, part: Part) -> sa.ColumnElement[bool]:
    return sa.and_(DocumentPiece.document_id == document_id, DocumentPiece.part == part)
