"""What every channel must do, whoever the provider is: run against the stub, subclassed once per channel.

A subclass gives the `channel` fixture and nothing else, unless its provider can do more, or less: what a channel
cannot do is a case of its own.
"""

import dataclasses
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.channels.simulator import SIGNATURE, sign
from adapters.contract import (
    Ability,
    Channel,
    DeliveryReport,
    DeliveryStatus,
    InboundMessage,
    OutboundMessage,
    WebhookRequest,
)
from adapters.errors import Misconfigured, OutcomeUnknown, RecipientRefused, TryLater, WebhookRejected
from adapters.http import HttpSession
from adapters.registry import InstalledChannel
from adapters.stubs.world import RunningStub
from tests.contract.hooks import HookReceiver

CITIZEN = "+4511112222"
TOKEN = "t0ken-" + "x" * 26
TEXT = "Hej Åse, vi ses 9.30 ærligt talt 👍"
ENDINGS = ["rst", "fin", "hang", "half", "500", "garbage"]
AWKWARD = ["", " ", "a+b=c&d%20", "linje\nto\r\ntre", "STOP", "\u0663 \u202e \u200b", "x" * 1600, "Stop Det er Else"]
ANY_REQUEST = st.builds(
    lambda names, value, **others: WebhookRequest(headers=dict.fromkeys(names, value), **others),
    method=st.sampled_from(["GET", "POST", "PUT", "", "\x00"]),
    path=st.text(max_size=20),
    query=st.text(max_size=30) | st.sampled_from(["bodySHA256=", "bodySHA256=æ", "t=a&t=b"]),
    names=st.lists(st.sampled_from(["x-twilio-signature", "x-simulator-signature", "content-type"])),
    value=st.text(max_size=60)
    | st.sampled_from(["application/json", "application/x-www-form-urlencoded", "t=1,v1=", "t=x,v1=y"]),
    body=st.binary(max_size=80) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
Outgoing = Callable[..., OutboundMessage]
_attempts = count()


def message(**changes: Any) -> OutboundMessage:
    plain = OutboundMessage(
        attempt_id=f"attempt-{next(_attempts)}", recipient=CITIZEN, text=TEXT, callback_token=TOKEN, valid_for=3600
    )
    return dataclasses.replace(plain, **changes)


def accepted_rows(stub: RunningStub) -> list[dict[str, Any]]:
    return stub.messages.select({"direction": "out"})


def listed(channel: Channel) -> list[Any]:
    now = datetime.now(UTC)
    return list(
        channel.find_sent(recipient=CITIZEN, since=now - timedelta(minutes=1), until=now + timedelta(minutes=1))
    )


class ChannelContract:
    """The cases of sending, for every channel: `TestX(ChannelContract, …)` with a `channel` fixture runs them for X.

    Beside it stand the cases of what X can do besides, or those of saying that it cannot.
    """

    place: ClassVar[str] = "provider"
    """Where the stub's faults strike this channel."""

    @pytest.fixture
    def outgoing(self) -> Outgoing:
        """Makes messages that the channel can send."""
        return message

    @pytest.fixture
    def refused(self) -> list[str]:
        """Recipients that a message never reaches."""
        return ["+15005550001", "+15005550002", "+15005550004", "+15005550009"]

    @staticmethod
    def taken(stub: RunningStub) -> list[dict[str, Any]]:
        """What the provider has taken on, as its own ledger says."""
        return accepted_rows(stub)

    def test_every_ability_is_tried_or_its_lack_is(self, channel: Channel) -> None:
        for ability, (cases, refusals) in CASES.items():
            assert isinstance(self, cases) == (ability in channel.abilities)
            assert isinstance(self, refusals) == (ability not in channel.abilities)

    # Out

    def test_sent_message_is_accepted_under_the_id_of_the_providers_ledger(
        self, outgoing: Outgoing, channel: Channel, stub: RunningStub
    ) -> None:
        sent = outgoing()
        accepted = channel.send(sent)

        (row,) = self.taken(stub)
        assert (row["id"], row["recipient"], row["text"]) == (accepted.provider_message_id, sent.recipient, sent.text)
        assert row["sender"] == channel.sender
        assert row["segments"] == accepted.segments
        assert row["valid_for"] == 3600

    def test_threads_share_one_channel(self, outgoing: Outgoing, channel: Channel, stub: RunningStub) -> None:
        with ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(lambda _: channel.send(outgoing()).provider_message_id, range(40)))

        assert {row["id"] for row in self.taken(stub)} == set(ids)
        assert len(set(ids)) == 40

    def test_refused_recipient_is_never_accepted_and_the_refusal_says_why_in_danish(
        self, outgoing: Outgoing, channel: Channel, stub: RunningStub, refused: list[str]
    ) -> None:
        for recipient in refused:
            with pytest.raises(RecipientRefused) as refusal:
                channel.send(outgoing(recipient=recipient))
            assert refusal.value.sentence.endswith(".")

        assert not self.taken(stub)

    def test_text_with_half_a_character_is_refused_and_not_sent(
        self, outgoing: Outgoing, channel: Channel, stub: RunningStub
    ) -> None:
        """S14."""
        with pytest.raises(RecipientRefused):
            channel.send(outgoing(text="Hej \ud83d"))

        assert not self.taken(stub)

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_failure_after_acceptance_leaves_the_outcome_unknown(
        self, outgoing: Outgoing, channel: Channel, stub: RunningStub, fault: Callable[..., None], ending: str
    ) -> None:
        """F05, R4: the provider has it, we do not know."""
        fault(self.place, "after_accept", ending=ending, seconds=2)

        with pytest.raises(OutcomeUnknown):
            channel.send(outgoing())

        assert len(self.taken(stub)) == 1

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_failure_before_acceptance_is_just_as_unknown(
        self, outgoing: Outgoing, channel: Channel, stub: RunningStub, fault: Callable[..., None], ending: str
    ) -> None:
        """F05: from our side the same as after acceptance."""
        fault(self.place, "before_accept", ending=ending, seconds=2)

        with pytest.raises(OutcomeUnknown):
            channel.send(outgoing())

        assert not self.taken(stub)

    def test_one_lost_answer_is_one_request_and_never_two(
        self, outgoing: Outgoing, channel: Channel, stub: RunningStub, fault: Callable[..., None]
    ) -> None:
        """R2: neither the session nor the provider's library tries again by itself."""
        fault(self.place, "after_accept", ending="rst", count=1)
        with pytest.raises(OutcomeUnknown):
            channel.send(outgoing())

        assert len(self.taken(stub)) == 1

    @pytest.mark.parametrize("status", [429, 503])
    def test_request_to_wait_is_not_an_attempt(
        self, outgoing: Outgoing, channel: Channel, stub: RunningStub, fault: Callable[..., None], status: int
    ) -> None:
        """F06."""
        fault(self.place, "throttle", status=status, retry_after=17)

        with pytest.raises(TryLater) as wait:
            channel.send(outgoing())

        assert (wait.value.retry_after, wait.value.counts) == (17, False)
        assert not self.taken(stub)

    def test_too_many_requests_without_a_time_is_still_a_request_to_wait(
        self, outgoing: Outgoing, channel: Channel, fault: Callable[..., None]
    ) -> None:
        """F06."""
        fault(self.place, "throttle", status=429)

        with pytest.raises(TryLater) as wait:
            channel.send(outgoing())

        assert (wait.value.retry_after, wait.value.counts) == (None, False)

    def test_unavailable_without_a_time_leaves_the_outcome_unknown(
        self, outgoing: Outgoing, channel: Channel, fault: Callable[..., None]
    ) -> None:
        """F06: only a Retry-After makes a 503 a clear no."""
        fault(self.place, "throttle", status=503)

        with pytest.raises(OutcomeUnknown):
            channel.send(outgoing())

    def test_slow_answer_is_waited_for(
        self, outgoing: Outgoing, channel: Channel, stub: RunningStub, fault: Callable[..., None]
    ) -> None:
        fault(self.place, "delay", seconds=0.2)

        accepted = channel.send(outgoing())

        assert self.taken(stub)[0]["id"] == accepted.provider_message_id

    def test_nothing_left_when_the_provider_cannot_be_reached(self, outgoing: Outgoing, unreachable: Channel) -> None:
        """F05 before connect: safe to try again, and an attempt."""
        with pytest.raises(TryLater) as later:
            unreachable.send(outgoing())

        assert later.value.counts

    def test_errors_and_values_do_not_show_recipient_text_or_token(
        self, outgoing: Outgoing, channel: Channel, fault: Callable[..., None], refused: list[str]
    ) -> None:
        """S15: whatever is printed by accident."""
        fault(self.place, "after_accept", ending="500", count=1)
        with pytest.raises(OutcomeUnknown) as unknown:
            channel.send(outgoing())
        with pytest.raises(RecipientRefused) as refusal:
            channel.send(outgoing(recipient=refused[-1]))

        shown = [unknown.value, refusal.value, outgoing()]
        secrets = (outgoing().recipient[:40], "Åse", TOKEN, refused[-1][:8])
        assert [repr(value) for value in shown if any(secret in repr(value) for secret in secrets)] == []

    def test_no_request_makes_verification_or_parsing_raise_anything_else(self, channel: Channel) -> None:
        """S1: never another exception, whatever comes."""

        @settings(max_examples=300, deadline=None)
        @given(request=ANY_REQUEST)
        def is_rejected(request: WebhookRequest) -> None:
            with pytest.raises(WebhookRejected):
                channel.verify(request)
            with pytest.raises(WebhookRejected):
                channel.parse(request)

        is_rejected()

    def test_examination_against_a_stub_refuses_production(self, channel: Channel) -> None:
        assert any(finding.blocking for finding in channel.examine())

    def test_every_error_code_has_a_danish_sentence(self, channel: InstalledChannel) -> None:
        assert all(channel.explain(code).endswith((".", ").")) for code in ("30003", "99999", ""))


