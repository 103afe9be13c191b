"""A push service and the browsers that listen to it: subscriptions with real keys, pushes opened with those keys.

`POST /push/subscriptions` {"application_server_key"} gives a subscription as a browser's `toJSON()` does; `POST
/push/<id>` is its endpoint; `GET /push/<id>/received` shows what the phone has got, opened; `DELETE /push/<id>` is what
happens when the app is removed from the phone: from then on the endpoint is gone.
"""

import secrets
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from adapters.stubs.faults import Ending, Fault, Faults
from adapters.stubs.messages import now
from adapters.stubs.server import Reply, Request, Route, json_reply, route
from adapters.stubs.store import Store
from adapters.stubs.web_push import NotForUs, Receiver, sender_of, to_bytes, to_text

LARGEST = 4096
_LONGEST_TOPIC = 32
_BEFORE = ("delay", "gone", "bad_token", "another_key", "redirect", "refuse", "throttle", "before_accept")


class PushServiceStub:
    """Plays every push service at once. `url` is where the stub itself is reached."""

    def __init__(self, *, url: str, store: Store, faults: Faults) -> None:
        self._url = url
        self._store = store
        self._faults = faults

    def routes(self) -> list[Route]:
        """The push service's paths."""
        return [
            route("POST", "/push/subscriptions", self._subscribe),
            route("POST", "/push/(?P<id>[^/]+)", self._push),
            route("DELETE", "/push/(?P<id>[^/]+)", self._unsubscribe),
            route("GET", "/push/(?P<id>[^/]+)/received", self._received),
        ]

    def subscribe(self, application_server_key: str) -> dict[str, Any]:
        """A new subscription, as the browser tells it."""
        id_, receiver = secrets.token_urlsafe(24), Receiver.new()
        row = (id_, to_text(receiver.private.to_bytes(32, "big")), to_text(receiver.auth), application_server_key)
        self._store.write(
            lambda connection: connection.execute(
                "INSERT INTO push_subscriptions (id, private, auth, server_key) VALUES (?, ?, ?, ?)", row
            )
        )
        return self.subscription(id_)

    def subscription(self, id_: str) -> dict[str, Any]:
        """A subscription by its id, as the browser tells it."""
        (row,) = self._store.read("SELECT * FROM push_subscriptions WHERE id = ?", (id_,))
        return {"endpoint": f"{self._url}/push/{id_}", "expirationTime": None, "keys": _receiver(row).keys()}

    def received(self, endpoint: str) -> list[dict[str, Any]]:
        """What the phone behind an endpoint has got, oldest first."""
        id_ = endpoint.rpartition("/")[2]
        rows = self._store.read("SELECT * FROM pushes WHERE subscription = ? ORDER BY position", (id_,))
        return [dict(row) for row in rows]

    def _subscribe(self, request: Request) -> Reply:
        return json_reply(self.subscribe(request.json()["application_server_key"]), status=201)

    def _unsubscribe(self, request: Request) -> Reply:
        id_ = request.groups["id"]
        self._store.write(
            lambda connection: connection.execute("UPDATE push_subscriptions SET gone = 1 WHERE id = ?", (id_,))
        )
        return Reply(status=204)

    def _received(self, request: Request) -> Reply:
        return json_reply({"pushes": self.received(request.groups["id"])})

    def _push(self, request: Request) -> Reply:
        id_ = request.groups["id"]
        for kind in _BEFORE:
            fault = self._faults.draw("push", kind, to=id_)
            if fault and (reply := self._failed(fault)):
                return reply
        rows = self._store.read("SELECT * FROM push_subscriptions WHERE id = ?", (id_,))
        if not rows:
            return json_reply({"reason": "BadDeviceToken"}, status=404)
        if rows[0]["gone"]:
            return json_reply({"reason": "Unregistered"}, status=410)
        if len(request.body) > LARGEST:
            return json_reply({"reason": "PayloadTooLarge"}, status=413)
        try:
            push = self._opened(request, rows[0])
        except NotForUs as refused:
            return json_reply({"reason": refused.reason}, status=403 if "Jwt" in refused.reason else 400)
        self._store.write(lambda connection: _keep(connection, push))
        if late := self._faults.draw("push", "after_accept", to=id_):
            return _ended(late)
        return Reply(status=201, headers={"location": f"{self._url}/push/messages/{push['id']}"})

    def _opened(self, request: Request, subscription: sqlite3.Row) -> dict[str, Any]:
        headers = request.headers
        key, claims = sender_of(headers.get("authorization", ""), origin=self._url)
        if key != subscription["server_key"]:
            raise NotForUs("VapidPkHashMismatch")
        topic = headers.get("topic", "")
        if headers.get("content-encoding") != "aes128gcm" or len(topic) > _LONGEST_TOPIC:
            raise NotForUs("BadRequest")
        return {
            "id": secrets.token_urlsafe(12),
            "subscription": subscription["id"],
            "payload": _receiver(subscription).open(request.body).decode(),
            "sender": key,
            "contact": claims["sub"],
            "ttl": int(headers["ttl"]),
            "urgency": headers.get("urgency", "normal"),
            "topic": topic,
            "at": now(),
        }

    def _failed(self, fault: Fault) -> Reply | None:
        """The answer of a fault that keeps the push from the phone."""
        match fault.kind:
            case "delay":
                time.sleep(fault.seconds)
                return None
            case "gone":
                return Reply(status=fault.status or 410)
            case "bad_token":
                return json_reply({"reason": "BadJwtToken"}, status=403)
            case "another_key":
                said = b"the VAPID credentials do not correspond to the credentials used to create the subscriptions."
                return Reply(status=403, body=said)
            case "redirect":
                return Reply(status=fault.status or 307, headers={"location": f"{self._url}/push/elsewhere"})
            case "refuse":
                return json_reply({"reason": "Forbidden"}, status=fault.status or 403)
            case "throttle":
                waits = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
                return json_reply({"reason": "TooManyRequests"}, status=fault.status or 429, headers=waits)
        return _ended(fault)


def _receiver(row: sqlite3.Row) -> Receiver:
    return Receiver(private=int.from_bytes(to_bytes(row["private"]), "big"), auth=to_bytes(row["auth"]))


def _keep(connection: sqlite3.Connection, push: Mapping[str, Any]) -> None:
    columns = ", ".join(push)
    places = ", ".join(f":{column}" for column in push)
    connection.execute(f"INSERT INTO pushes ({columns}) VALUES ({places})", push)  # noqa: S608


def _ended(fault: Fault) -> Reply:
    return Reply(status=201, ending=fault.ending or Ending.ERROR, hang_seconds=fault.seconds or 60)
