"""The house these tests play in."""

from tests.conversations.conftest import in_parallel  # noqa: F401
from tests.house import house  # noqa: F401
