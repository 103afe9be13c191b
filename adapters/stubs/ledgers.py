"""What really happened, in JSON, for whoever judges a rehearsal; and the switches for faults and for phones' texts.

`GET /ledger/accepted|inbound|journal|posts[?after=<position>&limit=<n>]` gives rows in order of arrival (the columns
are in `store`; posts tell of every try to reach the service); `GET /ledger/totals` counts them; `GET
/ledger/outstanding` says how much the provider still has to do and to tell.

`POST /handset` {"from", "to", "text"} lets a phone write. Further: "channel"; "copies" (1) and "concurrent_copies" (1),
how often the webhook is posted and how many of those at once; "wait" (false), to answer only when all were posted;
"deliver" (true), false only registers the text at the provider and returns the webhook's form for the caller to post;
"media" [{"content_type", "data" (base64)}].
"""

import secrets
from typing import Any

from adapters.stubs.case_system import shown_event
from adapters.stubs.dispatch import Dispatcher
from adapters.stubs.faults import Fault, Faults
from adapters.stubs.messages import Messages, NewMessage
from adapters.stubs.provider import Face, Provider
from adapters.stubs.server import Reply, Request, Route, json_reply, route
from adapters.stubs.store import Store

_MOST_ROWS = 10_000


class Ledgers:
    """The stub's back office."""

    def __init__(self, *, store: Store, messages: Messages, dispatcher: Dispatcher) -> None:
        self._store = store
        self._messages = messages
        self._dispatcher = dispatcher

    def routes(self) -> list[Route]:
        """Reading what happened, and how much the provider still has to tell."""
        return [
            route("GET", "/ledger/accepted", lambda request: self._of_messages(request, direction="out")),
            route("GET", "/ledger/inbound", lambda request: self._of_messages(request, direction="in")),
            route("GET", "/ledger/journal", self._journal),
            route("GET", "/ledger/posts", self._posts),
            route("GET", "/ledger/totals", self._totals),
            route("GET", "/ledger/outstanding", lambda _: json_reply({"outstanding": self._dispatcher.outstanding()})),
            route("GET", "/health", lambda _: json_reply({"status": "ok"})),
        ]

    def _of_messages(self, request: Request, *, direction: str) -> Reply:
        after, limit = _page(request)
        rows = self._messages.select({"direction": direction, "position >": after}, limit=limit)
        return json_reply({"messages": [{**row, "media": None} for row in rows]})

    def _journal(self, request: Request) -> Reply:
        rows = self._store.read("SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?", _page(request))
        return json_reply({"events": [{"position": row["position"], **shown_event(dict(row))} for row in rows]})

    def _posts(self, request: Request) -> Reply:
        rows = self._store.read("SELECT * FROM posts WHERE position > ? ORDER BY position LIMIT ?", _page(request))
        return json_reply({"posts": [dict(row) for row in rows]})

    def _totals(self, _: Request) -> Reply:
        (row,) = self._store.read(
            "SELECT (SELECT count(*) FROM messages WHERE direction = 'out') AS accepted,"
            " (SELECT count(*) FROM messages WHERE direction = 'out' AND status = 'delivered') AS delivered,"
            " (SELECT count(*) FROM messages WHERE direction = 'in') AS inbound,"
            " (SELECT count(*) FROM events) AS journal, (SELECT count(*) FROM anchors) AS anchors"
        )
        return json_reply(dict(row))


class FaultSwitch:
    """Faults on and off."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def routes(self) -> list[Route]:
        """The switch's paths."""
        return [
            route("GET", "/faults", self._list),
            route("POST", "/faults", self._add),
            route("DELETE", "/faults", self._clear),
        ]

    def _list(self, _: Request) -> Reply:
        struck = [
            {"place": fault.place, "kind": fault.kind, "ending": fault.ending, "count": fault.count, "struck": times}
            for fault, times in self._faults.strikes()
        ]
        return json_reply({"faults": struck})

    def _add(self, request: Request) -> Reply:
        told = request.json()
        for one in told if isinstance(told, list) else [told]:
            self._faults.add(Fault.from_json(one))
        return self._list(request)

    def _clear(self, request: Request) -> Reply:
        self._faults.clear()
        return self._list(request)


class Handset:
    """Lets phones write."""

    def __init__(self, *, provider: Provider, faces: dict[str, Face]) -> None:
        self._provider = provider
        self._faces = faces

    def routes(self) -> list[Route]:
        """The handset's path."""
        return [route("POST", "/handset", self._write)]

    def _write(self, request: Request) -> Reply:
        told = request.json()
        face = self._faces[told.get("channel", self._provider.settings.default_channel)]
        copies, at_once = int(told.get("copies", 1)), int(told.get("concurrent_copies", 1))
        received = self._provider.receive(_new_message(told, face=face), face=face)
        shown: dict[str, Any] = {"id": received.message["id"], "created_at": received.message["created_at"]}
        if not told.get("deliver", True):
            return json_reply({**shown, "form": received.form()}, status=201)
        if told.get("wait"):
            return json_reply({**shown, "answers": received.tell_copies(copies, at_once=at_once)}, status=201)
        self._provider.dispatcher.later(0, lambda: received.tell_copies(copies, at_once=at_once))
        return json_reply(shown, status=202)


def _new_message(told: dict[str, Any], *, face: Face) -> NewMessage:
    media = [{"id": f"ME{secrets.token_hex(16)}", **one} for one in told.get("media", ())]
    return NewMessage(
        id=face.new_id(media=bool(media)),
        channel=face.name,
        direction="in",
        sender=told["from"],
        recipient=told["to"],
        text=told["text"],
        status="received",
        media=media,
    )


def _page(request: Request) -> tuple[int, int]:
    return int(request.query("after") or 0), min(int(request.query("limit") or _MOST_ROWS), _MOST_ROWS)
