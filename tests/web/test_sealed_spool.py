"""Files of a form lie on disk as noise, and come out as they went in."""

import io
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.web.sealed_spool import CHUNK, SealedSpool


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.binary(max_size=3) | st.integers(0, CHUNK + 7).map(bytes), max_size=6),
    size=st.integers(1, 2 * CHUNK),
)
def test_what_is_written_is_read_again_however_it_is_cut(parts: list[bytes], size: int, tmp_path: Path) -> None:
    with SealedSpool(folder=tmp_path) as spool:
        for part in parts:
            spool.write(part)
        whole = b"".join(parts)
        assert spool.seek(0, io.SEEK_END) == len(whole)
        for _ in range(2):
            spool.seek(0)
            assert b"".join(iter(lambda: spool.read(size), b"")) == whole


def test_nothing_of_it_is_on_disk_in_clear(tmp_path: Path) -> None:
    with SealedSpool(folder=tmp_path) as spool:
        spool.write(b"KANARIEFUGL" * CHUNK)
        assert b"KANARIE" not in os.pread(spool._file, 20 * CHUNK, 0)
    assert list(tmp_path.iterdir()) == []


def test_closed_spool_gives_nothing_more(tmp_path: Path) -> None:
    spool = SealedSpool(folder=tmp_path)
    spool.write(b"hej")
    spool.close()

    with pytest.raises(ValueError, match="closed"):
        spool.read(1)
