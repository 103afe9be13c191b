"""Twilio's requests to us: is this signed by our account, and what does its form say?

The signature is an HMAC over our URL and all sorted keys and values, joined without separators. So whoever has seen
one genuine request can move the boundaries between keys and values and still have it verify; `form_of` and the
strict shapes of `WebhookReader` refuse what such moves produce. There is no time in it: a request stays valid for
ever, and whoever stores it must know a message that was seen before.
"""

import binascii
import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from urllib.parse import SplitResult, parse_qs, unquote_to_bytes, urlsplit

from adapters.channels.twilio_codes import STATUSES
from adapters.contract import DeliveryReport, DeliveryStatus, InboundMessage, Incoming, MediaReference, WebhookRequest
from adapters.errors import WebhookRejected

ALGORITHMS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
FORM = "application/x-www-form-urlencoded"
MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
MOST_MEDIA = 10
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_CONTENT_TYPE = re.compile(r"[a-z0-9.+-]{1,64}/[a-z0-9.+-]{1,64}")
_ERROR_CODE = re.compile(r"[0-9]{5}")
_OPT_OUT = frozenset({"STOP", "START", "HELP"})
_LARGEST_BODY = 65_536
_LONGEST_TEXT = 1600
_MOST_FIELDS = 100
# A text such as "Stop Det var en fejl" could be cut in two where a word sorts between its key and the next one.
# No key but these may stand there.
_AFTER_BODY = frozenset(
    {
        "ButtonPayload",
        "ButtonText",
        "ChannelInstallSid",
        "ChannelMetadata",
        "ChannelPrefix",
        "ChannelToAddress",
        "ErrorCode",
        "ErrorMessage",
        "EventType",
        "Forwarded",
        "FrequentlyForwarded",
    }
)


def form_of(body: bytes) -> dict[str, str]:
    """The form in a body, each key once. ValueError for anything that is not exactly such a form.

    The standard library's parser takes three times as long.
    """
    if len(body) > _LARGEST_BODY:
        raise ValueError("too large")
    fields = [field.partition("=") for field in body.decode("ascii").replace("+", " ").split("&")]
    if len(fields) > _MOST_FIELDS or not all(equals for _, equals, _ in fields):
        raise ValueError("not a form")
    form = {_decoded(key): _decoded(value) for key, _, value in fields}
    if len(form) != len(fields):
        raise ValueError("duplicate key")
    if "Body" in form and any("Body" < key < "From" and key not in _AFTER_BODY for key in form):
        raise ValueError("moved boundary")
    return form


def _form_of_request(request: WebhookRequest) -> dict[str, str]:
    """The form, read once for the signature and the content."""
    if not request.decoded:
        request.decoded.update(form_of(request.body))
    return request.decoded


def _decoded(text: str) -> str:
    return unquote_to_bytes(text).decode() if "%" in text else text


class WebhookSignature:
    """Checks requests against what our own configuration says: our public URL, our token, our algorithm.

    Nothing the request claims about its host, scheme or algorithm is believed.
    """

    def __init__(self, *, auth_token: str, public_url: str, algorithm: str) -> None:
        self._key = auth_token.encode()
        self._digest = ALGORITHMS[algorithm]
        self._bases = _bases(urlsplit(public_url.rstrip("/")))

    def check(self, request: WebhookRequest) -> None:
        """WebhookRejected (403) unless the request is signed for us; never another exception."""
        try:
            given = request.headers["x-twilio-signature"].encode("ascii")
            query = f"?{request.query}" if request.query else ""
            signed = f"{request.path}{query}{self._signed_parameters(request)}".encode()
        except KeyError:
            raise WebhookRejected("signature_missing") from None
        except ValueError:
            raise WebhookRejected("malformed") from None
        if not any(hmac.compare_digest(given, self._signature(base + signed)) for base in self._bases):
            raise WebhookRejected("signature_wrong")

    def _signed_parameters(self, request: WebhookRequest) -> str:
        if request.method != "POST":
            raise ValueError("method")
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type == FORM:
            return "".join([key + value for key, value in sorted(_form_of_request(request).items())])
        if content_type == "application/json" and _body_digest_fits(request):
            return ""
        raise ValueError("content")

    def _signature(self, text: bytes) -> bytes:
        return binascii.b2a_base64(hmac.digest(self._key, text, self._digest), newline=False)


