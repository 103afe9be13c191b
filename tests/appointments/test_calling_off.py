"""What a source cancels, renames, names no more and names again: followed once, believed only within bounds."""

from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from messaging.appointments.calling_off import judge
from messaging.appointments.cancelling import cancel_by_us
from messaging.appointments.checks import checks
from messaging.appointments.import_models import CalledOffMeeting, Doubt, ImportVerdict
from messaging.appointments.import_report import ImportReport
from messaging.appointments.importing import import_appointments
from messaging.appointments.models import Appointment, Outcome, Reminder
from messaging.appointments.profiles import Profile, Snapshot, read_profile
from messaging.appointments.states import AppointmentState, ReminderState
from messaging.conversations.models import Kind, Message
from messaging.conversations.states import MessageState
from messaging.people.actors import SYSTEM
from tests.appointments.conftest import HEADER, LINE, OFFICE, RULES, Desk, codes, wall

FEED = """
[columns]
external_id = "aftale_id"
cpr = "cpr"
first_name = "fornavn"
last_name = "efternavn"
phone = "telefon"
caseworker = "sagsbehandler"
starts_at = "start"
minutes = "varighed_min"
meeting_type = "samtaletype"
form = "afholdelsesform"
place = "sted"
state = "tilstand"

[times]
starts_at = "dd-mm-yyyy HH:MM"

[snapshot]
complete = true
"""

Feeds = Callable[..., ImportReport]


@pytest.fixture
def feed(desk: Desk) -> Feeds:
    """Takes in a snapshot of a feed; each argument says what is other than usual in one line."""
    desk.clock.moment = wall("2027-10-01 10:00")

    def take_in(*lines: dict[str, str], profile: str = FEED, dry_run: bool = False) -> ImportReport:
        usual = {**LINE, "tilstand": "planlagt"}
        rows = [";".join({**usual, **line}.values()) for line in lines]
        data = "\n".join([f"{HEADER};tilstand", *rows]).encode()
        mapping: Profile = read_profile(profile.encode())
        return import_appointments(
            partial(desk.runtime.act, SYSTEM),
            data,
            rules=RULES,
            office=OFFICE,
            source="kalender",
            profile=mapping,
            dry_run=dry_run,
        )

    return take_in


def meetings(count: int) -> list[dict[str, str]]:
    """So many meetings of Sara's, at different times."""
    return [{"aftale_id": f"A{number}", "start": f"{number + 10:02}-10-2027 10:30"} for number in range(count)]


def states(desk: Desk) -> dict[str, str]:
    """How each meeting stands."""
    return {row.external_id: row.state for row in desk.every(Appointment)}


def test_our_cancellation_stops_the_reminders_and_tells_the_citizen_once(desk: Desk, feed: Feeds) -> None:
    feed({})
    report = feed({"tilstand": "Aflyst"})
    again = feed({"tilstand": "Aflyst"})

    assert (report.cancelled, report.missing, again.cancelled, again.unchanged) == (1, (), 0, 1)
    assert states(desk) == {"A1": "cancelled_by_us"}
    assert set(desk.reminders().values()) == {(ReminderState.SKIPPED, "cancelled")}
    assert len(desk.written(Kind.NOTICE)) == 1
    assert desk.events().count("appointment.cancelled") == 1


def test_citizens_cancellation_is_recorded_as_hers_and_nothing_is_written_to_her(desk: Desk, feed: Feeds) -> None:
    feed({})
    report = feed({"tilstand": "Afbud"})

    assert report.cancelled == 1
    assert states(desk) == {"A1": "cancelled_by_citizen"}
    assert desk.written(Kind.NOTICE) == []


def test_citizen_who_cannot_be_told_is_to_be_rung(desk: Desk, feed: Feeds) -> None:
    feed({"telefon": ""})
    report = feed({"telefon": "", "tilstand": "aflyst"})

    assert codes(report.warnings) == {2: "not_told"}
    assert states(desk) == {"A1": "cancelled_by_us"}


def test_cancelled_meeting_nobody_knew_is_not_booked(desk: Desk, feed: Feeds) -> None:
    report = feed({"tilstand": "aflyst"})

    assert (report.created, report.cancelled, report.unchanged) == (0, 0, 1)
    assert desk.every(Appointment) == []


def test_cancellation_of_somebody_elses_meeting_is_refused(desk: Desk, feed: Feeds) -> None:
    feed({})
    report = feed({"tilstand": "aflyst", "cpr": "720202-2345"})

    assert codes(report.rejected) == {2: "another_citizen"}
    assert states(desk) == {"A1": "booked"}


