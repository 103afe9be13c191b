"""The house these tests play in, and what paper is drawn with."""

import os
from ctypes.util import find_library

import pytest

from tests.house import house  # noqa: F401


@pytest.fixture(scope="session")
def pango() -> None:
    """What WeasyPrint draws letters with; where it must be there (REQUIRE_BROWSER), its absence is a failure."""
    if find_library("pango-1.0") is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set and no Pango is installed")
        pytest.skip("no Pango on this machine")
