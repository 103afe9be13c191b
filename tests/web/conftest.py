"""The house these tests play in, and who is in it unless a test says otherwise."""

import uuid

import pytest

from messaging.appointments.seeding import seed
from messaging.people.models import Caseworker
from tests.house import House, house  # noqa: F401


@pytest.fixture
def mette(house: House) -> Caseworker:  # noqa: F811  # a fixture is asked for by its name
    """A caseworker in a house that has the approved texts."""
    with house.runtime.database.write() as session:
        seed(session)
    return house.caseworker()


@pytest.fixture
def ali(house: House) -> Caseworker:  # noqa: F811
    """A colleague of hers."""
    return house.caseworker("ali", name="Ali Demir")


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:  # noqa: F811
    """A citizen of Mette's."""
    return house.citizen(caseworker=mette)
