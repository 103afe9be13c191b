"""The service with nobody in it yet."""

from tests.house import house  # noqa: F401