class CallbacksContract:
    """The cases of a channel whose provider tells us by webhook."""

    @pytest.fixture
    def inbound(
        self, channel: Channel, hooks: HookReceiver, handset: Callable[..., dict[str, Any]]
    ) -> Callable[..., WebhookRequest]:
        """A genuine request about a text from a citizen, as the service gets it."""

        def write(**order: Any) -> WebhookRequest:
            handset(**{"from": CITIZEN, "to": channel.sender, "text": TEXT, "channel": channel.name} | order, wait=True)
            # A report of an earlier message may come at the same time; reports alone have our token in their query.
            return [request for request in hooks.received if not request.query][-1]

        return write

    def test_told_values_do_not_show_number_text_or_token(
        self, channel: Channel, inbound: Callable[..., WebhookRequest]
    ) -> None:
        """S15."""
        shown = [inbound(), channel.parse(inbound())]

        secrets = (CITIZEN, "Åse", TOKEN)
        assert [repr(value) for value in shown if any(secret in repr(value) for secret in secrets)] == []

    # Reports

    def test_reports_come_back_signed_with_our_token(self, channel: Channel, hooks: HookReceiver) -> None:
        accepted = channel.send(message())

        reports = [self.believed(channel, request) for request in hooks.wait_for(2)]

        assert {report.status for report in reports} == {DeliveryStatus.SENT, DeliveryStatus.DELIVERED}
        assert {report.provider_message_id for report in reports} == {accepted.provider_message_id}
        assert {report.callback_token for report in reports} == {TOKEN}
        assert {report.account for report in reports} == {channel.account}

    def test_failed_delivery_carries_the_providers_code(
        self, channel: Channel, hooks: HookReceiver, fault: Callable[..., None]
    ) -> None:
        fault("receipts", "failed", code=30005)
        channel.send(message())

        reports = [self.believed(channel, request) for request in hooks.wait_for(2)]

        assert [report.error_code for report in reports if report.status is DeliveryStatus.UNDELIVERED] == ["30005"]

    def test_repeated_and_reordered_reports_all_say_the_same_of_one_message(
        self, channel: Channel, hooks: HookReceiver, fault: Callable[..., None]
    ) -> None:
        """F08."""
        fault("receipts", "repeated", times=5)
        fault("receipts", "reordered")
        accepted = channel.send(message())

        reports = [self.believed(channel, request) for request in hooks.wait_for(10)]

        assert len(reports) == 10
        assert {report.provider_message_id for report in reports} == {accepted.provider_message_id}

    def test_lost_report_is_not_told(self, channel: Channel, hooks: HookReceiver, fault: Callable[..., None]) -> None:
        """F07."""
        fault("receipts", "lost", count=1)
        channel.send(message())

        reports = [self.believed(channel, request) for request in hooks.wait_for(2, seconds=0.5)]

        assert [report.status for report in reports] == [DeliveryStatus.DELIVERED]

    def test_report_is_repeated_until_it_is_stored(self, channel: Channel, hooks: HookReceiver) -> None:
        hooks.answers = [503, 503]
        channel.send(message())

        assert len(hooks.wait_for(4)) == 4

    # In

    def test_text_from_a_citizen_arrives_whole(self, channel: Channel, inbound: Callable[..., WebhookRequest]) -> None:
        request = inbound()

        told = self.believed_text(channel, request)
        assert (told.sender, told.recipient, told.text) == (CITIZEN, channel.sender, TEXT)
        assert told.account == channel.account
        assert told.raw == request.body

    @pytest.mark.parametrize(
        "text",
        ["", " ", "a+b=c&d%20", "linje\nto\r\ntre", "STOP", "\u0663 \u202e \u200b", "x" * 1600, "Stop Det er Else"],
    )
    def test_awkward_text_arrives_unchanged(
        self, channel: Channel, inbound: Callable[..., WebhookRequest], text: str
    ) -> None:
        """S14."""
        assert self.believed_text(channel, inbound(text=text)).text == text

    def test_copies_of_a_text_have_one_id(
        self, channel: Channel, hooks: HookReceiver, inbound: Callable[..., WebhookRequest]
    ) -> None:
        """R9 begins here."""
        inbound(copies=3, concurrent_copies=2)

        texts = [self.believed_text(channel, request) for request in hooks.wait_for(3)]

        assert len(texts) == 3
        assert len({text.provider_message_id for text in texts}) == 1

    def test_text_and_report_are_answered_with_success(
        self, channel: Channel, hooks: HookReceiver, inbound: Callable[..., WebhookRequest]
    ) -> None:
        text = channel.parse(inbound())
        channel.send(message())
        report = channel.parse(hooks.wait_for(2)[1])

        assert channel.answer(text).status in {200, 204}
        assert channel.answer(report).status in {200, 204}

    def test_text_to_a_number_that_is_not_ours_is_rejected(
        self, channel: Channel, inbound: Callable[..., WebhookRequest]
    ) -> None:
        request = inbound(to="+4599999999")
        channel.verify(request)

        with pytest.raises(WebhookRejected) as rejected:
            channel.parse(request)

        assert rejected.value.status == 400

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda r: {"body": r.body + b"&x=1"}, id="longer body"),
            pytest.param(lambda r: {"body": r.body[:-1]}, id="shorter body"),
            pytest.param(lambda r: {"body": b""}, id="no body"),
            pytest.param(lambda r: {"body": b"\xff\xfe"}, id="bytes that are no text"),
            pytest.param(lambda r: {"path": r.path + "/"}, id="another path"),
            pytest.param(lambda r: {"query": "t=another"}, id="another query"),
            pytest.param(lambda r: {"headers": {}}, id="no headers"),
            pytest.param(lambda r: {"headers": dict.fromkeys(r.headers, "")}, id="empty headers"),
            pytest.param(lambda r: {"headers": dict.fromkeys(r.headers, "æ" * 40)}, id="headers that are not ASCII"),
        ],
    )
    def test_request_changed_on_the_way_is_rejected(
        self,
        channel: Channel,
        inbound: Callable[..., WebhookRequest],
        change: Callable[[WebhookRequest], dict[str, Any]],
    ) -> None:
        """S1, S2."""
        genuine = inbound()
        channel.verify(genuine)

        with pytest.raises(WebhookRejected) as rejected:
            channel.verify(dataclasses.replace(genuine, **change(genuine)))

        assert rejected.value.status == 403

    def test_request_signed_by_another_account_is_rejected(
        self, stranger: Channel, inbound: Callable[..., WebhookRequest]
    ) -> None:
        """F08, S2."""
        with pytest.raises(WebhookRejected):
            stranger.verify(inbound())

    @staticmethod
    def believed(channel: Channel, request: WebhookRequest) -> DeliveryReport:
        channel.verify(request)
        report = channel.parse(request)
        assert isinstance(report, DeliveryReport)
        return report

    @staticmethod
    def believed_text(channel: Channel, request: WebhookRequest) -> InboundMessage:
        channel.verify(request)
        told = channel.parse(request)
        assert isinstance(told, InboundMessage)
        return told


