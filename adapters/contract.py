"""What a channel, a case system and a virus scanner must do, and the values that pass between us.

A channel is one file that holds both directions of one provider: `send`, `verify`, `parse`, `find_sent`,
`list_received`. The service decides when to call; a channel never retries, never stores and never logs content.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class DeliveryStatus(StrEnum):
    """What became of a message at the provider. UNKNOWN keeps a word we do not know; it never changes a state."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class OutboundMessage:
    """One message to one recipient, once. `callback_token` is secret and comes back in the delivery reports.

    `valid_for` is how many seconds the message stays useful; the provider drops it afterwards.
    """

    attempt_id: str
    recipient: str = field(repr=False)  # E.164 for SMS
    text: str = field(repr=False)
    callback_token: str = field(repr=False)
    valid_for: int | None = None


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The provider took responsibility for the message under its own id."""

    provider_message_id: str
    segments: int | None = None


@dataclass(frozen=True, kw_only=True)
class SentRecord:
    """A message as the provider's list shows it; used to find out what became of an unclear send."""

    provider_message_id: str
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    created_at: datetime
    status: DeliveryStatus
    error_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class MediaReference:
    """A file that waits at the provider; fetched later under guard, never on the way in."""

    url: str = field(repr=False)
    content_type: str


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """A text from a citizen. `provider_message_id` is unique per channel and account."""

    provider_message_id: str
    account: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    provider_time: datetime | None = None
    media: tuple[MediaReference, ...] = ()
    provider_opt_out: str | None = None  # the provider's own keyword handling acted: "STOP", "START" or "HELP"
    raw: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, kw_only=True)
class DeliveryReport:
    """What the provider says became of a message. `provider_status` is its own word, kept even when unknown to us."""

    provider_message_id: str
    account: str
    status: DeliveryStatus
    provider_status: str
    error_code: str | None = None
    callback_token: str | None = field(repr=False, default=None)


@dataclass(frozen=True, kw_only=True)
class WebhookRequest:
    """An incoming request before anyone believed it.

    `path` and `query` are the raw bytes as received (before decoding), as text; header names are lower case.
    `decoded` is for the channel: what it has read of the body already need not be read again.
    """

    method: str
    path: str
    query: str = field(repr=False)
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    decoded: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)


Incoming = InboundMessage | DeliveryReport


@dataclass(frozen=True, kw_only=True)
class ChannelAnswer:
    """What to answer the provider when its request was stored."""

    status: int = 200
    content_type: str = "text/plain"
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing a channel's self-examination found. `blocking` refuses production; `sentence` says what to do."""

    code: str
    sentence: str
    blocking: bool = True


class Ability(StrEnum):
    """What a channel can do besides sending. What it cannot, it refuses by an error, never by an empty answer."""

    CALLBACKS = "callbacks"
    """Its provider tells us by webhook what citizens write and what became of our messages."""
    LISTS = "lists"
    """Its provider can be asked afterwards what it sent and received."""
    FILES = "files"
    """Its provider keeps the files that come with a message: it is a `KeepsFiles`."""


class Channel(Protocol):
    """A way to reach citizens and to be reached by them. Built once per process from its settings; thread-safe."""

    name: str
    abilities: frozenset[Ability]
    account: str
    sender: str
    """Our own number or name, as citizens see it."""

    def send(self, message: OutboundMessage) -> Accepted:
        """Hand one message to the provider, once, with explicit time-outs and no retries.

        Raises Misconfigured, RecipientRefused, TryLater or OutcomeUnknown, and nothing else.
        """
        ...

    def verify(self, request: WebhookRequest) -> None:
        """Raise WebhookRejected unless the request is proved to come from the provider. Never raises anything else.

        Without callbacks nothing is ever proved.
        """
        ...

    def parse(self, request: WebhookRequest) -> Incoming:
        """Turn a verified request into a message or a report; WebhookRejected (400) if its shape does not fit."""
        ...

    def answer(self, incoming: Incoming) -> ChannelAnswer:
        """What the provider wants to hear once `incoming` is stored."""
        ...

    def find_sent(self, *, recipient: str, since: datetime, until: datetime) -> Sequence[SentRecord]:
        """Messages to this recipient created in [since, until], from the provider's list.

        Raises TryLater when the list cannot be trusted now, Misconfigured when it never can.
        """
        ...

    def list_received(self, *, since: datetime) -> Sequence[InboundMessage]:
        """Messages from citizens since then, oldest first; finds what no webhook told us. Raises as `find_sent`."""
        ...

    def examine(self) -> Sequence[Finding]:
        """Examine settings and the provider's own configuration; no network beyond the provider. Never raises."""
        ...


class KeepsFiles(Channel, Protocol):
    """A channel whose messages may bring files."""

    def fetch_file(self, reference: MediaReference) -> bytes:
        """The file, of bounded length. Raises MediaRefused when it can never be had, TryLater or Misconfigured."""
        ...


class PushChannel(Channel, Protocol):
    """A channel to the app on a phone: `sender` is the public key that a browser subscribes with."""

    def check_recipient(self, recipient: str) -> None:
        """Raise RecipientRefused unless this is a browser's subscription that may be called. No network."""
        ...


class ReceiptStatus(StrEnum):
    """The case system's word on an event: only ACCEPTED with a receipt number means it is in the journal."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class JournalEvent:
    """One fact for the case system. `body` is the canonical JSON that is signed and sent; `event_id` never changes."""

    event_id: str
    stream_id: str
    seq: int
    occurred_at: datetime
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class JournalReceipt:
    """The case system's answer to one event."""

    status: ReceiptStatus
    receipt_number: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class StreamStanding:
    """What the case system holds of one stream: how many events, the highest sequence, which below it are missing."""

    stream_id: str
    count: int
    highest: int
    missing: tuple[int, ...] = ()
    receipts: Mapping[int, str] = field(default_factory=dict)  # sequence → receipt number


class CaseSystem(Protocol):
    """Where every message is journaled. Built once per process from its settings; thread-safe."""

    name: str

    def deliver(self, event: JournalEvent) -> JournalReceipt:
        """Deliver one event. Delivering it again is safe: the receiver knows it by its id.

        Raises TryLater (including unclear outcomes) or Misconfigured; a clear no is a REJECTED receipt.
        """
        ...

    def standing(self, stream_ids: Sequence[str]) -> Sequence[StreamStanding]:
        """What the case system holds of these streams (at most 500 a call). Raises as `deliver`."""
        ...

    def anchor(self, head: bytes) -> None:
        """Keep one signed head of the audit trail for us. Raises as `deliver`."""
        ...

    def examine(self) -> Sequence[Finding]:
        """Examine the settings. Never raises."""
        ...


class VirusScanner(Protocol):
    """Knows harmful files. Built once per process; thread-safe."""

    def scan(self, content: Iterable[bytes]) -> str | None:
        """Its name for what it found in a file that comes in parts, or None. Raises TryLater or Misconfigured."""
        ...
