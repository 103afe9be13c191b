"""The report: the verdict first, what must stand beside it, nothing before its time, and nobody in it."""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pypdf
import pytest
import sqlalchemy as sa

from messaging.attendance.models import BaselineCount, OfficialWord
from messaging.clock import COPENHAGEN, FixedClock
from messaging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from messaging.evaluation import plan_file
from messaging.evaluation.document import Report, Section, report_of
from messaging.evaluation.forms import FORMS, known, write
from messaging.evaluation.given import Given
from messaging.evaluation.judging import judge
from messaging.evaluation.models import EvaluationLine
from messaging.evaluation.plan import Plan
from messaging.evaluation.plan_file import read_plan, write_plan
from messaging.evaluation.reporting import make_report
from messaging.evaluation.waiting import AFTER, may_compare
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from messaging.trial.models import Arm, Trial
from tests.evaluation.conftest import Pilot
from tests.evaluation.extracts import Staff, control, extract, sms
from tests.evaluation.kept import ENDS, OPENS, QUICK, keep
from tests.trial.conftest import Centre

COMPARING = re.compile(
    r"p [<=] 0|interval|færre (?!end (?:fem|tre))|flere|Målet|bedømmes|mod kontrol|Resultat|Udforskende"
)


def app(appointments: int, no_shows: int, **more: object) -> Staff:
    return Staff(arm=Arm.APP, appointments=appointments, no_shows=no_shows, **more)  # type: ignore[arg-type]


def helped(*, unknown: int = 2) -> list[Staff]:
    """Fifteen caseworkers: those with sms and app have half as many no-shows."""
    return [
        make(60, no_shows + number % 2, cancelled=6, unknown=unknown, baseline_rate=0.2 + number / 100)
        for number in range(5)
        for make, no_shows in ((sms, 7), (app, 7), (control, 14))
    ]


def reported(runtime: Runtime, clock: FixedClock, *, at: timedelta = timedelta(0), **more: str) -> Report:
    clock.moment = OPENS + at
    return make_report(runtime, **more)


def section(report: Report, key: str) -> Section:
    return next(one for one in report.sections if one.key == key)


def texts(report: Report) -> list[str]:
    """What is read in every form of the report."""
    pdf = pypdf.PdfReader(io.BytesIO(write(report, ".pdf")))
    return [
        write(report, ".html").decode(),
        write(report, ".csv").decode(),
        "\n".join(page.extract_text() for page in pdf.pages),
        json.dumps(report.as_json(), ensure_ascii=False),
    ]


def test_the_verdict_comes_first_and_beside_it_what_belongs_to_it(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, helped())
    report = reported(runtime, clock)
    first = report.sections[0]

    assert report.compares
    assert re.fullmatch(
        r"Færre udeblev: \d+ % færre \(95 %-interval \d+–\d+\)\. Målet på 20 % .*\.", first.sentences[0]
    )
    assert re.search(r"udeblev, .* ikke afholdt til tiden, .* afholdt inden 14 dage", first.sentences[1])
    assert "Udfaldet mangler for 3,3 % af samtalerne. Hvis alle de manglende talte for" in first.sentences[2]
    assert [row[0] for row in first.tables[0].rows] == ["Udeblev", "Ikke afholdt til tiden", "Afholdt inden 14 dage"]
    assert first.plots[0].table.rows
    assert [one.split(":")[0] for one in section(report, "arms").sentences] == ["SMS", "App"]
    assert all("talte de alle imod" in one for one in section(report, "arms").sentences)
    assert section(report, "smallest_effect").tables[0].rows[2][0] == "Højeste ende"
    assert report_of(json.loads(json.dumps(report.as_json()))) == report


def test_before_its_time_no_form_of_it_compares_anything(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, helped())
    report = reported(runtime, clock, at=-timedelta(seconds=1))

    assert not report.compares
    assert [one.key for one in report.sections] == [
        "months",
        "data",
        "exposure",
        "other_reminders",
        "inflow",
        "contamination",
        "interviews",
    ]
    for text in texts(replace(report, about=(), warnings=())):
        assert "Måned for måned" in text
        assert not COMPARING.search(text)
    assert "Grupperne sammenlignes først 17. april 2028." in " ".join(report.about)


def test_a_milestone_within_the_trial_compares_nothing_even_when_it_is_over(
    runtime: Runtime, clock: FixedClock
) -> None:
    keep(runtime, helped())
    report = reported(runtime, clock, through="2028-01")

    assert not report.compares
    assert "til og med januar 2028" in report.title
    assert any("en milepæl undervejs" in one for one in report.about)
    assert reported(runtime, clock, through="2028-04").compares