class ListsContract:
    """The cases of a channel whose provider can be asked afterwards."""

    @pytest.mark.parametrize(("kind", "found"), [("after_accept", 1), ("before_accept", 0)])
    @pytest.mark.parametrize("ending", ENDINGS)
    def test_list_knows_what_became_of_a_lost_answer(
        self, channel: Channel, stub: RunningStub, fault: Callable[..., None], ending: str, kind: str, found: int
    ) -> None:
        """F05, R5."""
        fault("provider", kind, ending=ending, seconds=2)

        with pytest.raises(OutcomeUnknown):
            channel.send(message())

        rows = [(row["id"], CITIZEN, TEXT) for row in accepted_rows(stub)]
        assert [(one.provider_message_id, one.recipient, one.text) for one in listed(channel)] == rows
        assert len(rows) == found

    def test_listed_values_do_not_show_number_or_text(self, channel: Channel) -> None:
        """S15."""
        channel.send(message())

        assert not any(secret in repr(listed(channel)) for secret in (CITIZEN, "Åse"))

    def test_list_of_sent_keeps_to_recipient_and_period(self, channel: Channel) -> None:
        channel.send(message())
        channel.send(message(recipient="+4533334444"))
        now = datetime.now(UTC)

        ours = now.astimezone(ZoneInfo("Europe/Copenhagen"))
        found = channel.find_sent(
            recipient=CITIZEN, since=ours - timedelta(seconds=5), until=ours + timedelta(seconds=5)
        )
        later = channel.find_sent(recipient=CITIZEN, since=now + timedelta(seconds=2), until=now + timedelta(hours=1))
        earlier = channel.find_sent(recipient=CITIZEN, since=now - timedelta(hours=1), until=now - timedelta(seconds=9))

        assert [record.recipient for record in found] == [CITIZEN]
        assert not later
        assert not earlier

    def test_text_that_no_webhook_told_is_in_the_list(
        self, channel: Channel, handset: Callable[..., dict[str, Any]]
    ) -> None:
        """R11."""
        written = [
            handset(**{"from": CITIZEN, "to": channel.sender, "text": text}, channel=channel.name, deliver=False)
            for text in ("først", "så", "sidst")
        ]

        received = channel.list_received(since=datetime.now(UTC) - timedelta(minutes=1))

        assert [text.text for text in received] == ["først", "så", "sidst"]
        assert [text.provider_message_id for text in received] == [one["id"] for one in written]
        assert all(text.provider_time for text in received)
        assert not channel.list_received(since=datetime.now(UTC) + timedelta(seconds=2))

    @pytest.mark.parametrize("status", [200, 429, 500, 502])
    def test_list_that_cannot_be_read_now_is_no_empty_list(
        self, channel: Channel, fault: Callable[..., None], status: int
    ) -> None:
        """R5: an unhealthy list resolves nothing."""
        fault("provider", "list_error", status=status)

        with pytest.raises(TryLater):
            listed(channel)
        with pytest.raises(TryLater):
            channel.list_received(since=datetime.now(UTC))

    def test_list_that_never_lets_us_in_is_misconfigured(self, stranger: Channel) -> None:
        with pytest.raises(Misconfigured):
            listed(stranger)

    def test_examination_of_an_unreachable_provider_is_a_finding(self, channel: Channel, unreachable: Channel) -> None:
        assert len(unreachable.examine()) == len(channel.examine()) + 1

    def test_examination_with_a_strangers_secrets_is_a_finding(self, channel: Channel, stranger: Channel) -> None:
        assert len(stranger.examine()) == len(channel.examine()) + 1


