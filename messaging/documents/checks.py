"""What the rows tell about documents that do not move: for `doctor`."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from adapters.contract import Finding
from messaging.documents.models import Document
from messaging.documents.states import DocumentState
from messaging.work.doctor import Check


def checks() -> list[Check]:
    """Return the checks of this room."""
    return [unscanned, parked]


def unscanned(session: Session) -> Iterator[Finding]:
    """Say how many documents wait because the virus scanner could not be asked."""
    number = _count(session, sa.and_(Document.state == DocumentState.WAITING, Document.tries > 0))
    if number:
        yield _finding(
            "documents_unscanned",
            f"{number} papirer kan ikke åbnes, fordi virusscanneren ikke svarer. De scannes, når den gør.",
        )


def parked(session: Session) -> Iterator[Finding]:
    """Name the documents that stay in quarantine until a human lets them be tried again."""
    for identity in session.scalars(sa.select(Document.id).where(Document.state == DocumentState.PARKED)):
        yield _finding(
            "document_parked",
            f"Papiret {identity} bliver i karantæne: det kunne ikke undersøges. Se `borgerdialog documents retry`.",
        )


def _count(session: Session, where: sa.ColumnElement[bool]) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(Document).where(where)).scalar_one()


def _finding(code: str, sentence: str) -> Finding:
    return Finding(code=code, sentence=sentence, blocking=False)
