"""Web Push: knocks at the app on a citizen's phone, through the push service of her browser's maker.

The recipient is the subscription as the browser gives it, in JSON: `endpoint` and `keys` (`p256dh`, `auth`). The text
is one of `KINDS`: a push says that there is something, never what. Even that word is encrypted for the phone.

The address comes from a browser, not from our settings, so only the push services on the operator's list are called,
never what a redirect points to. A push service tells nobody what became of a push and has no list: what is unclear
stays so, and whoever must be sure tells the citizen another way, too.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Self

from adapters.addresses import AddressRefused
from adapters.channels.app_push_answers import accepted_id, refusal_of, sentence_of
from adapters.channels.app_push_subscription import Subscription
from adapters.channels.vapid import Vapid
from adapters.contract import (
    Ability,
    Accepted,
    ChannelAnswer,
    Finding,
    InboundMessage,
    Incoming,
    OutboundMessage,
    SentRecord,
    WebhookRequest,
)
from adapters.errors import Misconfigured, OutcomeUnknown, RecipientRefused, TryLater, WebhookRejected
from adapters.http import AnswerLost, HttpFailure, HttpSession, Timeouts, UrlRefused
from adapters.settings import Setting, read_settings, wrong_setting

KINDS = frozenset({"message"})
"""All that a push can say."""
HOSTS = "fcm.googleapis.com *.push.apple.com *.push.services.mozilla.com *.notify.windows.com"
TIMEOUTS = Timeouts(connect=5, read=20)
LONGEST_VALIDITY = 28 * 24 * 3600
_CONTACT = re.compile(r"mailto:[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)
_NOBODYS = (".example", ".invalid", ".local", ".localhost", ".test")


class AppPushChannel:
    """Our key and the push services it may be used at. Thread-safe."""

    name = "app_push"
    account = "web_push"
    abilities: frozenset[Ability] = frozenset()
    SETTINGS: ClassVar[Sequence[Setting]] = (
        Setting(
            name="key", secret=True, meaning="the key that browsers know us by, see `keys vapid`; without it no push"
        ),
        Setting(
            name="contact",
            meaning="whom push services write to when something is wrong, `mailto:…`; an address that exists",
        ),
        Setting(
            name="hosts",
            default=HOSTS,
            meaning="the push services that may be called, space-separated; `*.` stands for any name before the rest",
        ),
    )

    def __init__(self, settings: Mapping[str, str], *, vapid: Vapid, http: HttpSession) -> None:
        self.sender = vapid.public
        self._vapid = vapid
        self._contact = settings["contact"]
        self._hosts = tuple(settings["hosts"].lower().split())
        self._http = http

    @classmethod
    def from_settings(cls, settings: Mapping[str, str], *, http: HttpSession, public_url: str) -> Self:  # noqa: ARG003
        """Build the channel; nobody calls back, so our public URL does not matter."""
        read = read_settings(cls.name, cls.SETTINGS, settings)
        if not read["key"]:
            raise wrong_setting(cls.name, "key", "mangler")
        if not _CONTACT.fullmatch(read["contact"]):
            raise wrong_setting(cls.name, "contact", "skal være mailto: og en mailadresse")
        try:
            vapid = Vapid(read["key"], contact=read["contact"])
        except ValueError:
            raise wrong_setting(cls.name, "key", "er ikke en nøgle fra borgerdialog keys vapid") from None
        return cls(read, vapid=vapid, http=http)

    def check_recipient(self, recipient: str) -> None:
        """RecipientRefused unless this is a subscription at a push service that may be called."""
        self._subscription(recipient)

    def _subscription(self, recipient: str) -> Subscription:
        try:
            subscription = Subscription.from_json(recipient)
            self._http.guard.check_url(subscription.endpoint)
        except ValueError:
            raise _refused("subscription") from None
        except AddressRefused as refusal:
            raise _refused(refusal.code) from None
        if not any(_fits(subscription.host, pattern) for pattern in self._hosts):
            raise _refused("foreign_service")
        return subscription

    def send(self, message: OutboundMessage) -> Accepted:
        """Hand one push to its push service, once. A later one of the same kind takes its place if it still waits."""
        if message.text not in KINDS:
            raise _refused("content")
        subscription = self._subscription(message.recipient)
        try:
            answer = self._http.request(
                "POST",
                subscription.endpoint,
                timeouts=TIMEOUTS,
                headers=self._headers(message, subscription),
                data=subscription.sealed(message.text),
            )
        except UrlRefused as failure:
            raise _refused(failure.code) from None
        except AnswerLost as failure:
            raise OutcomeUnknown(failure.code) from None
        except HttpFailure as failure:
            raise TryLater(failure.code) from None
        if answer.status not in {200, 201, 202}:
            raise refusal_of(answer)
        return Accepted(provider_message_id=accepted_id(answer))

    def verify(self, request: WebhookRequest) -> None:  # noqa: ARG002  # whatever it is, it does not come from there
        """Push services never call us."""
        raise WebhookRejected("no_callbacks")

    def parse(self, request: WebhookRequest) -> Incoming:  # noqa: ARG002
        """Push services never call us."""
        raise WebhookRejected("no_callbacks", status=400)

    def answer(self, incoming: Incoming) -> ChannelAnswer:  # noqa: ARG002
        """Nothing ever comes in."""
        return ChannelAnswer(status=404)

    def explain(self, code: str) -> str:
        """A Danish sentence for the caseworker about an error code."""
        return sentence_of(code)

    def find_sent(self, *, recipient: str, since: datetime, until: datetime) -> Sequence[SentRecord]:  # noqa: ARG002
        """No push service shows what it was given."""
        raise Misconfigured("no_list")

    def list_received(self, *, since: datetime) -> Sequence[InboundMessage]:  # noqa: ARG002
        """Nothing ever comes in."""
        raise Misconfigured("no_list")

    def examine(self) -> Sequence[Finding]:
        """Examine the settings; there is no provider of ours to ask."""
        findings = []
        if self._contact.lower().endswith(_NOBODYS):
            told = "app_push: adressen i contact findes ikke, og Apple afviser derfor alle beskeder."
            findings.append(Finding(code="push_contact", sentence=told))
        if any(re.search(r":\d+$", host) or re.fullmatch(r"[\d.]+|localhost", host) for host in self._hosts):
            told = "app_push: en af tjenesterne i hosts er en prøvetjeneste, ikke en telefonproducents."
            findings.append(Finding(code="push_rehearsal", sentence=told))
        return findings

    def _headers(self, message: OutboundMessage, subscription: Subscription) -> dict[str, str]:
        seconds = LONGEST_VALIDITY if message.valid_for is None else message.valid_for
        headers = {
            "Authorization": self._vapid.authorization(subscription.endpoint),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(max(0, min(seconds, LONGEST_VALIDITY))),
            "Urgency": "high",
            "Topic": message.text,
        }
        if subscription.host.endswith(".notify.windows.com"):
            headers["X-WNS-Type"] = "wns/raw"
        return headers


def _fits(host: str, pattern: str) -> bool:
    """Whether a host is the one on the list, or lies below it."""
    return host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def _refused(code: str) -> RecipientRefused:
    return RecipientRefused(code, sentence=sentence_of(code))
