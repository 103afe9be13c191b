"""What the employment system says of meetings: kept beside what staff say, compared, and counted before the trial."""

import pytest
import sqlalchemy as sa

from messaging.appointments.freezing import freeze_due
from messaging.appointments.line_file import UnusableFile
from messaging.appointments.models import Appointment, Import, ImportLine
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.states import AppointmentState, OutcomeWord
from messaging.attendance.comparing import compared
from messaging.attendance.importing import SOURCE, BaselineReport, OutcomeReport, import_baseline, import_outcomes
from messaging.attendance.models import BaselineCount, OfficialOutcome, OfficialWord
from messaging.attendance.queries import Attended, attended, missing_by_unit
from messaging.errors import InvalidInput
from messaging.people.actors import SYSTEM
from tests.appointments.conftest import Desk, wall
from tests.attendance.test_outcome_file import outcome_file

AFTER = "2027-10-20 09:00"
OCTOBER = {"since": wall("2027-10-01 00:00"), "until": wall("2027-11-01 00:00")}


def tells(desk: Desk, *lines: dict[str, str], at: str = AFTER) -> OutcomeReport:
    desk.clock.moment = wall(at)
    with desk.runtime.act(SYSTEM) as act:
        return import_outcomes(act, outcome_file(*lines))


def counts(desk: Desk, *lines: dict[str, str], last_month: str = "2026-09") -> BaselineReport:
    with desk.runtime.act(SYSTEM) as act:
        return import_baseline(act, outcome_file(*lines), last_month=last_month)


def freezes(desk: Desk, *, at: str = "2027-10-13 10:00") -> None:
    desk.clock.moment = wall(at)
    with desk.runtime.act(SYSTEM) as act:
        freeze_due(act)


def of_october(desk: Desk) -> list[Attended]:
    with desk.runtime.database.read() as session:
        return list(attended(session, **OCTOBER))


@pytest.fixture
def planned(desk: Desk) -> Desk:
    """Sara's meeting is booked, and counts."""
    desk.books()
    freezes(desk)
    return desk


def test_outcome_is_kept_beside_what_staff_say_and_changes_nothing_of_it(planned: Desk) -> None:
    planned.clock.moment = wall("2027-10-14 12:00")
    with planned.runtime.act(SYSTEM) as act:
        record_outcome(act, appointment_id=planned.appointment().id, outcome=OutcomeWord.HELD)
    report = tells(planned, {})

    assert (report.created, report.changed, report.unchanged, report.rejected) == (1, 0, 0, ())
    assert planned.appointment().state is AppointmentState.HELD
    assert [one.outcome for one in of_october(planned)] == [OfficialWord.NO_SHOW]
    with planned.runtime.database.read() as session:
        assert compared(session, **OCTOBER) == {(OfficialWord.NO_SHOW, OutcomeWord.HELD): 1}


def test_same_file_again_changes_nothing_and_a_later_one_counts(planned: Desk) -> None:
    tells(planned, {})
    again = tells(planned, {}, at="2027-10-21 09:00")
    later = tells(planned, {"udfald": "afholdt"}, at="2027-10-22 09:00")

    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    assert (later.created, later.changed, later.unchanged) == (0, 1, 0)
    assert [one.outcome for one in of_october(planned)] == [OfficialWord.HELD]
    assert len(planned.every(OfficialOutcome)) == 2


def test_outcome_of_a_meeting_nobody_knows_is_reported_and_the_rest_is_taken_in(planned: Desk) -> None:
    report = tells(planned, {"aftale_id": "B7"}, {"start": "14-10-2027 10:00"}, {})

    assert [(line.line, line.code) for line in report.rejected] == [
        (2, "unknown_appointment"),
        (3, "unknown_appointment"),
    ]
    assert report.created == 1
    (kept,) = [row for row in planned.every(Import) if row.source == SOURCE]
    assert (kept.lines, kept.created, kept.rejected) == (3, 1, 2)
    assert len([row for row in planned.every(ImportLine) if row.import_id == kept.id]) == 2


def test_outcome_finds_a_meeting_whichever_system_it_was_booked_in(planned: Desk) -> None:
    planned.take_in({"aftale_id": "K1", "start": "19-10-2027 09:00"}, source="kalender")

    assert tells(planned, {"aftale_id": "K1", "start": "19-10-2027 09:00"}).created == 1