@pytest.mark.parametrize(
    ("ends_at", "last"),
    [
        (datetime(2028, 4, 1, tzinfo=COPENHAGEN), "2028-03"),  # all there is lies before it
        (datetime(2028, 4, 1, 0, 1, tzinfo=COPENHAGEN), "2028-04"),
        (datetime(2028, 3, 31, 23, 59, tzinfo=COPENHAGEN), "2028-03"),
        (datetime(2028, 1, 1, tzinfo=COPENHAGEN), "2027-12"),
    ],
)
def test_the_last_milestone_is_the_whole_of_it(ends_at: datetime, last: str) -> None:
    trial = Trial(ends_at=ends_at)
    year, month = divmod(int(last[:4]) * 12 + int(last[5:]) - 2, 12)
    at = ends_at + AFTER

    assert may_compare(trial, at=at, through=last)
    assert not may_compare(trial, at=at, through=f"{year}-{month + 1:02}")
    assert not may_compare(trial, at=at - timedelta(seconds=1), through=last)


def test_ending_a_trial_early_brings_no_comparison_forward(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, helped())
    with runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Trial).values(ended_at=ENDS - timedelta(days=100)))

    assert not reported(runtime, clock, at=-timedelta(days=50)).compares


def test_a_chapter_that_compares_gets_nothing_to_compare_with() -> None:
    given = Given(session=None, trial=None, at=OPENS, through=None, loaded=None, plan=QUICK, judgement=None)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        _ = given.judged


@pytest.mark.parametrize(
    ("staff", "reason"),
    [
        ([], "der endnu ikke er planlagte samtaler at tælle"),
        ([sms(20, 3)] * 3, "der ikke er mindst tre sagsbehandlere"),
        ([control(20, 3)] * 3, "der ikke er mindst tre sagsbehandlere"),
        ([sms(20, 3, stratum="a")] * 3 + [control(20, 3, stratum="b")] * 3, "ingen del af lodtrækningen"),
        ([sms(20, 3, baseline_rate=None)] * 3 + [control(20, 3, baseline_rate=None)] * 3, "før forsøget er kendt"),
        ([sms(20, 0)] * 3 + [control(20, 0)] * 3, "ingen udeblev"),
        ([sms(20, 3)] * 3 + [control(20, 0)] * 3, "ingen udeblev"),
        ([sms(20, 3)] * 3 + [control(20, 3)] * 2, "der ikke er mindst tre sagsbehandlere"),
        ([sms(20, 0, unknown=20)] * 3 + [control(20, 0, unknown=20)] * 3, "udfaldet ikke er kendt"),
        ([sms(20, 1, unknown=3)] * 3 + [control(20, 1)] * 3, "der mangler langt flere udfald"),
    ],
)
def test_what_cannot_be_judged_says_why_and_fails_nowhere(staff: Sequence[Staff], reason: str) -> None:
    judged = judge(extract(staff) if staff else None, QUICK)

    assert judged.verdict.sentence.startswith("Kan ikke bedømmes, fordi ")
    assert reason in judged.verdict.sentence


def test_arms_have_no_verdict_of_their_own_where_both_together_show_nothing(
    runtime: Runtime, clock: FixedClock
) -> None:
    keep(runtime, [make(60, 9 + number % 3) for number in range(5) for make in (sms, app, control)])
    report = reported(runtime, clock)

    assert report.sections[0].sentences[0].startswith("Forsøget kan ikke vise en forskel.")
    assert section(report, "arms").sentences[0].startswith("Sms og app vurderes kun hver for sig")
    assert "Test" not in section(report, "arms").tables[0].head
    assert report.sections[0].tables[1].rows[-1][0] == "Test ved ny lodtrækning"
    assert "ingen effekt" not in json.dumps(report.as_json())


def test_where_there_is_no_verdict_nothing_is_said_of_a_difference_and_no_test_is_shown(
    runtime: Runtime, clock: FixedClock
) -> None:
    keep(runtime, helped(unknown=9))
    report = reported(runtime, clock)

    assert report.sections[0].sentences[0].startswith("Kan ikke bedømmes, fordi udfaldet mangler for")
    assert section(report, "arms").sentences == ("Forsøget kan ikke bedømmes, så tallene her er uden konklusion.",)
    for text in texts(report):
        assert "Test" not in text
        assert not re.search(r"\bp [=<]", text)


def test_an_arm_that_cannot_stand_by_itself_is_named(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, [one for one in helped() if one.arm is not Arm.APP] + [app(60, 5)])
    told = section(reported(runtime, clock), "arms").sentences

    assert [one.split(" ")[0] for one in told] == ["SMS:", "App"]
    assert told[1].startswith("App står her ikke for sig")