class NoCallbacksContract:
    """The cases of a channel that is never told anything: it believes nobody, and says so."""

    def test_nothing_that_comes_in_is_ever_believed(self, channel: Channel, stub: RunningStub) -> None:
        secret = stub.settings.simulator_secret
        body = json.dumps({"type": "status", "id": "1", "status": "delivered", "callback_token": TOKEN}).encode()
        target = f"/hooks/{channel.name}"
        headers = {SIGNATURE: sign(secret, target=target, body=body, timestamp=int(time.time()))}
        request = WebhookRequest(method="POST", path=target, query="", headers=headers, body=body)

        with pytest.raises(WebhookRejected) as rejected:
            channel.verify(request)
        with pytest.raises(WebhookRejected) as unreadable:
            channel.parse(request)

        assert (rejected.value.status, rejected.value.code) == (403, "no_callbacks")
        assert (unreadable.value.status, unreadable.value.code) == (400, "no_callbacks")


class NoListsContract:
    """The cases of a channel that cannot be asked: an empty list would let somebody send again."""

    def test_asking_is_refused_for_good_and_is_no_empty_list(self, outgoing: Outgoing, channel: Channel) -> None:
        """R5."""
        sent = outgoing()
        channel.send(sent)
        now = datetime.now(UTC)

        with pytest.raises(Misconfigured, match="no_list"):
            channel.find_sent(recipient=sent.recipient, since=now - timedelta(minutes=1), until=now)
        with pytest.raises(Misconfigured, match="no_list"):
            channel.list_received(since=now - timedelta(minutes=1))


