"""The house these tests play in, and who is in it unless a test says otherwise."""

import uuid

import pytest
from flask.testing import FlaskClient

from messaging.appointments.models import Appointment
from messaging.appointments.seeding import seed
from messaging.people.models import Caseworker, Role
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


@pytest.fixture
def meeting(house: House, mette: Caseworker, sara: uuid.UUID) -> Appointment:  # noqa: F811
    """A meeting of theirs."""
    return house.appointment(sara, mette)


@pytest.fixture
def writer(house: House, meeting: Appointment) -> FlaskClient:  # noqa: F811
    """A superuser who writes what somebody else has to sign."""
    return superuser(house, "super1")


@pytest.fixture
def signer(house: House, meeting: Appointment) -> FlaskClient:  # noqa: F811
    """Another, who signs it."""
    return superuser(house, "super2")


def superuser(house: House, initials: str) -> FlaskClient:  # noqa: F811
    """Hire a superuser, and return the browser she is signed in with."""
    house.caseworker(initials, role=Role.SUPERUSER)
    return house.browser(initials)
