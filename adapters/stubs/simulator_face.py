"""The provider as the `simulator` channel knows it; the protocol is described there."""

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from adapters.channels.simulator import REFUSED, SIGNATURE, check, sign
from adapters.errors import WebhookRejected
from adapters.stubs.messages import NewMessage
from adapters.stubs.provider import Provider
from adapters.stubs.server import Reply, Request, Route, json_reply, route
from adapters.stubs.twilio_face import MAGIC_NUMBERS


class SimulatorFace:
    """Speaks the simulator's JSON."""

    name = "simulator"

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._secret = provider.settings.simulator_secret

    def routes(self) -> list[Route]:
        """The protocol's paths."""
        return [
            route("POST", "/simulator/messages", self._create),
            route("GET", "/simulator/messages", self._list),
        ]

    def new_id(self, *, media: bool) -> str:  # noqa: ARG002  # one kind of id serves both
        """A message id."""
        return f"SIM{secrets.token_hex(16)}"

    def refusal(self, code: int, *, status: int) -> Reply:  # noqa: ARG002  # every refusal looks the same here
        """A clear no: the number as the body."""
        return Reply(status=REFUSED, body=str(code).encode())

    def accepted(self, message: Mapping[str, Any]) -> Reply:
        """The new message's id and length."""
        return json_reply({"id": message["id"], "segments": message["segments"]}, status=201)

    def tell_status(self, message: Mapping[str, Any], *, status: str, error_code: str | None) -> None:
        """Post a receipt."""
        told = {"type": "status", "id": message["id"], "status": status, "error_code": error_code}
        self._post(message["callback_url"], told, message_id=message["id"], word=status)

    def tell_message(self, message: Mapping[str, Any], *, opt_out: str | None) -> int:
        """Post a text."""
        url = f"{self._provider.settings.service_url}/hooks/{self.name}#{self._provider.settings.webhook_retries}"
        return self._post(url, self.webhook_form(message, opt_out=opt_out), message_id=message["id"], word="message")

    def webhook_form(self, message: Mapping[str, Any], *, opt_out: str | None) -> Mapping[str, str]:  # noqa: ARG002
        """A text as the service hears of it; the simulator never handles keywords itself."""
        return {"type": "message", **_shown(message)}

    def _post(self, url: str, told: Mapping[str, Any], *, message_id: str, word: str) -> int:
        return self._provider.dispatcher.post(
            url,
            json.dumps(told, ensure_ascii=False).encode(),
            headers=self._sign,
            told=lambda answer: self._provider.messages.posted(message_id, word=word, answer=answer),
        )

    def _sign(self, url: str, body: bytes) -> Mapping[str, str]:
        target = url.removeprefix(self._provider.settings.service_url)
        signature = sign(self._secret, target=target, body=body, timestamp=int(time.time()))
        return {"content-type": "application/json", SIGNATURE: signature}

    def _is_genuine(self, request: Request) -> bool:
        given = request.headers.get(SIGNATURE, "")
        try:
            check(self._secret, target=request.target, body=request.body, given=given)
        except WebhookRejected:
            return False
        return True

    def _create(self, request: Request) -> Reply:
        if not self._is_genuine(request):
            return json_reply({"error": "signature"}, status=401)
        told = request.json()
        if told["to"] in MAGIC_NUMBERS:
            return self.refusal(MAGIC_NUMBERS[told["to"]], status=REFUSED)
        message = NewMessage(
            id=self.new_id(media=False),
            channel=self.name,
            direction="out",
            sender=told["from"],
            recipient=told["to"],
            text=told["text"],
            status="queued",
            callback_url=told["callback_url"],
            attempt_id=told["id"],
            valid_for=told["valid_for"],
        )
        return self._provider.accept(message, face=self)

    def _list(self, request: Request) -> Reply:
        if not self._is_genuine(request):
            return json_reply({"error": "signature"}, status=401)
        asked = {
            "direction": request.query("direction"),
            "recipient": request.query("to"),
            "sender": request.query("from"),
            "created_at >=": request.query("since"),
            "created_at <=": request.query("until"),
        }
        where = {condition: value for condition, value in asked.items() if value is not None}
        return self._provider.listed(lambda: self._shown(where))

    def _shown(self, where: Mapping[str, object]) -> Reply:
        rows = self._provider.messages.select({"channel": self.name, **where})
        return json_reply({"messages": [_shown(row) for row in rows]})


def _shown(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": message["id"],
        "from": message["sender"],
        "to": message["recipient"],
        "text": message["text"],
        "created_at": message["created_at"],
        "status": message["status"],
        "error_code": message["error_code"],
    }
