"""What the sign-in provider must prove before anybody is believed: every ID token that does not fit is refused."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from joserfc import jwk, jwt

from adapters.errors import SignInRefused, TryLater
from adapters.http import Answer, NothingLeft, Timeouts
from adapters.openid import TIMEOUTS, OpenIdProvider

ISSUER = "https://login.example.dk/adfs"
CLIENT = "borgerdialog"
SECRET = "a secret: with % signs and a length that would do for HMAC"
NONCE = "the nonce of this sign-in"
RETURN_TO = "https://borgerdialog.example.dk/sign-in/municipality/return"
KEY = jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
STRANGERS_KEY = jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


@dataclass(kw_only=True)
class Provider:
    """Answers as a provider does, with whatever ID token it is told to; remembers what it was asked."""

    id_token: str = ""
    issuer: str = ISSUER
    token_status: int = 200
    is_down: bool = False
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def request(self, method: str, url: str, *, timeouts: Timeouts, **more: Any) -> Answer:
        if self.is_down:
            raise NothingLeft("connection_timeout")
        assert timeouts == TIMEOUTS
        self.asked.append((method, url, more))
        told: dict[str, dict[str, Any]] = {
            f"{ISSUER}/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{ISSUER}/authorize?tenant=aarhus",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
            },
            f"{ISSUER}/token": {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token},
            f"{ISSUER}/keys": {"keys": [KEY.as_dict(private=False)]},
        }
        status = self.token_status if url.endswith("/token") else 200
        return Answer(status=status, headers={}, body=json.dumps(told[url]).encode())


def _client(provider: Provider, *, claim: str = "email") -> OpenIdProvider:
    return OpenIdProvider(issuer=ISSUER, client_id=CLIENT, client_secret=SECRET, claim=claim, http=provider)


def _claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "42", "iat": now, "exp": now + 300, "nonce": NONCE}
    claims |= {"email": "mho@example.dk", **changed}
    return {name: value for name, value in claims.items() if value is not None}


def _signed(claims: dict[str, Any], *, key: Any = KEY, alg: str = "RS256") -> str:
    return jwt.encode({"alg": alg, "kid": "one"}, claims, key, algorithms=[alg])


def _finish(provider: Provider, **more: Any) -> str:
    return _client(provider, **more).finish(nonce=NONCE, verifier="verifier", code="code", return_to=RETURN_TO)


def test_a_token_that_fits_tells_who_it_is() -> None:
    assert _finish(Provider(id_token=_signed(_claims()))) == "mho@example.dk"


def test_another_claim_may_hold_the_name() -> None:
    token = _signed(_claims(preferred_username="mho"))

    assert _finish(Provider(id_token=token), claim="preferred_username") == "mho"


def _unsigned(claims: dict[str, Any]) -> str:
    _, payload, _ = _signed(claims).split(".")
    none = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    return f"{none}.{payload}."


HOUR = 3600
# Made when a test asks: of tokens made when tests are collected, a long run would see only that they have run out.
BAD_TOKENS: dict[str, Callable[[], str]] = {
    "wrong issuer": lambda: _signed(_claims(iss="https://login.example.org")),
    "no issuer": lambda: _signed(_claims(iss=None)),
    "wrong audience": lambda: _signed(_claims(aud="another-service")),
    "no audience": lambda: _signed(_claims(aud=None)),
    "several audiences, given to another": lambda: _signed(_claims(aud=[CLIENT, "another"], azp="another")),
    "wrong nonce": lambda: _signed(_claims(nonce="of another sign-in")),
    "no nonce": lambda: _signed(_claims(nonce=None)),
    "run out": lambda: _signed(_claims(exp=int(time.time()) - HOUR)),
    "never runs out": lambda: _signed(_claims(exp=None)),
    "of the future": lambda: _signed(_claims(nbf=int(time.time()) + HOUR)),
    "a stranger's key": lambda: _signed(_claims(), key=STRANGERS_KEY),
    "our own secret": lambda: _signed(_claims(), key=jwk.OctKey.import_key(SECRET), alg="HS256"),
    "unsigned": lambda: _unsigned(_claims()),
    "changed": lambda: _signed(_claims())[:-4] + "AAAA",
    "no token": lambda: "",
    "not a token": lambda: "a.b.c",
    "nobody": lambda: _signed(_claims(email=None)),
    "a blank name": lambda: _signed(_claims(email=" ")),
    "not a name": lambda: _signed(_claims(email=["mho@example.dk"])),
    "an address nobody checked": lambda: _signed(_claims(email_verified=False)),
}


@pytest.mark.parametrize("made", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_token_that_does_not_fit_proves_nobody(made: Callable[[], str]) -> None:
    """S11."""
    with pytest.raises(SignInRefused):
        _finish(Provider(id_token=made()))


def test_the_provider_must_be_the_issuer_that_is_set() -> None:
    with pytest.raises(SignInRefused, match="issuer"):
        _client(Provider(issuer="https://login.example.org")).begin(return_to=RETURN_TO)


def test_a_code_that_the_provider_does_not_know_proves_nobody() -> None:
    with pytest.raises(SignInRefused, match="code"):
        _finish(Provider(token_status=400))


def test_a_provider_that_is_down_is_not_a_refusal() -> None:
    with pytest.raises(TryLater):
        _finish(Provider(is_down=True))
    with pytest.raises(TryLater):
        _finish(Provider(token_status=503))


def test_what_is_sent_along_holds_the_challenge_and_not_the_verifier() -> None:
    begun = _client(Provider()).begin(return_to=RETURN_TO)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}

    assert sent["tenant"] == "aarhus"
    assert (sent["response_type"], sent["client_id"], sent["redirect_uri"]) == ("code", CLIENT, RETURN_TO)
    assert (sent["state"], sent["nonce"]) == (begun.state, begun.nonce)
    assert (sent["code_challenge_method"], len(sent["code_challenge"])) == ("S256", 43)
    assert begun.verifier not in begun.url


def test_every_sign_in_has_secrets_of_its_own() -> None:
    first, second = (_client(Provider()).begin(return_to=RETURN_TO) for _ in range(2))

    assert {first.state, first.nonce, first.verifier}.isdisjoint({second.state, second.nonce, second.verifier})


def test_the_secret_is_sent_in_a_form_that_survives_its_signs() -> None:
    provider = Provider(id_token=_signed(_claims()))
    _finish(provider)
    asked = {url: more for _, url, more in provider.asked}

    assert asked[f"{ISSUER}/token"]["auth"] == (CLIENT, quote(SECRET, safe=""))
    assert "auth" not in asked[f"{ISSUER}/keys"]
