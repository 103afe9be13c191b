"""K2 for documents: what is cut, moved, swapped or changed in the database does not open."""

import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.documents.limits import PIECE_BYTES
from messaging.documents.models import Document, DocumentPiece, Part
from messaging.documents.pieces import check_whole, content_of, piece_count, piece_length, piece_place
from messaging.vault.errors import CannotOpen
from messaging.vault.sealed import Sealed
from tests.documents.conftest import Desk

SAME_TEXT = str(CannotOpen())


def content(pieces: int = 3, fill: bytes = b"abc") -> bytes:
    """So many pieces, no two alike, the last one short."""
    return b"".join(fill + bytes([number]) * (PIECE_BYTES - len(fill)) for number in range(pieces))[:-100]


@pytest.fixture
def sent(desk: Desk) -> uuid.UUID:
    """A document of three pieces that waits for its inspection."""
    return desk.sends(content())


@pytest.fixture
def short(desk: Desk) -> uuid.UUID:
    """A document of one short piece."""
    return desk.sends(b"kort indhold")


def change(desk: Desk, document_id: uuid.UUID, number: int, **values: object) -> None:
    """Write past the service."""
    with desk.runtime.database.write() as session:
        session.execute(sa.update(DocumentPiece).filter_by(document_id=document_id, number=number).values(**values))


def piece(desk: Desk, document_id: uuid.UUID, number: int) -> DocumentPiece:
    """Read past the service."""
    with desk.runtime.database.read() as session:
        return session.get_one(DocumentPiece, (document_id, Part.SENT, number))


def refused(desk: Desk, document_id: uuid.UUID) -> None:
    with pytest.raises(CannotOpen) as refusal:
        desk.content(document_id)
    assert str(refusal.value) == SAME_TEXT


@given(st.integers(min_value=1, max_value=40 * PIECE_BYTES))
def test_lengths_of_all_pieces_add_up_to_the_size(size: int) -> None:
    lengths = [piece_length(size, number) for number in range(piece_count(size))]

    assert sum(lengths) == size
    assert all(0 < length <= PIECE_BYTES for length in lengths)


@given(st.uuids(), st.uuids(), st.integers(0, 99), st.integers(0, 99), st.sampled_from(Part), st.sampled_from(Part))
def test_k2_no_two_pieces_have_the_same_place(
    first: uuid.UUID, second: uuid.UUID, number: int, other: int, part: Part, other_part: Part
) -> None:
    same = (first, part, number) == (second, other_part, other)

    assert (piece_place(first, part, number) == piece_place(second, other_part, other)) == same


def test_what_was_sent_opens_again(desk: Desk, sent: uuid.UUID) -> None:
    assert desk.content(sent) == content()


def test_content_is_nowhere_in_clear(desk: Desk) -> None:
    document_id = desk.sends(b"KANARIEFUGL" * 1000, name="KANARIEFUGL.pdf")

    assert b"KANARIEFUGL" not in repr(desk.house.everything()).encode()
    assert piece(desk, document_id, 0).content.blob[:1] == b"\x01"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_k2_any_flipped_bit_is_refused(desk: Desk, short: uuid.UUID, data: st.DataObject) -> None:
    good = piece(desk, short, 0).content
    blob = bytearray(good.blob)
    bit = data.draw(st.integers(8, 8 * len(blob) - 1))  # the first byte is the version, which the column checks
    blob[bit // 8] ^= 1 << bit % 8
    change(desk, short, 0, content=Sealed(bytes(blob)))

    refused(desk, short)
    change(desk, short, 0, content=good)


@pytest.mark.parametrize("keep", [100, PIECE_BYTES, PIECE_BYTES + 77])
def test_k2_cut_piece_is_refused(keep: int, desk: Desk, sent: uuid.UUID) -> None:
    change(desk, sent, 1, content=Sealed(piece(desk, sent, 1).content.blob[:keep]))

    refused(desk, sent)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_k2_missing_piece_is_refused_before_anything_is_handed_on(number: int, desk: Desk, sent: uuid.UUID) -> None:
    with desk.runtime.database.write() as session:
        session.execute(sa.delete(DocumentPiece).filter_by(document_id=sent, number=number))

    refused(desk, sent)
    with desk.runtime.database.read() as session, pytest.raises(CannotOpen):
        check_whole(session, content_of(desk.runtime.vault, desk.document(sent)))


def test_k2_piece_too_many_is_refused(desk: Desk, sent: uuid.UUID) -> None:
    last = piece(desk, sent, 2)
    with desk.runtime.database.write() as session:
        session.add(DocumentPiece(document_id=sent, part=Part.SENT, number=3, content=last.content, digest=last.digest))

    with desk.runtime.database.read() as session, pytest.raises(CannotOpen):
        check_whole(session, content_of(desk.runtime.vault, desk.document(sent)))


def test_k2_pieces_in_another_order_are_refused(desk: Desk, sent: uuid.UUID) -> None:
    first, second = piece(desk, sent, 0), piece(desk, sent, 1)
    change(desk, sent, 0, content=second.content, digest=second.digest)
    change(desk, sent, 1, content=first.content, digest=first.digest)

    refused(desk, sent)


def test_k2_piece_of_another_document_of_the_same_citizen_is_refused(desk: Desk, sent: uuid.UUID) -> None:
    other = desk.sends(content())
    alien = piece(desk, other, 1)
    change(desk, sent, 1, content=alien.content, digest=alien.digest)

    refused(desk, sent)


Move = Callable[[Document, Document], dict[str, object]]
MOVES: dict[str, Move] = {
    "manifest of another document": lambda _, other: {"manifest": other.manifest},
    "another part": lambda _, __: {"part": Part.KEPT},
    "another citizen": lambda _, other: {"citizen_id": other.citizen_id},
}


@pytest.mark.parametrize("name", MOVES)
def test_k2_document_that_was_tampered_with_is_refused(name: str, desk: Desk, sent: uuid.UUID) -> None:
    alien_id = desk.house.citizen(caseworker=desk.caseworker, number=None)
    other = desk.document(desk.sends(content()))
    if name == "another citizen":
        other.citizen_id = alien_id
    with desk.runtime.database.write() as session:
        session.execute(sa.update(Document).filter_by(id=sent).values(**MOVES[name](desk.document(sent), other)))

    refused(desk, sent)


def test_tampered_document_stays_in_quarantine_and_is_parked(desk: Desk, sent: uuid.UUID) -> None:
    change(desk, sent, 1, content=piece(desk, sent, 0).content)
    desk.inspects()

    assert desk.document(sent).state == "parked"
