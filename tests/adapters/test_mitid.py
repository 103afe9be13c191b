"""What a MitID broker must prove before anybody is believed to be a citizen, and how surely."""

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.errors import SignInRefused, TryLater
from adapters.http import Answer
from adapters.mitid import FRESH_SECONDS, MitIdProvider
from adapters.openid import LEEWAY_SECONDS
from adapters.sign_in_contract import CitizenProof
from tests.adapters.test_openid import BAD_TOKENS, CLIENT, ISSUER, KEY, NONCE, SECRET, STRANGERS_KEY, _claims, _signed
from tests.adapters.test_openid import Provider as StaffProvider

CPR = "0101970001"
SUBSTANTIAL = "https://data.gov.dk/concept/core/nsis/Substantial"
HIGH = "https://data.gov.dk/concept/core/nsis/High"
LOW = "https://data.gov.dk/concept/core/nsis/Low"
RETURN_TO = "https://borgerdialog.example.dk/app/login/mitid/return"


@dataclass(kw_only=True)
class Broker(StaffProvider):
    """As a provider, with a page of user information if it is given some."""

    told_beside: dict[str, Any] | None = None
    beside_status: int = 200
    opened_by: list[str] = field(default_factory=list)

    def request(self, method: str, url: str, **more: Any) -> Answer:
        if url == f"{ISSUER}/userinfo":
            self.opened_by.append(more["headers"].get("Authorization", ""))
            return Answer(status=self.beside_status, headers={}, body=json.dumps(self.told_beside).encode())
        answer = super().request(method, url, **more)
        if self.told_beside is None or not url.endswith("/openid-configuration"):
            return answer
        found = {**json.loads(answer.body), "userinfo_endpoint": f"{ISSUER}/userinfo"}
        return Answer(status=200, headers={}, body=json.dumps(found).encode())


def _provider(broker: Broker, **changed: Any) -> MitIdProvider:
    settings: dict[str, Any] = {
        "cpr_claim": "dk.cpr",
        "assurance_claim": "loa",
        "assurance": (SUBSTANTIAL, HIGH),
        "scope": "openid ssn",
        "acr_values": SUBSTANTIAL,
    }
    return MitIdProvider(issuer=ISSUER, client_id=CLIENT, client_secret=SECRET, http=broker, **{**settings, **changed})


def _proof(**changed: Any) -> dict[str, Any]:
    return _claims(**{"dk.cpr": CPR, "loa": SUBSTANTIAL, "auth_time": int(time.time()), **changed})


def _finish(broker: Broker, **changed: Any) -> CitizenProof:
    provider = _provider(broker, **changed)
    return provider.finish(nonce=NONCE, verifier="verifier", code="code", return_to=RETURN_TO)


def _told(**changed: Any) -> CitizenProof:
    return _finish(Broker(id_token=_signed(_proof(**changed))))


def test_a_token_that_fits_tells_whose_number_was_proved() -> None:
    assert _told() == CitizenProof(cpr=CPR, is_assured=True)


@pytest.mark.parametrize("level", [LOW, "", None, ["x", SUBSTANTIAL], SUBSTANTIAL.lower(), 3])
def test_another_level_than_the_ones_that_are_set_is_not_assured(level: object) -> None:
    assert not _told(loa=level).is_assured


def test_a_higher_level_is_assured_too() -> None:
    assert _told(loa=HIGH).is_assured


def test_claims_go_by_the_names_that_are_set() -> None:
    token = _signed(_claims(nin=CPR, acr="high", auth_time=int(time.time())))
    proof = _finish(Broker(id_token=token), cpr_claim="nin", assurance_claim="acr", assurance=("high",))

    assert proof == CitizenProof(cpr=CPR, is_assured=True)


@pytest.mark.parametrize(
    "name",
    [name for name in BAD_TOKENS if name not in {"nobody", "a blank name", "not a name", "an address nobody checked"}],
)
def test_a_token_that_does_not_fit_proves_nobody(name: str) -> None:
    """S11: the same that prove no member of staff."""
    with pytest.raises(SignInRefused):
        _finish(Broker(id_token=BAD_TOKENS[name]()))


# Seconds from the moment the token is made: the tests are collected long before a whole run comes to them.
SKEWED = {
    "issued long ago and run out": {"iat": -7200, "exp": -LEEWAY_SECONDS - 30},
    "issued in the future": {"iat": LEEWAY_SECONDS + 600, "exp": 7200},
    "good only later": {"nbf": LEEWAY_SECONDS + 600},
    "proved long ago": {"auth_time": -FRESH_SECONDS - LEEWAY_SECONDS - 30},
    "proved in the future": {"auth_time": LEEWAY_SECONDS + 600},
}


