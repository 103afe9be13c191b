"""What the employment system's export must look like, and the one rule by which a meeting was a no-show."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.appointments.line_file import UnusableFile
from messaging.appointments.timing import earliest_moment, moment_of
from messaging.attendance.models import OfficialWord
from messaging.attendance.outcome_file import COLUMNS, CPR, OutcomeFile, read_outcomes
from messaging.errors import InvalidInput
from tests.appointments.conftest import wall

LINE = {
    "aftale_id": "A1",
    "sagsbehandler": "sb01",
    "start": "14-10-2027 10:30",
    "samtaletype": "Jobsamtale",
    "udfald": "ikke mødt",
    "afbud": "",
}
NOW = wall("2027-10-20 09:00")


def outcome_file(*lines: dict[str, str]) -> bytes:
    """An export; each line is the usual one with some fields other. It has a column `cpr` if a line names anybody."""
    columns = (*COLUMNS, CPR) if any(CPR in line for line in lines) else COLUMNS
    usual = dict.fromkeys(columns, "") | LINE
    return "\n".join([";".join(columns), *(";".join((usual | line).values()) for line in lines)]).encode()


def read(*lines: dict[str, str]) -> OutcomeFile:
    return read_outcomes(outcome_file(*lines), now=NOW)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ({"udfald": "afholdt"}, OfficialWord.HELD),
        ({"udfald": "Afholdt"}, OfficialWord.HELD),
        ({"udfald": "ikke mødt"}, OfficialWord.NO_SHOW),
        ({"udfald": "ikke mødt", "afbud": "14-10-2027 10:29"}, OfficialWord.CANCELLED_BY_CITIZEN),
        ({"udfald": "ikke mødt", "afbud": "14-10-2027 10:30"}, OfficialWord.NO_SHOW),
        ({"udfald": "ikke mødt", "afbud": "14-10-2027 12:00"}, OfficialWord.NO_SHOW),
        ({"udfald": "aflyst af os"}, OfficialWord.CANCELLED_BY_US),
        ({"udfald": "aflyst af os", "start": "01-11-2027 10:30"}, OfficialWord.CANCELLED_BY_US),
        (
            {"udfald": "ikke mødt", "start": "01-11-2027 10:30", "afbud": "19-10-2027 10:30"},
            OfficialWord.CANCELLED_BY_CITIZEN,
        ),
    ],
)
def test_notice_before_the_start_is_a_cancellation_and_anything_else_a_no_show(
    line: dict[str, str], outcome: OfficialWord
) -> None:
    (row,) = read(line).rows

    assert row.outcome is outcome


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"afbud": "31-02-2027 02:30"}, "impossible_time"),
        ({"afbud": "14-10-1027 02:30"}, "impossible_time"),
        ({"start": "25-10-2026 02:45", "afbud": "25-10-2026 02:30"}, "ambiguous_time"),
        ({"aftale_id": ""}, "unusable_id"),
        ({"aftale_id": "A\u202e1"}, "unusable_id"),
        ({"aftale_id": "x" * 201}, "too_long"),
        ({"cpr": "310297-4123"}, "broken_cpr"),
        ({"cpr": "Sara"}, "broken_cpr"),
        ({"sagsbehandler": ""}, "missing_caseworker"),
        ({"samtaletype": ""}, "missing_meeting_type"),
        ({"samtaletype": "x" * 101}, "too_long"),
        ({"udfald": "mødt"}, "unknown_outcome"),
        ({"udfald": "afholdt", "afbud": "13-10-2027 09:00"}, "notice_of_held"),
        ({"start": "14/10/2027 10:30"}, "unreadable_time"),
        ({"start": "30-02-2027 10:30"}, "impossible_time"),
        ({"start": "28-03-2027 02:30"}, "impossible_time"),
        ({"start": "31-10-2026 02:30", "afbud": "x"}, "unreadable_time"),
        ({"start": "25-10-2026 02:30"}, "ambiguous_time"),
        ({"start": "01-11-2027 10:30"}, "not_begun"),
        ({"afbud": "21-10-2027 10:30"}, "impossible_notice"),
        ({"afbud": "14-10-2025 10:30"}, "impossible_notice"),
    ],
)
def test_broken_line_is_refused_with_its_reason_and_its_neighbour_is_used(line: dict[str, str], code: str) -> None:
    file = read(line, {"aftale_id": "A2"})

    assert [(one.line, one.code) for one in file.rejected] == [(2, code)]
    assert file.rejected[0].sentence
    assert [row.external_id for row in file.rows] == ["A2"]


def test_lines_of_two_citizens_at_one_meeting_are_two_meetings() -> None:
    file = read({"cpr": "150697-4123"}, {"cpr": "1606974123", "udfald": "afholdt"}, {"cpr": "1506974123"})

    assert [(row.cpr, row.outcome) for row in file.rows] == [
        ("1506974123", OfficialWord.NO_SHOW),
        ("1606974123", OfficialWord.HELD),
    ]
    assert [(one.line, one.code) for one in file.rejected] == [(4, "duplicate")]
    assert "4123" not in repr(file)


def test_personal_number_in_the_place_of_an_id_is_not_repeated() -> None:
    file = read({"aftale_id": "150697-4123", "udfald": "?"}, {"aftale_id": "1506974123", "afbud": "x;y"})

    assert [one.code for one in file.rejected] == ["unknown_outcome", "wrong_number_of_fields"]
    assert all("4123" not in (one.external_id or "") for one in file.rejected)


@pytest.mark.parametrize(
    ("notice", "start", "outcome"),
    [
        ("25-10-2026 02:30", "25-10-2026 03:00", OfficialWord.CANCELLED_BY_CITIZEN),
        ("25-10-2026 02:30", "25-10-2026 01:59", OfficialWord.NO_SHOW),
        ("28-03-2027 02:30", "28-03-2027 03:31", OfficialWord.CANCELLED_BY_CITIZEN),
        ("28-03-2027 02:30", "28-03-2027 03:30", OfficialWord.NO_SHOW),
    ],
)
def test_notice_in_an_hour_of_which_the_clock_shows_two_or_none_costs_no_outcome(
    notice: str, start: str, outcome: OfficialWord
) -> None:
    (row,) = read({"afbud": notice, "start": start}).rows

    assert row.outcome is outcome


@given(
    st.datetimes(datetime(2026, 10, 25), datetime(2026, 10, 25, 6)),  # noqa: DTZ001
    st.integers(0, 59),
)
def test_no_start_that_is_known_lies_between_the_two_meanings_of_a_notice(wall_start: datetime, minute: int) -> None:
    with suppress(InvalidInput):
        start = moment_of(wall_start.replace(second=0, microsecond=0))
        first = earliest_moment(f"25-10-2026 02:{minute:02}")
        assert (first < start) is (first + timedelta(hours=1) < start)


def test_same_line_twice_counts_once() -> None:
    file = read({}, {})

    assert (len(file.rows), [one.code for one in file.rejected]) == (1, ["duplicate"])


def test_of_two_words_about_one_meeting_none_is_believed() -> None:
    file = read({}, {"udfald": "afholdt"})

    assert (file.rows, [one.code for one in file.rejected]) == ((), ["conflicting", "conflicting"])


def test_one_meeting_may_have_an_outcome_at_each_of_its_times() -> None:
    assert len(read({}, {"start": "18-10-2027 10:30", "udfald": "afholdt"}).rows) == 2


def test_letter_is_no_export() -> None:
    with pytest.raises(UnusableFile):
        read_outcomes("Kære borger\n".encode(), now=NOW)
