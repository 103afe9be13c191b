"""What a document costs the web server, and that none of many at once is lost."""

import pytest

from benchmarks.uploads import GOAL, MEGABYTE, measure


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_upload_of_20_mb_holds_little_memory_and_many_at_once_lose_nothing() -> None:
    measured = measure(small=MEGABYTE)

    assert measured.at_once == 50
    assert measured.lost == 0
    assert measured.by_form_bytes < GOAL
    assert measured.in_pieces_bytes < GOAL
