"""The call centre's weeks: read line by line, counted once, and replaced by a later file."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from messaging.appointments.line_file import UnusableFile
from messaging.appointments.models import ImportLine
from messaging.clock import FixedClock
from messaging.errors import InvalidInput
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.volumes.call_file import read_calls
from messaging.volumes.contacts import CallCount, calls
from messaging.volumes.importing import CallReport, import_calls
from messaging.volumes.models import CallWeek
from messaging.volumes.weeks import last_day, read_week, week_of

HEADER = "uge;linje;opkald;besvaret;ventetid_sek\n"
TODAY = date(2027, 3, 2)


def take_in(runtime: Runtime, *lines: str, header: str = HEADER) -> CallReport:
    with runtime.act(SYSTEM) as act:
        return import_calls(act, (header + "\n".join(lines)).encode())


def test_a_file_is_taken_in_once_and_another_figure_takes_its_place(runtime: Runtime) -> None:
    first = take_in(runtime, "2027-W07;Unge;120;100;45", "2027-W08;Unge;90;90;")
    again = take_in(runtime, "2027-W07;Unge;120;100;45", "2027-U8;Unge;91;90;", "")

    assert (first.created, first.changed, first.unchanged, first.rejected) == (2, 0, 0, ())
    assert (again.created, again.changed, again.unchanged) == (0, 1, 1)
    with runtime.database.read() as session:
        weeks = session.execute(sa.select(CallWeek.week, CallWeek.calls, CallWeek.seconds_waited)).all()
    assert sorted(weeks) == [("2027-W07", 120, 45), ("2027-W08", 91, None)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("7;Unge;1;1;", "unreadable_week"),
        ("2027-W53;Unge;1;1;", "unreadable_week"),
        ("2027-W09;Unge;1;1;", "running_week"),
        ("2027-W08;;1;1;", "missing_line"),
        ("2027-W08;24 10 19 21;1;1;", "person_in_line"),
        (f"2027-W08;{'x' * 101};1;1;", "too_long"),
        ("2027-W08;Unge;mange;1;", "not_a_number"),
        ("2027-W08;Unge;-1;1;", "not_a_number"),
        ("2027-W08;Unge;1;1;1,5", "not_a_number"),
        ("2027-W08;Unge;1;2;", "more_answered"),
    ],
)
def test_a_line_that_cannot_be_used_says_why_and_harms_no_other(line: str, code: str) -> None:
    file = read_calls((HEADER + f"{line}\n2027-W07;Unge;3;2;\n").encode(), today=TODAY)

    assert [(bad.line, bad.code) for bad in file.rejected] == [(2, code)]
    assert file.rejected[0].sentence
    assert len(file.rows) == 1


def test_two_figures_for_one_week_and_line_are_both_refused_and_the_same_twice_is_told() -> None:
    lines = "2027-W07;Unge;3;2;\n2027-U7;Unge;4;2;\n2027-W08;Unge;1;1;\n2027-W08;Unge;1;1;\n"
    file = read_calls((HEADER + lines).encode(), today=TODAY)

    assert [(bad.line, bad.code) for bad in file.rejected] == [(2, "conflicting"), (3, "conflicting"), (5, "duplicate")]
    assert [row.week for row in file.rows] == ["2027-W08"]


def test_what_is_refused_is_kept_with_its_reason_and_a_file_of_something_else_is_none(runtime: Runtime) -> None:
    report = take_in(runtime, "2027-W08;Unge;1;2;")
    with runtime.database.read() as session:
        kept = session.scalars(sa.select(ImportLine).filter_by(import_id=report.import_id)).one()

    assert (kept.line, kept.code, kept.external_id) == (2, "more_answered", "2027-W08")
    with pytest.raises(UnusableFile, match="besvaret"):
        take_in(runtime, "2027-W08;1", header="uge;linje;opkald\n")


def test_lines_of_a_week_are_summed_and_waiting_is_weighed_by_what_was_answered(
    runtime: Runtime, clock: FixedClock
) -> None:
    take_in(runtime, "2027-W07;Unge;100;90;10", "2027-W07;Job;20;10;110", "2027-W08;Unge;5;4;", "2027-W08;Job;5;4;9")
    with runtime.database.read() as session:
        found = calls(session, since=clock.now() - timedelta(weeks=4), until=clock.now())
        earlier = calls(session, since=clock.now() - timedelta(weeks=9), until=clock.now() - timedelta(weeks=4))

    assert found == [
        CallCount(week="2027-W07", calls=120, answered=100, seconds_waited=20),
        CallCount(week="2027-W08", calls=10, answered=8, seconds_waited=None),
    ]
    assert earlier == []


def test_weeks_are_those_of_the_wall_clock(clock: FixedClock) -> None:
    assert week_of(clock.now()) == "2027-W09"
    assert last_day("2027-W09") == date(2027, 3, 7)
    assert read_week("2026-w53") == "2026-W53"
    with pytest.raises(InvalidInput):
        read_week("2027-W00")