def test_meeting_called_off_and_named_again_stands_with_new_reminders(desk: Desk, feed: Feeds) -> None:
    feed({})
    feed({"tilstand": "aflyst"})
    report = feed({})

    assert report.changed == 1
    assert states(desk) == {"A1": "booked"}
    assert {row.state for row in desk.every(Reminder) if row.revision == 2} == {ReminderState.PLANNED}
    assert desk.every(CalledOffMeeting) == []
    assert feed({}).unchanged == 1


def test_notice_of_a_cancellation_that_has_not_left_is_called_back_when_the_meeting_is_named_again(
    desk: Desk, feed: Feeds
) -> None:
    first, second = meetings(2)
    feed(first, second)
    feed({**first, "tilstand": "aflyst"}, {**second, "tilstand": "aflyst"})
    feed(first, {**second, "tilstand": "aflyst"})

    begins = {row.external_id: row.starts_at for row in desk.every(Appointment)}
    notices = {row.expires_at: (row.state, row.reason) for row in desk.every(Message) if row.kind is Kind.NOTICE}
    assert notices[begins["A0"]] == (MessageState.CANCELLED, "stands_again")
    assert notices[begins["A1"]][0] is not MessageState.CANCELLED


def test_what_we_cancelled_ourselves_stays_cancelled_whatever_the_source_says(desk: Desk, feed: Feeds) -> None:
    feed({})
    with desk.runtime.act(SYSTEM) as act:
        cancel_by_us(act, appointment_id=desk.appointment().id, reason="Syg", office=OFFICE)
    feed({"formaal": "Ny note"})
    feed({"fornavn": "Sarah"})

    assert states(desk) == {"A1": "cancelled_by_us"}


def test_cancellation_after_the_meeting_began_is_an_outcome(desk: Desk, feed: Feeds) -> None:
    feed({})
    desk.clock.moment = wall("2027-10-14 12:00")
    feed({"tilstand": "aflyst"})

    assert [row.outcome for row in desk.every(Outcome)] == ["cancelled_by_us"]
    assert desk.written(Kind.NOTICE) == []


def test_meeting_a_complete_file_no_longer_names_is_cancelled_and_told(desk: Desk, feed: Feeds) -> None:
    feed(*meetings(5))
    report = feed(*meetings(4))

    assert (report.cancelled, report.missing, report.doubt) == (1, (), None)
    assert states(desk)["A4"] == "cancelled_by_us"
    assert len(desk.written(Kind.NOTICE)) == 1


def test_file_that_is_not_said_to_be_complete_cancels_nothing_by_silence(desk: Desk, feed: Feeds) -> None:
    feed(*meetings(5))
    report = feed(*meetings(4), profile=FEED.replace("complete = true", "complete = false"))

    assert (report.cancelled, report.missing, report.doubt) == (0, ("A4",), None)
    assert set(states(desk).values()) == {"booked"}


@pytest.mark.parametrize(("left", "doubt"), [(8, Doubt.TOO_MANY), (1, Doubt.TOO_MANY), (0, Doubt.NOTHING_TO_COME)])
def test_feed_that_suddenly_shrinks_is_not_believed(desk: Desk, feed: Feeds, left: int, doubt: Doubt) -> None:
    feed(*meetings(12))
    report = feed(*meetings(left))

    assert (report.cancelled, report.doubt, len(report.missing)) == (0, doubt, 12 - left)
    assert set(states(desk).values()) == {"booked"}
    assert desk.written(Kind.NOTICE) == []
    assert [row.doubt for row in desk.every(ImportVerdict)] == [None, doubt]


def test_somebody_is_told_of_a_source_that_is_not_believed_until_it_is_again(desk: Desk, feed: Feeds) -> None:
    def told() -> list[str]:
        with desk.runtime.database.read() as session:
            return [finding.sentence for check in checks() for finding in check(session)]

    feed(*meetings(12))
    assert told() == []
    desk.clock.advance(minutes=5)
    feed(*meetings(4))
    (sentence,) = told()
    assert sentence.startswith("kalender: 8 af 12 kommende møder")
    desk.clock.advance(minutes=5)
    feed(*meetings(12))
    assert told() == []


def test_next_good_snapshot_goes_on(desk: Desk, feed: Feeds) -> None:
    feed(*meetings(12))
    feed()
    report = feed(*meetings(11))

    assert (report.doubt, report.cancelled, report.unchanged) == (None, 1, 11)


def test_line_that_cannot_be_read_at_all_keeps_silence_from_being_believed(desk: Desk, feed: Feeds) -> None:
    feed(*meetings(5))
    report = feed(*meetings(3), {"aftale_id": "A4", "fornavn": "en;to"})

    assert (report.doubt, report.cancelled) == (Doubt.UNREAD_LINES, 0)


