"""import, remind report."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from messaging.appointments.caseworker_file import read_caseworkers
from messaging.appointments.importing import ImportReport, import_appointments, import_caseworkers
from messaging.appointments.planning import reminder_rules
from messaging.appointments.reporting import LoggedAppointment, open_report, reminder_log
from messaging.commands.surroundings import OPERATOR, as_json, open_runtime, print_json, progress_bar
from messaging.conversations.opening_times import settings_now
from messaging.work.lanes import Lane

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="import")
@click.option("--caseworkers", type=FILE, help="The staff list, CSV.")
@click.option("--appointments", type=FILE, help="The booking system's export, CSV.")
@click.option("--dry-run", is_flag=True, help="Report what would happen and write nothing.")
@as_json
def import_(caseworkers: Path | None, appointments: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Take in staff and appointments; a later file is compared with what is there, nothing is replaced."""
    runtime = open_runtime()
    if caseworkers and not dry_run:
        with runtime.act(OPERATOR) as act:
            import_caseworkers(act, read_caseworkers(caseworkers.read_bytes()).rows)
    if not appointments:
        return
    with progress_bar("appointments") as progress:
        report = import_appointments(
            lambda: runtime.act(OPERATOR),
            appointments.read_bytes(),
            rules=reminder_rules(settings_now(runtime)),
            dry_run=dry_run,
            progress=progress,
        )
    runtime.waker.wake(Lane.BULK, Lane.JOURNAL)
    if as_json:
        print_json(asdict(report))
    else:
        _print(report)


def _print(report: ImportReport) -> None:
    for line in (*report.rejected, *report.warnings):
        click.echo(f"line {line.line}  {line.external_id or '-'}  {line.code}: {line.sentence}")
    click.echo(
        f"{report.lines} lines: {report.created} new, {report.changed} changed, {report.unchanged} as before, "
        f"{len(report.rejected)} rejected, {len(report.warnings)} with a remark, {len(report.missing)} missing"
    )


@click.group()
def remind() -> None:
    """The reminder log."""


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


def _print_meeting(meeting: LoggedAppointment) -> None:
    click.echo(f"{meeting.external_id}  {meeting.starts_at:%Y-%m-%d %H:%M} UTC  {meeting.form}  {meeting.state}")
    for reminder in meeting.reminders:
        reason = f" ({reminder.reason})" if reminder.reason else ""
        click.echo(f"    {reminder.step}  {reminder.state}{reason}  {reminder.template or ''}  {reminder.text or ''}")
    for answer in meeting.answers:
        click.echo(f"    answer  {answer.label} -> {answer.action}  {answer.text or ''}")
    for outcome in meeting.outcomes:
        click.echo(f"    outcome  {outcome.outcome}")
