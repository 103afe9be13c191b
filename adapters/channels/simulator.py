"""The channel of rehearsals: a thin client of the stub's phones, over a small signed JSON protocol of our own.

Every request, either way, carries `x-simulator-signature: t=<unix seconds>,v1=<hex>`, the HMAC-SHA256 of
`<t>.<path?query>.<body>` under the shared secret; it is good for five minutes.

To the stub: `POST /simulator/messages` with id, to, from, text, callback_url and valid_for → 201 with id and segments;
`GET /simulator/messages?direction=&to=&from=&since=&until=` → messages, oldest first. From the stub, to
`/hooks/simulator`: `{"type": "message", id, from, to, text, created_at}` or
`{"type": "status", id, status, error_code}`.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from adapters.channels.sendable import check_sendable
from adapters.contract import (
    Ability,
    Accepted,
    ChannelAnswer,
    DeliveryReport,
    DeliveryStatus,
    Finding,
    InboundMessage,
    Incoming,
    OutboundMessage,
    SentRecord,
    WebhookRequest,
)
from adapters.errors import AdapterError, Misconfigured, OutcomeUnknown, RecipientRefused, TryLater, WebhookRejected
from adapters.http import Answer, AnswerLost, HttpFailure, HttpSession, Timeouts, UrlRefused
from adapters.settings import Setting, read_settings

SIGNATURE = "x-simulator-signature"
TOLERANCE = 300
TIMEOUTS = Timeouts(connect=3, read=30)
ACCOUNT = "simulator"
CALLBACK_RETRIES = "rc=5&rp=all"
REFUSED = 422
_STATUSES = {status.value: status for status in DeliveryStatus}


def sign(secret: str, *, target: str, body: bytes, timestamp: int) -> str:
    """The signature header for a request to `target` (path and query)."""
    signed = f"{timestamp}.{target}.".encode() + body
    return f"t={timestamp},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def check(secret: str, *, target: str, body: bytes, given: str) -> None:
    """WebhookRejected unless `given` is a fresh signature of this request; never another exception."""
    try:
        timestamp = int(given.partition(",")[0].removeprefix("t="))
        expected = sign(secret, target=target, body=body, timestamp=timestamp).encode()
        genuine = hmac.compare_digest(expected, given.encode("ascii"))
    except ValueError:
        raise WebhookRejected("malformed") from None
    if not genuine:
        raise WebhookRejected("signature_wrong")
    if abs(time.time() - timestamp) > TOLERANCE:
        raise WebhookRejected("signature_old")


class SimulatorChannel:
    """One number at the stub's phones. Thread-safe. Nothing it sends reaches a real phone."""

    name = "simulator"
    account = ACCOUNT
    abilities = frozenset({Ability.CALLBACKS, Ability.LISTS})
    SETTINGS: ClassVar[Sequence[Setting]] = (
        Setting(name="base_url", required=True, meaning="the stub's origin, for example http://127.0.0.1:8500"),
        Setting(name="secret", required=True, secret=True, meaning="what both sides sign with"),
        Setting(name="from_number", required=True, meaning="our number, +45…"),
    )

    def __init__(self, settings: Mapping[str, str], *, http: HttpSession, public_url: str) -> None:
        self.sender = settings["from_number"]
        self._secret = settings["secret"]
        self._base = settings["base_url"].rstrip("/")
        self._hook = f"{public_url.rstrip('/')}/hooks/{self.name}"
        self._http = http

    @classmethod
    def from_settings(cls, settings: Mapping[str, str], *, http: HttpSession, public_url: str) -> Self:
        """Build the channel from its table of settings."""
        return cls(read_settings(cls.name, cls.SETTINGS, settings), http=http, public_url=public_url)

    def send(self, message: OutboundMessage) -> Accepted:
        """Hand one message to the stub, once."""
        check_sendable(message.text)
        order = {
            "id": message.attempt_id,
            "to": message.recipient,
            "from": self.sender,
            "text": message.text,
            "callback_url": f"{self._hook}?t={message.callback_token}#{CALLBACK_RETRIES}",
            "valid_for": message.valid_for,
        }
        answer = self._request("POST", "/simulator/messages", body=json.dumps(order).encode(), lost=OutcomeUnknown)
        if answer.status != 201:
            raise _failed_send(answer)
        try:
            created = json.loads(answer.body)
            return Accepted(provider_message_id=str(created["id"]), segments=int(created["segments"]))
        except (ValueError, KeyError, TypeError):
            raise OutcomeUnknown("answer_unreadable") from None

    def verify(self, request: WebhookRequest) -> None:
        """Signed with our secret, for this path, just now, or WebhookRejected."""
        target = f"{request.path}?{request.query}" if request.query else request.path
        check(self._secret, target=target, body=request.body, given=request.headers.get(SIGNATURE, ""))

    def parse(self, request: WebhookRequest) -> Incoming:
        """A text from a citizen or a delivery report."""
        try:
            told = json.loads(request.body)
            return self._report(told, request) if told["type"] == "status" else self._message(told, request)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise WebhookRejected("shape", status=400) from None

    def answer(self, incoming: Incoming) -> ChannelAnswer:  # noqa: ARG002  # both kinds are answered alike
        """The stub only looks at the status."""
        return ChannelAnswer(status=204)

    def explain(self, code: str) -> str:
        """A Danish sentence for the caseworker about an error code."""
        return _sentence(code)

    def find_sent(self, *, recipient: str, since: datetime, until: datetime) -> Sequence[SentRecord]:
        """What the stub's ledger shows of our messages to one recipient."""
        listed = self._listed(
            {
                "direction": "out",
                "to": recipient,
                "from": self.sender,
                "since": _moment(since),
                "until": _moment(until),
            }
        )
        try:
            return [
                SentRecord(
                    provider_message_id=record["id"],
                    recipient=record["to"],
                    text=record["text"],
                    created_at=datetime.fromisoformat(record["created_at"]),
                    status=_STATUSES.get(record["status"], DeliveryStatus.UNKNOWN),
                    error_code=record["error_code"],
                )
                for record in listed
            ]
        except (ValueError, KeyError, TypeError):
            raise TryLater("list_unreadable") from None

    def list_received(self, *, since: datetime) -> Sequence[InboundMessage]:
        """Texts to our number since then, oldest first."""
        listed = self._listed({"direction": "in", "to": self.sender, "since": _moment(since)})
        try:
            return [self._inbound(record) for record in listed]
        except (ValueError, KeyError, TypeError):
            raise TryLater("list_unreadable") from None

    def examine(self) -> Sequence[Finding]:
        """Says that this is a rehearsal, and whether the stub answers."""
        findings = [Finding(code="simulator", sentence="Kanalen er en simulator: ingen rigtig telefon får beskeder.")]
        try:
            self._listed({"direction": "out", "to": self.sender, "from": self.sender})
        except AdapterError as error:
            findings.append(Finding(code=error.code, sentence=f"{self.name}: {error.sentence} ({error.code})"))
        return findings

    def _message(self, told: Mapping[str, Any], request: WebhookRequest) -> InboundMessage:
        if told["to"] != self.sender:
            raise WebhookRejected("foreign_number", status=400)
        return self._inbound(told, raw=request.body)

    def _inbound(self, told: Mapping[str, Any], *, raw: bytes = b"") -> InboundMessage:
        return InboundMessage(
            provider_message_id=_text(told["id"]),
            account=self.account,
            sender=_text(told["from"]),
            recipient=_text(told["to"]),
            text=_text(told["text"]),
            provider_time=datetime.fromisoformat(told["created_at"]),
            raw=raw,
        )

    def _report(self, told: Mapping[str, Any], request: WebhookRequest) -> DeliveryReport:
        word = _text(told["status"])
        return DeliveryReport(
            provider_message_id=_text(told["id"]),
            account=self.account,
            status=_STATUSES.get(word, DeliveryStatus.UNKNOWN),
            provider_status=word[:40],
            error_code=told.get("error_code"),
            callback_token=next(iter(parse_qs(request.query).get("t", [])), None),
        )

    def _listed(self, filters: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        answer = self._request("GET", f"/simulator/messages?{urlencode(filters)}", lost=TryLater)
        if answer.status in {401, 403, 404}:
            raise Misconfigured(f"http_{answer.status}")
        try:
            return list(json.loads(answer.body)["messages"])
        except (ValueError, KeyError, TypeError):
            raise TryLater("list_unreadable") from None

    def _request(self, method: str, target: str, *, body: bytes = b"", lost: type[AdapterError]) -> Answer:
        """One signed request; `lost` is what it means when no answer came after the request had left."""
        path = urlsplit(self._base).path + target
        signature = sign(self._secret, target=path, body=body, timestamp=int(time.time()))
        headers = {SIGNATURE: signature, "content-type": "application/json"}
        try:
            return self._http.request(method, self._base + target, timeouts=TIMEOUTS, headers=headers, data=body)
        except UrlRefused as failure:
            raise Misconfigured(failure.code) from None
        except AnswerLost as failure:
            raise lost(failure.code) from None
        except HttpFailure as failure:
            raise TryLater(failure.code) from None


def _failed_send(answer: Answer) -> AdapterError:
    code = f"http_{answer.status}"
    if answer.status == REFUSED:
        refusal = answer.body[:40].decode("ascii", "replace")
        return RecipientRefused(refusal, sentence=_sentence(refusal), blocked=refusal == "21610")
    if answer.status == 429 or (answer.status == 503 and answer.retry_after is not None):
        return TryLater(code, retry_after=answer.retry_after, counts=False)
    if 400 <= answer.status < 500 and answer.status != 408:
        return Misconfigured(code)
    return OutcomeUnknown(code)


def _sentence(code: str) -> str:
    return f"Prøvetelefonen tog ikke imod beskeden (fejl {code})."


def _moment(time_: datetime) -> str:
    """A time as the stub writes and compares it."""
    return time_.astimezone(UTC).isoformat()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value
