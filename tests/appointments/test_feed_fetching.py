"""Feeds fetched over HTTP from a system on this machine: taken in, followed, doubted, left alone and gone on with."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.feeds import FeedReader
from adapters.http import HttpSession
from messaging.appointments.caseworker_file import read_caseworkers
from messaging.appointments.checks import checks
from messaging.appointments.import_models import Feed
from messaging.appointments.importing import import_caseworkers
from messaging.appointments.models import Appointment, Import
from messaging.appointments.work import feed_lane
from messaging.conversations.models import Kind
from messaging.people.actors import SYSTEM
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane
from tests.appointments.conftest import STAFF, Desk, wall
from tests.contract.feed_server import FeedServer, feed_server
from tests.fakes import RecordingWaker

PROFILE = """
layout = "icalendar"

[columns]
cpr = "DESCRIPTION/CPR"
name = "DESCRIPTION/Navn"
phone = "DESCRIPTION/Mobil"
caseworker = "CATEGORIES"

[constants]
form = "Telefon"
meeting_type = "Jobsamtale"

[snapshot]
complete = true

[feed]
url_file = "adresse"
header = "Authorization"
secret_file = "kode"
every_minutes = 10
"""


def calendar(*days: int, status: str = "CONFIRMED") -> bytes:
    """Sara's meetings on these days of October."""
    events = "".join(
        f"BEGIN:VEVENT\nUID:m{day}\nDTSTART;TZID=Europe/Copenhagen:202710{day:02}T103000\nDURATION:PT30M\n"
        f"STATUS:{status}\nCATEGORIES:sb01\nDESCRIPTION:CPR: 710101-1234\\nNavn: Sara Hansen\\nMobil: 28 10 20 30\n"
        "END:VEVENT\n"
        for day in days
    )
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n".encode()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as server:
        yield server


class Watch:
    """Whoever fetches the feeds, and what is told of them."""

    def __init__(self, desk: Desk, server: FeedServer, folder: Path, http: HttpSession) -> None:
        config = replace(desk.runtime.config, feeds=str(folder))
        self.desk, self.server, self.folder = desk, server, folder
        runtime = replace(desk.runtime, config=config, feeds=FeedReader(http))
        lane = feed_lane(runtime, breaker_of=lambda name: Breaker(name, waits=config.waits, monotonic=self.seconds))
        assert lane is not None
        self.lane = lane

    def seconds(self) -> float:
        return self.desk.clock.now().timestamp()

    def later(self, minutes: float = 10) -> None:
        """Let time pass, and the feeds be looked at."""
        self.desk.clock.advance(minutes=minutes)
        self.lane.poll()

    @property
    def row(self) -> Feed:
        (row,) = self.desk.every(Feed)
        return row

    def states(self) -> dict[str, str]:
        return {meeting.external_id: meeting.state for meeting in self.desk.every(Appointment)}

    def told(self) -> list[str]:
        with self.desk.runtime.database.read() as session:
            return [finding.code for check in checks() for finding in check(session)]


@pytest.fixture
def watch(desk: Desk, server: FeedServer, tmp_path: Path) -> Iterator[Watch]:
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "kalender.toml").write_text(PROFILE)
    (folder / "adresse").write_text(f"{server.origin}/kal.ics?key=gemt\n")
    (folder / "kode").write_text("Bearer hemmelig\n")
    desk.clock.moment = wall("2027-10-01 09:00")
    http = HttpSession(stub_origins=[server.origin])
    yield Watch(desk, server, folder, http)
    http.close()


def test_feed_is_fetched_with_its_secret_and_taken_in(
    watch: Watch, server: FeedServer, waker: RecordingWaker, capfd: pytest.CaptureFixture[str]
) -> None:
    server.lays_out(calendar(14, 15), etag='"1"')
    watch.later()

    assert watch.states() == {"m14": "booked", "m15": "booked"}
    assert {meeting.source for meeting in watch.desk.every(Appointment)} == {"kalender"}
    assert (server.asked[0]["authorization"], server.asked[0]["path"]) == ("Bearer hemmelig", "/kal.ics?key=gemt")
    assert (watch.row.good_at, watch.row.error, watch.row.etag) == (watch.desk.clock.now(), None, '"1"')
    assert Lane.URGENT in waker.woken
    said = "".join(capfd.readouterr())
    assert "hemmelig" not in said
    assert "gemt" not in said


def test_feed_is_asked_again_only_when_its_time_has_come(watch: Watch, server: FeedServer) -> None:
    server.lays_out(calendar(14))
    watch.later()
    watch.later(5)
    assert len(server.asked) == 1
    watch.later(5)
    assert len(server.asked) == 2


def test_file_that_is_as_it_was_is_not_taken_in_again(watch: Watch, server: FeedServer) -> None:
    server.lays_out(calendar(14), etag='"1"')
    watch.later()
    watch.later()
    server.lays_out(calendar(14))
    watch.later()

    assert len(watch.desk.every(Import)) == 1
    assert server.asked[1]["if-none-match"] == '"1"'
    assert watch.row.good_at == watch.desk.clock.now()


def test_other_profile_reads_the_same_file_anew(watch: Watch, server: FeedServer) -> None:
    server.lays_out(calendar(14), etag='"1"')
    watch.later()
    (watch.folder / "kalender.toml").write_text(PROFILE.replace("Telefon", "Video"))
    watch.later()

    assert [meeting.form for meeting in watch.desk.every(Appointment)] == ["video"]


