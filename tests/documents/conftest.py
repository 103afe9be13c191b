"""A citizen with a caseworker, and the ways a test sends and inspects a document."""

import io
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from messaging.documents.kinds import Declared
from messaging.documents.limits import PIECE_BYTES
from messaging.documents.models import Document, Origin
from messaging.documents.pieces import content_of, read_pieces
from messaging.documents.receiving import NewDocument, add_piece, begin_upload, finish_upload
from messaging.documents.work import DocumentWork
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import Caseworker
from messaging.runtime import Runtime
from tests.house import House, house  # noqa: F401


def form_with_files(fields: dict[str, str], *chosen: tuple[bytes, str, str]) -> dict[str, Any]:
    """A form with files, for a client to post; its own way would leave a file of its own open."""
    files = [FileStorage(io.BytesIO(content), name, content_type=type_) for content, name, type_ in chosen]
    boundary, body = encode_multipart(MultiDict([*fields.items(), *(("file", file) for file in files)]))
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A citizen who sends documents."""

    runtime: Runtime
    house: House
    caseworker: Caseworker
    citizen_id: uuid.UUID

    @property
    def citizen(self) -> Actor:
        """The citizen herself."""
        return Actor(kind=ActorKind.CITIZEN, id=self.citizen_id)

    @property
    def staff(self) -> Actor:
        """Her caseworker."""
        return Actor(
            kind=ActorKind.STAFF,
            id=self.caseworker.id,
            role=self.caseworker.role,
            unit_id=self.caseworker.unit_id,
        )

    def new(self, content: bytes, declared: Declared = Declared.PDF, **more: object) -> NewDocument:
        """A document that she is about to send."""
        usual = {"id": uuid.uuid4(), "name": "lønseddel.pdf", "origin": Origin.CITIZEN}
        return NewDocument(citizen_id=self.citizen_id, declared=declared, size=len(content), **{**usual, **more})

    def begins(self, new: NewDocument, actor: Actor | None = None) -> tuple[int, ...]:
        """Begin it; return which pieces are missing."""
        with self.runtime.act(actor or self.citizen) as act:
            return begin_upload(act, new)

    def adds(self, document_id: uuid.UUID, number: int, piece: bytes, actor: Actor | None = None) -> None:
        """Add a piece."""
        with self.runtime.act(actor or self.citizen) as act:
            add_piece(act, citizen_id=self.citizen_id, document_id=document_id, number=number, content=piece)

    def finishes(self, document_id: uuid.UUID, actor: Actor | None = None) -> None:
        """Finish it."""
        with self.runtime.act(actor or self.citizen) as act:
            finish_upload(act, citizen_id=self.citizen_id, document_id=document_id)

    def sends(self, content: bytes, declared: Declared = Declared.PDF, **more: object) -> uuid.UUID:
        """Send a whole document; return its id."""
        new = self.new(content, declared, **more)
        actor = self.staff if new.origin is Origin.STAFF else self.citizen
        for number in self.begins(new, actor):
            self.adds(new.id, number, content[number * PIECE_BYTES :][:PIECE_BYTES], actor)
        self.finishes(new.id, actor)
        return new.id

    @property
    def work(self) -> DocumentWork:
        """The inspections."""
        return DocumentWork(runtime=self.runtime)

    def inspects(self) -> int:
        """Inspect until nothing is due; return how many were looked at."""
        rounds = 0
        while self.work.drain():
            rounds += 1
            assert rounds < 50, "the inspection never comes to rest"
        return rounds

    def keeps(self, content: bytes, declared: Declared = Declared.PDF, **more: object) -> uuid.UUID:
        """Send a document and have it inspected; return its id."""
        document_id = self.sends(content, declared, **more)
        self.inspects()
        return document_id

    def document(self, document_id: uuid.UUID) -> Document:
        """Return a document as it is now."""
        with self.runtime.database.read() as session:
            return session.get_one(Document, document_id)

    def content(self, document_id: uuid.UUID) -> bytes:
        """Open a document."""
        content = content_of(self.runtime.vault, self.document(document_id))
        return b"".join(read_pieces(self.runtime.database, self.runtime.vault, content))


@pytest.fixture
def desk(house: House) -> Desk:  # noqa: F811
    """The service, a caseworker and her citizen."""
    caseworker = house.caseworker()
    return Desk(
        runtime=house.runtime, house=house, caseworker=caseworker, citizen_id=house.citizen(caseworker=caseworker)
    )
