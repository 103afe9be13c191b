"""A small staff, and files as the booking system exports them."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pytest

from messaging.appointments.caseworker_file import read_caseworkers
from messaging.appointments.importing import ImportReport, import_appointments, import_caseworkers
from messaging.appointments.line_file import ReportedLine
from messaging.appointments.planning import ReminderRules
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime

STAFF = (
    b"sagsbehandler;navn;email;enhed;rolle\n"
    b"sb01;Mette Holm;;Team A;sagsbehandler\n"
    b"sb02;Ali Demir;;Team A;sagsbehandler\n"
)

HEADER = (
    "aftale_id;cpr;fornavn;efternavn;telefon;sagsbehandler;start;varighed_min;samtaletype;afholdelsesform;sted;formaal;"
    "selvbooket;huskeservice"
)

LINE = {
    "aftale_id": "A1",
    "cpr": "710101-1234",
    "fornavn": "Sara",
    "efternavn": "Hansen",
    "telefon": "28 10 20 30",
    "sagsbehandler": "sb01",
    "start": "14-10-2027 10:30",
    "varighed_min": "30",
    "samtaletype": "Jobsamtale",
    "afholdelsesform": "Fremmøde",
    "sted": "Mødested 1",
    "formaal": "Kun til internt brug",
    "selvbooket": "Nej",
    "huskeservice": "Nej",
}

RULES = ReminderRules()


def booking_file(*lines: dict[str, str]) -> bytes:
    """A booking file; each line is the usual one with some fields other."""
    return "\n".join([HEADER, *(";".join({**LINE, **line}.values()) for line in lines)]).encode()


Importer = Callable[..., ImportReport]


@pytest.fixture
def staffed(runtime: Runtime) -> Runtime:
    """A runtime in which two caseworkers are known."""
    with runtime.act(SYSTEM) as act:
        import_caseworkers(act, read_caseworkers(STAFF).rows)
    return runtime


@pytest.fixture
def take_in(staffed: Runtime) -> Importer:
    """Imports lines of a booking file; each argument says what is other than usual in one line."""

    def take_in(*lines: dict[str, str], **options: bool) -> ImportReport:
        return import_appointments(partial(staffed.act, SYSTEM), booking_file(*lines), rules=RULES, **options)

    return take_in


@pytest.fixture
def city(runtime: Runtime, shared: Path) -> Runtime:
    """A runtime in which the customer's staff list is known."""
    with runtime.act(SYSTEM) as act:
        import_caseworkers(act, read_caseworkers((shared / "data/caseworkers.csv").read_bytes()).rows)
    return runtime


def codes(lines: Iterable[ReportedLine]) -> dict[int, str]:
    """What is reported, by the line of the file."""
    return {line.line: line.code for line in lines}
