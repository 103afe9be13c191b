"""Who else reminds of a meeting: taken from files as a yes, a no or not told, and written down with what she got."""

import uuid
from functools import partial

import pytest

from messaging.appointments.booking_file import BookingFile, read_bookings
from messaging.appointments.booking_rows import BookingRow
from messaging.appointments.exposure_models import Exposure
from messaging.appointments.import_report import ImportReport
from messaging.appointments.importing import import_appointments
from messaging.appointments.line_file import UnusableFile
from messaging.appointments.models import Appointment, ImportLine
from messaging.appointments.other_reminders import REMINDED_BY
from messaging.appointments.profiles import WrongProfile, read_profile
from messaging.people.actors import SYSTEM
from messaging.trial.models import Arm
from messaging.trial.taking_part import join
from tests.appointments.conftest import HEADER, LINE, OFFICE, RULES, Desk, wall
from tests.appointments.test_exposing import begins

COLUMNS = ("huskeservice", "nemsms", "bookingsystem")
NOW = wall("2027-10-01 10:00")
BEFORE, START = "13-10-2027 09:00", "14-10-2027 10:30"


def export(*lines: tuple[str, str, str], start: str = START) -> bytes:
    """The booking system's file; each line is the usual one with what it says of the three."""
    written = [";".join({**LINE, "start": start, "aftale_id": f"A{number}", "huskeservice": said[0]}.values())
               + f";{said[1]};{said[2]}" for number, said in enumerate(lines, start=1)]  # fmt: skip
    return "\n".join([f"{HEADER};nemsms;bookingsystem", *written]).encode()


def read(*lines: tuple[str, str, str], profile: str = "") -> BookingFile:
    return read_bookings(export(*lines), now=NOW, profile=read_profile(profile.encode()) if profile else None)


def takes(desk: Desk, *lines: tuple[str, str, str]) -> ImportReport:
    return import_appointments(partial(desk.runtime.act, SYSTEM), export(*lines), rules=RULES, office=OFFICE)


def told(of: BookingRow | Appointment | Exposure) -> tuple[bool | None, ...]:
    return tuple(getattr(of, name) for name in REMINDED_BY)


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (("Ja", "ja", "JA"), (True, True, True)),
        (("Nej", "nej", "Nej"), (False, False, False)),
        (("", "", ""), (None, None, None)),
        (("Nej", "", "Ja"), (False, None, True)),
        (("", BEFORE, ""), (None, True, None)),  # when it left
    ],
)
def test_a_line_says_yes_no_or_nothing_of_each(said: tuple[str, str, str], known: tuple[bool | None, ...]) -> None:
    file = read(said)

    assert [told(row) for row in file.rows] == [known]
    assert file.warnings == ()


@pytest.mark.parametrize("bad", ["måske", "x", "1", "2027-10-13", "31-10-2027 02:30", START, "15-10-2027 10:30"])
@pytest.mark.parametrize("column", COLUMNS)
def test_what_cannot_be_used_names_line_and_column_and_costs_nothing_else(column: str, bad: str) -> None:
    said = tuple(bad if one == column else "Ja" for one in COLUMNS)
    file = read(("Ja", "Ja", "Ja"), said)  # type: ignore[arg-type]

    assert [told(row) for row in file.rows] == [
        (True, True, True),
        tuple(None if one == column else True for one in COLUMNS),
    ]
    (warning,) = file.warnings
    assert (warning.line, warning.external_id) == (3, "A2")
    assert f"Kolonnen {column} " in warning.sentence
    assert "tæller som ikke oplyst" in warning.sentence
    assert bad not in warning.sentence
    assert file.rejected == ()


def test_each_column_that_cannot_be_used_is_named() -> None:
    (warning,) = read(("måske", "nej", START)).warnings

    assert [fault.code for fault in warning.faults] == ["unknown_reminder", "late_reminder"]
    assert "huskeservice" in warning.sentence
    assert "bookingsystem " in warning.sentence


def test_the_two_columns_may_be_absent_from_the_booking_systems_file() -> None:
    line = ";".join(LINE.values())

    assert [told(row) for row in read_bookings(f"{HEADER}\n{line}".encode(), now=NOW).rows] == [(False, None, None)]


PROFILE = """
optional = ["reminded_by_nemsms"]

[columns]
external_id = "aftale_id"
cpr = "cpr"
first_name = "fornavn"
last_name = "efternavn"
caseworker = "sagsbehandler"
starts_at = "start"
minutes = "varighed_min"
meeting_type = "samtaletype"
form = "afholdelsesform"
reminded_by_nemsms = "Sms fra det offentlige"
reminded_by_booking_system = "bookingsystem"

[constants]
reminded_by_booking_system = "Nej"

[times]
starts_at = "dd-mm-yyyy HH:MM"

[words]
no = ["nej", ""]
"""


