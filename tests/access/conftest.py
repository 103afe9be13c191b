"""The house these tests play in, with all that it can have."""

import dataclasses

import pytest

from messaging.runtime import Runtime
from tests.fakes import FakePush
from tests.house import house  # noqa: F401


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    """With pushes to the app."""
    return dataclasses.replace(runtime, push=FakePush())
