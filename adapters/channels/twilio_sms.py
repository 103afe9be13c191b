"""SMS through Twilio: sending, delivery reports, texts from citizens, and Twilio's list when something is unclear."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self

from twilio.base import values
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from adapters.channels.sendable import check_sendable
from adapters.channels.twilio_codes import explain
from adapters.channels.twilio_http import SessionHttpClient
from adapters.channels.twilio_list import UNREADABLE, TwilioList
from adapters.channels.twilio_media import TwilioMedia
from adapters.channels.twilio_webhooks import ALGORITHMS, FORM, MESSAGE_SID, NUMBER, WebhookReader, WebhookSignature
from adapters.contract import (
    Ability,
    Accepted,
    ChannelAnswer,
    DeliveryReport,
    Finding,
    InboundMessage,
    Incoming,
    MediaReference,
    OutboundMessage,
    SentRecord,
    WebhookRequest,
)
from adapters.errors import AdapterError, OutcomeUnknown
from adapters.http import HttpSession
from adapters.settings import Setting, read_settings, wrong_setting

# The names api.<region>.twilio.com are gone; a region is reached through its edge.
EDGES = {"us1": "", "ie1": "dublin", "au1": "sydney", "jp1": "tokyo"}
# Up to five repeats for every kind of failure. Twilio allows 15 s for all of them together, so each try is short.
CALLBACK_RETRIES = "rc=5&rp=all&ct=2000&rt=5000"
LONGEST_VALIDITY = 36_000
KEYWORDS = "STOP, END, QUIT og CANCEL"


class TwilioSmsChannel:
    """One Twilio account and number. Thread-safe."""

    name = "twilio_sms"
    abilities = frozenset(Ability)
    SETTINGS: ClassVar[Sequence[Setting]] = (
        Setting(name="account_sid", required=True, meaning="the account, AC and 32 digits"),
        Setting(name="auth_token", required=True, secret=True, meaning="the token that signs webhooks in this region"),
        Setting(name="api_key", meaning="an API key to send with instead of the token"),
        Setting(name="api_secret", secret=True, meaning="the API key's secret"),
        Setting(name="from_number", required=True, meaning="our number, +45…"),
        Setting(name="accepted_numbers", meaning="further numbers of ours that citizens may write to, space-separated"),
        Setting(name="region", default="ie1", meaning="where Twilio keeps the messages: ie1, us1, au1 or jp1"),
        Setting(name="edge", meaning="another way into the region than its usual one"),
        Setting(name="signature_algorithm", default="HMAC_SHA1", meaning="HMAC_SHA1 or HMAC_SHA256"),
        Setting(
            name="keyword_handling",
            default="unconfirmed",
            meaning="off or mirrored when Twilio's own STOP handling is confirmed so; else unconfirmed",
        ),
        Setting(name="base_url", meaning="a stub's origin in place of Twilio's"),
    )

    def __init__(self, settings: Mapping[str, str], *, http: HttpSession, public_url: str) -> None:
        self.account = settings["account_sid"]
        self.sender = settings["from_number"]
        self._settings = settings
        self._numbers = frozenset({self.sender, *settings["accepted_numbers"].split()})
        self._public_url = public_url.rstrip("/")
        self._hook = f"{self._public_url}/hooks/{self.name}"
        self._signature = WebhookSignature(
            auth_token=settings["auth_token"], public_url=public_url, algorithm=settings["signature_algorithm"]
        )
        media_origin = settings["base_url"].rstrip("/") or "https://api.twilio.com"
        self._reader = WebhookReader(account=self.account, numbers=self._numbers, media_origin=media_origin)
        client = _client(settings, http=http)
        self._messages: Any = client.messages
        self._list = TwilioList(client, account=self.account, media_origin=media_origin)
        self._media = TwilioMedia(
            http,
            account=self.account,
            origin=media_origin,
            auth=(settings["api_key"] or self.account, settings["api_secret"] or settings["auth_token"]),
        )

    @classmethod
    def from_settings(cls, settings: Mapping[str, str], *, http: HttpSession, public_url: str) -> Self:
        """Build the channel; `public_url` is where Twilio reaches us, with the prefix a proxy takes off, if any."""
        read = read_settings(cls.name, cls.SETTINGS, settings)
        for name, shape in _SHAPES.items():
            if not all(shape.fullmatch(word) for word in read[name].split()):
                raise wrong_setting(cls.name, name, "har ikke den rigtige form")
        if bool(read["api_key"]) != bool(read["api_secret"]):
            raise wrong_setting(cls.name, "api_secret", "hører sammen med api_key; angiv begge eller ingen")
        return cls(read, http=http, public_url=public_url)

    def send(self, message: OutboundMessage) -> Accepted:
        """Hand one message to Twilio, once."""
        check_sendable(message.text)
        try:
            created = self._messages.create(
                to=message.recipient,
                from_=self.sender,
                body=message.text,
                status_callback=f"{self._hook}?t={message.callback_token}#{CALLBACK_RETRIES}",
                validity_period=_validity(message.valid_for),
            )
            if not MESSAGE_SID.fullmatch(created.sid):
                raise OutcomeUnknown("answer_unreadable")
            return Accepted(provider_message_id=created.sid, segments=_count(created.num_segments))
        except UNREADABLE:
            # Whatever the library trips over came back after the request had left.
            raise OutcomeUnknown("answer_unreadable") from None

    def verify(self, request: WebhookRequest) -> None:
        """Signed with our token, for our URL, or WebhookRejected."""
        self._signature.check(request)

    def parse(self, request: WebhookRequest) -> Incoming:
        """A text from a citizen or a delivery report."""
        return self._reader.read(request)

    def answer(self, incoming: Incoming) -> ChannelAnswer:
        """Twilio wants TwiML after a text and no content after a report."""
        if isinstance(incoming, DeliveryReport):
            return ChannelAnswer(status=204)
        return ChannelAnswer(content_type="text/xml", body=b'<?xml version="1.0" encoding="UTF-8"?><Response/>')

    def explain(self, code: str) -> str:
        """A Danish sentence for the caseworker about an error code."""
        return explain(code)

    def find_sent(self, *, recipient: str, since: datetime, until: datetime) -> Sequence[SentRecord]:
        """What Twilio's list shows of our messages to one recipient."""
        return self._list.sent(sender=self.sender, recipient=recipient, since=since, until=until)

    def list_received(self, *, since: datetime) -> Sequence[InboundMessage]:
        """Texts to our numbers since then, oldest first."""
        return self._list.received(numbers=self._numbers, since=since)

    def fetch_file(self, reference: MediaReference) -> bytes:
        """A file that came with a message."""
        return self._media.fetch(reference)

    def examine(self) -> Sequence[Finding]:
        """Whether Twilio could reach us, whether we would believe it, and whether it lets us in."""
        findings = [*self._examine_settings()]
        try:
            self.verify(self._own_request())
            self._list.check()
        except AdapterError as error:
            findings.append(Finding(code=error.code, sentence=f"{self.name}: {error.sentence} ({error.code})"))
        return findings

    def _examine_settings(self) -> Iterator[Finding]:
        if self._settings["base_url"]:
            yield Finding(code="stub", sentence=f"{self.name} taler med en prøveudbyder (base_url); ingen får sms.")
        elif not self._public_url.startswith("https://"):
            yield Finding(code="public_url", sentence="Den offentlige adresse skal begynde med https://.")
        if self._settings["keyword_handling"] == "unconfirmed":
            yield Finding(
                code="keyword_handling",
                sentence=f"Twilio reagerer selv på {KEYWORDS}. Slå det fra, eller spejl det, "
                "og sæt keyword_handling til off eller mirrored.",
            )

    def _own_request(self) -> WebhookRequest:
        """A request as Twilio would sign it, made with Twilio's own library."""
        validator: Any = RequestValidator(self._settings["auth_token"])  # type: ignore[no-untyped-call]
        signature = validator.compute_signature(
            f"{self._hook}?t=examination", {"AccountSid": self.account}, self._settings["signature_algorithm"]
        )
        return WebhookRequest(
            method="POST",
            path=f"/hooks/{self.name}",
            query="t=examination",
            headers={"content-type": FORM, "x-twilio-signature": signature},
            body=f"AccountSid={self.account}".encode(),
        )


