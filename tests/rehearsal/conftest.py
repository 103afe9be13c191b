"""The service and its people, for what a rehearsal looks up in them."""

from tests.conversations.conftest import templates, town  # noqa: F401
