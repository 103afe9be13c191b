"""import, remind report, attendance."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from messaging.appointments.caseworker_file import read_caseworkers
from messaging.appointments.import_report import ImportReport, doubt_sentence
from messaging.appointments.importing import SOURCE, import_appointments, import_caseworkers
from messaging.appointments.line_file import ReportedLine
from messaging.appointments.planning import reminder_rules
from messaging.appointments.planning_missing import plan_missing
from messaging.appointments.profiles import check_source, read_profile
from messaging.appointments.reporting import LoggedAppointment, open_report, reminder_log
from messaging.attendance.comparing import answers_compared, compared
from messaging.attendance.importing import BaselineReport, OutcomeReport, import_baseline, import_outcomes
from messaging.attendance.queries import missing_by_unit
from messaging.clock import COPENHAGEN
from messaging.commands.surroundings import OPERATOR, as_json, open_runtime, print_json, progress_bar, reopen
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.volumes.importing import CallReport, import_calls
from messaging.work.lanes import Lane

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="import")
@click.option("--caseworkers", type=FILE, help="The staff list, CSV.")
@click.option("--appointments", type=FILE, help="The booking system's export, CSV.")
@click.option("--profile", type=FILE, help="How that file is written, TOML; the booking system's own without it.")
@click.option("--source", default=SOURCE, show_default=True, help="What the system is called that it comes from.")
@click.option("--outcomes", type=FILE, help="The employment system's export of what became of meetings, CSV.")
@click.option("--baseline", type=FILE, help="The same of the twelve months before the trial; only counts are kept.")
@click.option("--last-month", help="The last of the twelve months of the baseline, such as 2026-09.")
@click.option("--calls", type=FILE, help="The call centre's weekly export, CSV.")
@click.option("--dry-run", is_flag=True, help="Report what appointments would do, and write nothing.")
@as_json
def import_(
    caseworkers: Path | None,
    appointments: Path | None,
    profile: Path | None,
    source: str,
    outcomes: Path | None,
    baseline: Path | None,
    last_month: str | None,
    calls: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take in staff and appointments; a later file is compared with what is there, nothing is replaced.

    Outcomes are compared likewise; a baseline takes the place of the one before.
    """
    if (baseline is None) != (last_month is None):
        raise click.UsageError("--baseline and --last-month belong together")
    if dry_run and (outcomes or baseline or calls):
        raise click.UsageError("--dry-run is for --appointments")
    check_source(source)
    mapping = read_profile(profile.read_bytes()) if profile else None
    runtime = open_runtime()
    if outcomes:
        with runtime.act(OPERATOR) as act:
            told = import_outcomes(act, outcomes.read_bytes())
        _say(
            told,
            as_json=as_json,
            summed_up=f"{told.lines} lines: {told.created} new, {told.changed} changed, "
            f"{told.unchanged} as before, {len(told.rejected)} rejected, {told.missing} meetings without an outcome",
        )
    if baseline and last_month:
        with runtime.act(OPERATOR) as act:
            counted = import_baseline(act, baseline.read_bytes(), last_month=last_month)
        empty = ", ".join(counted.empty) or "none"
        _say(
            counted,
            as_json=as_json,
            summed_up=f"{counted.meetings} meetings from {counted.months[0]} to {counted.months[-1]}, "
            f"{len(counted.rejected)} rejected; months without a meeting: {empty}",
        )
    if calls:
        with runtime.act(OPERATOR) as act:
            weeks = import_calls(act, calls.read_bytes())
        _say(
            weeks,
            as_json=as_json,
            summed_up=f"{weeks.lines} lines: {weeks.created} new, {weeks.changed} changed, "
            f"{weeks.unchanged} as before, {len(weeks.rejected)} rejected",
        )
    if caseworkers and not dry_run:
        with runtime.act(OPERATOR) as act:
            import_caseworkers(act, read_caseworkers(caseworkers.read_bytes()).rows)
    if not appointments:
        return
    settings = settings_now(runtime)
    with progress_bar("appointments") as progress:
        report = import_appointments(
            lambda: runtime.act(OPERATOR),
            appointments.read_bytes(),
            rules=reminder_rules(settings),
            office=Office.from_config(settings),
            source=source,
            profile=mapping,
            dry_run=dry_run,
            progress=progress,
        )
    runtime.waker.wake(Lane.URGENT, Lane.BULK, Lane.JOURNAL)
    if as_json:
        print_json(asdict(report))
    else:
        _print(report)


