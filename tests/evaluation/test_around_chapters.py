"""What stands around the comparison: kroner only from a judgement, answers only when the arms may be compared."""

import re
import uuid
from datetime import UTC, datetime, timedelta

from messaging.clock import FixedClock
from messaging.evaluation.document import Report
from messaging.evaluation.forms import write
from messaging.evaluation.reporting import make_report
from messaging.experience.codes import Cell
from messaging.experience.interview_models import Side
from messaging.experience.interviewing import Held, record
from messaging.experience.models import Rating, Wave
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.trial.models import Arm
from messaging.volumes.importing import import_calls
from tests.evaluation.extracts import Staff, control, sms
from tests.evaluation.kept import OPENS, keep
from tests.evaluation.test_reporting import COMPARING, app, helped, section, texts
from tests.experience.conftest import Desk
from tests.house import House
from tests.volumes.test_around_meetings import begin


def reported(runtime: Runtime, clock: FixedClock, *, at: datetime = OPENS, through: str | None = None) -> Report:
    clock.moment = at
    return make_report(runtime, through=through)


def keys(report: Report) -> set[str]:
    return {one.key for one in report.sections}


def test_kroner_follow_the_judgement_with_its_interval_and_the_customers_sources(
    runtime: Runtime, clock: FixedClock
) -> None:
    keep(runtime, helped())
    worth = section(reported(runtime, clock), "worth")

    kroner = r"−?[\d.]+ kr\."
    assert re.fullmatch(
        rf"Gevinsten er {kroner} om året før udgifter \(mellem {kroner} og {kroner}\), "
        "hvis samme virkning gælder hele Jobcenter København.",
        worth.sentences[0],
    )
    assert [row[0] for row in worth.tables[0].rows] == [
        "Før udgifter",
        "Efter licens og udrulning, de første år",
        "Efter licens og udrulning, årene efter",
    ]
    assert worth.tables[0].head == ("Om året", "Beløb", "Mindst", "Højst")
    assert sum("Kilde: BC60" in sentence for sentence in worth.sentences) == 4


def test_where_no_difference_is_shown_there_is_nothing_but_the_interval(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, [make(60, 9 + number % 3) for number in range(5) for make in (sms, app, control)])
    worth = section(reported(runtime, clock), "worth")

    assert worth.tables[0].head == ("Om året", "Mindst", "Højst")
    assert not any("Gevinsten er" in sentence for sentence in worth.sentences)


def test_without_a_verdict_there_are_no_kroner(runtime: Runtime, clock: FixedClock) -> None:
    staff: list[Staff] = [make(20, 3, unknown=9) for _ in range(3) for make in (sms, app, control)]
    keep(runtime, staff)
    report = reported(runtime, clock)

    assert report.sections[0].sentences[0].startswith("Kan ikke bedømmes")
    assert "worth" not in keys(report)


def test_what_citizens_say_is_told_by_arm_when_the_arms_may_be_compared(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, helped())
    clock.moment = datetime(2027, 11, 10, 12, 0, tzinfo=UTC)
    desk = Desk(runtime=runtime)
    for arm in Arm:
        cell = Cell(arm=arm, month="2027-11", meeting_type="Jobsamtale")
        desk.told(*[Rating.YES] * 6, *[Rating.NO] * 5, cell=cell)
    before = reported(runtime, clock, at=OPENS - timedelta(seconds=1))
    report = reported(runtime, clock)

    assert not {"citizens_say", "staff_say", "worth", "summoned_again"} & keys(before)
    told = section(report, "citizens_say")
    assert told.tables[0].rows[0] == ("november 2027", *["11 af 11 (100 %)"] * 3)
    assert told.tables[1].rows[0] == ("I alt", *["6 af 11 (55 %)"] * 3)
    assert [row[0] for row in told.tables[1].rows] == ["I alt", "november 2027", "Jobsamtale"]


def test_interviews_and_the_call_centre_stand_in_every_report(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, helped())
    clock.moment = OPENS
    held = Held(wave=Wave.BEFORE, arm=Arm.SMS, side=Side.STAFF)
    with runtime.act(SYSTEM) as act:
        record(act, held, interview_id=uuid.uuid4(), themes=["hurtigere svar"])
        import_calls(act, b"uge;linje;opkald;besvaret\n2027-W45;Unge;1200;1100\n2028-W10;Unge;900;890\n")
    milestone = reported(runtime, clock, at=OPENS - timedelta(days=1), through="2028-01")
    report = reported(runtime, clock)

    assert section(milestone, "interviews").sentences == ("53 interviews mangler.",)
    assert section(milestone, "interviews").tables[1].rows == (("hurtigere svar", "medarbejdere", "1", "0", "0"),)
    assert section(report, "interviews").tables[1].rows == (
        ("hurtigere svar", "medarbejdere", "1", "0", "0", "1", "0", "0"),
    )
    assert [row[0] for row in section(milestone, "contacts").tables[0].rows] == ["2027-W45"]
    assert [row[:3] for row in section(report, "contacts").tables[0].rows] == [
        ("2027-W45", "1.200", "1.100"),
        ("2028-W10", "900", "890"),
    ]


def test_who_else_reminds_is_told_by_arm_and_never_compared(house: House, runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, helped())
    clock.moment = datetime(2027, 11, 10, 12, 0, tzinfo=UTC)
    begin(house, Arm.SMS, *[(True, True, None)] * 6, *[(False, None, None)] * 6)
    begin(house, Arm.CONTROL, *[(True, None, False)] * 3, *[(False, None, False)] * 9)
    before = reported(runtime, clock, at=OPENS - timedelta(seconds=1))
    after = reported(runtime, clock)

    assert section(before, "other_reminders") == section(after, "other_reminders")
    (table,) = section(before, "other_reminders").tables
    assert table.head == ("Gruppe", "Møder", "Huskeservice", "NemSMS", "Bookingsystemet", "Os, nået frem")
    assert table.rows == (
        ("SMS", "12", "6 af 12 oplyste, 0 ikke oplyst", "6 af 6 oplyste, 6 ikke oplyst", "ikke oplyst", "0"),
        ("App", *["–"] * 5),
        ("Kontrol", "12", "– af 12 oplyste, 0 ikke oplyst", "ikke oplyst", "0 af 12 oplyste, 0 ikke oplyst", "0"),
    )
    csv = write(before, ".csv").decode()
    for written in (csv, write(before, ".html").decode(), texts(before)[2]):
        assert "6 af 6 oplyste, 6 ikke oplyst" in " ".join(written.split())
        assert not COMPARING.search(" ".join(section(before, "other_reminders").sentences))
