"""Mapping profiles: other systems' files read by what their profile says, and wrong profiles refused by the key."""

from datetime import UTC, datetime

import pytest

from messaging.appointments.booking_file import BookingFile, read_bookings
from messaging.appointments.line_file import UnusableFile
from messaging.appointments.models import Form
from messaging.appointments.profiles import Profile, WrongProfile, check_source, read_profile, standard
from messaging.appointments.states import OutcomeWord
from messaging.appointments.timing import AmbiguousTime, ImpossibleTime, UnreadableTime
from messaging.appointments.wall_formats import WallFormat

NOW = datetime(2027, 1, 1, tzinfo=UTC)

PROFILE = """
separator = ","
encoding = "windows-1252"

[columns]
external_id = "Id"
cpr = "Personnummer"
name = "Navn"
caseworker = "Medarbejder"
date = "Dato"
time = "Kl."
form = "Hvordan"
state = "Status"

[constants]
minutes = "45"
meeting_type = "Samtale"

[times]
date = "d/m yyyy"
time = "HH.MM"

[words]
in_person = ["her hos os"]
phone = ["vi ringer"]
planned = ["OK"]
cancelled_by_us = ["Udgår"]
cancelled_by_citizen = ["Afbud fra borger"]
"""
HEADER = "Id,Personnummer,Navn,Medarbejder,Dato,Kl.,Hvordan,Status"
LINE = "7,780305-9197,Åse Møller Sø,AB@Kommune.dk,4/10 2027,09.05,Her hos os,OK"


def read(*lines: str, profile: str = PROFILE) -> BookingFile:
    """Read a file of the other system."""
    data = "\r\n".join([HEADER, *lines]).encode("windows-1252")
    return read_bookings(data, now=NOW, caseworkers={"ab@kommune.dk"}, profile=read_profile(profile.encode()))


def with_changes(*changes: tuple[str, str]) -> str:
    """The profile with something other in it."""
    text = PROFILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_line_of_another_system_becomes_the_same_row() -> None:
    (row,) = read(LINE).rows

    assert (row.external_id, row.cpr, row.first_name, row.last_name) == ("7", "7803059197", "Åse Møller", "Sø")
    assert (row.starts_at, row.minutes) == (datetime(2027, 10, 4, 7, 5, tzinfo=UTC), 45)
    assert (row.caseworker, row.meeting_type, row.form) == ("ab@kommune.dk", "Samtale", Form.IN_PERSON)
    assert (row.phone, row.place, row.note, row.self_booked) == ("", "", "", False)


def test_name_with_the_last_name_first_is_turned() -> None:
    (row,) = read(LINE.replace("Åse Møller Sø", '"Sø, Åse Møller"')).rows

    assert (row.first_name, row.last_name) == ("Åse Møller", "Sø")


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("udgår", OutcomeWord.CANCELLED_BY_US), ("Afbud fra borger", OutcomeWord.CANCELLED_BY_CITIZEN)],
)
def test_word_of_the_state_column_says_who_cancelled(word: str, outcome: OutcomeWord) -> None:
    file = read(LINE.replace(",OK", f",{word}"))

    assert file.rows == ()
    assert [(line.external_id, line.outcome) for line in file.called_off] == [("7", outcome)]


def test_cancelled_line_needs_no_more_than_its_id() -> None:
    (line,) = read("7,,,,,,,Udgår").called_off

    assert (line.external_id, line.cpr) == ("7", "")


def test_state_nobody_has_explained_is_refused() -> None:
    (line,) = read(LINE.replace(",OK", ",Parkeret")).rejected

    assert line.code == "unknown_state"


def test_last_line_of_a_meeting_counts_also_when_it_cancels() -> None:
    file = read(LINE, LINE.replace(",OK", ",Udgår"))

    assert (file.rows, len(file.called_off)) == ((), 1)
    assert [line.code for line in file.rejected] == ["superseded"]
    assert file.lines == 2


@pytest.mark.parametrize(
    ("day", "time", "code"),
    [
        ("28/3 2027", "02.30", "impossible_time"),
        ("31/10 2027", "02.30", "ambiguous_time"),
        ("31/2 2027", "10.00", "impossible_time"),
        ("4/10 27", "10.00", "unreadable_time"),
        ("4/10 2027", "kl. 10", "unreadable_time"),
    ],
)
def test_times_no_clock_shows_once_are_refused(day: str, time: str, code: str) -> None:
    """F17"""
    (line,) = read(LINE.replace("4/10 2027,09.05", f"{day},{time}")).rejected

    assert line.code == code
    assert line.sentence.startswith("Starttidspunktet")


def test_id_is_known_of_a_refused_line_and_counted_where_it_is_not() -> None:
    file = read(LINE.replace("780305-9197", "3112"), "8,for få felter")

    assert file.names("7")
    assert (file.unread, len(file.rejected)) == (1, 2)


