"""A case system that journals signed events, knows repeats, gives receipt numbers and fails when told to."""

import json
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from adapters.stubs.faults import Fault, Faults
from adapters.stubs.messages import now
from adapters.stubs.server import Reply, Request, Route, json_reply, route
from adapters.stubs.store import Store

_KINDS = (
    "error",
    "slow",
    "wrong_receipt",
    "blank_receipt",
    "received",
    "rejected",
    "gone",
    "duplicate",
)


class CaseSystemStub:
    """Keeps every event once, under `(stream_id, seq)` and its id."""

    def __init__(self, *, store: Store, faults: Faults, secret: str) -> None:
        self._store = store
        self._faults = faults
        self._webhook = Webhook(secret)

    def routes(self) -> list[Route]:
        """The receiving side of the `webhook` case system."""
        return [
            route("POST", "/case-system/events", self._event),
            route("POST", "/case-system/standing", self._standing),
            route("POST", "/case-system/anchors", self._anchor),
        ]

    def _is_genuine(self, request: Request) -> bool:
        try:
            self._webhook.verify(request.body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):
            return False
        return True

    def _event(self, request: Request) -> Reply:
        if not self._is_genuine(request):
            return json_reply({"error": "signature"}, status=401)
        event_id = request.headers["webhook-id"]
        event = request.json()
        fault = self._faults.draw("case_system", *_KINDS, to=event["stream_id"])
        if fault and (reply := _before(fault)):
            return reply
        kept = self._store.write(
            lambda connection: _keep(connection, event_id=event_id, event=event, body=request.body)
        )
        if kept is None:
            return json_reply({"status": "rejected", "reason": "conflict", "event_id": event_id}, status=422)
        accepted = {"status": "accepted", "receipt": kept, "event_id": event_id}
        return _after(fault, accepted) if fault else json_reply(accepted)

    def _standing(self, request: Request) -> Reply:
        if not self._is_genuine(request):
            return json_reply({"error": "signature"}, status=401)
        return json_reply({"streams": [self._standing_of(stream_id) for stream_id in request.json()["streams"]]})

    def _standing_of(self, stream_id: str) -> dict[str, Any]:
        rows = self._store.read("SELECT seq, receipt FROM events WHERE stream_id = ? ORDER BY seq", (stream_id,))
        receipts = {row["seq"]: row["receipt"] for row in rows}
        highest = max(receipts, default=0)
        return {
            "stream_id": stream_id,
            "count": len(receipts),
            "highest": highest,
            "missing": [seq for seq in range(1, highest) if seq not in receipts],
            "receipts": {str(seq): receipt for seq, receipt in receipts.items()},
        }

    def _anchor(self, request: Request) -> Reply:
        if not self._is_genuine(request):
            return json_reply({"error": "signature"}, status=401)
        receipt = self._store.write(lambda connection: _keep_anchor(connection, request.body))
        return json_reply({"status": "accepted", "receipt": receipt})


def _before(fault: Fault) -> Reply | None:
    """The answer of a fault that keeps the event out of the journal."""
    match fault.kind:
        case "slow":
            time.sleep(fault.seconds)
            return None
        case "error":
            return json_reply({"error": "internal"}, status=fault.status or 500)
        case "gone":
            return json_reply({"error": "gone"}, status=410)
        case "received":
            return json_reply({"status": "received"}, status=202)
        case "rejected":
            return json_reply({"status": "rejected", "reason": str(fault.code or "unknown_citizen")}, status=422)
    return None


def _after(fault: Fault, accepted: Mapping[str, str]) -> Reply:
    """The answer of a fault that strikes when the event is journaled already."""
    match fault.kind:
        case "wrong_receipt":
            return json_reply({**accepted, "event_id": "another"})
        case "blank_receipt":
            return json_reply({**accepted, "receipt": " "})
        case "duplicate":
            return json_reply({"error": "internal"}, status=500)
    return json_reply(accepted)


def _keep(connection: sqlite3.Connection, *, event_id: str, event: Mapping[str, Any], body: bytes) -> str | None:
    """The receipt for an event, the old one if it came before; None if another event has its id or its place."""
    known = connection.execute(
        "SELECT receipt, body FROM events WHERE event_id = ? OR (stream_id = ? AND seq = ?)",
        (event_id, event["stream_id"], event["seq"]),
    ).fetchone()
    if known:
        connection.execute("UPDATE events SET deliveries = deliveries + 1 WHERE event_id = ?", (event_id,))
        return str(known["receipt"]) if known["body"] == body else None
    receipt = _next_receipt(connection, "events", "J")
    connection.execute(
        "INSERT INTO events (event_id, stream_id, seq, type, occurred_at, received_at, body, receipt)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (event_id, event["stream_id"], event["seq"], event["type"], event["occurred_at"], now(), body, receipt),
    )
    return receipt


def _keep_anchor(connection: sqlite3.Connection, body: bytes) -> str:
    receipt = _next_receipt(connection, "anchors", "A")
    connection.execute("INSERT INTO anchors (received_at, body, receipt) VALUES (?, ?, ?)", (now(), body, receipt))
    return receipt


def _next_receipt(connection: sqlite3.Connection, table: str, prefix: str) -> str:
    (last,) = connection.execute(f"SELECT coalesce(max(position), 0) FROM {table}").fetchone()  # noqa: S608
    return f"{prefix}-{last + 1:06}"


def shown_event(row: Mapping[str, Any]) -> dict[str, Any]:
    """An event as the ledger and the journal's page show it."""
    return {
        "event_id": row["event_id"],
        "stream_id": row["stream_id"],
        "seq": row["seq"],
        "type": row["type"],
        "occurred_at": row["occurred_at"],
        "received_at": row["received_at"],
        "receipt": row["receipt"],
        "deliveries": row["deliveries"],
        "body": json.loads(row["body"]),
    }
