"""What these tests play on."""

from tests.conversations.conftest import in_parallel, templates  # noqa: F401
from tests.house import house  # noqa: F401
