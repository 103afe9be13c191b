"""Which meetings lines mean where several citizens have one by the same id."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Appointment, ImportLine
from messaging.appointments.profiles import standard
from messaging.attendance.models import OfficialOutcome, OfficialWord
from messaging.attendance.queries import list_missing
from messaging.people.models import Citizen
from tests.appointments.conftest import Desk, wall
from tests.attendance.test_importing import AFTER, freezes, tells

SARA, ALI = "710101-1234", "150697-4123"
HELD, ABSENT, BY_US = {"udfald": "afholdt"}, {"udfald": "ikke mødt"}, {"udfald": "aflyst af os"}
IN_GROUPS = replace(standard(), participants=True)
THEIRS = {SARA: {}, ALI: {"cpr": ALI, "fornavn": "Ali", "telefon": "28 99 99 99"}}


@pytest.fixture
def group(desk: Desk) -> Desk:
    """Sara and Ali are at one meeting, which its source calls G1."""
    books_in_groups(desk, SARA, ALI)
    return desk


def books_in_groups(desk: Desk, *cprs: str) -> None:
    """Take in a meeting G1 of these citizens, from a source that has meetings of several."""
    desk.clock.moment = wall("2027-10-01 10:00")
    desk.take_in(*({"aftale_id": "G1"} | THEIRS[cpr] for cpr in cprs), profile=IN_GROUPS)
    freezes(desk)


def of_group(**line: str) -> dict[str, str]:
    """A line about G1."""
    return {"aftale_id": "G1", **line}


def told(desk: Desk) -> dict[str, OfficialWord]:
    """What is kept, by the CPR number whose meeting it is of."""
    citizen = {row.id: row.citizen_id for row in desk.every(Appointment)}
    words = {citizen[row.appointment_id]: row.outcome for row in desk.every(OfficialOutcome)}
    with desk.runtime.database.read() as session:
        return {cpr: words[owner] for cpr in (SARA, ALI) for owner in [_citizen(desk, session, cpr)] if owner in words}


def _citizen(desk: Desk, session: Session, cpr: str) -> object:
    index = desk.runtime.vault.cpr_index(cpr.replace("-", ""))
    return session.scalar(sa.select(Citizen.id).where(Citizen.cpr_index == index))


def test_each_citizen_of_a_group_has_an_outcome_of_her_own_by_her_cpr_number(group: Desk) -> None:
    report = tells(group, of_group(cpr=SARA, **HELD), of_group(cpr=ALI.replace("-", ""), **ABSENT))

    assert (report.created, report.rejected, report.missing) == (2, (), 0)
    assert told(group) == {SARA: OfficialWord.HELD, ALI: OfficialWord.NO_SHOW}


def test_group_booked_over_the_api_is_told_of_by_what_the_caller_calls_it(group: Desk) -> None:
    with group.runtime.database.write() as session:
        for meeting in session.scalars(sa.select(Appointment)):
            meeting.source, meeting.external_id = "api:7", f"H1/{meeting.citizen_id}"
    report = tells(group, {"aftale_id": "H1", "cpr": ALI, **ABSENT})

    assert (report.created, report.rejected) == (1, ())
    assert told(group) == {ALI: OfficialWord.NO_SHOW}


@pytest.mark.parametrize(
    "words", [[HELD], [ABSENT], [HELD, ABSENT], [HELD, HELD], [{**ABSENT, "afbud": "13-10-2027 09:00"}]]
)
def test_outcome_of_a_group_that_does_not_say_whose_it_is_is_refused(group: Desk, words: list[dict[str, str]]) -> None:
    report = tells(group, *(of_group(**word) for word in words))

    assert [line.code for line in report.rejected] == ["needs_cpr"] * len(words)
    assert (report.created, told(group)) == (0, {})


def test_our_own_cancellation_of_a_group_is_everybodys(group: Desk) -> None:
    report = tells(group, of_group(**BY_US))

    assert (report.lines, report.created, report.missing) == (1, 2, 0)
    assert told(group) == {SARA: OfficialWord.CANCELLED_BY_US, ALI: OfficialWord.CANCELLED_BY_US}
    assert tells(group, of_group(**BY_US), at="2027-10-21 09:00").unchanged == 2


def test_line_that_names_a_citizen_counts_before_one_about_the_group(group: Desk) -> None:
    report = tells(group, of_group(**BY_US), of_group(cpr=ALI, **HELD))

    assert (report.created, report.rejected) == (2, ())
    assert told(group) == {SARA: OfficialWord.CANCELLED_BY_US, ALI: OfficialWord.HELD}


def test_line_about_a_group_of_whom_each_is_named_is_reported_and_not_used(group: Desk) -> None:
    report = tells(group, of_group(**BY_US), of_group(cpr=ALI, **HELD), of_group(cpr=SARA, **HELD))

    assert [(line.line, line.code) for line in report.rejected] == [(2, "superseded")]
    assert told(group) == {SARA: OfficialWord.HELD, ALI: OfficialWord.HELD}


def test_meeting_of_one_citizen_at_a_source_of_groups_needs_no_cpr_number(desk: Desk) -> None:
    books_in_groups(desk, ALI)

    assert tells(desk, of_group(**ABSENT)).created == 1
    assert told(desk) == {ALI: OfficialWord.NO_SHOW}


def test_citizen_who_takes_no_part_is_reported_and_changes_nothing(desk: Desk) -> None:
    books_in_groups(desk, ALI)
    report = tells(desk, of_group(cpr=SARA, **HELD))

    assert ([line.code for line in report.rejected], told(desk)) == (["not_a_participant"], {})


def test_cpr_number_of_another_citizen_at_an_ordinary_meeting_changes_nothing(desk: Desk) -> None:
    desk.books()
    freezes(desk)

    assert [line.code for line in tells(desk, {"cpr": ALI}).rejected] == ["another_citizen"]
    assert tells(desk, {"cpr": SARA}).created == 1


def test_cpr_number_tells_whose_where_two_systems_have_a_meeting_by_one_id(desk: Desk) -> None:
    desk.books()
    desk.take_in(THEIRS[ALI], source="kalender")

    assert [line.code for line in tells(desk, {}).rejected] == ["ambiguous"]
    assert tells(desk, {"cpr": ALI}).created == 1
    assert told(desk) == {ALI: OfficialWord.NO_SHOW}


@pytest.fixture
def renamed(desk: Desk) -> Desk:
    """Sara's meeting A1 is called B9 by now."""
    desk.books()
    desk.take_in({"aftale_id": "B9"})
    freezes(desk)
    assert [row.external_id for row in desk.every(Appointment)] == ["B9"]
    return desk


