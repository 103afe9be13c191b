"""Removing all documents of a citizen, finished or not, with all that was asked for: for when she is erased."""

import uuid

import sqlalchemy as sa

from messaging.documents.models import AskedDocument, Document, UploadDay
from messaging.people.acting import Act


def erase_documents(act: Act, *, citizen_id: uuid.UUID) -> int:
    """Remove every row; return how many documents there were. A piece that is on its way finds nothing any more."""
    chosen = sa.select(Document.id).filter_by(citizen_id=citizen_id)
    ids = act.session.scalars(chosen.with_for_update()).all()
    act.session.execute(sa.delete(Document).filter_by(citizen_id=citizen_id))
    act.session.execute(sa.delete(AskedDocument).filter_by(citizen_id=citizen_id))
    act.session.execute(sa.delete(UploadDay).filter_by(citizen_id=citizen_id))
    act.audit("documents.erased", object_kind="citizen", object_id=citizen_id, facts={"count": len(ids)})
    return len(ids)
