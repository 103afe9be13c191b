"""import, remind report and remind plan."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from messaging.appointments import planning_missing
from messaging.appointments.citizen_answers import Answer, AppAnswer, answer_meeting
from messaging.appointments.models import Appointment, Import, Reminder
from messaging.appointments.planned_models import PlannedMeeting
from messaging.appointments.seeding import seed
from messaging.conversations.office import Office
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import Caseworker
from messaging.rehearsal.city import STAFF, city_files
from tests.commands.conftest import Deployment
from tests.conversations.conftest import Town

MEETINGS = len(city_files(datetime.now(UTC), Random(1))[1].splitlines()) - 1
"""Lines of the city's booking file, but for the one that names the columns."""


@pytest.fixture
def files(deployment: Deployment, tmp_path: Path) -> tuple[str, ...]:
    """The options with which the city's files are imported; one line of the bookings is broken."""
    staff, bookings = city_files(datetime.now(UTC), Random(1))
    (tmp_path / "staff.csv").write_bytes(staff)
    (tmp_path / "bookings.csv").write_bytes(bookings + b"B9999;kun to felter\r\n")
    return ("--caseworkers", str(tmp_path / "staff.csv"), "--appointments", str(tmp_path / "bookings.csv"))


def test_import_takes_in_good_lines_and_reports_bad_ones_with_their_reason(
    deployment: Deployment, town: Town, files: tuple[str, ...]
) -> None:
    report = deployment.json("import", *files)

    assert (report["lines"], report["created"]) == (MEETINGS + 1, MEETINGS)
    (rejected,) = report["rejected"]
    assert rejected["line"] == MEETINGS + 2
    assert rejected["faults"][0]["sentence"]
    assert len(town.rows(Appointment)) == MEETINGS
    assert len(town.rows(Caseworker)) == len(STAFF)


def test_same_file_again_changes_nothing(deployment: Deployment, files: tuple[str, ...]) -> None:
    deployment.run("import", *files)
    report = deployment.json("import", *files)

    assert (report["created"], report["changed"], report["unchanged"]) == (0, 0, MEETINGS)


def test_dry_run_reports_the_same_and_writes_nothing(
    deployment: Deployment, town: Town, files: tuple[str, ...]
) -> None:
    deployment.run("import", *files[:2])
    report = deployment.json("import", *files[2:], "--dry-run")

    assert (report["created"], len(report["rejected"])) == (MEETINGS, 1)
    assert town.rows(Appointment) == town.rows(Import) == []


def test_report_in_words_names_the_line_and_sums_up(deployment: Deployment, files: tuple[str, ...]) -> None:
    said = deployment.run("import", *files).stdout

    assert f"{MEETINGS + 2}" in said
    assert f"{MEETINGS + 1} lines: {MEETINGS} new, 0 changed, 0 as before, 1 rejected" in said


def test_file_that_is_no_booking_file_is_refused_in_one_sentence(deployment: Deployment, tmp_path: Path) -> None:
    (tmp_path / "letter.csv").write_text("Kære borger\n")

    said = deployment.run("import", "--appointments", str(tmp_path / "letter.csv"), code=2)
    assert said.stderr.splitlines()[-1].startswith("borgerdialog: ")


def test_reminder_log_tells_of_each_meeting_what_is_planned(deployment: Deployment, files: tuple[str, ...]) -> None:
    deployment.run("import", *files)
    meetings = [json.loads(line) for line in deployment.run("remind", "report", "--json").stdout.splitlines()]

    assert len(meetings) == MEETINGS
    assert {reminder["state"] for meeting in meetings for reminder in meeting["reminders"]} <= {"planned", "skipped"}
    assert len(deployment.run("remind", "report").stdout.splitlines()) > MEETINGS


def test_reading_the_words_of_the_log_is_noted_in_the_audit_trail(
    deployment: Deployment, files: tuple[str, ...]
) -> None:
    deployment.run("import", *files)
    before = deployment.json("audit", "verify")["waiting"]
    deployment.run("remind", "report")
    without = deployment.json("audit", "verify")["waiting"]
    deployment.run("remind", "report", "--words")

    assert without == before
    assert deployment.json("audit", "verify")["waiting"] == before + 1


