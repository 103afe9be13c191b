"""The house these tests play in."""

from tests.house import house  # noqa: F401