def test_meeting_on_a_refused_line_is_not_held_to_have_vanished(desk: Desk, feed: Feeds) -> None:
    feed(*meetings(2))
    long_id = "B" * 90
    feed(*meetings(2), {"aftale_id": long_id, "start": "20-10-2027 10:30"})
    report = feed(*meetings(2), {"aftale_id": long_id, "start": "31-10-2027 02:30"})

    assert (codes(report.rejected), report.cancelled, report.missing) == ({4: "ambiguous_time"}, 0, ())
    assert set(states(desk).values()) == {"booked"}


def test_new_id_for_the_same_meeting_is_a_rename_and_doubles_nothing(desk: Desk, feed: Feeds) -> None:
    feed(*meetings(12))
    before = len(desk.every(Reminder))
    report = feed(*({**line, "aftale_id": f"NY-{line['aftale_id']}"} for line in meetings(12)))

    assert (report.created, report.changed, report.cancelled, report.doubt) == (0, 12, 0, None)
    assert set(states(desk)) == {f"NY-A{number}" for number in range(12)}
    assert len(desk.every(Reminder)) == before
    assert set(states(desk).values()) == {"booked"}


def test_new_id_and_another_caseworker_at_the_same_time_is_a_rename_and_writes_nothing_to_the_citizen(
    desk: Desk, feed: Feeds
) -> None:
    """Told of as a cancellation, she would be told not to come, and next day to come."""
    feed({})
    report = feed({"aftale_id": "A2", "sagsbehandler": "sb02"})

    assert (report.created, report.changed, report.cancelled) == (0, 1, 0)
    assert states(desk) == {"A2": "booked"}
    assert desk.every(Message) == []


def test_of_two_new_ids_at_one_time_the_one_of_the_same_caseworker_is_the_rename(desk: Desk, feed: Feeds) -> None:
    feed({})
    before = desk.appointment("A1").id
    feed({"aftale_id": "A2", "sagsbehandler": "sb02"}, {"aftale_id": "A3"})

    assert states(desk) == {"A2": "booked", "A3": "booked"}
    assert desk.appointment("A3").id == before


@pytest.mark.parametrize("change", [{"start": "14-10-2027 11:30"}, {"cpr": "720202-2345"}])
def test_another_meeting_under_a_new_id_is_no_rename(desk: Desk, feed: Feeds, change: dict[str, str]) -> None:
    feed({})
    report = feed({"aftale_id": "A2", **change})

    assert (report.created, report.cancelled) == (1, 1)
    assert states(desk) == {"A1": "cancelled_by_us", "A2": "booked"}


def test_second_meeting_at_the_same_time_is_no_rename_while_the_first_is_named(desk: Desk, feed: Feeds) -> None:
    feed({})
    report = feed({}, {"aftale_id": "A2"})

    assert (report.created, report.unchanged) == (1, 1)


def test_dry_run_says_what_would_be_cancelled_and_cancels_nothing(desk: Desk, feed: Feeds) -> None:
    feed(*meetings(5))
    report = feed({**meetings(1)[0], "tilstand": "aflyst"}, *meetings(5)[2:], dry_run=True)

    assert (report.cancelled, report.import_id) == (2, None)
    assert set(states(desk).values()) == {"booked"}


def test_other_sources_are_left_alone(desk: Desk, feed: Feeds) -> None:
    desk.take_in({"aftale_id": "B1", "start": "20-10-2027 10:30"})
    feed(*meetings(5))
    feed(*meetings(4))

    assert states(desk)["B1"] == AppointmentState.BOOKED


def test_row_keeps_the_digest_it_had_before_there_were_profiles(desk: Desk) -> None:
    desk.books()
    with desk.runtime.database.read() as session:
        kept = session.scalar(sa.select(Appointment.row_digest))

    as_it_was = (
        b'{"line":0,"external_id":"A1","cpr":"7101011234","first_name":"Sara","last_name":"Hansen",'
        b'"phone":"28 10 20 30","caseworker":"sb01","starts_at":"2027-10-14T08:30:00+00:00","minutes":30,'
        b'"meeting_type":"Jobsamtale","form":"in_person","place":"M\xc3\xb8dested 1",'
        b'"note":"Kun til internt brug","self_booked":false,"reminded_elsewhere":false}'
    )
    assert kept == desk.runtime.vault.fingerprint(as_it_was, purpose="booking row")


@given(
    coming=st.integers(1, 500),
    vanished=st.integers(0, 500),
    percent=st.integers(0, 100),
    always=st.integers(0, 10),
)
def test_no_more_than_the_share_is_ever_believed(coming: int, vanished: int, percent: int, always: int) -> None:
    snapshot = Snapshot(complete=True, most_vanished_percent=percent, always_believed=always)
    doubt = judge(snapshot, coming=coming, vanished=min(vanished, coming), named_to_come=1, unread=0)

    if doubt is None:
        assert min(vanished, coming) <= max(always, coming * percent / 100)
    else:
        assert min(vanished, coming) > always
