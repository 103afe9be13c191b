"""Names to classes, and tables of settings that name what is missing without showing what is secret."""

from collections.abc import Mapping

import pytest

from adapters.channels.twilio_sms import TwilioSmsChannel
from adapters.errors import Misconfigured
from adapters.http import Answer, HttpSession, NothingLeft
from adapters.registry import case_system_names, channel_names, load_case_system, load_channel
from adapters.settings import Setting, read_settings

TWILIO = {"account_sid": "AC" + "0" * 32, "auth_token": "hemmelig-token", "from_number": "+4560575700"}
SIMULATOR = {"base_url": "http://127.0.0.1:8500", "secret": "hemmelig", "from_number": "+4560575700"}
GIVEN = {"twilio_sms": TWILIO, "simulator": SIMULATOR}


def twilio(**changes: str) -> TwilioSmsChannel:
    return TwilioSmsChannel.from_settings({**TWILIO, **changes}, http=HttpSession(), public_url="https://x.example.dk")


def test_installed_channels_and_case_systems_are_known_by_name() -> None:
    assert {"simulator", "twilio_sms"} <= set(channel_names())
    assert "webhook" in case_system_names()


@pytest.mark.parametrize("name", ["simulator", "twilio_sms"])
def test_channel_is_built_from_its_settings(name: str) -> None:
    channel = load_channel(name).from_settings(GIVEN[name], http=HttpSession(), public_url="https://x.example.dk")

    assert (channel.name, channel.sender) == (name, "+4560575700")
    assert channel.account


@pytest.mark.parametrize("load", [load_channel, load_case_system])
def test_unknown_name_is_refused_with_the_known_ones(load: object) -> None:
    assert callable(load)
    with pytest.raises(Misconfigured) as unknown:
        load("brevdue")

    assert "brevdue" in unknown.value.sentence
    assert any(name in unknown.value.sentence for name in [*channel_names(), *case_system_names()])


@pytest.mark.parametrize("name", ["simulator", "twilio_sms", "webhook"])
def test_every_missing_setting_is_named(name: str) -> None:
    installed = load_case_system(name) if name == "webhook" else load_channel(name)
    given: Mapping[str, str] = GIVEN.get(name, {"url": "https://x.example.dk", "secrets": f"whsec_{'A' * 32}"})

    for setting in installed.SETTINGS:
        if setting.required:
            short = {key: value for key, value in given.items() if key != setting.name}
            with pytest.raises(Misconfigured) as missing:
                read_settings(name, installed.SETTINGS, short)
            assert setting.name in missing.value.sentence
            assert setting.name in missing.value.code


@pytest.mark.parametrize("name", ["simulator", "twilio_sms", "webhook"])
def test_every_setting_says_what_it_means_and_secrets_are_marked(name: str) -> None:
    table = (load_case_system(name) if name == "webhook" else load_channel(name)).SETTINGS

    assert len({setting.name for setting in table}) == len(table)
    assert all(setting.meaning and setting.name == setting.name.lower() for setting in table)
    assert {setting.name for setting in table if setting.secret} & {"auth_token", "secret", "secrets"}


def test_setting_nobody_knows_is_refused_because_it_may_be_misspelt() -> None:
    with pytest.raises(Misconfigured, match="auth_tokn"):
        twilio(auth_tokn="x")


def test_default_stands_in_for_what_is_not_given() -> None:
    table = [Setting(name="region", default="ie1", meaning="where")]

    assert read_settings("x", table, {}) == read_settings("x", table, {"region": " "}) | {"region": "ie1"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account_sid", "AC1"),
        ("from_number", "60575700"),
        ("from_number", "Kommunen"),
        ("accepted_numbers", "+4560575701 nej"),
        ("region", "dk1"),
        ("signature_algorithm", "MD5"),
        ("keyword_handling", "yes"),
        ("api_key", "SK1"),
        ("api_secret", "hemmeligt"),
    ],
)
def test_setting_of_the_wrong_shape_is_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(Misconfigured) as wrong:
        twilio(**{name: value})

    assert name in wrong.value.sentence or "api_secret" in wrong.value.sentence
    assert value not in wrong.value.sentence


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        ({}, "api.dublin.ie1.twilio.com"),
        ({"region": "us1"}, "api.twilio.com"),
        ({"region": "au1"}, "api.sydney.au1.twilio.com"),
        ({"region": "ie1", "edge": "frankfurt"}, "api.frankfurt.ie1.twilio.com"),
    ],
)
def test_region_is_reached_through_its_edge(settings: dict[str, str], host: str) -> None:
    """The shorter names without an edge are gone."""
    ((url, _),) = requests_of(settings)

    assert url == f"https://{host}/2010-04-01/Accounts/{TWILIO['account_sid']}/Messages.json"


@pytest.mark.parametrize(
    ("settings", "credentials"),
    [
        ({}, (TWILIO["account_sid"], TWILIO["auth_token"])),
        ({"api_key": "SK1", "api_secret": "hemmeligt"}, ("SK1", "hemmeligt")),
    ],
)
def test_api_key_takes_the_place_of_the_token(settings: dict[str, str], credentials: tuple[str, str]) -> None:
    ((url, used),) = requests_of(settings)

    assert used == credentials
    assert TWILIO["account_sid"] in url


def requests_of(settings: dict[str, str]) -> list[tuple[str, object]]:
    """What an examination asks Twilio: URL and credentials."""
    asked: list[tuple[str, object]] = []

    class NothingLeaves(HttpSession):
        def request(self, method: str, url: str, *, auth: object = None, **_: object) -> Answer:
            asked.append((url, auth))
            raise NothingLeft("connection_refused")

    given = {**TWILIO, **settings}
    TwilioSmsChannel.from_settings(given, http=NothingLeaves(), public_url="https://x.example.dk").examine()
    return asked


def test_twilio_unconfirmed_keyword_handling_refuses_production_and_names_the_words() -> None:
    findings = {finding.code: finding for finding in twilio()._examine_settings()}

    assert findings["keyword_handling"].blocking
    assert all(word in findings["keyword_handling"].sentence for word in ("STOP", "END", "QUIT", "CANCEL"))


@pytest.mark.parametrize("handling", ["off", "mirrored"])
def test_twilio_confirmed_keyword_handling_is_no_finding(handling: str) -> None:
    assert not list(twilio(keyword_handling=handling)._examine_settings())


def test_twilio_public_url_without_tls_refuses_production() -> None:
    channel = TwilioSmsChannel.from_settings(
        {**TWILIO, "keyword_handling": "off"}, http=HttpSession(), public_url="http://x.example.dk"
    )

    assert [finding.code for finding in channel._examine_settings()] == ["public_url"]
