"""The booking system's export and the staff list: what is used, what is refused, and why."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.appointments.booking_file import BookingFile, read_bookings
from messaging.appointments.caseworker_file import COLUMNS as STAFF_COLUMNS
from messaging.appointments.caseworker_file import read_caseworkers
from messaging.appointments.line_file import UnusableFile
from messaging.appointments.models import Form
from messaging.people.models import Role

NOW = datetime(2027, 1, 1, tzinfo=UTC)
GOOD = {
    "aftale_id": "A1",
    "cpr": "780305-9197",
    "fornavn": "Åse",
    "efternavn": "Nguyen-Yılmaz",
    "telefon": "+45 20 30 40 50",
    "sagsbehandler": "sb01",
    "start": "14-10-2027 10:30",
    "varighed_min": "30",
    "samtaletype": "CV-samtale",
    "afholdelsesform": "Fremmøde",
    "sted": "Mødested 1",
    "formaal": '"Dit CV; tag det med"',
    "selvbooket": "Ja",
    "huskeservice": "Nej",
}
HEADER = ";".join(GOOD)


def line(**changes: str) -> str:
    """A line of the export: a good one, but for these fields."""
    return ";".join({**GOOD, **changes}.values())


def read(*lines: str) -> BookingFile:
    """Read an export with these lines below its header."""
    text = "\r\n".join([HEADER, *lines, ""])
    return read_bookings(text.encode("utf-8-sig"), now=NOW, caseworkers={"sb01"})


def codes(file: BookingFile) -> list[tuple[int, list[str]]]:
    """Which lines were refused, and why."""
    return [(rejected.line, [fault.code for fault in rejected.faults]) for rejected in file.rejected]


def test_good_line_becomes_a_row() -> None:
    (row,) = read(line()).rows

    assert (row.line, row.external_id, row.cpr, row.first_name, row.last_name) == (
        2,
        "A1",
        "7803059197",
        "Åse",
        "Nguyen-Yılmaz",
    )
    assert (row.starts_at, row.minutes, row.form) == (datetime(2027, 10, 14, 8, 30, tzinfo=UTC), 30, Form.IN_PERSON)
    assert (row.note, row.self_booked, row.reminded_by_huskeservice) == ("Dit CV; tag det med", True, False)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"aftale_id": ""}, "unusable_id"),
        ({"aftale_id": '"=1+1"'}, "unusable_id"),
        ({"aftale_id": "@SUM(A1)"}, "unusable_id"),
        ({"aftale_id": "A\u202e1"}, "unusable_id"),
        ({"aftale_id": "x" * 201}, "too_long"),
        ({"cpr": "3112"}, "broken_cpr"),
        ({"cpr": "310297-4123"}, "broken_cpr"),
        ({"cpr": "010128-4123"}, "broken_cpr"),
        ({"cpr": "320197-4123"}, "broken_cpr"),
        ({"cpr": "920197-4123"}, "broken_cpr"),
        ({"fornavn": '"=HYPERLINK(""http://x"")"'}, "unusable_name"),
        ({"fornavn": "@SUM(A1)"}, "unusable_name"),
        ({"fornavn": "{phone}"}, "unusable_name"),
        ({"efternavn": ""}, "unusable_name"),
        ({"sagsbehandler": "sb99"}, "unknown_caseworker"),
        ({"start": "31-02-2027 10:00"}, "impossible_time"),
        ({"start": "28-03-2027 02:30"}, "impossible_time"),
        ({"start": "31-10-2027 02:30"}, "ambiguous_time"),
        ({"start": "2027-10-14"}, "unreadable_time"),
        ({"start": "04-01-2019 09:00"}, "long_past"),
        ({"varighed_min": "-30"}, "impossible_duration"),
        ({"varighed_min": "٣٠"}, "impossible_duration"),
        ({"varighed_min": "9" * 90}, "impossible_duration"),
        ({"samtaletype": ""}, "missing_meeting_type"),
        ({"afholdelsesform": "Telepati"}, "unknown_form"),
        ({"selvbooket": "måske"}, "not_yes_or_no"),
        ({"formaal": "x" * 5000}, "too_long"),
        ({"sted": "A\x00B"}, "control_character"),
        ({"huskeservice": "Nej;ekstra"}, "wrong_number_of_fields"),
        ({"formaal": '"åbent'}, "broken_quotes"),
        ({"formaal": "x" * 200_000}, "too_long"),
    ],
)
def test_faulty_line_is_refused_with_its_reason_and_its_neighbours_are_used(changes: dict[str, str], code: str) -> None:
    file = read(line(aftale_id="B1"), line(**changes), line(aftale_id="B2"))

    assert codes(file) == [(3, [code])]
    assert [row.external_id for row in file.rows] == ["B1", "B2"]


def test_every_fault_of_a_line_is_reported() -> None:
    file = read(line(start="31-02-2027 10:00", formaal="x" * 5000))

    assert codes(file) == [(2, ["impossible_time", "too_long"])]


def test_report_does_not_repeat_what_stands_in_the_line() -> None:
    (rejected,) = read(line(cpr="310297-4123", fornavn="=Sara()")).rejected

    assert "310297" not in repr(rejected)
    assert "Sara" not in repr(rejected)


def test_line_in_another_encoding_is_refused_alone() -> None:
    data = f"{HEADER}\n{line()}\n".encode() + line(aftale_id="A2", efternavn="Mølgård").encode("latin-1") + b"\n"

    file = read_bookings(data, now=NOW)

    assert codes(file) == [(3, ["wrong_encoding"])]
    assert len(file.rows) == 1


def test_quoted_field_may_run_over_lines() -> None:
    file = read(line(formaal='"første\nanden; linje"'), line(aftale_id="A2"))

    assert [row.note for row in file.rows] == ["første\nanden; linje", "Dit CV; tag det med"]
    assert [row.line for row in file.rows] == [2, 4]


def test_repeated_line_is_refused_as_duplicate() -> None:
    file = read(line(), line())

    assert codes(file) == [(3, ["duplicate"])]
    assert [row.line for row in file.rows] == [2]


def test_moved_meeting_counts_by_its_last_line_and_both_are_reported() -> None:
    file = read(line(), line(start="14-10-2027 16:00"))

    assert [row.starts_at.hour for row in file.rows] == [14]
    assert codes(file) == [(2, ["superseded"])]
    assert [(warning.line, warning.code) for warning in file.warnings] == [(3, "moved")]


def test_same_meeting_with_two_citizens_is_used_for_neither() -> None:
    file = read(line(), line(cpr="780305-9198"))

    assert file.rows == ()
    assert codes(file) == [(2, ["conflicting"]), (3, ["conflicting"])]


def test_columns_may_stand_in_another_order_with_others_among_them() -> None:
    header = ";".join(["ekstra", *reversed(GOOD)])
    text = f"{header}\n{';'.join(['?', *reversed(GOOD.values())])}"

    assert len(read_bookings(text.encode(), now=NOW).rows) == 1


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"PK\x03\x04\x00\x00", "aftale_id;cpr".encode("utf-16"), b"aftale_id;cpr", b"a,b,c\n"]
)
def test_file_without_the_right_header_is_refused_whole(data: bytes) -> None:
    with pytest.raises(UnusableFile):
        read_bookings(data, now=NOW)


def test_missing_column_is_named() -> None:
    with pytest.raises(UnusableFile, match="huskeservice"):
        read_bookings(HEADER.replace(";huskeservice", "").encode(), now=NOW)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_or_refused(data: bytes, headed: bool) -> None:
    try:
        file = read_bookings(f"{HEADER}\n".encode() + data if headed else data, now=NOW)
    except UnusableFile:
        assert not headed
    else:
        filled = sum(1 for text in data.replace(b"\r\n", b"\n").split(b"\n") if text.strip())
        assert file.lines <= filled


wild_fields = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.dictionaries(st.sampled_from(sorted(GOOD)), wild_fields, max_size=3), max_size=8))
def test_every_good_line_is_used_whatever_stands_between(changes: list[dict[str, str]]) -> None:
    lines = [HEADER]
    for number, change in enumerate(changes):
        lines += [line(**change).replace("\n", " "), line(aftale_id=f"good-{number}")]

    file = read_bookings("\n".join(lines).encode(), now=NOW)

    used = {row.external_id for row in file.rows}
    assert {f"good-{number}" for number in range(len(changes))} <= used


def test_shared_export_is_read_with_all_its_faults_reported(shared: Path) -> None:
    staff = read_caseworkers((shared / "data" / "caseworkers.csv").read_bytes())
    known = {row.initials for row in staff.rows}

    file = read_bookings((shared / "data" / "appointments.csv").read_bytes(), now=NOW, caseworkers=known)

    assert file.lines == 2473
    assert codes(file) == [
        (62, ["duplicate"]),
        (72, ["superseded"]),
        (102, ["impossible_time"]),
        (103, ["impossible_time"]),
        (104, ["ambiguous_time"]),
        (105, ["broken_cpr"]),
        (106, ["impossible_duration"]),
        (107, ["unusable_name"]),
        (109, ["unknown_caseworker"]),
        (110, ["unusable_id"]),
        (111, ["wrong_number_of_fields"]),
        (112, ["impossible_time", "too_long"]),
        (113, ["long_past"]),
    ]
    assert [(warning.line, warning.code) for warning in file.warnings] == [(82, "moved")]


def test_staff_list_is_read_with_roles_and_units() -> None:
    text = (
        ";".join(STAFF_COLUMNS) + "\nsb01;Clara Mølgård;sb01@eksempel.dk;Team A;sagsbehandler\ndpo1;Bo;;Stab;Revisor\n"
    )

    file = read_caseworkers(text.encode())

    assert [(row.initials, row.email, row.unit, row.role) for row in file.rows] == [
        ("sb01", "sb01@eksempel.dk", "Team A", Role.CASEWORKER),
        ("dpo1", None, "Stab", Role.AUDITOR),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (";Clara;a@b.dk;Team A;sagsbehandler", "unusable_initials"),
        ("sb02;=1+1;a@b.dk;Team A;sagsbehandler", "unusable_name"),
        ("sb02;Clara;ingen;Team A;sagsbehandler", "unusable_email"),
        ("sb02;Clara;a@b.dk;;sagsbehandler", "missing_unit"),
        ("sb02;Clara;a@b.dk;Team A;konge", "unknown_role"),
        ("sb01;Clara;a@b.dk;Team A;sagsbehandler", "duplicate"),
        (f"sb02;{'C' * 101};a@b.dk;Team A;sagsbehandler", "too_long"),
        ("sb02;Clara", "wrong_number_of_fields"),
    ],
)
def test_faulty_line_of_the_staff_list_is_refused_with_its_reason(text: str, code: str) -> None:
    first = "sb01;Bo;;Team A;sagsbehandler"

    file = read_caseworkers(f"{';'.join(STAFF_COLUMNS)}\n{first}\n{text}".encode())

    assert [(rejected.line, rejected.code) for rejected in file.rejected] == [(3, code)]
    assert len(file.rows) == 1
