"""The closed set of ways in which the outside world fails us.

AdapterError
├── Misconfigured      settings or credentials are wrong; an operator must act
├── RecipientRefused   this recipient cannot be reached this way; trying again does not help
├── TryLater           certainly nothing was sent; the same request may be made again
├── OutcomeUnknown     it may or may not have been sent; never to be made again blindly
├── MediaRefused       a file that came with a message can never be had, or is none that we may fetch
├── WebhookRejected    an incoming request is not what it claims to be
└── SignInRefused      who comes back from the sign-in provider is not proved to be anybody

Every error carries `code`, a short stable word or the provider's number, and a Danish sentence for the caseworker.
"""


class AdapterError(Exception):
    """Root of the errors; `code` is safe to log, `sentence` is safe to show."""

    sentence = "Beskeden kunne ikke behandles."

    def __init__(self, code: str, *, sentence: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence or self.sentence


class Misconfigured(AdapterError):
    """Settings or credentials are wrong. Nothing was sent; an operator must act before it can be."""

    sentence = "Kanalen er sat forkert op. Driften skal se på det."


class RecipientRefused(AdapterError):
    """The provider will not send to this recipient. Nothing was sent and trying again does not help.

    `blocked`: it refuses because of its own handling of STOP; the recipient can lift that.
    """

    sentence = "Modtageren kan ikke få beskeder ad denne vej."

    def __init__(self, code: str, *, sentence: str | None = None, blocked: bool = False) -> None:
        super().__init__(code, sentence=sentence)
        self.blocked = blocked


class TryLater(AdapterError):
    """Certainly nothing was sent. `retry_after` is the provider's wish in seconds, if it gave one.

    `counts` is False when the provider only asked us to wait (429, 503 with Retry-After): no attempt was spent.
    """

    sentence = "Udbyderen kan ikke lige nu. Der prøves igen."

    def __init__(self, code: str, *, retry_after: float | None = None, counts: bool = True) -> None:
        super().__init__(code)
        self.retry_after = retry_after
        self.counts = counts


class OutcomeUnknown(AdapterError):
    """Something failed after the first byte had left: the message may have been sent. Resolve, never repeat."""

    sentence = "Det er uklart, om beskeden blev sendt. Det undersøges."


class MediaRefused(AdapterError):
    """A file that came with a message cannot be had: it is gone, too large, or lies where we do not look."""

    sentence = "Filen kunne ikke hentes hos udbyderen."


class WebhookRejected(AdapterError):
    """An incoming request is unsigned, forged, malformed or not for us. Nothing may be changed by it.

    `status` is the HTTP answer: 403 for a bad signature, 400 for a shape that does not fit.
    """

    sentence = "Forespørgslen blev afvist."

    def __init__(self, code: str, *, status: int = 403) -> None:
        super().__init__(code)
        self.status = status


class SignInRefused(AdapterError):
    """What came back from the sign-in provider proves nobody. `code` says which proof is missing."""

    sentence = "Kommunens login kunne ikke bekræfte, hvem du er."
