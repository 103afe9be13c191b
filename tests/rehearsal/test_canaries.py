"""The search of the disk finds what may be read there, in whatever form it lies. K5."""

import base64
import json
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest

from messaging.rehearsal import canaries as searching
from messaging.rehearsal.canaries import CANARY_LENGTH, Canaries

FORMS = {
    "utf-8": lambda text: text.encode(),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "hex": lambda text: text.encode().hex().encode(),
    "HEX": lambda text: text.encode().hex().upper().encode(),
    "json": lambda text: json.dumps({"text": f"æ {text}"}).encode(),
    "url": lambda text: quote(f"text={text}&").encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 after one byte": lambda text: base64.b64encode(b"a" + text.encode()),
    "base64 after two bytes": lambda text: base64.b64encode(b"ab" + text.encode()),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(b"\xff\xfe>" + text.encode() + b"\xff"),
}


@pytest.fixture
def canaries() -> Canaries:
    return Canaries(Random(7))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("before", range(4))
def test_k5_canary_is_found_in_every_form_it_may_lie_in(
    form: str, before: int, canaries: Canaries, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(bytes(before) + FORMS[form](canaries.new()) + bytes(100))

    hits, read = canaries.search([tmp_path])
    assert {hit.file for hit in hits} == {str(tmp_path / "file")}
    assert read == (tmp_path / "file").stat().st_size


@pytest.mark.parametrize("form", FORMS)
def test_k5_canary_is_found_wherever_the_file_is_cut_into_chunks(
    form: str, canaries: Canaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "CHUNK", 64)
    written = FORMS[form](canaries.new())
    for before in range(64):
        (tmp_path / f"{before}").write_bytes(b"." * before + written + b"." * 64)

    hits, _ = canaries.search([tmp_path])
    assert {hit.file for hit in hits} == {str(tmp_path / str(before)) for before in range(64)}


def test_hit_says_where_in_the_file_it_is(canaries: Canaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "CHUNK", 64)
    (tmp_path / "file").write_bytes(b"." * 60 + canaries.new().encode())

    (hit,) = canaries.search([tmp_path])[0]
    assert (hit.form, hit.position) == ("utf-8", 60)


def test_nothing_is_found_where_nothing_is(canaries: Canaries, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(Random(1).randbytes(100_000) + Canaries(Random(8)).new().encode())

    assert canaries.search([tmp_path]) == ([], (tmp_path / "file").stat().st_size)


def test_files_of_all_folders_below_are_searched(canaries: Canaries, tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "log").write_text(canaries.new())

    assert len(canaries.search([tmp_path])[0]) == 1


def test_canaries_of_one_rehearsal_share_their_mark_and_differ(canaries: Canaries) -> None:
    made = {canaries.new() for _ in range(1000)}

    assert len(made) == 1000
    assert {canary[: len(canaries.mark)] for canary in made} == {canaries.mark}
    assert all(len(canary) == CANARY_LENGTH and canary.isalpha() for canary in made)
