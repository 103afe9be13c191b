"""The booking system's file may say which target group a citizen is in; it is no part of a meeting."""

from functools import partial

import pytest
import sqlalchemy as sa

from messaging.appointments.importing import ImportReport, import_appointments
from messaging.appointments.profiles import read_profile
from messaging.conversations.office import Office
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.trial.models import CitizenTargetGroup
from messaging.trial.target_groups import listed
from tests.appointments.conftest import HEADER, OFFICE, RULES, Desk, booking_file
from tests.appointments.test_calling_off import FEED

UNKNOWN = "unknown_target_group"


def imports(runtime: Runtime, group: str) -> ImportReport:
    header, line = booking_file({}).decode().splitlines()
    data = f"{header};maalgruppe\n{line};{group}".encode()
    office = Office.from_config(runtime.config)
    return import_appointments(lambda: runtime.act(SYSTEM), data, rules=RULES, office=office)


@pytest.mark.parametrize(
    ("group", "found", "warned"), [("Jobparat", ["jobparat"], []), ("", [], []), ("ukendt", [], [UNKNOWN])]
)
def test_a_known_group_is_kept_and_an_unknown_one_told(
    staffed: Runtime, group: str, found: list[str], warned: list[str]
) -> None:
    first = imports(staffed, group)
    again = imports(staffed, group)
    with staffed.database.read() as session:
        kept = list(session.scalars(sa.select(CitizenTargetGroup.target_group)))

    assert kept == found
    assert [line.code for line in first.warnings if line.code == UNKNOWN] == warned
    assert (first.created, again.created, again.changed) == (1, 0, 0)


def test_another_group_is_news_although_the_meeting_is_none(staffed: Runtime) -> None:
    imports(staffed, "jobparat")
    report = imports(staffed, "aktivitetsparat")
    with staffed.database.read() as session:
        kept = session.execute(sa.select(CitizenTargetGroup.target_group, CitizenTargetGroup.valid_to)).all()

    assert (report.changed, report.unchanged) == (0, 1)
    assert {row.target_group: row.valid_to is None for row in kept} == {"jobparat": False, "aktivitetsparat": True}


def test_group_on_a_cancelled_line_that_names_nobody_places_nobody(desk: Desk) -> None:
    desk.books()
    data = f"{HEADER};tilstand;maalgruppe\nA1{';' * 14}aflyst;jobparat".encode()
    report = import_appointments(
        partial(desk.runtime.act, SYSTEM),
        data,
        rules=RULES,
        office=OFFICE,
        source=desk.appointment().source,
        profile=read_profile(FEED.encode()),
    )

    assert (report.cancelled, report.rejected, report.warnings) == (1, (), ())
    assert desk.every(CitizenTargetGroup) == []


def test_the_list_names_each_group_once() -> None:
    codes = [group.code for group in listed()]

    assert len(codes) == len(set(codes))