def test_several_citizens_on_lines_of_one_id_each_have_their_own_part() -> None:
    profile = with_changes(('separator = ","', 'separator = ","\nparticipants = true'))
    data = "\n".join([HEADER, LINE, LINE.replace("780305-9197", "710101-1234")]).encode("windows-1252")

    file = read_bookings(data, now=NOW, profile=read_profile(profile.encode()), participant=lambda cpr: f"p{cpr[-1]}")

    assert [row.external_id for row in file.rows] == ["7/p7", "7/p4"]
    assert file.names("7/p7")
    assert not file.names("7/p9")


def test_file_in_another_encoding_is_not_guessed_at() -> None:
    with pytest.raises(UnusableFile, match="Personnummer"):
        read_bookings(b"Id,Navn\n", now=NOW, profile=read_profile(PROFILE.encode()))
    profile = with_changes(("windows-1252", "utf-8"))
    (line,) = read(LINE, profile=profile).rejected
    assert line.code == "wrong_encoding"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('cpr = "Personnummer"', "", "columns.cpr"),
        ('name = "Navn"', 'nam = "Navn"', "columns.nam"),
        ('name = "Navn"', 'first_name = "Navn"', "columns.name"),
        ('date = "Dato"', 'starts_at = "Dato"', "columns.starts_at"),
        ('external_id = "Id"', "external_id = 7", "columns.external_id"),
        ('minutes = "45"', 'minutes = "tre kvarter"', "constants.minutes"),
        ('minutes = "45"', 'minutes = "45"\ncpr = "0101010101"', "constants.cpr"),
        ('minutes = "45"', 'minutes = "45"\nself_booked = "måske"', "constants.self_booked"),
        ('date = "d/m yyyy"', "", "times.date"),
        ('date = "d/m yyyy"', 'date = "d/m"', "times.date"),
        ('phone = ["vi ringer"]', 'phone = "vi ringer"', "words.phone"),
        ('phone = ["vi ringer"]', 'phone = ["her hos os"]', "words.phone"),
        ('separator = ","', 'separator = "og"', "separator"),
        ('separator = ","', "separator = 5", "separator"),
        ('encoding = "windows-1252"', 'encoding = "utf-16"', "encoding"),
        ('separator = ","', 'layout = "xml"', "layout"),
        ("[words]", "[snapshot]\ncomplete = 1\n[words]", "snapshot.complete"),
        ("[words]", "[snapshot]\nmost_vanished_percent = 120\n[words]", "snapshot.most_vanished_percent"),
        ("[words]", "[ord]", "ord"),
        ("[words]", "[feed]\nadresse = 5\n[words]", "feed.adresse"),
        ('separator = ","', 'separator = ","\nfeed = 5', "feed"),
    ],
)
def test_wrong_profile_is_refused_in_one_sentence_that_names_the_key(old: str, new: str, key: str) -> None:
    with pytest.raises(WrongProfile) as refused:
        read_profile(with_changes((old, new)).encode())

    assert key in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("data", [b"columns", b"\xff\xfe", b"columns = 5"])
def test_what_is_no_profile_is_refused(data: bytes) -> None:
    with pytest.raises(WrongProfile):
        read_profile(data)


@pytest.mark.parametrize("name", ["", "Stor", "../x", "a" * 41, "api:7"])
def test_source_has_a_plain_name(name: str) -> None:
    with pytest.raises(WrongProfile):
        check_source(name)


def test_default_profile_is_the_booking_systems_own_export() -> None:
    profile: Profile = standard()

    assert profile.columns["external_id"] == "aftale_id"
    assert not profile.snapshot.complete


@pytest.mark.parametrize(
    ("form", "text", "moment"),
    [
        ("iso", "2027-10-31T02:30:00+01:00", datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),
        ("iso", "2027-10-31 02:30+0200", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        ("iso", "2027-10-14T10:30", datetime(2027, 10, 14, 8, 30, tzinfo=UTC)),
        ("iso", "2027-10-14T10:30:00Z", datetime(2027, 10, 14, 10, 30, tzinfo=UTC)),
        ("d.m.yyyy kl. H:MM", "4.1.2027 kl. 9:05", datetime(2027, 1, 4, 8, 5, tzinfo=UTC)),
        ("yyyymmdd HHMMSS", "20270104 090500", datetime(2027, 1, 4, 8, 5, tzinfo=UTC)),
    ],
)
def test_moment_is_read_as_it_is_written(form: str, text: str, moment: datetime) -> None:
    assert WallFormat.of(form).read(text) == moment


@pytest.mark.parametrize(
    ("form", "text", "error"),
    [
        ("iso", "2027-10-31T02:30", AmbiguousTime),
        ("iso", "2027-03-28T02:30", ImpossibleTime),
        ("iso", "2027-10-14", UnreadableTime),
        ("iso", "20271014T1030", UnreadableTime),
        ("iso", "2027-13-14T10:30", ImpossibleTime),
        ("iso", "0001-01-01T00:00+02:00", ImpossibleTime),
        ("iso", "9999-12-31T23:59-02:00", ImpossibleTime),
        ("dd-mm-yyyy HH:MM", "٠١-٠١-٢٠٢٧ ١٠:٠٠", UnreadableTime),
    ],
)
def test_moment_that_cannot_be_known_is_not_guessed(form: str, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        WallFormat.of(form).read(text)