@pytest.mark.parametrize(
    "external_id",
    [
        "040000008200E00074C5B7101A82E008@kk.dk",
        "{6F9619FF-8B86-D011-B42D-00C04FC964FF}",
        "urn:uuid:12",
        "AB 12",
        "#7 (Mødested 1)",
        "x" * 200,
        "Sag nr. 12~3+4",
    ],
)
def test_meeting_can_have_an_outcome_by_whatever_id_it_could_be_booked(desk: Desk, external_id: str) -> None:
    desk.books(aftale_id=external_id)

    assert tells(desk, {"aftale_id": external_id}).created == 1


def test_meeting_can_have_an_outcome_by_an_id_that_only_the_api_takes(planned: Desk) -> None:
    with planned.runtime.database.write() as session:
        session.execute(sa.update(Appointment).values(external_id="=1+1", source="api:7"))

    assert tells(planned, {"aftale_id": "=1+1"}).created == 1


def test_outcome_that_may_be_of_either_of_two_systems_is_of_none(planned: Desk) -> None:
    planned.take_in({}, source="kalender")
    report = tells(planned, {})

    assert ([line.code for line in report.rejected], report.created) == (["ambiguous"], 0)


def test_moved_meeting_is_put_off_where_it_is_held_within_fourteen_days(planned: Desk) -> None:
    planned.books(at="2027-10-13 12:00", start="20-10-2027 09:00")
    freezes(planned, at="2027-10-20 08:00")
    tells(
        planned,
        {"afbud": "13-10-2027 11:00"},
        {"start": "20-10-2027 09:00", "udfald": "afholdt"},
        at="2027-10-21 09:00",
    )

    assert [(one.planned_for, one.outcome, one.held_within) for one in of_october(planned)] == [
        (wall("2027-10-14 10:30"), OfficialWord.CANCELLED_BY_CITIZEN, True),
        (wall("2027-10-20 09:00"), OfficialWord.HELD, True),
    ]


def test_meeting_that_is_moved_inside_the_four_days_is_asked_for_and_told_of_at_its_old_time(desk: Desk) -> None:
    """Nobody looked between its moment and the move."""
    desk.books()
    desk.books(at="2027-10-12 09:00", start="20-10-2027 09:00")
    with desk.runtime.database.read() as session:
        (missing,) = missing_by_unit(session, at=wall("2027-10-15 09:00"))
    report = tells(desk, {"afbud": "12-10-2027 08:30"}, at="2027-10-15 09:00")

    assert (missing.meetings, missing.oldest) == (1, wall("2027-10-14 10:30"))
    assert (report.created, report.missing, report.rejected) == (1, 0, ())
    assert (of_october(desk)[0].planned_for, of_october(desk)[0].outcome) == (
        wall("2027-10-14 10:30"),
        OfficialWord.CANCELLED_BY_CITIZEN,
    )


@pytest.mark.parametrize(("start", "within"), [("28-10-2027 10:30", True), ("28-10-2027 10:31", False)])
def test_fourteen_days_are_counted_from_the_planned_time(planned: Desk, start: str, within: bool) -> None:
    planned.take_in({"aftale_id": "A2", "start": start})
    tells(planned, {}, {"aftale_id": "A2", "start": start, "udfald": "afholdt"}, at="2027-11-02 09:00")

    assert of_october(planned)[0].held_within is within


def test_meeting_that_is_moved_to_an_earlier_day_and_held_is_held_within_fourteen_days(desk: Desk) -> None:
    desk.books()
    desk.books(at="2027-10-11 12:00", start="12-10-2027 09:00")
    freezes(desk, at="2027-10-12 08:00")
    tells(
        desk, {"start": "12-10-2027 09:00", "udfald": "afholdt"}, {"udfald": "ikke mødt", "afbud": "11-10-2027 11:00"}
    )

    assert [(one.planned_for, one.held_within) for one in of_october(desk)] == [
        (wall("2027-10-12 09:00"), True),
        (wall("2027-10-14 10:30"), True),
    ]
    with desk.runtime.database.read() as session:
        alone = attended(session, since=wall("2027-10-13 00:00"), until=wall("2027-10-15 00:00"))
        assert [one.held_within for one in alone] == [True]


def test_meeting_that_was_held_and_is_then_booked_by_the_same_id_once_more_was_not_held_in_advance(desk: Desk) -> None:
    desk.books(start="05-10-2027 10:30")
    freezes(desk, at="2027-10-05 08:00")
    tells(desk, {"start": "05-10-2027 10:30", "udfald": "afholdt"}, at="2027-10-06 09:00")
    desk.books(at="2027-10-07 12:00", start="14-10-2027 10:30")
    freezes(desk)
    tells(desk, {})

    assert [one.held_within for one in of_october(desk)] == [True, False]


