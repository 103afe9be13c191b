"""The form of a sealed value: what opens it, and all that does not."""

import os
from dataclasses import replace
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from messaging.database.base import new_id
from messaging.vault.errors import CannotOpen
from messaging.vault.place import Place
from messaging.vault.record import (
    COMMITMENT_END,
    HEADER_BYTES,
    NONCE_END,
    VERSION_AND_ALGORITHM,
    OwnerKey,
    binding,
    derive_record_key,
    open_record,
    seal_record,
)
from messaging.vault.sealed import OVERHEAD
from messaging.vault.wrapping import framed
from tests.vault.two_keys import ciphertext_for_two_keys

KEY = OwnerKey(owner=uuid4(), id=uuid4(), secret=os.urandom(32))
PLACE = Place("messages", "body", new_id())
SAME_TEXT = str(CannotOpen())

places = st.builds(Place, st.text(max_size=20), st.text(max_size=20), st.uuids())
keys = st.builds(OwnerKey, owner=st.uuids(), id=st.uuids(), secret=st.binary(min_size=32, max_size=32))


def refused(blob: bytes, *, key: OwnerKey = KEY, place: Place = PLACE) -> str:
    with pytest.raises(CannotOpen) as refusal:
        open_record(blob, key=key, place=place)
    return str(refusal.value)


@given(content=st.binary(max_size=5000), key=keys, place=places)
def test_what_was_sealed_opens_again(content: bytes, key: OwnerKey, place: Place) -> None:
    sealed = seal_record(content, key=key, place=place)

    assert open_record(sealed, key=key, place=place) == content
    assert len(sealed) == len(content) + OVERHEAD


@given(content=st.binary(max_size=200), data=st.data())
def test_k2_any_flipped_bit_is_refused(content: bytes, data: st.DataObject) -> None:
    blob = bytearray(seal_record(content, key=KEY, place=PLACE))
    bit = data.draw(st.integers(0, 8 * len(blob) - 1))
    blob[bit // 8] ^= 1 << bit % 8

    assert refused(bytes(blob)) == SAME_TEXT


@given(content=st.binary(max_size=200), data=st.data())
def test_k2_any_truncation_is_refused(content: bytes, data: st.DataObject) -> None:
    blob = seal_record(content, key=KEY, place=PLACE)
    length = data.draw(st.integers(0, len(blob) - 1))

    assert refused(blob[:length]) == SAME_TEXT


@given(content=st.binary(max_size=200), more=st.binary(min_size=1, max_size=100))
def test_k2_any_extension_is_refused(content: bytes, more: bytes) -> None:
    blob = seal_record(content, key=KEY, place=PLACE)

    assert refused(blob + more) == SAME_TEXT
    assert refused(more + blob) == SAME_TEXT


@given(sealed_at=places, opened_at=places)
def test_k2_value_at_another_place_is_refused(sealed_at: Place, opened_at: Place) -> None:
    blob = seal_record(b"tekst", key=KEY, place=sealed_at)

    if opened_at != sealed_at:
        assert refused(blob, place=opened_at) == SAME_TEXT


@pytest.mark.parametrize(
    "other",
    [PLACE._replace(table="drafts"), PLACE._replace(column="remark"), PLACE._replace(row=new_id())],
    ids=["table", "column", "row"],
)
def test_k2_value_moved_to_another_table_column_or_row_is_refused(other: Place) -> None:
    assert refused(seal_record(b"tekst", key=KEY, place=PLACE), place=other) == SAME_TEXT


def test_k2_names_that_run_together_alike_are_told_apart() -> None:
    blob = seal_record(b"tekst", key=KEY, place=PLACE._replace(table="messages", column="body"))

    assert refused(blob, place=PLACE._replace(table="message", column="sbody")) == SAME_TEXT


@pytest.mark.parametrize("other", [replace(KEY, owner=uuid4()), replace(KEY, id=uuid4())], ids=["owner", "key"])
def test_k2_value_of_another_owner_or_key_is_refused(other: OwnerKey) -> None:
    assert refused(seal_record(b"tekst", key=KEY, place=PLACE), key=other) == SAME_TEXT


def test_k2_value_under_another_secret_is_refused() -> None:
    other = replace(KEY, secret=os.urandom(32))

    assert refused(seal_record(b"tekst", key=KEY, place=PLACE), key=other) == SAME_TEXT


@pytest.mark.parametrize("version", [0, 2, 255])
@pytest.mark.parametrize("position", [0, 1], ids=["version", "algorithm"])
def test_k9_unknown_version_or_algorithm_is_refused(version: int, position: int) -> None:
    blob = bytearray(seal_record(b"tekst", key=KEY, place=PLACE))
    blob[position] = version

    assert refused(bytes(blob)) == SAME_TEXT


def test_k3_equal_content_at_one_place_never_gives_an_equal_nonce() -> None:
    blobs = [seal_record(b"ja", key=KEY, place=PLACE) for _ in range(20_000)]

    assert len({blob[COMMITMENT_END:NONCE_END] for blob in blobs}) == len(blobs)


def test_k3_every_row_has_a_key_of_its_own() -> None:
    blobs = [seal_record(b"ja", key=KEY, place=PLACE._replace(row=new_id())) for _ in range(20_000)]

    assert len({blob[HEADER_BYTES:COMMITMENT_END] for blob in blobs}) == len(blobs)


def test_k4_value_crafted_for_two_keys_opens_under_one_at_most() -> None:
    other = replace(KEY, secret=os.urandom(32))
    header = VERSION_AND_ALGORITHM + KEY.id.bytes
    bound_to = binding(header, place=PLACE, owner=KEY.owner)
    (first, commitment), (second, other_commitment) = (
        derive_record_key(key.secret, row=PLACE.row, bound_to=bound_to) for key in (KEY, other)
    )
    nonce = os.urandom(12)
    crafted = ciphertext_for_two_keys(first, second, nonce=nonce, associated=bound_to)

    # AES-GCM alone is fooled: it reads two different texts and complains about neither.
    texts = {AESGCM(key).decrypt(nonce, crafted, bound_to) for key in (first, second)}
    assert [len(text) for text in texts] == [48, 48]

    assert refused(header + commitment + nonce + crafted, key=other) == SAME_TEXT
    assert refused(header + other_commitment + nonce + crafted, key=KEY) == SAME_TEXT


@given(st.lists(st.binary(max_size=8), max_size=4), st.lists(st.binary(max_size=8), max_size=4))
def test_framing_tells_every_two_lists_apart(left: list[bytes], right: list[bytes]) -> None:
    assert (framed(*left) == framed(*right)) == (left == right)


def test_owner_key_does_not_show_its_secret() -> None:
    assert KEY.secret.hex() not in repr(KEY)
    assert repr(KEY.secret) not in repr(KEY)