def test_counts_below_five_are_hidden(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, [make(12, 1 + number % 2) for number in range(3) for make in (sms, app, control)])
    report = reported(runtime, clock)

    assert {row[3] for row in section(report, "months").tables[0].rows} == {"–"}
    assert {row[1] for row in section(report, "explored").tables[0].rows} == {"–"}


def test_nobody_is_in_it_by_name_id_or_rate(pilot: Pilot, clock: FixedClock) -> None:
    for arm in Arm:
        for citizen in pilot.citizens(arm):
            pilot.meets(citizen, None, in_days=5, after=0.1)
    pilot.fills()
    with pilot.runtime.act(SYSTEM) as act:
        lines = act.session.scalars(sa.select(EvaluationLine)).all()
        ids = {str(one) for line in lines for one in (line.id, line.citizen, line.cluster_id)}
        trial = act.session.scalars(sa.select(Trial)).one()
        clock.moment = trial.ends_at + timedelta(days=20)
    ids |= {str(one) for one in pilot.staff.values()}
    for text in texts(make_report(pilot.runtime)):
        assert not [one for one in (*ids, *pilot.staff, "Navn", "Holm", "Sara") if one in text]


def test_no_row_is_a_single_caseworkers(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, [*helped(unknown=0), control(97, 71, baseline_rate=0.2)])
    report = reported(runtime, clock)
    tables = [table for one in report.sections for table in (*one.tables, *(plot.table for plot in one.plots))]
    cells = [cell for table in tables for row in table.rows for cell in row]

    assert not [cell for cell in cells if re.fullmatch(r"73(,\d)? %|71|71 af 97.*", cell)]


def test_where_two_caseworkers_stand_behind_a_figure_it_is_not_shown(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, [*[sms(60, 12)] * 3, *[app(60, 12)] * 2, *[control(60, 24)] * 4])
    report = reported(runtime, clock)
    shown = {row[1]: row[3] for row in section(report, "months").tables[0].rows}

    assert (shown["SMS"], shown["App"], shown["Kontrol"]) == ("20 %", "–", "40 %")
    assert [row[0] for row in section(report, "arms").tables[0].rows] == ["SMS"]


def test_a_plan_is_kept_to_and_another_is_refused(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, helped())
    report = reported(runtime, clock, plan=write_plan(QUICK))

    assert report.warnings == ()
    assert "Analysen følger den plan, der blev låst med forsøget (SHA-256 " in report.about[-1]
    with pytest.raises(Conflict, match="not the one that was locked"):
        reported(runtime, clock, plan=write_plan(Plan(seed=2)))


def test_a_plan_changed_in_its_row_is_refused_by_the_trail(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, helped())
    with runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Trial).values(plan=write_plan(Plan(seed=2))))

    with pytest.raises(Conflict, match="audit trail"):
        reported(runtime, clock)


def test_a_trial_without_a_plan_is_marked_loudly(runtime: Runtime, clock: FixedClock) -> None:
    keep(runtime, helped(), plan=None)
    report = reported(runtime, clock, at=-timedelta(days=1))

    assert report.warnings[0].startswith("ADVARSEL: Der blev ikke låst en plan")
    assert "ADVARSEL" in write(report, ".csv").decode()
    with pytest.raises(Conflict):
        reported(runtime, clock, plan=write_plan(QUICK))


