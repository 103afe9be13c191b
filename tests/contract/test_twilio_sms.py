"""Twilio's channel keeps the contract against the stub's Twilio-like side, and does what only Twilio asks for."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from adapters.channels.twilio_sms import TwilioSmsChannel
from adapters.contract import InboundMessage, WebhookRequest
from adapters.errors import Misconfigured, OutcomeUnknown, RecipientRefused, TryLater
from adapters.http import HttpSession
from adapters.stubs.world import RunningStub
from tests.contract.channel_contract import (
    CITIZEN,
    TOKEN,
    SmsContract,
    accepted_rows,
    message,
    session_without_a_way_out,
)
from tests.contract.hooks import HookReceiver

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


class TestTwilioSmsChannel(SmsContract):
    @pytest.fixture
    def channel(self, stub: RunningStub, http: HttpSession, hooks: HookReceiver) -> TwilioSmsChannel:
        return TwilioSmsChannel.from_settings(stub.settings.twilio_sms(stub.url), http=http, public_url=hooks.url)

    @pytest.fixture
    def stranger(self, stub: RunningStub, http: HttpSession, hooks: HookReceiver) -> TwilioSmsChannel:
        settings = {**stub.settings.twilio_sms(stub.url), "auth_token": "another"}
        return TwilioSmsChannel.from_settings(settings, http=http, public_url=hooks.url)

    @pytest.fixture
    def unreachable(self, stub: RunningStub, hooks: HookReceiver) -> TwilioSmsChannel:
        settings = stub.settings.twilio_sms(stub.url)
        return TwilioSmsChannel.from_settings(settings, http=session_without_a_way_out(stub), public_url=hooks.url)

    def test_callback_url_carries_the_token_and_asks_for_every_retry(
        self, channel: TwilioSmsChannel, stub: RunningStub, hooks: HookReceiver
    ) -> None:
        channel.send(message())

        (row,) = accepted_rows(stub)
        assert row["callback_url"] == f"{hooks.url}/hooks/twilio_sms?t={TOKEN}#rc=5&rp=all&ct=2000&rt=5000"

    @pytest.mark.parametrize(("asked", "given"), [(None, None), (0, 1), (60, 60), (10**6, 36_000)])
    def test_validity_keeps_within_twilios_limits(
        self, channel: TwilioSmsChannel, stub: RunningStub, asked: int | None, given: int | None
    ) -> None:
        channel.send(message(valid_for=asked))

        assert accepted_rows(stub)[0]["valid_for"] == given

    @pytest.mark.parametrize(
        ("changes", "code"), [({"text": ""}, "21602"), ({"text": "x" * 1601}, "21617"), ({"recipient": "12"}, "21211")]
    )
    def test_message_twilio_cannot_take_is_refused_with_its_code(
        self, channel: TwilioSmsChannel, changes: dict[str, str], code: str
    ) -> None:
        with pytest.raises(RecipientRefused) as refused:
            channel.send(message(**changes))

        assert refused.value.code == code

    def test_number_of_another_account_is_misconfigured(
        self, stub: RunningStub, http: HttpSession, hooks: HookReceiver
    ) -> None:
        settings = {**stub.settings.twilio_sms(stub.url), "from_number": "+4599999999"}
        channel = TwilioSmsChannel.from_settings(settings, http=http, public_url=hooks.url)

        with pytest.raises(Misconfigured):
            channel.send(message())

    def test_wrong_token_is_misconfigured(self, stranger: TwilioSmsChannel, stub: RunningStub) -> None:
        with pytest.raises(Misconfigured) as wrong:
            stranger.send(message())

        assert wrong.value.code == "20003"
        assert not accepted_rows(stub)

    def test_full_queue_at_the_provider_is_no_attempt(
        self, channel: TwilioSmsChannel, fault: Callable[..., None]
    ) -> None:
        fault("provider", "refuse", code=21611)

        with pytest.raises(TryLater) as wait:
            channel.send(message())

        assert not wait.value.counts

    @pytest.mark.parametrize("status", [408, 500, 502, 504])
    def test_error_without_a_clear_no_leaves_the_outcome_unknown(
        self, channel: TwilioSmsChannel, fault: Callable[..., None], status: int
    ) -> None:
        """F05."""
        fault("provider", "refuse", code=20500, status=status)

        with pytest.raises(OutcomeUnknown):
            channel.send(message())

    @pytest.mark.parametrize("stub_options", [{"keyword_handling": True}])
    def test_stop_handled_by_the_provider_is_told_and_blocks_until_start(
        self, channel: TwilioSmsChannel, inbound: Callable[..., WebhookRequest]
    ) -> None:
        stopped = channel.parse(inbound(text="Stop"))
        with pytest.raises(RecipientRefused) as blocked:
            channel.send(message())
        started = channel.parse(inbound(text="START"))
        channel.send(message())

        assert isinstance(stopped, InboundMessage)
        assert isinstance(started, InboundMessage)
        assert (stopped.provider_opt_out, started.provider_opt_out) == ("STOP", "START")
        assert blocked.value.code == "21610"
        assert "START" in blocked.value.sentence

    def test_attached_file_becomes_a_reference_by_webhook_and_by_list(
        self, channel: TwilioSmsChannel, inbound: Callable[..., WebhookRequest], stub: RunningStub, http: HttpSession
    ) -> None:
        request = inbound(media=[{"content_type": "image/jpeg", "data": base64.b64encode(b"jpeg").decode()}])

        told = self.believed_text(channel, request)
        (listed,) = channel.list_received(since=datetime.now(UTC) - timedelta(minutes=1))

        assert [file.content_type for file in told.media] == ["image/jpeg"]
        assert listed.media == told.media
        assert told.provider_message_id.startswith("MM")
        assert told.media[0].url.startswith(stub.url)

    def test_text_to_a_further_number_of_ours_is_taken(
        self, channel: TwilioSmsChannel, inbound: Callable[..., WebhookRequest]
    ) -> None:
        assert self.believed_text(channel, inbound(to="+4560575701")).recipient == "+4560575701"

    def test_list_is_read_page_by_page(
        self, channel: TwilioSmsChannel, handset: Callable[..., dict[str, Any]], stub: RunningStub
    ) -> None:
        for number in range(3):
            channel.send(message(text=f"ud {number}"))
        texts = [f"ind {number}" for number in range(205)]
        for text in texts:
            handset(**{"from": CITIZEN, "to": channel.sender, "text": text}, channel=channel.name, deliver=False)

        received = channel.list_received(since=datetime.now(UTC) - timedelta(minutes=1))

        assert [one.text for one in received] == texts

    @pytest.mark.parametrize("stub_options", [{"pace": 1000}])
    def test_message_still_waiting_at_the_provider_is_in_the_list(
        self, channel: TwilioSmsChannel, stub: RunningStub
    ) -> None:
        """R5: it has no DateSent yet; taken for unsent, it would be sent twice."""
        channel.send(message())
        now = datetime.now(UTC)

        found = channel.find_sent(recipient=CITIZEN, since=now - timedelta(seconds=9), until=now)

        assert [row["sent_at"] for row in accepted_rows(stub)] == [None]
        assert len(found) == 1

    def test_report_about_another_account_is_rejected(
        self, channel: TwilioSmsChannel, stub: RunningStub, hooks: HookReceiver, http: HttpSession
    ) -> None:
        """F08."""
        settings = {**stub.settings.twilio_sms(stub.url), "account_sid": "AC" + "f" * 32}
        other = TwilioSmsChannel.from_settings(settings, http=http, public_url=hooks.url)
        channel.send(message())
        (request, *_) = hooks.wait_for(1)
        other.verify(request)

        with pytest.raises(Exception, match="foreign_account"):
            other.parse(request)

    def test_form_for_callers_who_post_themselves_is_what_the_stub_would_post(
        self,
        channel: TwilioSmsChannel,
        handset: Callable[..., dict[str, Any]],
        stub: RunningStub,
        hooks: HookReceiver,
    ) -> None:
        """The rehearsal signs with Twilio's own library."""
        order = {"from": CITIZEN, "to": channel.sender, "text": "hej", "channel": channel.name, "deliver": False}
        form = handset(**order)["form"]
        validator: Any = RequestValidator(stub.settings.auth_token)  # type: ignore[no-untyped-call]

        signature = validator.compute_signature(f"{hooks.url}/hooks/twilio_sms", form)

        assert form["Body"] == "hej"
        assert len(base64.b64decode(signature)) == 20

    def test_answer_to_a_text_is_empty_twiml(
        self, channel: TwilioSmsChannel, inbound: Callable[..., WebhookRequest]
    ) -> None:
        answer = channel.answer(channel.parse(inbound()))

        assert answer.content_type == "text/xml"
        assert answer.body.endswith(b"<Response/>")