def test_file_with_something_refused_is_read_again_after_some_hours_although_it_is_as_it_was(
    watch: Watch, server: FeedServer
) -> None:
    server.lays_out(calendar(14).replace(b"sb01", b"sb09"), etag='"1"')
    watch.later()
    with watch.desk.runtime.act(SYSTEM) as act:
        import_caseworkers(act, read_caseworkers(STAFF.replace(b"sb01", b"sb09")).rows)
    watch.later()
    assert (watch.states(), len(watch.desk.every(Import))) == ({}, 1)

    watch.later(6 * 60)
    assert watch.states() == {"m14": "booked"}


def test_moved_and_cancelled_events_are_followed(watch: Watch, server: FeedServer) -> None:
    server.lays_out(calendar(14, 15))
    watch.later()
    server.lays_out(calendar(14).replace(b"20271014T10", b"20271018T11"))
    watch.later()
    server.lays_out(calendar(14, status="CANCELLED"))
    watch.later()

    assert watch.states() == {"m14": "cancelled_by_us", "m15": "cancelled_by_us"}
    assert len(watch.desk.written(Kind.NOTICE)) == 2
    assert next(meeting.revision for meeting in watch.desk.every(Appointment) if meeting.external_id == "m14") == 2


def test_feed_that_shrinks_is_doubted_until_it_is_whole_again(watch: Watch, server: FeedServer) -> None:
    server.lays_out(calendar(*range(10, 22)), etag='"1"')
    watch.later()
    server.lays_out(calendar(10), etag='"2"')
    watch.later()
    assert set(watch.states().values()) == {"booked"}
    assert watch.told() == ["source_doubted"]
    watch.later()
    assert (watch.told(), len(watch.desk.every(Import))) == (["source_doubted"], 2)

    server.lays_out(calendar(*range(10, 21)), etag='"3"')
    watch.later()
    assert (watch.told(), watch.states()["m21"]) == ([], "cancelled_by_us")


@pytest.mark.parametrize("body", [b"", b"<html>Log ind</html>", calendar(14, 15)[:-5]])
def test_answer_that_is_no_calendar_cancels_nothing_and_is_told(watch: Watch, server: FeedServer, body: bytes) -> None:
    server.lays_out(calendar(14, 15))
    watch.later()
    server.lays_out(body)
    watch.later()
    watch.later()

    assert set(watch.states().values()) == {"booked"}
    assert (watch.row.error, watch.row.tries) == ("unusable_file", 2)
    assert watch.told() == ["feed_failing"]
    server.lays_out(calendar(14, 15))
    watch.later(60)
    assert (watch.row.error, watch.row.error_since, watch.told()) == (None, None, [])


def test_feed_that_fails_is_left_alone_longer_each_time(watch: Watch, server: FeedServer) -> None:
    server.status = 500
    watch.later()
    first = watch.row.due_at - watch.desk.clock.now()
    since = watch.row.error_since
    for _ in range(3):
        watch.later(60)

    assert timedelta(seconds=45) < first < timedelta(seconds=75)
    assert watch.row.due_at - watch.desk.clock.now() > timedelta(minutes=45)
    assert (watch.row.error, watch.row.error_since) == ("server_error", since)


def test_wish_to_be_left_alone_is_kept(watch: Watch, server: FeedServer) -> None:
    server.status, server.headers = 429, {"Retry-After": "7200"}
    watch.later()

    assert watch.row.due_at == watch.desk.clock.now() + timedelta(hours=2)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('cpr = "DESCRIPTION/CPR"', ""),
        ('url_file = "adresse"', 'url_file = "væk"'),
        ('url_file = "adresse"', ""),
        ("every_minutes = 10", "every_minutes = 0"),
        ("every_minutes = 10", "adgang = 7"),
        ('header = "Authorization"', ""),
    ],
)
def test_wrong_profile_stops_its_own_feed_alone(watch: Watch, server: FeedServer, old: str, new: str) -> None:
    server.lays_out(calendar(14))
    (watch.folder / "andet.toml").write_text(PROFILE.replace(old, new))
    watch.later()

    rows = {row.source: row.error for row in watch.desk.every(Feed)}
    assert rows == {"andet": "wrong_profile", "kalender": None}
    assert watch.states() == {"m14": "booked"}


def test_two_who_look_at_once_fetch_a_feed_once(watch: Watch, server: FeedServer) -> None:
    """F16"""
    server.lays_out(calendar(14))
    with ThreadPoolExecutor(2) as both:
        for look in [both.submit(watch.lane.poll) for _ in range(2)]:
            look.result()

    assert len(server.asked) == 1
    assert watch.states() == {"m14": "booked"}


def test_feed_that_was_taken_out_of_the_folder_is_forgotten_and_its_meetings_stay(
    watch: Watch, server: FeedServer
) -> None:
    server.lays_out(calendar(14))
    watch.later()
    (watch.folder / "kalender.toml").unlink()
    watch.later()

    assert watch.desk.every(Feed) == []
    assert watch.states() == {"m14": "booked"}


@pytest.mark.parametrize("start", ["20270328T023000", "20271031T023000"])
def test_hour_no_clock_shows_once_moves_and_cancels_nothing(watch: Watch, server: FeedServer, start: str) -> None:
    """F17"""
    server.lays_out(calendar(14, 15))
    watch.later()
    server.lays_out(calendar(14, 15).replace(b"20271014T103000", start.encode()))
    watch.later()

    assert watch.states() == {"m14": "booked", "m15": "booked"}
    assert watch.row.error is None


def test_without_a_folder_nothing_is_fetched(desk: Desk) -> None:
    assert feed_lane(desk.runtime) is None
