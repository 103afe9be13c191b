"""An iCalendar feed read as meetings: zones, both changes of the clocks, editions, participants, refusals."""

from datetime import UTC, datetime
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.appointments.booking_file import BookingFile, read_bookings
from messaging.appointments.feed_file import LONGEST_ZONES, MOST_CHANGES, MOST_EVENTS
from messaging.appointments.line_file import UnusableFile
from messaging.appointments.models import Form
from messaging.appointments.profiles import read_profile

NOW = datetime(2027, 1, 1, tzinfo=UTC)

PROFILE = """
layout = "icalendar"

[columns]
cpr = "DESCRIPTION/CPR"
name = "DESCRIPTION/Navn"
phone = "DESCRIPTION/Mobil"

[constants]
form = "video"
"""
IN_ATTENDEES = """
layout = "icalendar"
participants = true

[columns]
cpr = "ATTENDEE/X-CPR"
name = "ATTENDEE/CN"
caseworker = "CATEGORIES"

[constants]
form = "fremmøde"
"""

ZONE = """BEGIN:VTIMEZONE
TZID:Vores egen tid
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""

EVENT = {
    "UID": "040000008200E00074C5@kalender.dk",
    "DTSTART;TZID=Europe/Copenhagen": "20271014T103000",
    "DTEND;TZID=Europe/Copenhagen": "20271014T111500",
    "SUMMARY": "Jobsamtale",
    "ORGANIZER;CN=Mette": "mailto:Mette@kommune.dk",
    "LOCATION": "Mødested 1",
    "DESCRIPTION": "CPR: 710101-1234\\nNavn: Sara Hansen\\nMobil: 28 10 20 30",
}
GONE = object()


def event(changes: dict[str, object] | None = None, *more: str) -> str:
    """An event, the usual one but for some properties; `more` are whole lines."""
    lines = {**EVENT, **(changes or {})}
    kept = [f"{name}:{value}" for name, value in lines.items() if value is not GONE]
    return "\n".join(["BEGIN:VEVENT", *kept, *more, "END:VEVENT", ""])


def feed(*events: str, head: str = "") -> bytes:
    """A calendar with these events."""
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//DA\n{head}{''.join(events)}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read(data: bytes, *, profile: str = PROFILE) -> BookingFile:
    """Read a feed."""
    return read_bookings(
        data,
        now=NOW,
        caseworkers={"mette@kommune.dk", "sb01"},
        profile=read_profile(profile.encode()),
        participant=lambda cpr: f"p{cpr[-4:]}",
    )


def refusals(file: BookingFile) -> list[str]:
    """Why events were refused."""
    return [fault.code for line in file.rejected for fault in line.faults]


def at(start: str, *, zone: str = ";TZID=Europe/Copenhagen") -> dict[str, object]:
    """An event that begins at this time, half an hour long."""
    no_zone = {"DTSTART;TZID=Europe/Copenhagen": GONE, "DTEND;TZID=Europe/Copenhagen": GONE}
    return {**no_zone, f"DTSTART{zone}": start, "DURATION": "PT30M"}


@pytest.mark.parametrize(
    ("line", "told", "doubts"),
    [
        ("", None, []),
        ("\\nNemSMS: Ja", True, []),
        ("\\nNemSMS: nej", False, []),
        ("\\nNemSMS:", None, []),
        ("\\nNemSMS: 2027-10-13T09:00", True, []),
        ("\\nNemSMS: måske", None, ["unknown_reminder"]),
        ("\\nNemSMS: 2027-10-14T10:30", None, ["late_reminder"]),
    ],
)
def test_event_may_say_whether_others_remind_of_it(line: str, told: bool | None, doubts: list[str]) -> None:
    profile = PROFILE.replace("[constants]", 'reminded_by_nemsms = "DESCRIPTION/NemSMS"\n[constants]')
    file = read(feed(event({"DESCRIPTION": f"{EVENT['DESCRIPTION']}{line}"})), profile=profile)
    (row,) = file.rows

    assert (row.reminded_by_huskeservice, row.reminded_by_nemsms) == (None, told)
    assert [warning.code for warning in file.warnings] == doubts
    assert all("Kolonnen DESCRIPTION/NemSMS " in warning.sentence for warning in file.warnings)


def test_event_becomes_the_row_a_line_would_be() -> None:
    (row,) = read(feed(event())).rows

    assert (row.external_id, row.cpr, row.first_name, row.last_name, row.phone) == (
        "040000008200E00074C5@kalender.dk",
        "7101011234",
        "Sara",
        "Hansen",
        "28 10 20 30",
    )
    assert (row.starts_at, row.minutes) == (datetime(2027, 10, 14, 8, 30, tzinfo=UTC), 45)
    assert (row.caseworker, row.meeting_type, row.form, row.place) == (
        "mette@kommune.dk",
        "Jobsamtale",
        Form.VIDEO,
        "Mødested 1",
    )


@pytest.mark.parametrize(
    ("start", "zone", "moment"),
    [
        ("20271014T083000Z", "", datetime(2027, 10, 14, 8, 30, tzinfo=UTC)),
        ("20271014T103000", "", datetime(2027, 10, 14, 8, 30, tzinfo=UTC)),
        ("20271014T093000", ";TZID=Europe/London", datetime(2027, 10, 14, 8, 30, tzinfo=UTC)),
        ("20271014T103000", ";TZID=Romance Standard Time", datetime(2027, 10, 14, 8, 30, tzinfo=UTC)),
        ("20271014T103000", ";TZID=Vores egen tid", datetime(2027, 10, 14, 8, 30, tzinfo=UTC)),
        ("20271114T103000", ";TZID=Vores egen tid", datetime(2027, 11, 14, 9, 30, tzinfo=UTC)),
        ("20271031T003000Z", "", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        ("20271031T013000Z", "", datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),
    ],
)
def test_time_is_read_in_its_zone_and_a_floating_one_in_copenhagen(start: str, zone: str, moment: datetime) -> None:
    (row,) = read(feed(event(at(start, zone=zone)), head=ZONE)).rows

    assert (row.starts_at, row.minutes) == (moment, 30)


@pytest.mark.parametrize("zone", ["", ";TZID=Europe/Copenhagen", ";TZID=Vores egen tid"])
@pytest.mark.parametrize(
    ("start", "code"), [("20270328T023000", "impossible_time"), ("20271031T023000", "ambiguous_time")]
)
def test_hours_the_clocks_skip_or_repeat_are_refused_and_nothing_else_is(zone: str, start: str, code: str) -> None:
    """F17"""
    file = read(feed(event(at(start, zone=zone)), event({"UID": "b"}), head=ZONE))

    assert refusals(file) == [code]
    assert [row.external_id for row in file.rows] == ["b"]
    assert file.names(EVENT["UID"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({**at("20271014", zone=";VALUE=DATE")}, "unreadable_time"),
        ({**at("i morgen", zone="")}, "unreadable_time"),
        ({**at("20271014T103000", zone=";TZID=Atlantis")}, "unknown_zone"),
        ({"DTEND;TZID=Europe/Copenhagen": GONE}, "impossible_duration"),
        ({"DTEND;TZID=Europe/Copenhagen": "20271014T093000"}, "impossible_duration"),
        ({"DESCRIPTION": "Navn: Sara Hansen"}, "broken_cpr"),
        ({"SUMMARY": GONE}, "missing_meeting_type"),
        ({"ORGANIZER;CN=Mette": "mailto:ukendt@kommune.dk"}, "unknown_caseworker"),
        ({"UID": GONE}, "unusable_id"),
        ({"RRULE": "FREQ=WEEKLY;COUNT=5"}, "series"),
        ({"STATUS": "MYSTISK"}, "unknown_state"),
        ({"DESCRIPTION": "CPR: 710101-1234\\nCPR: 720202-2345\\nNavn: Sara Hansen"}, "several_participants"),
    ],
)
def test_event_that_cannot_be_used_is_refused_with_its_reason(changes: dict[str, object], code: str) -> None:
    file = read(feed(event(changes), event({"UID": "b"})))

    assert code in refusals(file)
    assert [row.external_id for row in file.rows] == ["b"]


def test_cancelled_event_needs_no_more_than_its_id() -> None:
    bare = dict.fromkeys(EVENT, GONE) | {"UID": "a", "STATUS": "CANCELLED"}

    (line,) = read(feed(event(bare))).called_off
    assert (line.external_id, line.cpr, line.outcome) == ("a", "", "cancelled_by_us")


def test_calendar_sent_to_cancel_cancels_all_its_events() -> None:
    file = read(feed(event(), event({"UID": "b"}), head="METHOD:CANCEL\n"))

    assert (len(file.called_off), file.rows) == (2, ())


def test_highest_sequence_counts_wherever_it_stands() -> None:
    file = read(
        feed(
            event({"SEQUENCE": "3", "SUMMARY": "Tredje"}),
            event({"SEQUENCE": "10", "SUMMARY": "Tiende"}),
            event({"SEQUENCE": "x", "SUMMARY": "Ingen"}),
        )
    )

    assert [row.meeting_type for row in file.rows] == ["Tiende"]


def test_of_one_sequence_the_last_stamp_counts() -> None:
    file = read(
        feed(
            event({"DTSTAMP": "20270102T100000Z", "SUMMARY": "Ny"}),
            event({"DTSTAMP": "20270101T100000Z", "SUMMARY": "Gammel"}),
        )
    )

    assert [row.meeting_type for row in file.rows] == ["Ny"]


def test_single_instance_of_a_series_has_an_id_of_its_own() -> None:
    file = read(feed(event({"RECURRENCE-ID;TZID=Europe/Copenhagen": "20271014T100000"})))

    assert [row.external_id for row in file.rows] == [f"{EVENT['UID']}/20271014T080000"]


ATTENDEES = (
    "ATTENDEE;CN=Sara Hansen;X-CPR=710101-1234:mailto:sara@x.dk",
    'ATTENDEE;CN="Sø, Ahmed";X-CPR=720202-2345:mailto:ahmed@x.dk',
    "ATTENDEE;CN=Mette;ROLE=CHAIR:mailto:mette@kommune.dk",
    "ATTENDEE;CN=Lokale 4;CUTYPE=ROOM;X-CPR=730303-3456:mailto:lokale@x.dk",
    "CATEGORIES:sb01",
)


def test_each_participant_has_her_own_row_and_id() -> None:
    file = read(feed(event({}, *ATTENDEES)), profile=IN_ATTENDEES)

    uid = EVENT["UID"]
    assert [(row.external_id, row.first_name, row.last_name, row.caseworker) for row in file.rows] == [
        (f"{uid}/p1234", "Sara", "Hansen", "sb01"),
        (f"{uid}/p2345", "Ahmed", "Sø", "sb01"),
    ]
    assert "710101" not in repr(file)
    assert not file.names(f"{uid}/p9999")


def test_participant_who_cannot_be_read_keeps_everybodys_part_from_vanishing() -> None:
    broken = ATTENDEES[1].replace("720202-2345", "3112")
    file = read(feed(event({}, ATTENDEES[0], broken, ATTENDEES[4])), profile=IN_ATTENDEES)

    assert refusals(file) == ["broken_cpr"]
    assert file.names(f"{EVENT['UID']}/p2345")


def test_group_may_stand_as_lines_of_the_description() -> None:
    group = "CPR: 710101-1234\\nNavn: Sara Hansen\\nCPR: 720202-2345\\nNavn: Ahmed Sø\\nMobil: 28 10 20 30"
    profile = PROFILE.replace('layout = "icalendar"', 'layout = "icalendar"\nparticipants = true')

    file = read(feed(event({"DESCRIPTION": group})), profile=profile)

    assert [(row.first_name, row.meeting_type) for row in file.rows] == [
        ("Sara", "Jobsamtale"),
        ("Ahmed", "Jobsamtale"),
    ]
    assert [row.phone for row in file.rows] == ["", ""], "whose the one number is nobody knows"


def test_participant_never_gets_the_name_of_another() -> None:
    nameless = ATTENDEES[1].replace('CN="Sø, Ahmed";', "")
    file = read(feed(event({}, ATTENDEES[0], nameless, *ATTENDEES[2:])), profile=IN_ATTENDEES)
    assert ([row.first_name for row in file.rows], refusals(file)) == (["Sara"], ["unusable_name"])

    alone = read(feed(event({}, ATTENDEES[2], nameless, ATTENDEES[4])), profile=IN_ATTENDEES)
    assert refusals(alone) == ["unusable_name"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>Log ind</html>",
        feed(event())[:-10],
        feed(event())[20:],
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR",
        feed(event()).replace(b"Sara", b"S\xe5ra"),
        feed("BEGIN:VEVENT\nEND:VEVENT\n" * (MOST_EVENTS + 1)),
    ],
)
def test_what_is_no_whole_calendar_is_refused_whole(data: bytes) -> None:
    with pytest.raises(UnusableFile):
        read(data)


def test_calendar_without_events_is_a_file_without_lines() -> None:
    assert read(feed()).lines == 0


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=YEARLY;BYSECOND=1,2,3",
        "RRULE:FREQ=YEARLY;BYDAY=MO",
        "RRULE:FREQ=YEARLY;BYMONTH=1,2,3",
        "EXDATE:19710101T000000",
        "RDATE:" + ",".join(["19710101T000000"] * (LONGEST_ZONES // 16)),
        "\n".join(["RRULE:FREQ=YEARLY"] * (MOST_CHANGES // 300)),
    ],
)
def test_zone_that_would_take_very_long_to_look_up_is_refused(rule: str) -> None:
    slow = ZONE.replace("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", rule)
    with pytest.raises(UnusableFile):
        read(feed(event(at("20271014T103000", zone=";TZID=Vores egen tid")), head=slow))


def test_zone_is_what_its_own_calendar_says_it_is() -> None:
    """Calendars call different zones by the same name, and change what a name means."""
    booked = event(at("20271014T103000", zone=";TZID=Vores egen tid"))
    read(feed(booked, head=ZONE))

    (row,) = read(feed(booked, head=ZONE.replace("TZOFFSETTO:+0200", "TZOFFSETTO:+0300"))).rows
    assert row.starts_at == datetime(2027, 10, 14, 7, 30, tzinfo=UTC)
    assert refusals(read(feed(booked))) == ["unknown_zone"]


@pytest.mark.parametrize(
    "text",
    [
        "x\\n" + " " * 100_000 + "y",
        "a" * 100_000,
        "CPR: 710101-1234\\n" * 10_000 + "".join(f"l{n}:\\n" for n in range(10_000)),
    ],
)
def test_long_description_is_read_in_time_that_grows_with_its_length_only(text: str) -> None:
    began = thread_time()
    read(feed(event({"DESCRIPTION": text})))
    assert thread_time() - began < 5


def test_report_does_not_repeat_what_stands_in_the_event() -> None:
    (line,) = read(feed(event({"DESCRIPTION": "CPR: 310297-4123\\nNavn: =Sara()"}))).rejected

    assert "310297" not in repr(line)
    assert "Sara" not in repr(line)


lines = st.lists(
    st.sampled_from(
        [
            *(f"{name}:{value}" for name, value in EVENT.items()),
            "BEGIN:VEVENT",
            "END:VEVENT",
            "BEGIN:VALARM",
            "RRULE:FREQ=WEEKLY",
            "RRULE:;;",
            "DTSTART;TZID=:20271014T103000",
            "DTSTART:20271014T103000/PT1H",
            "DURATION:P",
            "SEQUENCE:-1",
            "SEQUENCE:\u0663",
            "DTSTAMP:00010101T000000Z",
            "DTSTAMP;TZID=Europe/Copenhagen:00010101T000000",
            "DTEND;TZID=Vores egen tid:00010101T000000",
            "RECURRENCE-ID:20271014",
            "RECURRENCE-ID;TZID=Europe/Copenhagen:00010101T000000",
            "BEGIN:VTIMEZONE",
            "TZID:Vores egen tid",
            "END:VTIMEZONE",
            ZONE.strip(),
            "ATTENDEE:",
            ";:",
            " fold",
            "X-\x00:y",
        ]
    ),
    max_size=12,
)


@given(lines)
def test_no_calendar_whatever_breaks_the_reader_or_is_read_twice(lines: list[str]) -> None:
    text = "\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])
    try:
        file = read(text.encode())
    except UnusableFile:
        return
    assert file.lines == len(file.rows) + len(file.called_off) + len(file.rejected)