def test_meeting_that_has_another_id_by_now_is_found_by_whose_it_is(renamed: Desk) -> None:
    assert [line.code for line in tells(renamed, HELD).rejected] == ["unknown_appointment"]
    assert tells(renamed, {"cpr": SARA, **HELD}).created == 1
    assert told(renamed) == {SARA: OfficialWord.HELD}


def test_meeting_told_of_by_its_old_and_its_new_id_is_one(renamed: Desk) -> None:
    report = tells(renamed, {"cpr": SARA, **HELD}, {"aftale_id": "B9", **ABSENT})

    assert [line.code for line in report.rejected] == ["conflicting", "conflicting"]


@pytest.mark.parametrize(
    "line",
    [
        {"cpr": ALI},
        {"cpr": SARA, "sagsbehandler": "sb02"},
        {"cpr": SARA, "start": "14-10-2027 10:31"},
    ],
)
def test_unknown_id_names_no_meeting_of_another_citizen_caseworker_or_time(renamed: Desk, line: dict[str, str]) -> None:
    assert [line.code for line in tells(renamed, line).rejected] == ["unknown_appointment"]


def test_id_that_another_meeting_has_at_another_time_names_no_third(renamed: Desk) -> None:
    renamed.take_in({"aftale_id": "A1", "start": "19-10-2027 10:30"})

    assert [line.code for line in tells(renamed, {"cpr": SARA}).rejected] == ["unknown_appointment"]


def test_two_names_for_one_citizens_part_are_one_meeting(group: Desk) -> None:
    part = next(row.external_id for row in group.every(Appointment))
    with group.runtime.database.read() as session:
        owner = session.scalar(sa.select(Appointment.citizen_id).where(Appointment.external_id == part))
        cpr = next(cpr for cpr in (SARA, ALI) if _citizen(group, session, cpr) == owner)
    same = tells(group, {"aftale_id": part}, of_group(cpr=cpr))
    other = tells(group, {"aftale_id": part, **HELD}, of_group(cpr=cpr), at="2027-10-21 09:00")

    assert ([line.code for line in same.rejected], same.created) == (["duplicate"], 1)
    assert [line.code for line in other.rejected] == ["conflicting", "conflicting"]


def test_chase_list_names_a_group_as_its_source_does(group: Desk) -> None:
    with group.runtime.database.read() as session:
        missing = list_missing(session, at=wall(AFTER), limit=10)

    assert [one.external_id for one in missing] == ["G1", "G1"]


def test_cpr_number_is_in_nothing_that_is_told_or_kept_of_the_import(group: Desk) -> None:
    report = tells(
        group,
        of_group(cpr=ALI, udfald="?"),
        {"aftale_id": "G2", "cpr": ALI, "sagsbehandler": "sb02"},
        of_group(cpr=ALI, afbud="x;y"),
    )

    assert [line.code for line in report.rejected] == [
        "unknown_outcome",
        "unknown_appointment",
        "wrong_number_of_fields",
    ]
    kept = [str(vars(row)) for row in group.every(ImportLine)]
    assert len(kept) >= 3
    assert not [text for text in (repr(report), *kept) if "4123" in text]
