"""Web Push keeps the contract of a channel that only sends, against a phone that opens with the subscription's keys."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from adapters.channels.app_push import LONGEST_VALIDITY, TIMEOUTS, AppPushChannel
from adapters.channels.vapid import new_key
from adapters.errors import Misconfigured, OutcomeUnknown, RecipientRefused
from adapters.http import HttpSession
from adapters.stubs.world import RunningStub
from tests.contract.channel_contract import (
    ChannelContract,
    NoCallbacksContract,
    NoListsContract,
    Outgoing,
    message,
    session_without_a_way_out,
)

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(scope="module")
def key() -> str:
    return new_key()


class TestAppPushChannel(NoCallbacksContract, NoListsContract, ChannelContract):
    place = "push"

    @pytest.fixture
    def channel(self, stub: RunningStub, http: HttpSession, key: str) -> AppPushChannel:
        return built(stub, http, key)

    @pytest.fixture
    def unreachable(self, stub: RunningStub, key: str) -> AppPushChannel:
        return built(stub, session_without_a_way_out(stub), key)

    @pytest.fixture
    def subscription(self, channel: AppPushChannel, stub: RunningStub) -> dict[str, Any]:
        """A phone's browser that has subscribed with our key."""
        return stub.push.subscribe(channel.sender)

    @pytest.fixture
    def outgoing(self, subscription: dict[str, Any]) -> Outgoing:
        return partial(message, recipient=json.dumps(subscription), text="message")

    @pytest.fixture
    def refused(self, subscription: dict[str, Any]) -> list[str]:
        return [
            "+4511112222",
            json.dumps({**subscription, "keys": {}}),
            json.dumps({**subscription, "keys": {**subscription["keys"], "p256dh": subscription["keys"]["auth"]}}),
            json.dumps({**subscription, "endpoint": "https://push.example.dk/abc"}),
            json.dumps({**subscription, "endpoint": subscription["endpoint"] + "x"}),
        ]

    @staticmethod
    def taken(stub: RunningStub) -> list[dict[str, Any]]:
        """The pushes that phones could open; who got one is known by the phone's own secrets."""
        return [
            {
                "id": row["id"],
                "recipient": json.dumps(stub.push.subscription(row["subscription"])),
                "text": row["payload"],
                "sender": row["sender"],
                "segments": None,
                "valid_for": row["ttl"],
                **{name: row[name] for name in ("contact", "urgency", "topic")},
            }
            for row in stub.store.read("SELECT * FROM pushes ORDER BY position")
        ]

    def test_push_is_urgent_signed_with_our_contact_and_takes_the_place_of_an_older_one(
        self, outgoing: Outgoing, channel: AppPushChannel, stub: RunningStub
    ) -> None:
        channel.send(outgoing())

        (row,) = self.taken(stub)
        assert (row["urgency"], row["topic"]) == ("high", "message")
        assert row["contact"] == stub.settings.app_push(stub.url, key="")["contact"]

    @pytest.mark.parametrize(
        ("asked", "given"), [(None, LONGEST_VALIDITY), (-5, 0), (60, 60), (10**9, LONGEST_VALIDITY)]
    )
    def test_validity_keeps_within_what_push_services_hold(
        self, outgoing: Outgoing, channel: AppPushChannel, stub: RunningStub, asked: int | None, given: int
    ) -> None:
        channel.send(outgoing(valid_for=asked))

        assert self.taken(stub)[0]["valid_for"] == given

    @pytest.mark.parametrize("text", ["", "Hej Sara", "message ", "Message"])
    def test_content_never_leaves_this_way(
        self, outgoing: Outgoing, channel: AppPushChannel, stub: RunningStub, text: str
    ) -> None:
        with pytest.raises(RecipientRefused) as refusal:
            channel.send(outgoing(text=text))

        assert refusal.value.code == "content"
        assert not self.taken(stub)

    @pytest.mark.parametrize(
        ("kind", "more"),
        [
            ("gone", {"status": 404}),
            ("gone", {"status": 410}),
            ("refuse", {"status": 403}),
            ("another_key", {}),
        ],
    )
    def test_endpoint_that_nothing_reaches_any_more_is_gone(
        self, outgoing: Outgoing, channel: AppPushChannel, fault: Callable[..., None], kind: str, more: dict[str, int]
    ) -> None:
        fault("push", kind, **more)

        with pytest.raises(RecipientRefused) as refusal:
            channel.send(outgoing())

        assert refusal.value.code == "gone"

    def test_app_that_was_removed_from_the_phone_is_gone(
        self, outgoing: Outgoing, channel: AppPushChannel, stub: RunningStub, http: HttpSession
    ) -> None:
        sent = outgoing()
        http.request("DELETE", json.loads(sent.recipient)["endpoint"], timeouts=TIMEOUTS)

        with pytest.raises(RecipientRefused) as refusal:
            channel.send(sent)

        assert refusal.value.code == "gone"

    def test_subscription_made_for_another_key_is_gone(
        self, outgoing: Outgoing, channel: AppPushChannel, stub: RunningStub
    ) -> None:
        other = json.dumps(stub.push.subscribe("another-key"))

        with pytest.raises(RecipientRefused) as refusal:
            channel.send(outgoing(recipient=other))

        assert refusal.value.code == "gone"

    def test_signature_that_apple_does_not_like_is_our_fault_and_ends_nobodys_subscription(
        self, outgoing: Outgoing, channel: AppPushChannel, fault: Callable[..., None]
    ) -> None:
        fault("push", "bad_token")

        with pytest.raises(Misconfigured):
            channel.send(outgoing())

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_redirect_is_refused_and_never_followed(
        self, outgoing: Outgoing, channel: AppPushChannel, stub: RunningStub, fault: Callable[..., None], status: int
    ) -> None:
        """S4."""
        fault("push", "redirect", status=status)

        with pytest.raises(RecipientRefused) as refusal:
            channel.send(outgoing())

        assert refusal.value.code == "redirect"
        assert [struck for _, struck in stub.faults.strikes()] == [1]

    @pytest.mark.parametrize("status", [400, 413])
    def test_push_that_is_not_taken_is_refused_and_the_subscription_stays(
        self, outgoing: Outgoing, channel: AppPushChannel, fault: Callable[..., None], status: int
    ) -> None:
        fault("push", "refuse", status=status)

        with pytest.raises(RecipientRefused) as refusal:
            channel.send(outgoing())

        assert refusal.value.code == f"http_{status}"

    @pytest.mark.parametrize("status", [408, 500, 502, 504])
    def test_error_without_a_clear_no_leaves_the_outcome_unknown(
        self, outgoing: Outgoing, channel: AppPushChannel, fault: Callable[..., None], status: int
    ) -> None:
        """F05."""
        fault("push", "refuse", status=status)

        with pytest.raises(OutcomeUnknown):
            channel.send(outgoing())


def built(stub: RunningStub, http: HttpSession, key: str) -> AppPushChannel:
    settings = stub.settings.app_push(stub.url, key=key)
    return AppPushChannel.from_settings(settings, http=http, public_url="https://borgerdialog.example.dk")
