"""Taking documents in by pieces, over a line that drops."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.clock import FixedClock
from messaging.documents import limits, receiving
from messaging.documents.asking import ask_for
from messaging.documents.erasing import erase_documents
from messaging.documents.kinds import Declared
from messaging.documents.limits import PIECE_BYTES
from messaging.documents.models import AskedDocument, Document, DocumentPiece, Origin, UploadDay
from messaging.documents.receiving import TooManyDocuments
from messaging.documents.states import DocumentState
from messaging.errors import Conflict, DatabaseBusy, InvalidInput, NotFound
from messaging.people.actors import SYSTEM, Actor, ActorKind
from tests.documents.conftest import Desk
from tests.runtime import lose_key

THREE = bytes(range(256)) * 2048 + b"end"


def part(content: bytes, number: int) -> bytes:
    return content[number * PIECE_BYTES :][:PIECE_BYTES]


def test_finished_document_waits_in_quarantine(desk: Desk) -> None:
    document = desk.document(desk.sends(THREE))

    assert (document.state, document.size, document.pieces) == (DocumentState.WAITING, len(THREE), 3)
    assert document.finished_at == desk.runtime.clock.now()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 2), min_size=1, max_size=12))
def test_pieces_may_come_in_any_order_and_as_often_as_they_like(desk: Desk, order: list[int]) -> None:
    new = desk.new(THREE)
    desk.begins(new)
    for number in [*order, 2, 0, 1]:
        desk.adds(new.id, number, part(THREE, number))
    desk.finishes(new.id)

    assert desk.content(new.id) == THREE
    with desk.runtime.database.write() as session:  # leave room for the next example
        session.execute(sa.delete(Document))
        session.execute(sa.delete(UploadDay))


def test_interrupted_upload_goes_on_with_what_is_missing(desk: Desk) -> None:
    new = desk.new(THREE)

    assert desk.begins(new) == (0, 1, 2)
    desk.adds(new.id, 1, part(THREE, 1))
    assert desk.begins(new) == (0, 2)
    desk.adds(new.id, 0, part(THREE, 0))
    desk.adds(new.id, 2, part(THREE, 2))
    desk.finishes(new.id)
    assert desk.begins(new) == ()
    desk.finishes(new.id)


def test_another_piece_under_the_same_number_is_refused_and_changes_nothing(desk: Desk) -> None:
    new = desk.new(THREE)
    desk.begins(new)
    desk.adds(new.id, 0, part(THREE, 0))
    before = desk.house.everything()

    with pytest.raises(Conflict):
        desk.adds(new.id, 0, bytes(PIECE_BYTES))
    assert desk.house.everything() == before


def test_document_is_finished_only_with_all_its_pieces(desk: Desk) -> None:
    new = desk.new(THREE)
    desk.begins(new)
    desk.adds(new.id, 0, part(THREE, 0))

    with pytest.raises(Conflict, match="missing"):
        desk.finishes(new.id)


@pytest.mark.parametrize(("number", "piece"), [(3, b"end"), (-1, b"x"), (0, b"short"), (2, b"end!"), (2, b"")])
def test_piece_that_does_not_fit_is_refused(number: int, piece: bytes, desk: Desk) -> None:
    new = desk.new(THREE)
    desk.begins(new)

    with pytest.raises(InvalidInput):
        desk.adds(new.id, number, piece)


def test_finished_document_takes_no_more_pieces(desk: Desk) -> None:
    document_id = desk.sends(THREE)

    with pytest.raises(Conflict, match="finished"):
        desk.adds(document_id, 0, part(THREE, 0))


@pytest.mark.parametrize("size", [0, -1, limits.LARGEST + 1])
def test_size_out_of_bounds_is_refused(size: int, desk: Desk) -> None:
    new = receiving.NewDocument(
        id=uuid.uuid4(),
        citizen_id=desk.citizen_id,
        name="x",
        declared=Declared.PDF,
        size=size,
        origin=Origin.CITIZEN,
    )
    with pytest.raises(InvalidInput) as refusal:
        desk.begins(new)
    assert refusal.value.field == "size"


def test_id_begun_as_something_else_is_refused(desk: Desk) -> None:
    first = desk.new(THREE)
    desk.begins(first)

    with pytest.raises(Conflict):
        desk.begins(desk.new(THREE + b"!", id=first.id))
    with pytest.raises(Conflict):
        desk.begins(desk.new(THREE, Declared.PNG, id=first.id))


def test_nobody_goes_on_with_what_another_has_begun(desk: Desk) -> None:
    mine = desk.new(THREE)
    desk.begins(mine)

    with pytest.raises(NotFound):
        desk.adds(mine.id, 0, part(THREE, 0), desk.staff)
    with pytest.raises(Conflict):
        desk.begins(desk.new(THREE, id=mine.id, origin=Origin.STAFF), desk.staff)
    other = desk.house.citizen(caseworker=desk.caseworker, number=None)
    with pytest.raises(NotFound), desk.runtime.act(Actor(kind=ActorKind.CITIZEN, id=other)) as act:
        receiving.add_piece(act, citizen_id=desk.citizen_id, document_id=mine.id, number=0, content=b"x")


def test_citizen_has_so_many_documents_on_their_way(desk: Desk) -> None:
    for _ in range(limits.MOST_WAITING):
        desk.begins(desk.new(b"x"))

    with pytest.raises(TooManyDocuments):
        desk.begins(desk.new(b"x"))
    desk.sends(b"x", origin=Origin.STAFF)


def test_day_has_a_budget_and_the_next_day_another(desk: Desk, clock: FixedClock) -> None:
    with desk.runtime.database.write() as session:
        day = desk.runtime.clock.now().date()
        session.add(
            UploadDay(citizen_id=desk.citizen_id, day=day, documents=3, bytes=limits.BYTES_A_DAY - len(THREE) + 1)
        )

    with pytest.raises(TooManyDocuments):
        desk.begins(desk.new(THREE))
    clock.moment += timedelta(days=1)
    desk.begins(desk.new(THREE))


def test_what_is_never_finished_is_removed(desk: Desk, clock: FixedClock) -> None:
    left, kept = desk.new(THREE), desk.sends(THREE)
    desk.begins(left)
    desk.adds(left.id, 0, part(THREE, 0))
    clock.moment += timedelta(hours=limits.UNFINISHED_HOURS, minutes=1)
    desk.work.sweep()

    with desk.runtime.database.read() as session:
        assert session.get(Document, left.id) is None
        assert session.scalars(sa.select(DocumentPiece).filter_by(document_id=left.id)).all() == []
    assert desk.content(kept) == THREE


def test_piece_for_an_erased_citizen_is_refused(desk: Desk) -> None:
    new = desk.new(THREE)
    desk.begins(new)
    lose_key(desk.runtime, desk.citizen_id)

    with pytest.raises(NotFound):
        desk.adds(new.id, 0, part(THREE, 0))


def test_citizen_who_is_erased_while_she_sends_leaves_nothing(desk: Desk) -> None:
    new, other = desk.new(THREE), desk.house.citizen(caseworker=desk.caseworker, number=None)
    desk.begins(new)
    desk.sends(THREE)
    with desk.runtime.act(desk.staff) as act:
        ask_for(act, citizen_id=desk.citizen_id, words=["CV"])
        ask_for(act, citizen_id=other, words=["CV"])

    def send(number: int) -> bool:
        try:
            desk.adds(new.id, number % 3, part(THREE, number % 3))
        except (NotFound, DatabaseBusy):
            return False
        return True

    def erase(_: int) -> bool:
        with desk.runtime.act(SYSTEM) as act:
            return erase_documents(act, citizen_id=desk.citizen_id) > 0

    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(erase if number == 6 else send, number) for number in range(12)]
    assert sent[6].result()
    with desk.runtime.database.read() as session:
        for table in (Document, DocumentPiece, UploadDay):
            assert session.scalars(sa.select(table)).all() == []
        assert [asked.citizen_id for asked in session.scalars(sa.select(AskedDocument))] == [other]
    with pytest.raises(NotFound):
        desk.finishes(new.id)


def test_same_piece_many_times_at_once_is_one_piece(desk: Desk) -> None:
    new = desk.new(THREE)
    desk.begins(new)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: desk.adds(new.id, number % 3, part(THREE, number % 3)), range(24)))
    desk.finishes(new.id)

    assert desk.content(new.id) == THREE


def test_beginning_and_finishing_leave_entries_in_the_audit_trail(desk: Desk) -> None:
    desk.sends(THREE)

    with desk.runtime.database.read() as session:
        actions = set(session.scalars(sa.text("SELECT action FROM audit_entries")))
    assert {"document.begun", "document.received"} <= actions


def test_the_service_itself_may_go_on_with_anything(desk: Desk) -> None:
    new = desk.new(b"mms", Declared.JPEG, origin=Origin.MMS)
    desk.begins(new, SYSTEM)
    desk.adds(new.id, 0, b"mms", SYSTEM)
    desk.finishes(new.id, SYSTEM)

    assert desk.document(new.id).state is DocumentState.WAITING