def test_other_calculations_than_those_locked_are_marked(
    runtime: Runtime, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(runtime, helped())
    monkeypatch.setattr(plan_file, "STATISTICS", ("units.py",))

    assert reported(runtime, clock, at=-timedelta(days=1)).warnings == (plan_file.CHANGED,)


def test_plan_reads_back_and_says_what_it_fixes() -> None:
    plan = Plan(permutations=4999, seed=3, target=0.25)

    assert read_plan(write_plan(plan)) == plan
    assert "mod kontrol" in write_plan(plan)


@pytest.mark.parametrize(
    ("old", "new"),
    [("{", "["), ('"seed": 1', '"seed": "1"'), ('"seed": 1,', ""), ("mod kontrol", "mod sms"), ("10000", "0")],
)
def test_a_file_that_is_no_plan_is_refused(old: str, new: str) -> None:
    with pytest.raises(InvalidInput):
        read_plan(write_plan(Plan()).replace(old, new))


@pytest.mark.parametrize("ending", ["", ".docx", ".json"])
def test_other_files_are_refused_by_name(ending: str) -> None:
    with pytest.raises(InvalidInput, match=r"\.pdf, \.html, \.csv"):
        known(ending)
    assert known(".PDF") in FORMS


def test_without_an_extract_or_a_trial_it_says_so(pilot: Pilot) -> None:
    with pytest.raises(NotFound, match="evaluate extract"):
        make_report(pilot.runtime)


def test_before_a_trial_the_baseline_is_told_and_what_it_lets_one_see(runtime: Runtime, clock: FixedClock) -> None:
    centre = Centre(runtime=runtime, clock=clock)
    with_ = {OfficialWord.HELD: 50, OfficialWord.NO_SHOW: 6, OfficialWord.CANCELLED_BY_US: 9}
    for number in range(6):
        staff_id = centre.hires(f"sb{number}")
        with runtime.act(SYSTEM) as act:
            act.session.add_all(
                BaselineCount(
                    caseworker_id=staff_id,
                    month="2026-09",
                    meeting_type="Jobsamtale" if number else "Sjælden",
                    outcome=word,
                    meetings=meetings + number if word is not OfficialWord.NO_SHOW or number else 4,
                )
                for word, meetings in with_.items()
            )
    report = make_report(runtime)
    (told,) = report.sections

    assert (report.title, report.compares) == ("Før forsøget med sms og app", False)
    assert told.tables[0].rows == (("september 2026", "364", "13 %"),)
    assert {row[1:] for row in told.tables[1].rows} == {("–", "–")}
    assert [row[0] for row in told.tables[2].rows] == ["Anslået", "Laveste ende", "Højeste ende"]


def counted_before(centre: Centre, held: Sequence[tuple[str, str, str]]) -> Section:
    """The chapter on the baseline: each of these caseworkers, months and kinds has 30 meetings held and 10 no-shows."""
    with centre.runtime.act(SYSTEM) as act:
        act.session.add_all(
            BaselineCount(
                caseworker_id=centre.staff[initials], month=month, meeting_type=kind, outcome=word, meetings=meetings
            )
            for initials, month, kind in held
            for word, meetings in ((OfficialWord.HELD, 30), (OfficialWord.NO_SHOW, 10))
        )
    (told,) = make_report(centre.runtime).sections
    return told


def test_no_rate_before_the_trial_is_of_fewer_than_three_caseworkers(runtime: Runtime, clock: FixedClock) -> None:
    centre = Centre(runtime=runtime, clock=clock)
    staff = [centre.hires(f"sb{number}") and f"sb{number}" for number in range(4)]
    told = counted_before(
        centre,
        [
            *((one, "2026-09", "Jobsamtale") for one in staff),
            *((one, "2026-10", "Opfølgning") for one in staff[:3]),
            *((one, "2026-11", "Sygesamtale") for one in staff[:2]),
            ("sb0", "2026-12", "Sjælden"),
        ],
    )
    months, kinds = told.tables[:2]

    # The two that must be hidden are of the same two caseworkers: their sum is hidden, too, behind a third one.
    assert [row[2] for row in months.rows] == ["25 %", "–", "–", "–"]
    assert {row[0] for row in kinds.rows if row[2] == "–"} == {"Opfølgning", "Sygesamtale", "Sjælden"}


def test_smallest_effect_before_the_trial_is_that_of_six_months_however_many_were_counted(
    runtime: Runtime, clock: FixedClock
) -> None:
    centre = Centre(runtime=runtime, clock=clock)
    months = [f"2026-{month:02}" for month in range(1, 13)]
    for number in range(6):
        centre.hires(f"sb{number}")
    half = counted_before(centre, [(f"sb{number}", month, "Jobsamtale") for number in range(6) for month in months[:6]])
    whole = counted_before(
        centre, [(f"sb{number}", month, "Jobsamtale") for number in range(6) for month in months[6:]]
    )

    assert half.tables[2].rows[0][2] == whole.tables[2].rows[0][2]
    assert "6 måneder" in whole.sentences[-1]


def test_where_two_caseworkers_are_all_there_are_nothing_is_told_of_the_time_before(
    runtime: Runtime, clock: FixedClock
) -> None:
    centre = Centre(runtime=runtime, clock=clock)
    held = [(f"sb{number}", f"2026-{month:02}", "Jobsamtale") for number in range(2) for month in range(1, 9)]
    for initials in ("sb0", "sb1"):
        centre.hires(initials)
    told = counted_before(centre, held)

    assert {cell for table in told.tables for row in table.rows for cell in row[1:]} == {"–"}
    assert len(told.tables) == 2


def test_before_a_trial_there_is_nothing_without_a_baseline(runtime: Runtime) -> None:
    with pytest.raises(NotFound, match="no trial"):
        make_report(runtime)
