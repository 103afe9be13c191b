"""What the service needs to be ready for work: the questions that readiness asks, each answered in a few words."""

import time

import sqlalchemy as sa

from messaging.database import migrating
from messaging.database.moments import database_now
from messaging.runtime import Runtime
from messaging.vault.vault import TRIAGE
from messaging.web.health import Check, database_takes_writes, disk_has_room
from messaging.work.models import Heartbeat

HEARTBEAT_SECONDS = 60
EXAMINATION_SECONDS = 600
SCHEMA_SECONDS = 30


def readiness_checks(runtime: Runtime) -> dict[str, Check]:
    """Return the questions by name; each returns None, or what is wrong."""
    checks: dict[str, Check] = {
        "database": lambda: database_takes_writes(runtime.database),
        "keys": lambda: None if runtime.vault.has_owner(TRIAGE) else "the keystore cannot be used",
        "schema": _remembered(lambda: _schema_fits(runtime), seconds=SCHEMA_SECONDS),
        "disk": lambda: disk_has_room(runtime.config.data_folder),
        "worker": lambda: _worker_lives(runtime),
    }
    if runtime.config.production:
        checks["channel"] = _remembered(lambda: _channel_works(runtime), seconds=EXAMINATION_SECONDS)
    return checks


def _worker_lives(runtime: Runtime) -> str | None:
    with runtime.database.read() as session:
        alive = sa.select(sa.func.count()).where(Heartbeat.beat_at > database_now(-HEARTBEAT_SECONDS))
        return None if session.scalar(alive) else "no worker has given a sign of life lately"


def _schema_fits(runtime: Runtime) -> str | None:
    return None if migrating.is_current(runtime.database) else "the database is not at this version's tables"


def _channel_works(runtime: Runtime) -> str | None:
    codes = [finding.code for finding in runtime.channel.examine() if finding.blocking]
    return ", ".join(codes) or None


def _remembered(check: Check, *, seconds: float) -> Check:
    """Ask again only after a while: the answer costs more than a probe may."""
    known: tuple[str | None, float] | None = None

    def ask() -> str | None:
        nonlocal known
        if known is None or time.monotonic() > known[1]:
            known = (check(), time.monotonic() + seconds)
        return known[0]

    return ask