def _body_digest_fits(request: WebhookRequest) -> bool:
    """A JSON body is not in the signed string; the digest of its raw bytes in the signed URL stands for it."""
    (given,) = parse_qs(request.query, max_num_fields=_MOST_FIELDS).get("bodySHA256", [])
    return hmac.compare_digest(given.encode("ascii"), hashlib.sha256(request.body).hexdigest().encode())


def _bases(public: SplitResult) -> tuple[bytes, ...]:
    """Our public URL without and with its port: Twilio signs sometimes the one and sometimes the other."""
    port = public.port or {"http": 80, "https": 443}[public.scheme]
    host = public.netloc.removesuffix(f":{port}")
    return tuple(f"{public.scheme}://{netloc}{public.path}".encode() for netloc in (host, f"{host}:{port}"))


class WebhookReader:
    """Turns verified requests into texts and reports of exactly the expected shape, for one account and its numbers."""

    def __init__(self, *, account: str, numbers: Collection[str], media_origin: str) -> None:
        self._account = account
        self._numbers = frozenset(numbers)
        self._media_origin = media_origin

    def read(self, request: WebhookRequest) -> Incoming:
        """`MessageStatus` tells a report from a text. WebhookRejected (400) for any other shape."""
        try:
            form = _form_of_request(request)
            if form["AccountSid"] != self._account:
                raise WebhookRejected("foreign_account", status=400)
            return self._report(form, request) if "MessageStatus" in form else self._message(form, request)
        except (ValueError, KeyError):
            raise WebhookRejected("shape", status=400) from None

    def _message(self, form: Mapping[str, str], request: WebhookRequest) -> InboundMessage:
        if form["To"] not in self._numbers:
            raise WebhookRejected("foreign_number", status=400)
        if len(form["Body"]) > _LONGEST_TEXT:
            raise WebhookRejected("text_too_long", status=400)
        opt_out = form.get("OptOutType", "").upper()
        return InboundMessage(
            provider_message_id=_shaped(MESSAGE_SID, form["MessageSid"]),
            account=self._account,
            sender=_shaped(NUMBER, form["From"]),
            recipient=form["To"],
            text=form["Body"],
            media=self._media(form),
            provider_opt_out=opt_out if opt_out in _OPT_OUT else None,
            raw=request.body,
        )

    def _report(self, form: Mapping[str, str], request: WebhookRequest) -> DeliveryReport:
        word = form["MessageStatus"]
        error = form.get("ErrorCode", "")
        return DeliveryReport(
            provider_message_id=_shaped(MESSAGE_SID, form["MessageSid"]),
            account=self._account,
            status=STATUSES.get(word, DeliveryStatus.UNKNOWN),
            provider_status=word[:40],
            error_code=error if _ERROR_CODE.fullmatch(error) else None,
            callback_token=_token(request.query),
        )

    def _media(self, form: Mapping[str, str]) -> tuple[MediaReference, ...]:
        count = form["NumMedia"]
        if count == "0":
            return ()
        if not (count.isascii() and count.isdigit() and int(count[:3]) <= MOST_MEDIA):
            raise ValueError("NumMedia")
        return tuple(
            MediaReference(
                url=self._media_url(form[f"MediaUrl{n}"]),
                content_type=_shaped(_CONTENT_TYPE, form[f"MediaContentType{n}"]),
            )
            for n in range(int(count))
        )

    def _media_url(self, url: str) -> str:
        """Media lies at Twilio and nowhere else; a forged address must not make us fetch it with our credentials."""
        parts = urlsplit(url)
        at_twilio = parts.scheme == "https" and parts.netloc.endswith(".twilio.com") and "@" not in parts.netloc
        if not (at_twilio or url.startswith(f"{self._media_origin}/")):
            raise ValueError("MediaUrl")
        return url


def _shaped(shape: re.Pattern[str], value: str) -> str:
    if not shape.fullmatch(value):
        raise ValueError("shape")
    return value


def _token(query: str) -> str | None:
    given = parse_qs(query, max_num_fields=10).get("t", [])
    if not given:
        return None
    (token,) = given
    return _shaped(_TOKEN, token)