def test_meeting_of_another_kind_does_not_stand_for_it(planned: Desk) -> None:
    other = {"aftale_id": "A2", "start": "20-10-2027 10:30", "samtaletype": "CV-samtale"}
    planned.take_in(other)
    tells(planned, {}, {**other, "udfald": "afholdt"}, at="2027-11-02 09:00")

    assert not of_october(planned)[0].held_within


def test_what_nobody_told_of_is_missing_by_unit_once_it_has_begun(planned: Desk) -> None:
    with planned.runtime.database.read() as session:
        before = missing_by_unit(session, at=wall("2027-10-14 10:29"))
        (after,) = missing_by_unit(session, at=wall(AFTER))
    told = tells(planned, {})

    assert before == []
    assert (after.unit, after.meetings, after.oldest) == ("Team A", 1, wall("2027-10-14 10:30"))
    assert told.missing == 0


def test_nobody_is_asked_of_a_meeting_that_was_booked_once_it_had_begun(desk: Desk) -> None:
    desk.books(at="2027-10-15 09:00")
    freezes(desk, at="2027-10-15 10:00")
    with desk.runtime.database.read() as session:
        assert missing_by_unit(session, at=wall(AFTER)) == []

    assert tells(desk, {"udfald": "afholdt"}).created == 1
    assert of_october(desk) == []


def test_baseline_keeps_counts_of_the_twelve_months_and_no_citizen(desk: Desk) -> None:
    report = counts(
        desk,
        {"start": "30-09-2026 10:00"},
        {"aftale_id": "A2", "start": "01-09-2026 10:00"},
        {"aftale_id": "A3", "start": "01-10-2025 00:00", "udfald": "afholdt"},
        {"aftale_id": "A4", "start": "30-09-2025 23:59"},
        {"aftale_id": "A5", "start": "01-10-2026 00:00"},
        {"aftale_id": "A6", "start": "01-09-2026 10:00", "sagsbehandler": "xx99"},
    )

    assert (report.meetings, report.months[0], report.months[-1]) == (3, "2025-10", "2026-09")
    assert [(line.line, line.code) for line in report.rejected] == [
        (5, "outside"),
        (6, "outside"),
        (7, "unknown_caseworker"),
    ]
    assert len(report.empty) == 10
    assert {(row.month, row.outcome, row.meetings) for row in desk.every(BaselineCount)} == {
        ("2026-09", OfficialWord.NO_SHOW, 2),
        ("2025-10", OfficialWord.HELD, 1),
    }


def test_later_baseline_takes_the_place_of_the_one_before(desk: Desk) -> None:
    counts(desk, {"start": "30-09-2026 10:00"})
    counts(desk, {"start": "29-09-2026 10:00", "udfald": "afholdt"})

    assert [row.outcome for row in desk.every(BaselineCount)] == [OfficialWord.HELD]


@pytest.mark.parametrize("month", ["2026-13", "september", "2126-09", "2027-03", "26-09", ""])
def test_month_that_is_none_or_not_over_is_refused_and_the_baseline_stays(desk: Desk, month: str) -> None:
    counts(desk, {"start": "30-09-2026 10:00"})
    desk.clock.moment = wall("2027-03-02 10:00")
    with pytest.raises(InvalidInput):
        counts(desk, {"start": "30-09-2026 10:00"}, last_month=month)

    assert len(desk.every(BaselineCount)) == 1


@pytest.mark.parametrize(
    ("lines", "last_month", "says"),
    [
        ([], "2026-09", "ingen linjer"),
        ([{"start": "30-09-2026 10:00"}], "2025-09", "2024-10 til 2025-09"),
        ([{"start": "30-09-2026 10:00"}], "2025-09", "1 × Mødet ligger uden for de tolv måneder."),
        ([{"start": "30-09-2026 10:00", "sagsbehandler": "xx99"}], "2026-09", "initialer er ukendte"),
        ([{"start": "30-09-2026 10:00", "udfald": "?"}] * 2, "2026-09", "2 × Udfaldet er hverken"),
    ],
)
def test_file_that_tells_of_no_meeting_of_the_months_is_refused_and_the_baseline_stays(
    desk: Desk, lines: list[dict[str, str]], last_month: str, says: str
) -> None:
    counts(desk, {"start": "30-09-2026 10:00"})
    with pytest.raises(UnusableFile, match=says):
        counts(desk, *lines, last_month=last_month)

    assert len(desk.every(BaselineCount)) == 1