def _say(report: OutcomeReport | BaselineReport | CallReport, *, summed_up: str, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
        return
    _print_lines(report.rejected)
    click.echo(summed_up)


def _print_lines(lines: Iterable[ReportedLine]) -> None:
    for line in lines:
        click.echo(f"line {line.line}  {line.external_id or '-'}  {line.code}: {line.sentence}")


def _print(report: ImportReport) -> None:
    _print_lines((*report.rejected, *report.warnings))
    click.echo(
        f"{report.lines} lines: {report.created} new, {report.changed} changed, {report.unchanged} as before, "
        f"{len(report.rejected)} rejected, {len(report.warnings)} with a remark, {len(report.missing)} missing, "
        f"{report.cancelled} cancelled"
    )
    if report.doubt:
        click.echo(doubt_sentence(report.doubt, missing=len(report.missing), coming=report.coming))


@click.group()
def remind() -> None:
    """Reminders: their log, and those that are missing."""


@remind.command()
@click.option("--words", is_flag=True, help="Open the texts too; that is noted in the audit trail.")
@as_json
def report(*, words: bool, as_json: bool) -> None:
    """Say per meeting what was planned, sent or skipped and why, what was answered, and what became of it."""
    runtime = open_runtime()
    if words:
        with runtime.act(OPERATOR) as act:
            open_report(act, with_words=True)
    with runtime.database.read() as session:
        log = reminder_log(session, runtime.vault, OPERATOR, with_words=words)
        for meeting in log:
            if as_json:
                click.echo(json.dumps(asdict(meeting), ensure_ascii=False, default=str))
            else:
                _print_meeting(meeting)


@remind.command(name="plan")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    default=lambda: len(os.sched_getaffinity(0)),
    show_default="as many as processors",
    help="How many work beside each other.",
)
@as_json
def plan_(processes: int, *, as_json: bool) -> None:
    """Plan the reminders of coming meetings that have none. The worker does so daily; to do it again does no harm."""
    runtime = open_runtime()
    with progress_bar("meetings") as progress:
        planned = plan_missing(runtime, reopen=reopen, processes=processes, progress=progress)
    runtime.waker.wake(Lane.BULK, Lane.JOURNAL)
    if as_json:
        print_json({"meetings": planned})
    else:
        click.echo(f"{planned} meetings had no reminders")


def _print_meeting(meeting: LoggedAppointment) -> None:
    click.echo(f"{meeting.external_id}  {meeting.starts_at:%Y-%m-%d %H:%M} UTC  {meeting.form}  {meeting.state}")
    for reminder in meeting.reminders:
        reason = f" ({reminder.reason})" if reminder.reason else ""
        click.echo(f"    {reminder.step}  {reminder.state}{reason}  {reminder.template or ''}  {reminder.text or ''}")
    for answer in meeting.answers:
        click.echo(f"    answer  {answer.label} -> {answer.action}  {answer.text or ''}")
    for outcome in meeting.outcomes:
        click.echo(f"    outcome  {outcome.outcome}")


@click.group()
def attendance() -> None:
    """What became of the meetings that count."""


@attendance.command()
@as_json
def missing(*, as_json: bool) -> None:
    """Say per unit how many meetings have begun of which the employment system has told nothing."""
    runtime = open_runtime()
    with runtime.database.read() as session:
        units = missing_by_unit(session, at=runtime.clock.now())
    if as_json:
        print_json([asdict(unit) for unit in units])
        return
    for unit in units:
        oldest = unit.oldest.astimezone(COPENHAGEN)
        click.echo(f"{unit.unit}  {unit.meetings} without an outcome, the oldest of {oldest:%Y-%m-%d}")


DAY = click.DateTime(["%Y-%m-%d"])


@attendance.command()
@click.option("--since", type=DAY, required=True, help="The first day of the meetings.")
@click.option("--until", type=DAY, required=True, help="The day after the last one.")
@as_json
def compare(since: datetime, until: datetime, *, as_json: bool) -> None:
    """Count meetings by the employment system's word and by staff's own, where both are known.

    And planned meetings by what the citizen last answered before them, and that word.
    """
    runtime = open_runtime()
    begins, ends = since.replace(tzinfo=COPENHAGEN), until.replace(tzinfo=COPENHAGEN)
    with runtime.database.read() as session:
        tapped = compared(session, since=begins, until=ends)
        answered = answers_compared(session, since=begins, until=ends)
    staff = [
        {"employment_system": official, "staff": word, "meetings": meetings}
        for (official, word), meetings in sorted(tapped.items())
    ]
    citizens = [
        {"citizen": said, "employment_system": official or "unknown", "meetings": meetings}
        for (said, official), meetings in sorted(answered.items(), key=lambda one: (one[0][0], one[0][1] or "~"))
    ]
    if as_json:
        print_json({"staff": staff, "citizens": citizens})
        return
    for row in staff:
        click.echo(f"employment system: {row['employment_system']}  staff: {row['staff']}  {row['meetings']}")
    for line in citizens:
        click.echo(f"citizen: {line['citizen']}  employment system: {line['employment_system']}  {line['meetings']}")
