"""What `doctor` does: examine settings, provider and case system, then ask every room what does not move."""

from collections.abc import Iterator

import click

from adapters.contract import Finding
from messaging.appointments import checks as appointment_checks
from messaging.appointments.feed_settings import UnusableFeed, read_feeds
from messaging.appointments.models import Reminder
from messaging.appointments.states import ReminderState
from messaging.citizen_app import code_limits
from messaging.citizen_app.push_models import Notice
from messaging.conversations import checks as conversation_checks
from messaging.documents import checks as document_checks
from messaging.journal import overseeing
from messaging.laying_out import is_laid_out
from messaging.runtime import Runtime
from messaging.work import doctor
from messaging.work.doctor import Check, waiting_too_long

REMINDER_PATIENCE = 900
"""Seconds that a due reminder, or a due SMS to log in, may stay unwritten."""

PUSH_IS_OFF = Finding(
    code="push_off",
    sentence="Appen kan ikke give besked på telefonen: der er ingen nøgle til app_push (borgerdialog keys vapid).",
    blocking=False,
)


def examine(runtime: Runtime) -> int:
    """Print every finding and return the exit code: 1 if something blocks production."""
    findings = list(_findings(runtime))
    for finding in findings:
        click.echo(f"{'SPÆRRER ' if finding.blocking else 'bemærk  '}{finding.code}: {finding.sentence}")
    if any(finding.blocking for finding in findings):
        click.echo("Tjenesten må ikke bruges i drift, før det er bragt i orden.")
        return 1
    click.echo("Intet spærrer for drift.")
    return 0


def _findings(runtime: Runtime) -> Iterator[Finding]:
    if not is_laid_out(runtime.database):
        yield Finding(code="schema", sentence="Databasen er ikke på nyeste version: kør borgerdialog migrate.")
        return
    for feed in read_feeds(runtime.config.feeds):
        if isinstance(feed, UnusableFeed):
            yield Finding(code="feed_unusable", sentence=f"{feed.source}: {feed.sentence}", blocking=False)
    yield from runtime.channel.examine()
    yield from runtime.case_system.examine()
    yield from runtime.push.examine() if runtime.push else [PUSH_IS_OFF]
    with runtime.database.read() as session:
        for check in _checks():
            yield from check(session)
        yield from code_limits.alarms(session, most=runtime.config.codes_per_hour, now=runtime.clock.now())


def _checks() -> list[Check]:
    reminders = waiting_too_long(
        "påmindelser",
        Reminder,
        due=Reminder.state == ReminderState.PLANNED,
        since=Reminder.due_at,
        seconds=REMINDER_PATIENCE,
    )
    notices = waiting_too_long(
        "sms om at logge ind", Notice, due=Notice.ended_at.is_(None), since=Notice.sms_due_at, seconds=REMINDER_PATIENCE
    )
    return [
        doctor.heartbeats,
        doctor.breakers,
        *conversation_checks.checks(),
        *document_checks.checks(),
        *appointment_checks.checks(),
        overseeing.checks,
        reminders,
        notices,
    ]
