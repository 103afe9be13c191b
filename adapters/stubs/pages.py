"""The stub's pages, in Danish and without script: phones one can answer from, and the case system's journal."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.stubs.case_system import shown_event
from adapters.stubs.messages import Messages, NewMessage
from adapters.stubs.provider import Face, Provider
from adapters.stubs.server import Reply, Request, Route, route
from adapters.stubs.store import Store
from adapters.stubs.words import EVENTS, FACTS, STATUSES

_COPENHAGEN = ZoneInfo("Europe/Copenhagen")
_TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """Renders what the ledgers hold; every value is escaped."""

    def __init__(self, *, store: Store, messages: Messages, provider: Provider, faces: dict[str, Face]) -> None:
        self._store = store
        self._messages = messages
        self._provider = provider
        self._faces = faces
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._environment.filters.update(
            clock=_clock,
            quoted=lambda text: quote(text, safe=""),
            status_word=lambda status: STATUSES.get(status, status),
            event_word=lambda type_: EVENTS.get(type_, type_),
            fact_word=lambda name: FACTS.get(name, name),
            plain=_plain,
        )

    def routes(self) -> list[Route]:
        """The pages' paths."""
        number = "/phones/(?P<number>[^/]+)"
        return [
            route("GET", "/", self._home),
            route("GET", "/phones", self._phones),
            route("GET", number, self._phone),
            route("POST", number, self._answer),
            route("GET", f"{number}/messages", self._thread),
            route("GET", "/case-system/journal", self._streams),
            route("GET", "/case-system/journal/(?P<stream>[^/]+)", self._journal),
            route("GET", "/style.css", lambda _: _style()),
        ]

    def _home(self, _: Request) -> Reply:
        return self._page("home.html")

    def _phones(self, _: Request) -> Reply:
        return self._page("phones.html", phones=self._messages.phones())

    def _phone(self, request: Request) -> Reply:
        return self._page("phone.html", number=request.groups["number"], written=request.query("written") is not None)

    def _thread(self, request: Request) -> Reply:
        return self._page("thread.html", messages=self._messages.of_phone(request.groups["number"]))

    def _answer(self, request: Request) -> Reply:
        """A phone answers whoever wrote to it last, by the same channel."""
        number = request.groups["number"]
        text = request.form().get("text", "").strip()
        if text:
            got = [message for message in self._messages.of_phone(number) if message["direction"] == "out"]
            settings = self._provider.settings
            face = self._faces[got[-1]["channel"] if got else settings.default_channel]
            message = NewMessage(
                id=face.new_id(media=False),
                channel=face.name,
                direction="in",
                sender=number,
                recipient=got[-1]["sender"] if got else settings.numbers[0],
                text=text[:1600],
                status="received",
            )
            received = self._provider.receive(message, face=face)
            self._provider.dispatcher.later(0, lambda: received.tell_copies(1, at_once=1))
        return Reply(status=303, headers={"location": f"/phones/{quote(number, safe='')}?written"})

    def _streams(self, _: Request) -> Reply:
        streams = self._store.read(
            "SELECT stream_id, count(*) AS events, max(received_at) AS latest FROM events"
            " GROUP BY 1 ORDER BY 3 DESC LIMIT 200"
        )
        return self._page("streams.html", streams=streams)

    def _journal(self, request: Request) -> Reply:
        stream = request.groups["stream"]
        rows = self._store.read("SELECT * FROM events WHERE stream_id = ? ORDER BY seq", (stream,))
        return self._page("journal.html", stream=stream, events=[shown_event(dict(row)) for row in rows])

    def _page(self, template: str, **values: Any) -> Reply:
        service = urlsplit(self._provider.settings.service_url)
        policy = (
            "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
            f"frame-ancestors 'self' {service.scheme}://{service.netloc}"
        )
        headers = {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cache-control": "no-store",
        }
        return Reply(headers=headers, body=self._environment.get_template(template).render(**values).encode())


def _style() -> Reply:
    return Reply(headers={"content-type": "text/css; charset=utf-8"}, body=(_TEMPLATES / "style.css").read_bytes())


def _clock(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(_COPENHAGEN):%d.%m. %H.%M.%S}"


def _plain(value: object) -> str:
    """A fact as text; whatever has an inside of its own as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
