"""A case system that takes journal events as signed webhooks in the Standard Webhooks format.

Every POST carries `webhook-id`, `webhook-timestamp` and `webhook-signature` (one `v1,` signature per secret, so that
the receiver can change secrets without a gap). The id stays the same however often an event is delivered; the time
and the signature are new each time. What the receiver must answer:

`POST <url>/events`, the event as body; at least once, so the receiver knows repeats by `webhook-id`
    200 {"status": "accepted", "receipt": "<not blank>", "event_id": "<webhook-id>"}   it is in the journal
    202 {"status": "received"}                                                         it will be; ask again
    200 or 422 {"status": "rejected", "reason": "<word>"}                              it never will be
`POST <url>/standing` {"streams": ["<stream id>", …]}
    200 {"streams": [{"stream_id", "count", "highest", "missing": [seq, …], "receipts": {"<seq>": "<receipt>"}}, …]}
`POST <url>/anchors`, a signed head of the audit trail as body
    200 {"status": "accepted", "receipt": "<not blank>"}

An event's body is a JSON object with at least `event_id`, `stream_id`, `seq`, `type` and `occurred_at`. Any other
answer, however friendly its status, and any answer that names another event is no receipt; the event is delivered
again later.
"""

import base64
import binascii
import hmac
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from adapters.addresses import AddressRefused
from adapters.contract import Finding, JournalEvent, JournalReceipt, ReceiptStatus, StreamStanding
from adapters.errors import Misconfigured, TryLater
from adapters.http import Answer, HttpFailure, HttpSession, Timeouts, UrlRefused
from adapters.settings import Setting, read_settings, wrong_setting

TIMEOUTS = Timeouts(connect=3, read=15)
LARGEST_EVENT = 1_000_000
MOST_STREAMS = 500
_LONGEST_RECEIPT = 200
_SHORTEST_SECRET = 24


class WebhookCaseSystem:
    """Delivers events, asks for the standing of streams and deposits anchors. Thread-safe."""

    name = "webhook"
    SETTINGS: ClassVar[Sequence[Setting]] = (
        Setting(name="url", required=True, meaning="the receiver's base, for example https://esdh.example.dk/journal"),
        Setting(
            name="secrets",
            required=True,
            secret=True,
            meaning="one or more secrets, whsec_ and base64 of at least 24 bytes, space-separated; all of them sign",
        ),
    )

    def __init__(self, *, url: str, secrets: Sequence[bytes], http: HttpSession) -> None:
        self._url = url.rstrip("/")
        self._secrets = tuple(secrets)
        self._http = http

    @classmethod
    def from_settings(cls, settings: Mapping[str, str], *, http: HttpSession) -> Self:
        """Build the case system from its table of settings."""
        read = read_settings(cls.name, cls.SETTINGS, settings)
        try:
            secrets = [_secret(word) for word in read["secrets"].split()]
        except ValueError:
            raise wrong_setting(cls.name, "secrets", "har ikke den rigtige form") from None
        return cls(url=read["url"], secrets=secrets, http=http)

    def deliver(self, event: JournalEvent) -> JournalReceipt:
        """Deliver one event and read its receipt."""
        if len(event.body) > LARGEST_EVENT:
            raise Misconfigured("event_too_large", sentence="Hændelsen er for stor til sagssystemet.")
        answer = self._post("/events", message_id=event.event_id, body=event.body)
        told = _object(answer)
        if told.get("event_id", event.event_id) != event.event_id:
            raise _no_receipt(answer)
        match answer.status, told:
            case 200, {"status": "accepted", "receipt": receipt, "event_id": _} if _is_receipt(receipt):
                return JournalReceipt(status=ReceiptStatus.ACCEPTED, receipt_number=receipt)
            case 202, {"status": "received"}:
                return JournalReceipt(status=ReceiptStatus.RECEIVED)
            case ((200 | 422), {"status": "rejected", "reason": str(reason)}):
                return JournalReceipt(status=ReceiptStatus.REJECTED, reason=reason[:_LONGEST_RECEIPT])
        raise _no_receipt(answer)

    def standing(self, stream_ids: Sequence[str]) -> Sequence[StreamStanding]:
        """What the receiver holds of these streams."""
        if len(stream_ids) > MOST_STREAMS:
            raise ValueError("too many streams for one question")
        body = json.dumps({"streams": list(stream_ids)}).encode()
        answer = self._post("/standing", message_id=f"standing-{uuid.uuid4()}", body=body)
        try:
            standings = [_standing(told) for told in _object(answer)["streams"]]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise _no_receipt(answer) from None
        if answer.status != 200 or {one.stream_id for one in standings} != set(stream_ids):
            raise _no_receipt(answer)
        return standings

    def anchor(self, head: bytes) -> None:
        """Deposit one signed head of the audit trail."""
        answer = self._post("/anchors", message_id=f"anchor-{uuid.uuid4()}", body=head)
        told = _object(answer)
        if answer.status != 200 or told.get("status") != "accepted" or not _is_receipt(told.get("receipt")):
            raise _no_receipt(answer)

    def examine(self) -> Sequence[Finding]:
        """Whether the receiver's address may be called at all."""
        try:
            self._http.guard.check_url(self._url)
        except AddressRefused as error:
            return [Finding(code=error.code, sentence="Sagssystemets adresse skal begynde med https://.")]
        return []

    def _post(self, path: str, *, message_id: str, body: bytes) -> Answer:
        timestamp = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": self._signatures(f"{message_id}.{timestamp}.".encode() + body),
        }
        try:
            return self._http.request("POST", self._url + path, timeouts=TIMEOUTS, headers=headers, data=body)
        except UrlRefused as failure:
            raise Misconfigured(failure.code, sentence="Sagssystemets adresse må ikke kaldes.") from None
        except HttpFailure as failure:
            raise TryLater(failure.code) from None

    def _signatures(self, signed: bytes) -> str:
        return " ".join(f"v1,{_base64(hmac.digest(secret, signed, 'sha256'))}" for secret in self._secrets)


def _secret(word: str) -> bytes:
    if not word.startswith("whsec_"):
        raise ValueError("prefix")
    secret = base64.b64decode(word.removeprefix("whsec_"), validate=True)
    if len(secret) < _SHORTEST_SECRET:
        raise ValueError("short")
    return secret


def _base64(digest: bytes) -> str:
    return binascii.b2a_base64(digest, newline=False).decode("ascii")


def _object(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise _no_receipt(answer)
    return told


def _is_receipt(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= _LONGEST_RECEIPT


def _no_receipt(answer: Answer) -> TryLater:
    """Why an answer is no receipt, in a word. A success status without the documented body is the worst of them."""
    if answer.status == 410:
        return TryLater("gone")
    code = "no_receipt" if 200 <= answer.status < 300 else f"http_{answer.status}"
    waits_only = answer.status == 429 or (answer.status == 503 and answer.retry_after is not None)
    return TryLater(code, retry_after=answer.retry_after, counts=not waits_only)


def _standing(told: Mapping[str, Any]) -> StreamStanding:
    return StreamStanding(
        stream_id=str(told["stream_id"]),
        count=int(told["count"]),
        highest=int(told["highest"]),
        missing=tuple(int(seq) for seq in told["missing"]),
        receipts={int(seq): str(receipt) for seq, receipt in told["receipts"].items()},
    )
