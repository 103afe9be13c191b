"""Documents beside the messages they came with, and the files that will become some."""

import uuid
from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.attachment_models import Attachment
from messaging.conversations.file_models import ProviderFile
from messaging.conversations.models import Message
from messaging.database.upserts import insert_into
from messaging.documents.models import Document
from messaging.documents.queries import DocumentView, named_documents
from messaging.people.acting import Act
from messaging.vault.vault import Vault


def attach(act: Act, *, message_id: uuid.UUID, document_id: uuid.UUID) -> None:
    """Let a document stand beside a message; done again, it changes nothing."""
    insert = insert_into(act.session, Attachment).values(message_id=message_id, document_id=document_id)
    act.session.execute(insert.on_conflict_do_nothing())


def expect_files(act: Act, *, message_id: uuid.UUID, count: int) -> None:
    """Note that so many files lie at the provider. Nobody fetches them for a message that is nobody's yet."""
    act.session.flush()
    act.session.add_all(ProviderFile(message_id=message_id, number=number) for number in range(count))


def documents_among(
    session: Session, vault: Vault, message_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[DocumentView]]:
    """Return the documents that came with these messages, in the order they were attached."""
    rows = session.execute(
        sa.select(Attachment.message_id, Attachment.document_id)
        .where(Attachment.message_id.in_(message_ids))
        .order_by(Attachment.document_id)
    ).all()
    documents = named_documents(session, vault, [row.document_id for row in rows])
    among: dict[uuid.UUID, list[DocumentView]] = defaultdict(list)
    for row in rows:
        among[row.message_id].append(documents[row.document_id])
    return among


def has_papers(citizen_id: sa.orm.InstrumentedAttribute[uuid.UUID]) -> sa.Exists:
    """Return the condition that some message of a citizen's thread has a document: by her documents, which are few."""
    hers = sa.and_(Document.citizen_id == citizen_id, Attachment.document_id == Document.id)
    return sa.exists().where(hers).correlate_except(Document, Attachment)


def has_documents() -> sa.ColumnElement[bool]:
    """Return the condition that documents came with a message."""
    return Message.id.in_(sa.select(Attachment.message_id))


def is_a_document() -> sa.ColumnElement[bool]:
    """Return the condition that a message says nothing but that a document came in through the app."""
    own = sa.and_(Attachment.message_id == Message.id, Attachment.document_id == Message.id)
    return sa.exists().where(own)
