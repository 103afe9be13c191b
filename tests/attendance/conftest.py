"""A desk that plays the service, with bookings."""

from tests.appointments.conftest import desk, staffed, take_in  # noqa: F401
from tests.evaluation.conftest import pilot  # noqa: F401
