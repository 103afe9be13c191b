"""Sign-in by a provider of OpenID Connect: authorization code flow with PKCE, state and nonce.

Discovery and keys are fetched anew for every sign-in: a few a day per person, and a provider that changes its keys is
believed at once. An ID token is believed only if its signature, issuer, audience, time and nonce all fit.
"""

import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from adapters.errors import SignInRefused, TryLater
from adapters.http import Answer, HttpFailure, HttpSession, Timeouts
from adapters.sign_in_contract import SignInRequest

TIMEOUTS = Timeouts(connect=3, read=10)
SCOPE = "openid profile email"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by the provider's own key only: with our shared secret anybody who has it could sign."""
LEEWAY_SECONDS = 60
"""How far the provider's clock may be from ours."""
SECRET_LENGTH = 48


@dataclass(frozen=True, kw_only=True)
class Proved:
    """What an ID token that fits claims, and what opens the provider's further answers about the same person."""

    claims: Mapping[str, Any] = field(repr=False)
    access_token: str | None = field(repr=False)


class OpenIdClient:
    """What we are to one provider, known by its issuer. Thread-safe; keeps nothing between two requests."""

    def __init__(self, *, issuer: str, client_id: str, client_secret: str, http: HttpSession) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._http = http

    def begin(self, *, return_to: str, scope: str, **wishes: str) -> SignInRequest:
        """Return where to send the browser, and the secrets that what comes back must fit. Raises TryLater."""
        endpoint = self._discover()["authorization_endpoint"]
        state, nonce, verifier = (generate_token(SECRET_LENGTH) for _ in range(3))
        url = prepare_grant_uri(
            endpoint,
            self._client_id,
            "code",
            redirect_uri=return_to,
            scope=scope,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **wishes,
        )
        return SignInRequest(url=url, state=state, nonce=nonce, verifier=verifier)

    def prove(self, *, nonce: str, verifier: str, code: str, return_to: str) -> Proved:
        """Exchange the code for an ID token; it is believed only if all fits. Raises SignInRefused or TryLater."""
        found = self._discover()
        told = self._exchange(found["token_endpoint"], verifier=verifier, code=code, return_to=return_to)
        keys = _json(self._get(found["jwks_uri"]))
        claims = self._believe(told["id_token"], keys=keys, nonce=nonce)
        access = told.get("access_token")
        return Proved(claims=claims, access_token=access if isinstance(access, str) else None)

    def ask_more(self, proved: Proved) -> Mapping[str, Any]:
        """Return what the provider tells of this person beside the ID token; nothing if it has no place for that.

        Raises SignInRefused if it tells of somebody else, or TryLater.
        """
        url = self._discover().get("userinfo_endpoint")
        if not isinstance(url, str) or proved.access_token is None:
            return {}
        told = _json(self._ask("GET", url, bearer=proved.access_token))
        if told.get("sub") != proved.claims.get("sub"):
            raise SignInRefused("somebody_else")
        return told

    def _discover(self) -> Mapping[str, str]:
        found = _json(self._get(get_well_known_url(self._issuer, external=True)))
        if found.get("issuer") != self._issuer:
            raise SignInRefused("issuer")
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if not all(isinstance(found.get(name), str) for name in wanted):
            raise TryLater("discovery_incomplete")
        return found

    def _exchange(self, url: str, *, verifier: str, code: str, return_to: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": return_to,
            "code_verifier": verifier,
        }
        # RFC 6749, 2.3.1: id and secret are form-encoded before they become a name and a password.
        auth = (quote(self._client_id, safe=""), quote(self._client_secret, safe=""))
        answer = self._ask("POST", url, data=form, auth=auth)
        if 400 <= answer.status < 500:
            raise SignInRefused("code")
        told = _json(answer)
        if not isinstance(told.get("id_token"), str):
            raise SignInRefused("no_id_token")
        return told

    def _believe(self, token: str, *, keys: Any, nonce: str) -> Mapping[str, Any]:
        try:
            decoded = jwt.decode(token, jwk.KeySet.import_key_set(keys), algorithms=ALGORITHMS)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={"client_id": self._client_id},
            )
            claims.validate(now=int(time.time()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, KeyError, TypeError):
            raise SignInRefused("id_token") from None
        if not hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()):
            raise SignInRefused("nonce")
        return claims

    def _get(self, url: str) -> Answer:
        return self._ask("GET", url)

    def _ask(self, method: str, url: str, *, bearer: str | None = None, **more: Any) -> Answer:
        headers = {"Accept": "application/json"}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        try:
            return self._http.request(method, url, timeouts=TIMEOUTS, headers=headers, **more)
        except HttpFailure as error:
            raise TryLater(error.code) from None


class OpenIdProvider:
    """The municipality's own sign-in: says by what name it knows a member of staff."""

    def __init__(self, *, issuer: str, client_id: str, client_secret: str, claim: str, http: HttpSession) -> None:
        self._client = OpenIdClient(issuer=issuer, client_id=client_id, client_secret=client_secret, http=http)
        self._claim = claim

    def begin(self, *, return_to: str) -> SignInRequest:
        """Return where to send the browser, and the secrets that what comes back must fit. Raises TryLater."""
        return self._client.begin(return_to=return_to, scope=SCOPE)

    def finish(self, *, nonce: str, verifier: str, code: str, return_to: str) -> str:
        """Exchange the code; return what the provider calls who signed in. Raises SignInRefused or TryLater."""
        proved = self._client.prove(nonce=nonce, verifier=verifier, code=code, return_to=return_to)
        name = proved.claims.get(self._claim)
        if not isinstance(name, str) or not name.strip():
            raise SignInRefused("claim_missing")
        if self._claim == "email" and proved.claims.get("email_verified") is False:
            raise SignInRefused("email_unverified")
        return name


def _json(answer: Answer) -> dict[str, Any]:
    if answer.status != 200:
        raise TryLater(f"http_{answer.status}")
    try:
        told = json.loads(answer.body)
    except ValueError:
        raise TryLater("not_json") from None
    if not isinstance(told, dict):
        raise TryLater("not_json")
    return told
