"""The file for a phone's calendar: the right moments whatever the clocks do, and nothing that is nobody's business."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from messaging.appointments.calendar_file import CalendarEntry, calendar_file
from messaging.appointments.states import CANCELLED, OPEN, AppointmentState

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2027, 3, 2, 9, tzinfo=UTC)
MEETING = CalendarEntry(
    uid="abc@borgerdialog",
    starts_at=datetime(2027, 10, 14, 8, 30, tzinfo=UTC),
    minutes=30,
    place="Mødested 2, 3. sal; øst",
    state=AppointmentState.BOOKED,
    revision=2,
    changed_at=NOW,
)

AROUND_A_CHANGE = st.sampled_from(
    [datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC), datetime(2032, 10, 31, 1, tzinfo=UTC)]
).flatmap(lambda change: st.integers(-180, 180).map(lambda minutes: change + timedelta(minutes=minutes)))
ANY_TIME = st.integers(0, 11 * 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def written(entry: CalendarEntry = MEETING, *, unit: str = "Ungecenteret", word: str = "Aftale") -> bytes:
    return calendar_file(entry, unit=unit, word=word, now=NOW)


def event_of(file: bytes) -> Event:
    (event,) = Calendar.from_ical(file).events
    return event


@given(at=AROUND_A_CHANGE | ANY_TIME, minutes=st.integers(1, 24 * 60))
def test_moments_are_read_back_as_they_were_over_every_change_of_the_clock(at: datetime, minutes: int) -> None:
    entry = CalendarEntry(**{**vars(MEETING), "starts_at": at, "minutes": minutes})

    event = event_of(written(entry))

    assert event["dtstart"].dt.astimezone(UTC) == at
    assert event["dtend"].dt.astimezone(UTC) == at + timedelta(minutes=minutes)


@given(at=AROUND_A_CHANGE | ANY_TIME)
def test_zone_in_the_file_has_the_same_clock_as_the_worlds_table(at: datetime) -> None:
    (zone,) = Calendar.from_ical(written()).timezones

    assert at.astimezone(zone.to_tz(lookup_tzid=False)).utcoffset() == at.astimezone(COPENHAGEN).utcoffset()


def test_start_stands_on_the_wall_clock_of_copenhagen() -> None:
    assert b"DTSTART;TZID=Europe/Copenhagen:20271014T103000\r\n" in written()


def test_file_is_published_and_names_meeting_and_revision() -> None:
    calendar = Calendar.from_ical(written())
    (event,) = calendar.events

    assert calendar["method"] == "PUBLISH"
    assert (str(event["uid"]), event["sequence"], str(event["status"])) == ("abc@borgerdialog", 2, "CONFIRMED")
    assert str(event["location"]) == "Mødested 2, 3. sal; øst"


def test_file_holds_no_more_than_that_there_is_an_appointment() -> None:
    event = event_of(written())

    assert str(event["summary"]) == "Aftale: Ungecenteret"
    assert "description" not in event
    assert {part.name for part in event.walk()} == {"VEVENT", "VALARM"}
    assert set(event) <= {
        "UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "STATUS", "CLASS",
    }  # fmt: skip


@pytest.mark.parametrize("unit", ["Jobcenter København", "JOBCENTRE", "Center for Beskæftigelse", ""])
def test_unit_whose_name_tells_too_much_is_not_named(unit: str) -> None:
    assert str(event_of(written(unit=unit))["summary"]) == "Aftale"


@pytest.mark.parametrize("state", sorted(CANCELLED))
def test_meeting_that_is_not_to_be_held_is_taken_out_of_the_calendar_without_an_alarm(state: AppointmentState) -> None:
    event = event_of(written(CalendarEntry(**{**vars(MEETING), "state": state})))

    assert str(event["status"]) == "CANCELLED"
    assert event.subcomponents == []


@pytest.mark.parametrize("state", sorted(OPEN))
def test_phone_reminds_an_hour_before_a_meeting_that_stands(state: AppointmentState) -> None:
    (alarm,) = event_of(written(CalendarEntry(**{**vars(MEETING), "state": state}))).subcomponents

    assert alarm["trigger"].dt == -timedelta(hours=1)


def test_nothing_in_a_place_can_add_a_line_of_its_own() -> None:
    entry = CalendarEntry(**{**vars(MEETING), "place": "A\r\nATTENDEE:mailto:x@y\nB"})

    event = event_of(written(entry))

    assert "attendee" not in event
