"""What a sign-in provider must do, and the values that pass between it and us."""

from dataclasses import dataclass, field
from typing import Protocol, TypeVar

Proof_co = TypeVar("Proof_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class SignInRequest:
    """A sign-in under way. `state` and `nonce` must come back unchanged; `verifier` proves that it was we who asked."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class CitizenProof:
    """Whose personal number a sign-in proved, as it was told; `is_assured`: at the level asked for, just now."""

    cpr: str = field(repr=False)
    is_assured: bool


class SignInProvider(Protocol[Proof_co]):
    """Says who somebody is: of staff the name it knows (`str`), of citizens the number it proved. Thread-safe."""

    def begin(self, *, return_to: str) -> SignInRequest:
        """Where to send the browser, which comes back to `return_to` with a code. Raises TryLater, SignInRefused."""
        ...

    def finish(self, *, nonce: str, verifier: str, code: str, return_to: str) -> Proof_co:
        """What the provider says of who signed in. Raises SignInRefused or TryLater."""
        ...