CASES: dict[Ability, tuple[type, type]] = {
    Ability.CALLBACKS: (CallbacksContract, NoCallbacksContract),
    Ability.LISTS: (ListsContract, NoListsContract),
}


class SmsContract(CallbacksContract, ListsContract, ChannelContract):
    """All the cases, and those of telling and listing together."""

    def test_silent_provider_still_lists_what_became_of_the_message(
        self, channel: Channel, hooks: HookReceiver, fault: Callable[..., None]
    ) -> None:
        """F07."""
        fault("provider", "silence")
        channel.send(message())

        assert not hooks.wait_for(1, seconds=0.4)
        assert [record.status for record in listed(channel)] == [DeliveryStatus.DELIVERED]

    def test_text_has_the_same_id_in_list_and_webhook(
        self, channel: Channel, inbound: Callable[..., WebhookRequest]
    ) -> None:
        """R11: imported once."""
        told = self.believed_text(channel, inbound())

        (listed_text,) = channel.list_received(since=datetime.now(UTC) - timedelta(minutes=1))

        assert listed_text.provider_message_id == told.provider_message_id
        assert (listed_text.sender, listed_text.recipient, listed_text.text) == (CITIZEN, channel.sender, TEXT)


def unresolvable(*_: object) -> Any:
    raise OSError


def session_without_a_way_out(stub: RunningStub) -> HttpSession:
    """A session for which no name has an address."""
    return HttpSession(stub_origins=[stub.url], resolve=unresolvable)
