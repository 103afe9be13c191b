"""documents retry."""

import uuid

import pytest
import sqlalchemy as sa

from messaging.documents.kinds import Declared
from messaging.documents.models import Document, Origin
from messaging.documents.receiving import NewDocument, add_piece, begin_upload, finish_upload
from messaging.documents.states import DocumentState
from messaging.people.actors import SYSTEM
from tests.commands.conftest import Deployment, Refused
from tests.conversations.conftest import Town
from tests.documents import files


@pytest.fixture
def parked(town: Town) -> list[uuid.UUID]:
    """Two documents that processes died over."""
    citizen_id, content = town.citizen(), files.pdf()
    ids = [uuid.uuid4() for _ in range(2)]
    for id_ in ids:
        new = NewDocument(
            id=id_,
            citizen_id=citizen_id,
            name="cv.pdf",
            declared=Declared.PDF,
            size=len(content),
            origin=Origin.CITIZEN,
        )
        with town.runtime.act(SYSTEM) as act:
            begin_upload(act, new)
            add_piece(act, citizen_id=citizen_id, document_id=id_, number=0, content=content)
            finish_upload(act, citizen_id=citizen_id, document_id=id_)
    with town.runtime.database.write() as session:
        session.execute(sa.update(Document).values(state=DocumentState.PARKED))
    return ids


def states(town: Town) -> dict[uuid.UUID, DocumentState]:
    return {document.id: document.state for document in town.rows(Document)}


def test_one_that_is_named_is_inspected_again(deployment: Deployment, town: Town, parked: list[uuid.UUID]) -> None:
    said = deployment.run("documents", "retry", str(parked[0])).stdout

    assert said == "1 documents will be inspected again\n"
    assert states(town) == {parked[0]: DocumentState.WAITING, parked[1]: DocumentState.PARKED}


def test_all_that_are_stuck_are_inspected_again_once(
    deployment: Deployment, town: Town, parked: list[uuid.UUID]
) -> None:
    with town.runtime.database.write() as session:
        session.execute(sa.update(Document).filter_by(id=parked[1]).values(state=DocumentState.WAITING, tries=4))
    said = [deployment.run("documents", "retry", "--stuck").stdout for _ in range(2)]

    assert said == ["2 documents will be inspected again\n", "0 documents will be inspected again\n"]
    assert {(row.state, row.tries) for row in town.rows(Document)} == {(DocumentState.WAITING, 0)}


def test_doctor_names_what_is_parked_and_the_command(
    deployment: Deployment, town: Town, parked: list[uuid.UUID]
) -> None:
    said = deployment.run("doctor", code=1).output

    assert all(str(id_) in said for id_ in parked)
    assert "borgerdialog documents retry" in said


def test_one_that_is_not_stuck_is_refused(town: Town, parked: list[uuid.UUID], refused: Refused) -> None:
    with town.runtime.database.write() as session:
        session.execute(sa.update(Document).values(state=DocumentState.WAITING))

    assert "not stuck" in refused("documents", "retry", str(parked[0]))
    assert "no such document" in refused("documents", "retry", str(uuid.uuid4()))


def test_retrying_needs_to_know_what(deployment: Deployment) -> None:
    deployment.run("documents", "retry", code=2)
