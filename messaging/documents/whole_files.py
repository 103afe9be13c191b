"""Taking in files that a form brings whole: they go the same way in pieces as those a telephone cuts itself."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from messaging.documents.kinds import PHOTO, Declared, declared_of
from messaging.documents.limits import LENGTH_BYTES, MOST_PHOTOS, PIECE_BYTES
from messaging.documents.models import Origin
from messaging.documents.receiving import NewDocument, add_piece, begin_upload
from messaging.errors import InvalidInput
from messaging.people.acting import Act


class Readable(Protocol):
    """A file that is read once, from its beginning."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        ...


@dataclass(frozen=True, kw_only=True)
class WholeFile:
    """A file of a form: what its sender calls it and says it is, how long it is, and its content."""

    name: str = field(repr=False)
    media_type: str
    size: int
    content: Readable = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Handed:
    """The files of one form, whose they are and which document they become."""

    id: uuid.UUID
    citizen_id: uuid.UUID
    origin: Origin
    asked_id: uuid.UUID | None
    files: Sequence[WholeFile]


OpenAct = Callable[[], AbstractContextManager[Act]]


def take_whole(open_act: OpenAct, handed: Handed) -> None:
    """Take one file, or several photos as one document, up to its last piece; finishing it is the caller's.

    Each piece is an act of its own. Raises as `begin_upload`, and InvalidInput for files that do not go together.
    """
    new = _new(handed)
    with open_act() as act:
        missing = frozenset(begin_upload(act, new))
    for number, piece in enumerate(_pieces(_content(handed.files, as_row=new.declared is Declared.PHOTOS))):
        if number in missing:
            with open_act() as act:
                add_piece(act, citizen_id=new.citizen_id, document_id=new.id, number=number, content=piece)


def declare(media_type: str, *, name: str) -> Declared:
    """Return what a file is said to be. Raises InvalidInput for what we do not take."""
    declared = declared_of(media_type, name=name)
    if declared is None:
        raise InvalidInput("we take no such files", field="type")
    return declared


def _new(handed: Handed) -> NewDocument:
    files = handed.files
    if not files or any(file.size == 0 for file in files):
        raise InvalidInput("there is no file, or an empty one", field="file")
    declared = [declare(file.media_type, name=file.name) for file in files]
    size = sum(file.size for file in files)
    first = declared[0]
    if len(files) > 1:
        if not PHOTO.issuperset(declared) or len(files) > MOST_PHOTOS:
            raise InvalidInput("several files at once are photos of one document", field="files")
        first, size = Declared.PHOTOS, size + LENGTH_BYTES * len(files)
    return NewDocument(
        id=handed.id,
        citizen_id=handed.citizen_id,
        name=files[0].name,
        declared=first,
        size=size,
        origin=handed.origin,
        asked_id=handed.asked_id,
    )


def _content(files: Sequence[WholeFile], *, as_row: bool) -> Iterator[bytes]:
    for file in files:
        if as_row:
            yield file.size.to_bytes(LENGTH_BYTES, "big")
        while part := file.content.read(PIECE_BYTES):
            yield part


def _pieces(content: Iterator[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for part in content:
        waiting += part
        while len(waiting) >= PIECE_BYTES:
            yield bytes(waiting[:PIECE_BYTES])
            del waiting[:PIECE_BYTES]
    if waiting:
        yield bytes(waiting)
