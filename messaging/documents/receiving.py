"""Taking a document in: begin, add pieces in any order and as often as the line drops, finish.

Every step may be made again: beginning the same upload anew tells which pieces are missing, a piece that is here
already is let be, and a finished document stays finished.
"""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.database.upserts import insert_into
from messaging.documents import limits
from messaging.documents.arms import require_arm
from messaging.documents.kinds import Declared
from messaging.documents.models import AskedDocument, Document, Origin, Part, UploadDay
from messaging.documents.naming import clean_name
from messaging.documents.pieces import (
    Content,
    piece_count,
    piece_length,
    put_piece,
    seal_manifest,
    stored_digests,
)
from messaging.documents.states import IN_QUARANTINE, DocumentState
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.acting import Act
from messaging.people.actors import ActorKind
from messaging.people.visibility import find_citizen
from messaging.trial.capabilities import Sort
from messaging.vault.errors import UnknownOwner

NO_SUCH_DOCUMENT = "there is no such document"


@dataclass(frozen=True, kw_only=True)
class NewDocument:
    """A document that is about to come in pieces; its id is the sender's own, so that beginning again is the same."""

    id: uuid.UUID
    citizen_id: uuid.UUID
    name: str = field(repr=False)
    declared: Declared
    size: int
    origin: Origin
    asked_id: uuid.UUID | None = None


class TooManyDocuments(Conflict):
    """The citizen has as much on its way, or has sent as much today, as we take."""

    code = "too_many_documents"


def begin_upload(act: Act, new: NewDocument) -> tuple[int, ...]:
    """Begin a document, or go on with it; return the numbers of the pieces that are missing.

    Raises NotFound, InvalidInput naming the field, Conflict if the id was begun as something else, TooManyDocuments, or
    WithheldByArm for one of ours: a file is something we begin, and nobody can give a reason with it.
    """
    find_citizen(act.session, act.actor, new.citizen_id)
    if not 0 < new.size <= limits.LARGEST:
        raise InvalidInput(f"a document has 1 to {limits.LARGEST} bytes", field="size")
    if new.asked_id is not None:
        _check_asked(act.session, new)
    earlier = act.session.get(Document, new.id, with_for_update=True)
    if earlier is not None:
        return _go_on(act, new, earlier)
    if new.origin is Origin.STAFF:
        require_arm(act, citizen_id=new.citizen_id, sort=Sort.FREE)
    else:
        _spend(act, new)
    insert = insert_into(act.session, Document).values(_values(act, new)).on_conflict_do_nothing()
    if act.session.scalar(insert.returning(Document.id)) is None:
        raise Conflict("the document is being begun by another request just now")
    act.audit("document.begun", object_kind="citizen", object_id=new.citizen_id, facts={"document": str(new.id)})
    return tuple(range(piece_count(new.size)))


def add_piece(act: Act, *, citizen_id: uuid.UUID, document_id: uuid.UUID, number: int, content: bytes) -> None:
    """Take one piece. Raises NotFound, InvalidInput for a number or length that does not fit, Conflict."""
    document = _find(act, citizen_id=citizen_id, document_id=document_id, to_change=False)
    if document.state is not DocumentState.RECEIVING:
        raise Conflict("the document is finished already")
    if not 0 <= number < document.pieces:
        raise InvalidInput("the document has no piece of this number", field="number")
    if len(content) != piece_length(document.size, number):
        raise InvalidInput("the piece has another length than its number", field="content")
    try:
        put_piece(
            act.session,
            act.vault,
            document_id=document.id,
            citizen_id=citizen_id,
            part=Part.SENT,
            number=number,
            content=content,
        )
    except UnknownOwner:  # the citizen is being erased
        raise NotFound(NO_SUCH_DOCUMENT) from None


def finish_upload(act: Act, *, citizen_id: uuid.UUID, document_id: uuid.UUID) -> Document:
    """Close the document, which then waits for its inspection. Raises NotFound, Conflict while pieces are missing."""
    document = _find(act, citizen_id=citizen_id, document_id=document_id, to_change=True)
    if document.state is not DocumentState.RECEIVING:
        return document
    stored = stored_digests(act.session, document_id=document_id, part=Part.SENT)
    if sorted(stored) != list(range(document.pieces)):
        raise Conflict("pieces are missing")
    content = Content(
        document_id=document_id,
        citizen_id=citizen_id,
        part=Part.SENT,
        size=document.size,
        digests=tuple(stored[number] for number in range(document.pieces)),
    )
    document.manifest = seal_manifest(act.vault, content)
    document.state, document.state_since, document.finished_at = DocumentState.WAITING, act.now, act.now
    act.audit("document.received", object_kind="citizen", object_id=citizen_id, facts={"document": str(document_id)})
    act.announce("document.changed", object_id=document_id)
    return document


