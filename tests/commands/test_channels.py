"""channels test."""

from adapters.stubs.world import RunningStub
from tests.commands.conftest import Deployment


def test_channel_and_case_system_are_examined_and_nothing_is_sent(deployment: Deployment, stub: RunningStub) -> None:
    said = deployment.run("channels", "test", code=1).output

    assert said.startswith("BLOCKS  stub: ")
    assert stub.messages.select({}, limit=10) == []


def test_secret_the_other_side_does_not_know_is_found(deployment: Deployment) -> None:
    deployment.settings["TWILIO_SMS_AUTH_TOKEN"] = "0" * 32

    said = deployment.run("channels", "test", code=1).output
    assert "BLOCKS  " in said
    assert "0" * 32 not in said
