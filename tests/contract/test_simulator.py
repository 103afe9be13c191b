"""The simulator keeps the contract, and is no easier to fool than a real provider."""

import json
import time

import pytest

from adapters.channels.simulator import SIGNATURE, SimulatorChannel, sign
from adapters.contract import DeliveryReport, DeliveryStatus, WebhookRequest
from adapters.errors import WebhookRejected
from adapters.http import HttpSession
from adapters.stubs.world import RunningStub
from tests.contract.channel_contract import SmsContract, session_without_a_way_out
from tests.contract.hooks import HookReceiver

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def signed(channel_secret: str, body: bytes, *, age: int = 0) -> WebhookRequest:
    signature = sign(channel_secret, target="/hooks/simulator", body=body, timestamp=int(time.time()) - age)
    return WebhookRequest(method="POST", path="/hooks/simulator", query="", headers={SIGNATURE: signature}, body=body)


class TestSimulatorChannel(SmsContract):
    @pytest.fixture
    def channel(self, stub: RunningStub, http: HttpSession, hooks: HookReceiver) -> SimulatorChannel:
        return SimulatorChannel.from_settings(stub.settings.simulator(stub.url), http=http, public_url=hooks.url)

    @pytest.fixture
    def stranger(self, stub: RunningStub, http: HttpSession, hooks: HookReceiver) -> SimulatorChannel:
        settings = {**stub.settings.simulator(stub.url), "secret": "another"}
        return SimulatorChannel.from_settings(settings, http=http, public_url=hooks.url)

    @pytest.fixture
    def unreachable(self, stub: RunningStub, hooks: HookReceiver) -> SimulatorChannel:
        settings = stub.settings.simulator(stub.url)
        return SimulatorChannel.from_settings(settings, http=session_without_a_way_out(stub), public_url=hooks.url)

    def test_request_of_an_hour_ago_is_rejected(self, channel: SimulatorChannel, stub: RunningStub) -> None:
        """S2: unlike Twilio's, these signatures grow old."""
        fresh = signed(stub.settings.simulator_secret, b"{}")
        channel.verify(fresh)

        with pytest.raises(WebhookRejected) as rejected:
            channel.verify(signed(stub.settings.simulator_secret, b"{}", age=3600))

        assert rejected.value.code == "signature_old"

    def test_status_word_nobody_knows_is_kept_as_it_came(self, channel: SimulatorChannel, stub: RunningStub) -> None:
        body = json.dumps({"type": "status", "id": "SIM1", "status": "teleported"}).encode()

        report = channel.parse(signed(stub.settings.simulator_secret, body))

        assert isinstance(report, DeliveryReport)
        assert (report.status, report.provider_status) == (DeliveryStatus.UNKNOWN, "teleported")

    @pytest.mark.parametrize(
        "body", ["[]", "1", '{"type": "message"}', '{"type": "status", "id": 1, "status": "sent"}']
    )
    def test_json_of_another_shape_is_rejected(self, channel: SimulatorChannel, stub: RunningStub, body: str) -> None:
        with pytest.raises(WebhookRejected) as rejected:
            channel.parse(signed(stub.settings.simulator_secret, body.encode()))

        assert rejected.value.status == 400
