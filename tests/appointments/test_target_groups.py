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
from messaging.trial.target_groups import packaged
from tests.appointments.conftest import HEADER, OFFICE, RULES, Desk, booking_file
from tests.appointments.test_calling_off import FEED
from tests.trial.lists import desk_in

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


def test_what_superusers_have_signed_is_known_and_what_has_ended_is_not(staffed: Runtime) -> None:
    desk = desk_in(staffed)
    desk.lists("fleksjob")
    desk.ends("jobparat")
    known, ended = imports(staffed, "Fleksjob"), imports(staffed, "jobparat")
    with staffed.database.read() as session:
        kept = list(session.scalars(sa.select(CitizenTargetGroup.target_group)))

    assert kept == ["fleksjob"]
    assert UNKNOWN not in [line.code for line in known.warnings]
    assert UNKNOWN in [line.code for line in ended.warnings]


def test_file_is_read_by_one_look_at_the_list_however_many_lines_it_has(staffed: Runtime) -> None:
    desk_in(staffed).lists("fleksjob")
    looks: list[str] = []
    heard = partial(note, looks)
    sa.event.listen(staffed.database.engine, "before_cursor_execute", heard)
    header, *lines = (
        booking_file(*({"aftale_id": f"A{number}", "cpr": f"7{number}0101-1234"} for number in range(1, 4)))
        .decode()
        .splitlines()
    )
    data = "\n".join([f"{header};maalgruppe", *(f"{line};fleksjob" for line in lines)]).encode()
    import_appointments(lambda: staffed.act(SYSTEM), data, rules=RULES, office=Office.from_config(staffed.config))
    with staffed.database.read() as session:
        placed = list(session.scalars(sa.select(CitizenTargetGroup.target_group)))

    assert (placed, len(looks)) == (["fleksjob"] * 3, 1)


def note(looks: list[str], *heard: object) -> None:
    """Note a statement that reads the list."""
    statement = str(heard[2])
    if " target_groups" in statement:
        looks.append(statement)


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


def test_the_packaged_list_names_each_group_once() -> None:
    codes = [group.code for group in packaged()]

    assert len(codes) == len(set(codes))
