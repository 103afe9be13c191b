"""What the provider's two faces have in common: accepting under faults, and taking in what phones write."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from adapters.stubs.dispatch import Dispatcher
from adapters.stubs.faults import Ending, Fault, Faults
from adapters.stubs.messages import Messages, NewMessage
from adapters.stubs.receipts import Receipts, TellsService
from adapters.stubs.server import Reply, Route
from adapters.stubs.settings import StubSettings

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})


class Face(TellsService, Protocol):
    """One protocol in which the provider talks with the service."""

    name: str

    def routes(self) -> list[Route]:
        """What it answers to the service."""
        ...

    def new_id(self, *, media: bool) -> str:
        """An id for a message."""
        ...

    def refusal(self, code: int, *, status: int) -> Reply:
        """A clear no."""
        ...

    def accepted(self, message: Mapping[str, Any]) -> Reply:
        """The answer to a message that was accepted."""
        ...

    def tell_message(self, message: Mapping[str, Any], *, opt_out: str | None) -> int:
        """Post what a phone wrote to the service, with the provider's repeats; the last status."""
        ...

    def webhook_form(self, message: Mapping[str, Any], *, opt_out: str | None) -> Mapping[str, str]:
        """What such a post says."""
        ...


class Provider:
    """Accepts messages for phones and hands on what phones write. `url` is where the stub itself is reached."""

    def __init__(
        self, *, settings: StubSettings, url: str, messages: Messages, faults: Faults, dispatcher: Dispatcher
    ) -> None:
        self.settings = settings
        self.url = url
        self.messages = messages
        self.dispatcher = dispatcher
        self._receipts = Receipts(messages=messages, dispatcher=dispatcher, faults=faults)
        self._faults = faults

    def accept(self, message: NewMessage, *, face: Face) -> Reply:
        """Take a message on, or fail in one of the ways that are switched on."""
        to = message.recipient
        if slow := self._faults.draw("provider", "delay", to=to):
            time.sleep(slow.seconds)
        if refused := self._faults.draw("provider", "refuse", to=to):
            return face.refusal(refused.code, status=refused.status or 400)
        if throttled := self._faults.draw("provider", "throttle", to=to):
            return _throttled(throttled)
        if early := self._faults.draw("provider", "before_accept", to=to):
            return _ended(early)
        row = self.messages.add(message)
        self._receipts.plan(row, face=face)
        if late := self._faults.draw("provider", "after_accept", to=to):
            return _ended(late)
        return face.accepted(row)

    def listed(self, list_: Callable[[], Reply]) -> Reply:
        """Show the list of messages, unless that fails now."""
        fault = self._faults.draw("provider", "list_error", to="")
        return Reply(status=fault.status or 500, body=b"upstream error") if fault else list_()

    def receive(self, message: NewMessage, *, face: Face) -> "Received":
        """Take in what a phone wrote. From here on the provider's list shows it, whoever else hears of it."""
        word = message.text.strip().upper() if self.settings.keyword_handling else ""
        opt_out = "STOP" if word in STOP_WORDS else "START" if word in START_WORDS else None
        if opt_out:
            self.messages.block(message.sender, blocked=opt_out == "STOP")
        return Received(self.messages.add(message), opt_out=opt_out, face=face)


class Received:
    """A text from a phone that the provider has and the service may not have heard of yet."""

    def __init__(self, message: Mapping[str, Any], *, opt_out: str | None, face: Face) -> None:
        self.message = message
        self._opt_out = opt_out
        self._face = face

    def tell(self) -> int:
        """Post it to the service once, with the provider's repeats."""
        return self._face.tell_message(self.message, opt_out=self._opt_out)

    def tell_copies(self, copies: int, *, at_once: int) -> list[int]:
        """Post it several times over, `at_once` of them together and the rest one by one; the last status of each."""
        with ThreadPoolExecutor(max(1, at_once)) as pool:
            together: list[Callable[[], int]] = [self.tell] * min(copies, at_once)
            statuses = list(pool.map(lambda tell: tell(), together))
        return statuses + [self.tell() for _ in range(copies - len(statuses))]

    def form(self) -> Mapping[str, str]:
        """What such a post says, for a caller who wants to post it himself."""
        return self._face.webhook_form(self.message, opt_out=self._opt_out)


def _ended(fault: Fault) -> Reply:
    return Reply(status=201, ending=fault.ending or Ending.ERROR, hang_seconds=fault.seconds or 60)


def _throttled(fault: Fault) -> Reply:
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    return Reply(status=fault.status or 429, headers=headers, body=b'{"code": 20429, "message": "too many requests"}')