def remove_unfinished(act: Act) -> int:
    """Remove uploads that were begun too long ago and never finished; return how many."""
    before = act.now - timedelta(hours=limits.UNFINISHED_HOURS)
    chosen = sa.select(Document).where(Document.state == DocumentState.RECEIVING, Document.created_at < before)
    abandoned = act.session.scalars(chosen.with_for_update(skip_locked=True).limit(100)).all()
    for document in abandoned:
        act.session.delete(document)
        act.audit(
            "document.abandoned",
            object_kind="citizen",
            object_id=document.citizen_id,
            facts={"document": str(document.id)},
        )
    return len(abandoned)


def _find(act: Act, *, citizen_id: uuid.UUID, document_id: uuid.UUID, to_change: bool) -> Document:
    """Find a document that this actor sends, and keep it from being removed meanwhile."""
    find_citizen(act.session, act.actor, citizen_id)
    chosen = sa.select(Document).filter_by(id=document_id, citizen_id=citizen_id)
    document = act.session.scalar(chosen.with_for_update(read=not to_change))
    if document is None or not _sends(act, document):
        raise NotFound(NO_SUCH_DOCUMENT)
    return document


def _sends(act: Act, document: Document) -> bool:
    """Whether it is this actor who sends it: nobody finishes what another has begun."""
    if act.actor.kind is ActorKind.SYSTEM:
        return True
    if act.actor.kind is ActorKind.CITIZEN:
        return document.origin is Origin.CITIZEN
    return document.origin is Origin.STAFF and document.by_id == act.actor.id


def _go_on(act: Act, new: NewDocument, earlier: Document) -> tuple[int, ...]:
    same = (earlier.citizen_id, earlier.declared, earlier.origin) == (new.citizen_id, new.declared, new.origin)
    if not same or not _sends(act, earlier):
        raise Conflict("another document has this id")
    if earlier.state is not DocumentState.RECEIVING:
        return ()
    if earlier.size != new.size:
        raise Conflict("another document has this id")
    stored = stored_digests(act.session, document_id=new.id, part=Part.SENT)
    return tuple(number for number in range(earlier.pieces) if number not in stored)


def _check_asked(session: Session, new: NewDocument) -> None:
    asked = sa.select(AskedDocument.id).filter_by(id=new.asked_id, citizen_id=new.citizen_id, withdrawn_at=None)
    if session.scalar(asked) is None:
        raise InvalidInput("nothing of the kind was asked for", field="asked")


def _spend(act: Act, new: NewDocument) -> None:
    """Count the document against what the citizen may send today. The row of the day lets one through at a time."""
    day = insert_into(act.session, UploadDay).values(
        citizen_id=new.citizen_id, day=act.now.astimezone(COPENHAGEN).date(), documents=1, bytes=new.size
    )
    spent = act.session.execute(
        day.on_conflict_do_update(
            index_elements=[UploadDay.citizen_id, UploadDay.day],
            set_={"documents": UploadDay.documents + 1, "bytes": UploadDay.bytes + day.excluded.bytes},
        ).returning(UploadDay.documents, UploadDay.bytes)
    ).one()
    if spent.documents > limits.MOST_A_DAY or spent.bytes > limits.BYTES_A_DAY:
        raise TooManyDocuments("the citizen has sent as much today as we take")
    under_way = {DocumentState.RECEIVING, *IN_QUARANTINE}
    chosen = sa.select(sa.func.count()).select_from(Document)
    waiting = act.session.scalar(
        chosen.where(
            Document.citizen_id == new.citizen_id, Document.state.in_(under_way), Document.origin != Origin.STAFF
        )
    )
    if (waiting or 0) >= limits.MOST_WAITING:
        raise TooManyDocuments("the citizen has as many documents on their way as we take")


def _values(act: Act, new: NewDocument) -> dict[str, Any]:
    return {
        "id": new.id,
        "citizen_id": new.citizen_id,
        "name": act.seal(clean_name(new.name), owner=new.citizen_id, table="documents", column="name", row=new.id),
        "declared": new.declared,
        "origin": new.origin,
        "by_id": act.actor.id if new.origin is Origin.STAFF else None,
        "asked_id": new.asked_id,
        "size": new.size,
        "pieces": piece_count(new.size),
        "part": Part.SENT,
        "state": DocumentState.RECEIVING,
        "state_since": act.now,
        "created_at": act.now,
        "tries": 0,
        "deaths": 0,
    }
