"""Opening a document: only a clean one, whole, and never without an entry in the audit trail."""

import uuid
from dataclasses import dataclass, field

import sqlalchemy as sa

from messaging.documents.keeping import open_name
from messaging.documents.kinds import MEDIA_TYPES
from messaging.documents.models import Document, Origin
from messaging.documents.naming import name_as
from messaging.documents.pieces import Content, check_whole, content_of
from messaging.documents.receiving import NO_SUCH_DOCUMENT
from messaging.documents.states import DocumentState
from messaging.errors import NotFound
from messaging.people.acting import Act
from messaging.people.actors import ActorKind
from messaging.people.visibility import find_citizen


@dataclass(frozen=True, kw_only=True)
class OpenedDocument:
    """A document that somebody may read, its pieces still closed."""

    id: uuid.UUID
    name: str = field(repr=False)
    media_type: str
    content: Content


def open_document(act: Act, *, document_id: uuid.UUID, citizen_id: uuid.UUID | None = None) -> OpenedDocument:
    """Open a document, of this citizen if she is named, and note it; who it was sent to has then seen it.

    Raises NotFound, also for one that is not clean, ReasonMissing, and CannotOpen if it is not whole.
    """
    document = act.session.scalar(sa.select(Document).filter_by(id=document_id, state=DocumentState.CLEAN))
    if document is None or document.kind is None or citizen_id not in {None, document.citizen_id}:
        if citizen_id is not None:
            find_citizen(act.session, act.actor, citizen_id)
        raise NotFound(NO_SUCH_DOCUMENT)
    find_citizen(act.session, act.actor, document.citizen_id)
    content = content_of(act.vault, document)
    check_whole(act.session, content)
    act.audit("document.opened", object_kind="document", object_id=document_id)
    _note_first_opening(act, document)
    return OpenedDocument(
        id=document_id,
        name=name_as(open_name(act.vault, document), document.kind),
        media_type=MEDIA_TYPES[document.kind],
        content=content,
    )


def _note_first_opening(act: Act, document: Document) -> None:
    reader = ActorKind.CITIZEN if document.origin is Origin.STAFF else ActorKind.STAFF
    if document.opened_at is not None or act.actor.kind is not reader:
        return
    document.opened_at = act.now
    document.opened_by = act.actor.id if reader is ActorKind.STAFF else None
    act.announce("document.changed", object_id=document.id)