def test_missing_reminders_are_planned_once_by_several_processes(
    deployment: Deployment, town: Town, files: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.run("import", *files)
    coming = {row.id for row in town.rows(Appointment) if row.starts_at > datetime.now(UTC)}
    planned = {(row.appointment_id, row.step) for row in town.rows(Reminder) if row.appointment_id in coming}
    with town.runtime.database.write() as session:
        session.execute(sa.delete(Reminder))
        seed(session)
    monkeypatch.setattr(planning_missing, "FEW", 20)
    monkeypatch.setattr(planning_missing, "SMALLEST", 20)

    first = deployment.json("remind", "plan", "--processes", "2")
    again = deployment.run("remind", "plan").stdout

    assert (first["meetings"], again) == (len(coming), "0 meetings had no reminders\n")
    assert {(row.appointment_id, row.step) for row in town.rows(Reminder)} == planned
    assert all(row.words for row in town.rows(Reminder) if row.state == "planned")


OUTCOMES = "aftale_id;sagsbehandler;start;samtaletype;udfald;afbud\n"


def test_outcomes_of_unknown_meetings_are_reported_and_nothing_is_kept(deployment: Deployment, tmp_path: Path) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text(OUTCOMES + "A1;sb01;04-01-2021 10:00;Jobsamtale;ikke mødt;\n", encoding="utf-8")
    report = deployment.json("import", "--outcomes", str(file))

    assert (report["lines"], report["created"]) == (1, 0)
    assert report["rejected"][0]["faults"][0]["code"] == "unknown_appointment"
    assert "1 rejected, 0 meetings without an outcome" in deployment.run("import", "--outcomes", str(file)).stdout
    assert deployment.json("attendance", "missing") == []
    assert deployment.json("attendance", "compare", "--since", "2021-01-01", "--until", "2021-02-01") == {
        "staff": [],
        "citizens": [],
    }


def test_answers_of_citizens_stand_beside_the_words_of_the_employment_system(
    deployment: Deployment, town: Town, files: tuple[str, ...]
) -> None:
    deployment.run("import", *files)
    meeting = max(town.rows(Appointment), key=lambda row: row.starts_at)
    with town.runtime.act(Actor(kind=ActorKind.CITIZEN, id=meeting.citizen_id)) as act:
        given = AppAnswer(id=uuid.uuid4(), appointment_id=meeting.id, revision=1, answer=Answer.COMES)
        answer_meeting(act, given, citizen_id=meeting.citizen_id, office=Office.from_config(town.runtime.config))
        act.session.add(
            PlannedMeeting(
                appointment_id=meeting.id,
                planned_for=meeting.starts_at,
                stood=True,
                caseworker_id=meeting.caseworker_id,
                meeting_type=meeting.meeting_type,
                decided_at=act.now,
            )
        )
    day = meeting.starts_at.date()
    asked = ("attendance", "compare", "--since", f"{day}", "--until", f"{day + timedelta(days=1)}")

    assert deployment.json(*asked) == {
        "staff": [],
        "citizens": [{"citizen": "confirmed", "employment_system": "unknown", "meetings": 1}],
    }
    assert deployment.run(*asked).stdout == "citizen: confirmed  employment system: unknown  1\n"


def test_baseline_is_counted_for_the_twelve_months_that_are_named(
    deployment: Deployment, files: tuple[str, ...], tmp_path: Path
) -> None:
    deployment.run("import", *files[:2])
    file = tmp_path / "outcomes.csv"
    file.write_text(OUTCOMES + f"A1;{STAFF[0][0]};04-09-2021 10:00;Jobsamtale;afholdt;\n", encoding="utf-8")
    asked = ("import", "--baseline", str(file), "--last-month", "2021-09")
    report = deployment.json(*asked)

    assert (report["meetings"], len(report["months"]), len(report["empty"])) == (1, 12, 11)
    assert "1 meetings from 2020-10 to 2021-09" in deployment.run(*asked).stdout
    said = deployment.run("import", "--baseline", str(file), "--last-month", "september", code=2)
    assert said.stderr.splitlines()[-1].startswith("borgerdialog: ")


def test_weeks_of_the_call_centre_are_taken_in_once(deployment: Deployment, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("uge;linje;opkald;besvaret\n2021-W01;Unge;12;10\n2021-W02;Unge;1;2\n", encoding="utf-8")
    report = deployment.json("import", "--calls", str(file))

    assert (report["lines"], report["created"], report["rejected"][0]["faults"][0]["code"]) == (2, 1, "more_answered")
    again = deployment.run("import", "--calls", str(file)).stdout.splitlines()
    assert again[0].startswith("line 3  2021-W02  more_answered: Der er besvaret flere")
    assert again[-1] == "2 lines: 0 new, 0 changed, 1 as before, 1 rejected"


@pytest.mark.parametrize("options", [("--baseline",), ("--dry-run", "--outcomes"), ("--dry-run", "--calls")])
def test_options_that_do_not_go_together_are_refused(
    deployment: Deployment, tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "outcomes.csv").write_text(OUTCOMES)

    deployment.run("import", *options, str(tmp_path / "outcomes.csv"), code=2)
