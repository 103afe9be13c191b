"""Probes and figures for those who run the service.

`/health/live` says that this process answers and asks nothing else: a database that is away for a moment must not make
anybody restart everything. `/health/ready` says whether it can do its work.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Response, jsonify

from messaging.database.engine import Database
from messaging.errors import BorgerdialogError
from messaging.web.metrics import Metrics
from messaging.web.shell import current_shell

LEAST_FREE = 0.10

Check = Callable[[], str | None]


def health(metrics: Metrics) -> Blueprint:
    """Return the blueprint of the probes."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/health/live")
    def live() -> Response:
        return jsonify(status="live")

    @blueprint.get("/health/ready")
    def ready() -> tuple[Response, int]:
        failed = {name: wrong for name, check in current_shell().checks.items() if (wrong := _ask(check))}
        return jsonify(status="not ready" if failed else "ready", failed=failed), 503 if failed else 200

    @blueprint.get("/metrics")
    def figures() -> Response:
        return Response(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")

    return blueprint


def _ask(check: Check) -> str | None:
    try:
        return check()
    except BorgerdialogError as error:
        return error.code


def database_takes_writes(database: Database) -> str | None:
    """Open a write transaction and leave it again."""
    with database.write():
        return None


def disk_has_room(folder: Path) -> str | None:
    """Look at the disk of the data folder."""
    usage = shutil.disk_usage(folder)
    return None if usage.free >= LEAST_FREE * usage.total else "less than a tenth of the disk is free"