_SHAPES = {
    "account_sid": re.compile(r"AC[0-9a-f]{32}"),
    "from_number": NUMBER,
    "accepted_numbers": NUMBER,
    "region": re.compile("|".join(EDGES)),
    "signature_algorithm": re.compile("|".join(ALGORITHMS)),
    "keyword_handling": re.compile("off|mirrored|unconfirmed"),
}


def _client(settings: Mapping[str, str], *, http: HttpSession) -> Client:
    return Client(  # type: ignore[no-untyped-call]
        settings["api_key"] or settings["account_sid"],
        settings["api_secret"] or settings["auth_token"],
        settings["account_sid"],
        region="" if settings["region"] == "us1" else settings["region"],
        edge=settings["edge"] or EDGES[settings["region"]],
        http_client=SessionHttpClient(http, base_url=settings["base_url"]),
        environment={"TWILIO_REGION": ""},  # an empty mapping would make the library read the process's own
    )


def _count(number: object) -> int | None:
    """Twilio's count of segments; how they are counted must not make an accepted message unclear."""
    return int(number) if isinstance(number, str) and number.isascii() and number.isdigit() and number != "0" else None


def _validity(seconds: int | None) -> object:
    return values.unset if seconds is None else max(1, min(seconds, LONGEST_VALIDITY))
