"""What screens show of documents: what we have asked for, what came and went, and how far each has come."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.database.changes import SeenChange
from messaging.documents.keeping import is_stuck, open_asked, open_name
from messaging.documents.models import AskedDocument, Document, Origin
from messaging.documents.naming import name_as, shown_name
from messaging.documents.states import DocumentState, Refusal
from messaging.people.models import Caseworker
from messaging.people.queries import name_staff
from messaging.vault.vault import Vault

SHOWN = 100
"""Documents of a list, the newest first."""


@dataclass(frozen=True, kw_only=True)
class DocumentView:
    """A document as a list shows it. `by` is the name of who of the staff sent it, `opened_by` of who opened it first.

    `at`: when the last piece was here, or, until then, when it was begun.
    """

    id: uuid.UUID
    name: str = field(repr=False)
    origin: Origin
    size: int
    state: DocumentState
    refusal: Refusal | None
    at: datetime
    by: str | None
    opened_at: datetime | None
    opened_by: str | None
    asked_id: uuid.UUID | None
    is_stuck: bool
    """Whether a technical fault keeps it from being inspected; staff can have it tried again."""

    @property
    def is_open(self) -> bool:
        """Whether it may be opened."""
        return self.state is DocumentState.CLEAN


@dataclass(frozen=True, kw_only=True)
class AskedView:
    """Something that was asked for, and the newest document that was sent for it and not refused."""

    id: uuid.UUID
    words: str = field(repr=False)
    asked_at: datetime
    by: str
    met_by: DocumentView | None

    @property
    def is_met(self) -> bool:
        """Whether what was sent for it is kept."""
        return self.met_by is not None and self.met_by.is_open


def documents_of(session: Session, vault: Vault, *, citizen_id: uuid.UUID) -> list[DocumentView]:
    """Return a citizen's documents, the newest first, but for those still coming in."""
    chosen = (
        sa.select(Document)
        .where(Document.citizen_id == citizen_id, Document.state != DocumentState.RECEIVING)
        .order_by(Document.finished_at.desc(), Document.id.desc())
        .limit(SHOWN)
    )
    return _views(session, vault, session.scalars(chosen).all())


def named_documents(session: Session, vault: Vault, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, DocumentView]:
    """Return these documents, by their ids."""
    documents = session.scalars(sa.select(Document).where(Document.id.in_(ids))).all() if ids else ()
    return {view.id: view for view in _views(session, vault, documents)}


def asked_of(
    session: Session, vault: Vault, *, citizen_id: uuid.UUID, documents: Sequence[DocumentView]
) -> list[AskedView]:
    """Return what stands on a citizen's list, in the order it was asked for; `documents` are hers, newest first."""
    rows = session.execute(
        sa.select(AskedDocument, Caseworker.name)
        .join(Caseworker, Caseworker.id == AskedDocument.asked_by)
        .where(AskedDocument.citizen_id == citizen_id, AskedDocument.withdrawn_at.is_(None))
        .order_by(AskedDocument.asked_at, AskedDocument.id)
    )
    sent: dict[uuid.UUID | None, DocumentView] = {}
    for document in documents:
        if document.state is not DocumentState.REFUSED:
            sent.setdefault(document.asked_id, document)
    return [
        AskedView(
            id=asked.id, words=open_asked(vault, asked), asked_at=asked.asked_at, by=name, met_by=sent.get(asked.id)
        )
        for asked, name in rows
    ]


def citizens_concerned(session: Session, changes: Collection[SeenChange]) -> set[uuid.UUID]:
    """Return whose documents some changes concern."""
    ids = [change.object_id for change in changes if change.kind == "document.changed"]
    return set(session.scalars(sa.select(Document.citizen_id).where(Document.id.in_(ids)))) if ids else set()


def _views(session: Session, vault: Vault, documents: Sequence[Document]) -> list[DocumentView]:
    staff = {id_ for document in documents for id_ in (document.by_id, document.opened_by) if id_ is not None}
    names = name_staff(session, staff) if staff else {}
    return [
        DocumentView(
            id=document.id,
            name=_name(vault, document),
            origin=document.origin,
            size=document.size,
            state=document.state,
            refusal=document.refusal,
            at=document.finished_at or document.created_at,
            by=names.get(document.by_id) if document.by_id else None,
            opened_at=document.opened_at,
            opened_by=names.get(document.opened_by) if document.opened_by else None,
            asked_id=document.asked_id,
            is_stuck=is_stuck(document),
        )
        for document in documents
    ]


def _name(vault: Vault, document: Document) -> str:
    name = open_name(vault, document)
    return name_as(name, document.kind) if document.kind else shown_name(name, document.declared)