def _skewed(seconds: dict[str, int]) -> dict[str, Any]:
    now = int(time.time())
    return {claim: now + distance for claim, distance in seconds.items()}


@pytest.mark.parametrize("seconds", SKEWED.values(), ids=SKEWED.keys())
def test_a_token_of_another_time_proves_nobody(seconds: dict[str, int]) -> None:
    """Clock-skewed tokens."""
    with pytest.raises(SignInRefused):
        _told(**_skewed(seconds))


@pytest.mark.parametrize("no_time", ["i dag", float("inf")])
def test_a_token_that_was_proved_at_no_time_proves_nobody(no_time: object) -> None:
    with pytest.raises(SignInRefused):
        _told(auth_time=no_time)


@pytest.mark.parametrize("seconds", [{"exp": -5}, {"iat": 30}, {"nbf": 30}, {"auth_time": 30}])
def test_a_clock_that_goes_a_little_wrong_is_borne_with(seconds: dict[str, int]) -> None:
    assert _told(**_skewed(seconds)).is_assured


def test_who_does_not_tell_when_it_was_proved_is_believed_but_not_for_what_is_sensitive() -> None:
    assert _told(auth_time=None) == CitizenProof(cpr=CPR, is_assured=False)


@pytest.mark.parametrize("cpr", [None, "", "  ", 101970001, [CPR]])
def test_without_a_personal_number_nobody_is_proved(cpr: object) -> None:
    with pytest.raises(SignInRefused, match="claim_missing"):
        _told(**{"dk.cpr": cpr})


def test_what_is_not_in_the_token_is_asked_of_the_page_beside_it() -> None:
    token = _signed(_proof(**{"dk.cpr": None, "loa": None}))
    broker = Broker(id_token=token, told_beside={"sub": "42", "dk.cpr": CPR, "loa": HIGH})

    assert _finish(broker) == CitizenProof(cpr=CPR, is_assured=True)
    assert broker.opened_by == ["Bearer x"]


def test_what_the_token_says_holds_against_the_page_beside_it() -> None:
    token = _signed(_proof(**{"dk.cpr": None, "loa": LOW}))
    beside = {"sub": "42", "dk.cpr": CPR, "loa": HIGH, "auth_time": int(time.time())}

    assert _finish(Broker(id_token=token, told_beside=beside)) == CitizenProof(cpr=CPR, is_assured=False)


def test_the_page_beside_it_cannot_say_when_it_was_proved() -> None:
    token = _signed(_proof(**{"dk.cpr": None, "auth_time": None}))
    beside = {"sub": "42", "dk.cpr": CPR, "auth_time": int(time.time())}

    assert not _finish(Broker(id_token=token, told_beside=beside)).is_assured


@pytest.mark.parametrize("beside", [{"sub": "43", "dk.cpr": CPR}, {"dk.cpr": CPR}, {}])
def test_a_page_about_somebody_else_proves_nobody(beside: dict[str, Any]) -> None:
    with pytest.raises(SignInRefused, match="somebody_else"):
        _finish(Broker(id_token=_signed(_proof(**{"dk.cpr": None})), told_beside=beside))


def test_a_page_that_is_down_is_not_a_refusal() -> None:
    broker = Broker(id_token=_signed(_proof(**{"dk.cpr": None})), told_beside={}, beside_status=502)

    with pytest.raises(TryLater):
        _finish(broker)


def test_the_page_is_not_asked_where_the_token_tells_all() -> None:
    broker = Broker(id_token=_signed(_proof()), told_beside={"sub": "somebody else"})

    assert _finish(broker).cpr == CPR
    assert broker.opened_by == []


def test_a_strangers_key_proves_nobody() -> None:
    with pytest.raises(SignInRefused):
        _finish(Broker(id_token=_signed(_proof(), key=STRANGERS_KEY)))


def test_the_level_a_new_sign_in_and_the_scope_are_asked_for() -> None:
    begun = _provider(Broker()).begin(return_to=RETURN_TO)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}

    assert (sent["scope"], sent["acr_values"], sent["prompt"]) == ("openid ssn", SUBSTANTIAL, "login")
    assert sent["max_age"] == str(FRESH_SECONDS)
    assert (sent["nonce"], sent["state"], sent["code_challenge_method"]) == (begun.nonce, begun.state, "S256")


def test_no_level_is_asked_for_where_none_is_set() -> None:
    begun = _provider(Broker(), acr_values="").begin(return_to=RETURN_TO)

    assert "acr_values" not in parse_qs(urlsplit(begun.url).query)


def test_a_proof_does_not_show_the_number_by_itself() -> None:
    assert CPR not in repr(_told())
    assert KEY is not STRANGERS_KEY
