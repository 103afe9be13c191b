"""Sign-in of citizens by MitID, through a broker that speaks OpenID Connect.

Brokers name things differently: the claim with the personal number, the claim with the level of assurance and its
words, the scope that opens both, and what asks for a level. All are settings. What is not in the ID token is asked of
the broker's page of user information.
"""

import time
from collections.abc import Mapping
from typing import Any

from adapters.errors import SignInRefused
from adapters.http import HttpSession
from adapters.openid import LEEWAY_SECONDS, OpenIdClient
from adapters.sign_in_contract import CitizenProof, SignInRequest

FRESH_SECONDS = 600
"""How long ago somebody may have proved who she is: somebody else may sit before the screen since."""


class MitIdProvider:
    """One broker. Thread-safe; keeps nothing between two requests."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        cpr_claim: str,
        assurance_claim: str,
        assurance: tuple[str, ...],
        scope: str,
        acr_values: str,
        http: HttpSession,
    ) -> None:
        self._client = OpenIdClient(issuer=issuer, client_id=client_id, client_secret=client_secret, http=http)
        self._cpr_claim = cpr_claim
        self._assurance_claim = assurance_claim
        self._assurance = assurance
        self._scope = scope
        self._acr_values = acr_values

    def begin(self, *, return_to: str) -> SignInRequest:
        """Return where to send the browser, and the secrets that what comes back must fit. Raises TryLater."""
        wishes = {"acr_values": self._acr_values} if self._acr_values else {}
        return self._client.begin(
            return_to=return_to, scope=self._scope, prompt="login", max_age=str(FRESH_SECONDS), **wishes
        )

    def finish(self, *, nonce: str, verifier: str, code: str, return_to: str) -> CitizenProof:
        """Exchange the code; return whose personal number it proves. Raises SignInRefused or TryLater."""
        proved = self._client.prove(nonce=nonce, verifier=verifier, code=code, return_to=return_to)
        claims = proved.claims
        if not {self._cpr_claim, self._assurance_claim} <= claims.keys():
            claims = {**self._client.ask_more(proved), **claims}  # where both tell, the signed word holds
        cpr = claims.get(self._cpr_claim)
        if not isinstance(cpr, str) or not cpr.strip():
            raise SignInRefused("claim_missing")
        return CitizenProof(cpr=cpr.strip(), is_assured=self._is_assured(claims) and _is_fresh(proved.claims))

    def _is_assured(self, claims: Mapping[str, Any]) -> bool:
        level = claims.get(self._assurance_claim)
        return isinstance(level, str) and level in self._assurance


def _is_fresh(claims: Mapping[str, Any]) -> bool:
    """Whether it was proved just now. Raises SignInRefused if it certainly was not; untold, it is not known."""
    at = claims.get("auth_time")
    if at is None:
        return False
    if not isinstance(at, int | float) or not -LEEWAY_SECONDS <= time.time() - at <= FRESH_SECONDS + LEEWAY_SECONDS:
        raise SignInRefused("auth_time")
    return True