def test_a_profile_says_which_columns_may_be_absent_and_what_an_empty_field_is() -> None:
    file = read(("Ja", "Ja", ""), ("Ja", "Ja", "Ja"), profile=PROFILE)

    assert [told(row) for row in file.rows] == [(None, None, False), (None, None, True)]
    with pytest.raises(UnusableFile, match="Sms fra det offentlige"):
        read(("Ja", "Ja", "Ja"), profile=PROFILE.replace('optional = ["reminded_by_nemsms"]', ""))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('["reminded_by_nemsms"]', '["cpr"]', "optional"),
        ('["reminded_by_nemsms"]', '"reminded_by_nemsms"', "optional"),
        ('["reminded_by_nemsms"]', "[[]]", "optional"),
        ('reminded_by_booking_system = "Nej"', 'reminded_by_booking_system = "måske"', "reminded_by_booking_system"),
    ],
)
def test_a_profile_that_says_it_wrongly_is_refused(old: str, new: str, key: str) -> None:
    assert old in PROFILE
    with pytest.raises(WrongProfile, match=key):
        read_profile(PROFILE.replace(old, new).encode())


def test_a_meeting_keeps_what_is_told_of_it_and_a_doubt_stands_with_the_import(desk: Desk) -> None:
    desk.clock.moment = NOW
    report = takes(desk, ("Ja", "Nej", "måske"))

    assert told(desk.appointment()) == (True, False, None)
    assert [line.code for line in report.warnings] == ["unknown_reminder"]
    assert ("unknown_reminder", 2) in {(line.code, line.line) for line in desk.every(ImportLine)}


def test_what_is_told_anew_is_a_change_of_the_meeting_and_neither_moves_it_nor_tells_the_citizen(desk: Desk) -> None:
    desk.clock.moment = NOW
    takes(desk, ("Nej", "", ""))
    before = desk.reminders()
    report, again = takes(desk, ("Nej", "Ja", "")), takes(desk, ("Nej", "Ja", ""))

    assert (report.changed, again.changed, again.unchanged) == (1, 0, 1)
    assert (told(desk.appointment()), desk.appointment().revision) == ((False, True, None), 1)
    assert desk.reminders() == before


def joins(desk: Desk, *said: str) -> uuid.UUID:
    desk.clock.moment = NOW
    takes(desk, said)  # type: ignore[arg-type]
    with desk.runtime.act(SYSTEM) as act:
        join(act, {desk.appointment().citizen_id: Arm.CONTROL})
    return desk.appointment().id


@pytest.mark.parametrize("said", [("Ja", "Nej", ""), ("", "Ja", "Nej")])
def test_what_she_got_is_written_down_with_what_is_told_of_others(desk: Desk, said: tuple[str, str, str]) -> None:
    joins(desk, *said)
    words = {"Ja": True, "Nej": False, "": None}

    assert [told(row) for row in begins(desk)] == [tuple(words[word] for word in said)]


def test_what_is_told_after_the_meeting_has_begun_is_learnt_and_nothing_is_unlearnt(desk: Desk) -> None:
    joins(desk, "Ja", "", "Nej")
    begins(desk)
    desk.clock.moment = wall("2027-10-15 06:00")
    takes(desk, ("", BEFORE, "Ja"))
    (row,) = desk.every(Exposure)

    assert told(row) == (True, True, True)
    assert told(desk.appointment()) == (None, True, True)


def test_what_is_told_of_another_time_says_nothing_of_the_first(desk: Desk) -> None:
    joins(desk, "Nej", "Nej", "Nej")
    begins(desk)
    desk.clock.moment = wall("2027-10-15 06:00")
    moved = export(("Ja", "Ja", "Ja"), start="20-10-2027 10:30")
    import_appointments(partial(desk.runtime.act, SYSTEM), moved, rules=RULES, office=OFFICE)

    assert [told(row) for row in desk.every(Exposure)] == [(False, False, False)]
    assert [told(row) for row in begins(desk, at="2027-10-20 10:30")] == [(False, False, False), (True, True, True)]


@pytest.mark.parametrize("said", ["Sendt den 13-10-2027 kl. 09:00 til borgeren. " * 4, "ja\x07"])
def test_a_field_that_no_line_could_have_costs_the_field_alone(said: str) -> None:
    file = read(("", said, "Ja"))

    assert [told(row) for row in file.rows] == [(None, None, True)]
    assert [fault.code for line in file.warnings for fault in line.faults] == ["unknown_reminder"]
    assert file.rejected == ()


def test_line_that_says_nothing_of_huskeservice_is_what_it_was_when_that_was_a_no(desk: Desk) -> None:
    takes(desk, ("Nej", "", ""))
    report = takes(desk, ("", "", ""))

    assert (report.changed, report.unchanged) == (0, 1)
    assert takes(desk, ("Ja", "", "")).changed == 1
