"""Delivery receipts for what the provider accepted, and all that can go wrong with them."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

from adapters.stubs.dispatch import Dispatcher
from adapters.stubs.faults import Faults
from adapters.stubs.messages import Messages

_AFTER = {"sent": 0.15, "delivered": 0.5}
_REPEAT_AFTER = 0.3


class TellsService(Protocol):
    """One of the provider's faces: knows in which form the service hears of a message."""

    def tell_status(self, message: Mapping[str, Any], *, status: str, error_code: str | None) -> None:
        """Post one receipt to the message's callback URL."""
        ...


class Receipts:
    """Plans the receipts of each message: sent, then delivered or failed, unless a fault says otherwise."""

    def __init__(self, *, messages: Messages, dispatcher: Dispatcher, faults: Faults) -> None:
        self._messages = messages
        self._dispatcher = dispatcher
        self._faults = faults

    def plan(self, message: Mapping[str, Any], *, face: TellsService) -> None:
        """Let the message take its course. Its fate stands in the ledger even if no receipt ever tells it."""
        to = message["recipient"]
        failed = self._faults.draw("receipts", "failed", to=to)
        ends = [("sent", None), ("undelivered", str(failed.code or 30003)) if failed else ("delivered", None)]
        silent = self._faults.draw("provider", "silence", to=to) is not None
        delay = self._faults.draw("receipts", "delayed", to=to)
        moments = list(_AFTER.values())
        if self._faults.draw("receipts", "reordered", to=to):
            moments.reverse()
        for (status, error_code), moment, told_at in zip(ends, _AFTER.values(), moments, strict=True):
            become = partial(self._messages.tell, message["id"], status=status, error_code=error_code)
            self._dispatcher.later(moment, become)
            if not silent and message["callback_url"]:
                self._announce(
                    message, status, error_code, face=face, seconds=told_at + (delay.seconds if delay else 0)
                )

    def _announce(
        self, message: Mapping[str, Any], status: str, error_code: str | None, *, face: TellsService, seconds: float
    ) -> None:
        to = message["recipient"]
        if self._faults.draw("receipts", "lost", to=to):
            return
        repeated = self._faults.draw("receipts", "repeated", to=to)
        tell = partial(face.tell_status, message, status=status, error_code=error_code)
        for repeat in range(repeated.times if repeated else 1):
            self._dispatcher.later(seconds + repeat * _REPEAT_AFTER, tell)
