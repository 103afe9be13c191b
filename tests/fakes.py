"""Collaborators for tests that do not need the stub of the outside world: they stay in memory and remember."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from adapters.contract import (
    Ability,
    Accepted,
    ChannelAnswer,
    DeliveryReport,
    DeliveryStatus,
    Finding,
    InboundMessage,
    Incoming,
    JournalEvent,
    JournalReceipt,
    MediaReference,
    OutboundMessage,
    ReceiptStatus,
    SentRecord,
    StreamStanding,
    WebhookRequest,
)
from adapters.errors import AdapterError, RecipientRefused, WebhookRejected
from messaging.work.lanes import Lane

SIGNATURE = "right"
"""What the header `x-fake-signature` must hold."""


@dataclass(kw_only=True)
class FakeChannel:
    """Accepts everything, or raises what `failures` holds first. Its webhooks are JSON with a trivial signature."""

    name: str = "simulator"
    abilities: frozenset[Ability] = frozenset(Ability)
    account: str = "fake"
    sender: str = "+4591000000"
    sent: list[OutboundMessage] = field(default_factory=list)
    failures: list[AdapterError] = field(default_factory=list)
    sent_records: list[SentRecord] = field(default_factory=list)
    received: list[InboundMessage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    _ids: count = field(default_factory=lambda: count(1))

    def send(self, message: OutboundMessage) -> Accepted:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)
        return Accepted(provider_message_id=f"FAKE{next(self._ids)}", segments=1)

    def verify(self, request: WebhookRequest) -> None:
        if request.headers.get("x-fake-signature") != SIGNATURE:
            raise WebhookRejected("signature")

    def parse(self, request: WebhookRequest) -> Incoming:
        try:
            return _incoming(json.loads(request.body), raw=request.body)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise WebhookRejected("shape", status=400) from None

    def answer(self, incoming: Incoming) -> ChannelAnswer:
        return ChannelAnswer(status=200, content_type="text/xml", body=b"<Response/>")

    def find_sent(self, *, recipient: str, since: datetime, until: datetime) -> Sequence[SentRecord]:
        return [
            record
            for record in self.sent_records
            if record.recipient == recipient and since <= record.created_at <= until
        ]

    def list_received(self, *, since: datetime) -> Sequence[InboundMessage]:
        return list(self.received)

    def fetch_file(self, reference: MediaReference) -> bytes:
        if self.failures:
            raise self.failures.pop(0)
        return self.files[reference.url]

    def examine(self) -> Sequence[Finding]:
        return list(self.findings)


@dataclass(kw_only=True)
class FakePush(FakeChannel):
    """The same to the app on a phone: any subscription will do but one that says "nowhere"."""

    name: str = "app_push"
    abilities: frozenset[Ability] = frozenset()
    sender: str = "public-key"

    def check_recipient(self, recipient: str) -> None:
        try:
            endpoint = json.loads(recipient)["endpoint"]
        except (ValueError, TypeError, KeyError):
            raise RecipientRefused("subscription") from None
        if "nowhere" in endpoint:
            raise RecipientRefused("foreign_service")


def _incoming(fields: dict[str, str], *, raw: bytes) -> Incoming:
    if "status" in fields:
        return DeliveryReport(
            provider_message_id=fields["id"],
            account="fake",
            status=DeliveryStatus(fields["status"]),
            provider_status=fields["status"],
            error_code=fields.get("error_code"),
            callback_token=fields.get("token"),
        )
    return InboundMessage(
        provider_message_id=fields["id"],
        account="fake",
        sender=fields["from"],
        recipient="+4591000000",
        text=fields["text"],
        raw=raw,
    )


@dataclass(kw_only=True)
class FakeCaseSystem:
    """Takes every event and gives it a receipt, or raises what `failures` holds first."""

    name: str = "webhook"
    events: list[JournalEvent] = field(default_factory=list)
    failures: list[AdapterError] = field(default_factory=list)
    anchors: list[bytes] = field(default_factory=list)

    def deliver(self, event: JournalEvent) -> JournalReceipt:
        if self.failures:
            raise self.failures.pop(0)
        self.events.append(event)
        return JournalReceipt(status=ReceiptStatus.ACCEPTED, receipt_number=f"J-{len(self.events)}")

    def standing(self, stream_ids: Sequence[str]) -> Sequence[StreamStanding]:
        held = {id_: sorted({event.seq for event in self.events if event.stream_id == id_}) for id_ in stream_ids}
        return [
            StreamStanding(
                stream_id=id_,
                count=len(seqs),
                highest=max(seqs, default=0),
                missing=tuple(sorted(set(range(1, max(seqs, default=0) + 1)) - set(seqs))),
            )
            for id_, seqs in held.items()
        ]

    def anchor(self, head: bytes) -> None:
        self.anchors.append(head)

    def examine(self) -> Sequence[Finding]:
        return []


@dataclass(kw_only=True)
class RecordingWaker:
    """Remembers which lanes were woken."""

    woken: list[Lane] = field(default_factory=list)

    def wake(self, *lanes: Lane) -> None:
        self.woken.extend(lanes)

    def close(self) -> None:
        """There is nothing to let go of."""
