"""S1: Twilio's requests, genuine and forged. What Twilio's own library would sign, and every way around it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from adapters.channels.twilio_webhooks import FORM, WebhookReader, WebhookSignature, form_of
from adapters.contract import DeliveryReport, DeliveryStatus, InboundMessage, WebhookRequest
from adapters.errors import WebhookRejected

TOKEN = "12345"
PUBLIC = "https://dialog.example.dk"
PATH = "/hooks/twilio_sms"
ACCOUNT = "AC" + "0" * 32
OUR_NUMBER = "+4560575700"
TEXT_FORM = {
    "AccountSid": ACCOUNT,
    "ApiVersion": "2010-04-01",
    "Body": "STOP Det var Ditte der skrev",
    "From": "+4511112222",
    "FromCountry": "DK",
    "MessageSid": "SM" + "1" * 32,
    "NumMedia": "0",
    "NumSegments": "1",
    "SmsStatus": "received",
    "To": OUR_NUMBER,
}
REPORT_FORM = {
    "AccountSid": ACCOUNT,
    "ErrorCode": "30005",
    "From": OUR_NUMBER,
    "MessageSid": "SM" + "2" * 32,
    "MessageStatus": "undelivered",
    "To": "+4511112222",
}

signature = WebhookSignature(auth_token=TOKEN, public_url=PUBLIC, algorithm="HMAC_SHA1")
reader = WebhookReader(account=ACCOUNT, numbers=[OUR_NUMBER], media_origin="https://api.twilio.com")
library: Any = RequestValidator(TOKEN)  # type: ignore[no-untyped-call]


def request(
    form: Mapping[str, str] | bytes,
    *,
    signed: str | None,
    query: str = "",
    path: str = PATH,
    method: str = "POST",
    content_type: str = f"{FORM}; charset=UTF-8",
    **headers: str,
) -> WebhookRequest:
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    given = {} if signed is None else {"x-twilio-signature": signed}
    sent = {"content-type": content_type, **given, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return WebhookRequest(method=method, path=path, query=query, headers=sent, body=body)


def sign(form: Mapping[str, str], *, url: str = PUBLIC + PATH, algorithm: str | None = None) -> str:
    return str(library.compute_signature(url, form, algorithm))


def rejection(incoming: WebhookRequest, checker: WebhookSignature = signature) -> str:
    with pytest.raises(WebhookRejected) as rejected:
        checker.check(incoming)
    assert rejected.value.status == 403
    return rejected.value.code


@given(form=st.dictionaries(st.text(max_size=9), st.text(max_size=30), min_size=1, max_size=9))
def test_form_is_read_as_the_standard_library_reads_it(form: dict[str, str]) -> None:
    assume("Body" not in form)
    body = urlencode(form).encode()

    assert form_of(body) == form == dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))


# Signature


def test_official_vector_is_believed() -> None:
    """S1: the example of Twilio's security guide."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    checker = WebhookSignature(auth_token="12345", public_url="https://mycompany.com", algorithm="HMAC_SHA1")

    checker.check(request(form, signed="RSOYDt4T1cUTdK1PDd93/VVr8B8=", path="/myapp.php", query="foo=1&bar=2"))


@settings(max_examples=1100, deadline=None)
@given(
    form=st.dictionaries(st.text(min_size=1, max_size=12), st.text(max_size=30), min_size=1, max_size=8),
    query=st.text(alphabet="abct=&%+-_.~0129", max_size=30),
    port=st.sampled_from(["", ":443", ":8443"]),
    algorithm=st.sampled_from(["HMAC_SHA1", "HMAC_SHA256"]),
)
def test_we_believe_what_twilios_library_believes(form: dict[str, str], query: str, port: str, algorithm: str) -> None:
    """S1, on 1,100 made-up forms: signed for our URL, and signed for another."""
    if any("Body" < key < "From" for key in form) and "Body" in form:
        return
    url = f"{PUBLIC}{port}{PATH}{f'?{query}' if query else ''}"
    checker = WebhookSignature(auth_token=TOKEN, public_url=PUBLIC + port, algorithm=algorithm)
    good, bad = sign(form, url=url, algorithm=algorithm), sign(form, url=f"{url}x", algorithm=algorithm)

    assert library.validate(url, form, good, algorithm)
    checker.check(request(form, signed=good, query=query))
    assert not library.validate(url, form, bad, algorithm)
    rejection(request(form, signed=bad, query=query), checker)


@pytest.mark.parametrize("key", sorted(TEXT_FORM))
def test_tampered_parameter_is_rejected(key: str) -> None:
    """S1."""
    forged = {**TEXT_FORM, key: TEXT_FORM[key] + "x"}

    assert rejection(request(forged, signed=sign(TEXT_FORM))) == "signature_wrong"


@pytest.mark.parametrize("key", sorted(TEXT_FORM))
def test_parameter_taken_away_is_rejected(key: str) -> None:
    """S1."""
    forged = {name: value for name, value in TEXT_FORM.items() if name != key}

    assert rejection(request(forged, signed=sign(TEXT_FORM))) == "signature_wrong"


@pytest.mark.parametrize(
    "url",
    [
        f"https://evil.example.dk{PATH}",
        f"http://dialog.example.dk{PATH}",
        f"https://dialog.example.dk:8443{PATH}",
        f"https://dialog.example.dk{PATH}/",
        f"https://dialog.example.dk{PATH}?t=1",
        f"https://dialog.example.dk{PATH}#rc=5",
        "https://dialog.example.dk/hooks/simulator",
    ],
)
def test_signature_for_another_host_port_scheme_path_or_query_is_rejected(url: str) -> None:
    """S1."""
    assert rejection(request(TEXT_FORM, signed=sign(TEXT_FORM, url=url))) == "signature_wrong"


def test_what_the_request_says_of_its_host_changes_nothing() -> None:
    """S1: a proxy's or an attacker's headers are not part of the URL."""
    lies = {"host": "evil.example.dk", "x_forwarded_host": "evil.example.dk", "x_forwarded_proto": "http"}
    signature.check(request(TEXT_FORM, signed=sign(TEXT_FORM), **lies))

    evil = sign(TEXT_FORM, url=f"http://evil.example.dk{PATH}")
    assert rejection(request(TEXT_FORM, signed=evil, **lies)) == "signature_wrong"


@pytest.mark.parametrize("port", ["", ":443"])
def test_our_url_is_signed_with_or_without_its_usual_port(port: str) -> None:
    signature.check(request(TEXT_FORM, signed=sign(TEXT_FORM, url=f"{PUBLIC}{port}{PATH}")))


def test_prefix_that_a_proxy_takes_off_belongs_to_the_public_url() -> None:
    checker = WebhookSignature(auth_token=TOKEN, public_url=f"{PUBLIC}/dialog/", algorithm="HMAC_SHA1")

    checker.check(request(TEXT_FORM, signed=sign(TEXT_FORM, url=f"{PUBLIC}/dialog{PATH}")))


def test_query_with_the_callback_token_is_signed_as_it_came() -> None:
    signed = sign(REPORT_FORM, url=f"{PUBLIC}{PATH}?t=a%2Bb%20c")
    signature.check(request(REPORT_FORM, signed=signed, query="t=a%2Bb%20c"))

    assert rejection(request(REPORT_FORM, signed=signed, query="t=a+b%20c")) == "signature_wrong"


def test_algorithm_is_ours_and_not_the_requests() -> None:
    """S1: no downgrade by header, either way."""
    announced = {"x_twilio_webhooks_signature_settings": "key=k,algorithm=HMAC_SHA1"}
    strong = WebhookSignature(auth_token=TOKEN, public_url=PUBLIC, algorithm="HMAC_SHA256")

    strong.check(request(TEXT_FORM, signed=sign(TEXT_FORM, algorithm="HMAC_SHA256"), **announced))
    assert rejection(request(TEXT_FORM, signed=sign(TEXT_FORM), **announced), strong) == "signature_wrong"
    assert rejection(request(TEXT_FORM, signed=sign(TEXT_FORM, algorithm="HMAC_SHA256"))) == "signature_wrong"


@pytest.mark.parametrize("signed", [None, "", "AAAA", "æøå", "=" * 28, "\x00", "a" * 10_000])
def test_missing_or_broken_signature_is_rejected(signed: str | None) -> None:
    """S1."""
    assert rejection(request(TEXT_FORM, signed=signed)) in {"signature_missing", "malformed", "signature_wrong"}


@pytest.mark.parametrize("method", ["GET", "PUT", "post", ""])
def test_only_post_is_believed(method: str) -> None:
    assert rejection(request(TEXT_FORM, signed=sign(TEXT_FORM), method=method)) == "malformed"


@pytest.mark.parametrize("content_type", ["", "text/plain", "multipart/form-data", "application/json"])
def test_body_of_another_kind_is_rejected(content_type: str) -> None:
    assert rejection(request(TEXT_FORM, signed=sign(TEXT_FORM), content_type=content_type)) == "malformed"


# Boundaries


def moved(old: Mapping[str, str], **changes: str | None) -> dict[str, str]:
    """A form whose signed string is the same although its keys and values are not."""
    forged = {**old, **changes}
    new = {key: value for key, value in forged.items() if value is not None}
    assert sign(new) == sign(old)
    return new


def genuine(form: Mapping[str, str]) -> Any:
    incoming = request(form, signed=sign(form))
    signature.check(incoming)
    return reader.read(incoming)


def test_text_that_swallows_the_next_key_is_rejected() -> None:
    """S1: Body takes in From and its value, and From is gone."""
    forged = moved(TEXT_FORM, Body=f"{TEXT_FORM['Body']}From{TEXT_FORM['From']}", From=None)
    incoming = request(forged, signed=sign(TEXT_FORM))
    signature.check(incoming)

    with pytest.raises(WebhookRejected) as rejected:
        reader.read(incoming)

    assert rejected.value.status == 400


def test_key_that_swallows_the_text_is_rejected() -> None:
    """S1: `Bo` with the rest of the key as its value."""
    forged = moved(TEXT_FORM, Body=None, Bo=f"dy{TEXT_FORM['Body']}")
    incoming = request(forged, signed=sign(TEXT_FORM))
    signature.check(incoming)

    with pytest.raises(WebhookRejected):
        reader.read(incoming)


def test_text_cut_before_a_capital_letter_is_rejected() -> None:
    """S1: "STOP Det var Ditte …" must not become "STOP " and a key nobody asked for."""
    forged = moved(TEXT_FORM, Body="STOP ", **{"Det var Ditte der skrev": ""})

    assert rejection(request(forged, signed=sign(TEXT_FORM))) == "malformed"


@pytest.mark.parametrize("text", ["Stop Clara", "1 Et", "Ja Bz", "Nej Dybt", "x" + "E" * 20, "CCCC"])
def test_no_cut_of_any_text_is_believed(text: str) -> None:
    """S1: every place in which a text could be cut into a shorter text and another key."""
    form = {**TEXT_FORM, "Body": text}
    cuts = [
        {**form, "Body": text[:at], text[at:to]: text[to:]}
        for at in range(len(text))
        for to in range(at + 1, len(text) + 1)
        if text[at:to] not in form
    ]
    believed = [cut for cut in cuts if sign(cut) == sign(form)]

    assert believed
    for cut in believed:
        rejection(request(cut, signed=sign(form)))


def test_key_twilio_really_puts_after_the_text_is_no_cut() -> None:
    assert genuine({**TEXT_FORM, "ChannelToAddress": "+4511XXXX"}).text == TEXT_FORM["Body"]


def test_new_key_from_twilio_is_no_reason_to_reject() -> None:
    assert genuine({**TEXT_FORM, "SmsSomethingNew": "1", "AaNew": "2"}).text == TEXT_FORM["Body"]


@pytest.mark.parametrize("key", ["MessageSid", "Body", "From", "Anything"])
def test_key_that_comes_twice_is_rejected_even_with_the_same_value(key: str) -> None:
    """S1: equal values collapse before they are signed, so a copy is not seen by the signature."""
    value = TEXT_FORM.get(key, "1")
    form = {**TEXT_FORM, key: value}
    body = f"{urlencode(form)}&{key}={quote(value)}".encode()

    assert rejection(request(body, signed=sign(form))) == "malformed"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff", b"Body=%ff", b"Body=%C3%28", b"Body=\xc3\xa6", b"Body", b"Body=1&", b"&", b"Body=1&&From=2"),
        *(b"Body=1;From=2&x", b"a=1&" * 200, b"Body=" + b"x" * 70_000, b"\x00"),
    ],
)
def test_body_that_is_no_plain_form_is_rejected(body: bytes) -> None:
    """S1, S13: not UTF-8, not a form, too many fields, too large."""
    assert rejection(request(body, signed="x" * 28)) == "malformed"


def test_lone_surrogate_anywhere_is_rejected() -> None:
    """S14."""
    broken = "\ud800"
    assert rejection(request(TEXT_FORM, signed=sign(TEXT_FORM), path=broken)) == "malformed"
    assert rejection(request(TEXT_FORM, signed=sign(TEXT_FORM), query=broken)) == "malformed"
    assert rejection(request(TEXT_FORM, signed=broken)) == "malformed"


# JSON


def json_request(body: bytes, *, digest_of: bytes | None, signed_url: str | None = None) -> WebhookRequest:
    query = "" if digest_of is None else f"bodySHA256={hashlib.sha256(digest_of).hexdigest()}"
    url = signed_url or f"{PUBLIC}{PATH}{f'?{query}' if query else ''}"
    return request(body, signed=sign({}, url=url), query=query, content_type="application/json")


def test_json_whose_digest_is_signed_is_believed() -> None:
    body = json.dumps({"a": "æ"}).encode()

    signature.check(json_request(body, digest_of=body))


def test_forged_json_is_rejected() -> None:
    """S1: the signature does not cover the body, only the digest in the URL does."""
    assert rejection(json_request(b'{"a": 2}', digest_of=b'{"a": 1}')) == "malformed"


def test_json_without_a_digest_is_rejected() -> None:
    """S1."""
    assert rejection(json_request(b"{}", digest_of=None)) == "malformed"


@pytest.mark.parametrize("query", ["bodySHA256=", "bodySHA256=x", "bodySHA256=%ff", "bodySHA256=a&bodySHA256=b"])
def test_json_with_a_broken_digest_is_rejected(query: str) -> None:
    incoming = request(b"{}", signed="x" * 28, query=query, content_type="application/json")

    assert rejection(incoming) == "malformed"


def test_genuine_json_is_neither_text_nor_report() -> None:
    body = b'{"Body": "STOP"}'
    incoming = json_request(body, digest_of=body)
    signature.check(incoming)

    with pytest.raises(WebhookRejected):
        reader.read(incoming)


# Shapes


def read(form: Mapping[str, str], **changes: str) -> Any:
    return reader.read(request({**form, **changes}, signed=None))


def test_text_is_read_whole() -> None:
    told = read(TEXT_FORM)

    assert isinstance(told, InboundMessage)
    assert (told.provider_message_id, told.account) == (TEXT_FORM["MessageSid"], ACCOUNT)
    assert (told.sender, told.recipient, told.text) == ("+4511112222", OUR_NUMBER, TEXT_FORM["Body"])
    assert (told.media, told.provider_opt_out, told.provider_time) == ((), None, None)
    assert told.raw == urlencode(TEXT_FORM).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"AccountSid": "AC" + "1" * 32},
        {"AccountSid": ""},
        {"MessageSid": "SM1"},
        {"MessageSid": "SM" + "G" * 32},
        {"MessageSid": "XX" + "1" * 32},
        {"MessageSid": "SM" + "1" * 32 + "\n"},
        {"From": "4511112222"},
        {"From": "+0511112222"},
        {"From": "+45 11112222"},
        {"From": "Borger.dk"},
        {"From": "+4511112222\n"},
        {"From": "+" + "1" * 16},
        {"To": "+4560575701"},
        {"To": ""},
        {"NumMedia": ""},
        {"NumMedia": "-1"},
        {"NumMedia": "11"},
        {"NumMedia": "1e1"},
        {"NumMedia": "٣"},
        {"NumMedia": "1"},
        {"NumMedia": "0001000"},
        {"Body": "x" * 1601},
    ],
)
def test_text_of_another_shape_is_rejected(changes: dict[str, str]) -> None:
    with pytest.raises(WebhookRejected) as rejected:
        read(TEXT_FORM, **changes)

    assert rejected.value.status == 400


@pytest.mark.parametrize("key", ["AccountSid", "MessageSid", "From", "To", "Body", "NumMedia"])
def test_text_without_a_required_key_is_rejected(key: str) -> None:
    with pytest.raises(WebhookRejected):
        read({name: value for name, value in TEXT_FORM.items() if name != key})


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", True),
        ("https://mcs.us1.twilio.com/x", True),
        ("http://api.twilio.com/x", False),
        ("https://twilio.com.evil.dk/x", False),
        ("https://eviltwilio.com/x", False),
        ("https://api.twilio.com@evil.dk/x", False),
        ("https://evil.dk/api.twilio.com", False),
        ("https://user@api.twilio.com/x", False),
        ("file:///etc/passwd", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_file_is_only_ever_at_twilio(url: str, allowed: bool) -> None:
    """S5: a forged address never gets our credentials."""
    form = {**TEXT_FORM, "NumMedia": "1", "MediaUrl0": url, "MediaContentType0": "image/jpeg"}
    if allowed:
        assert [file.url for file in read(form).media] == [url]
        return

    with pytest.raises(WebhookRejected):
        read(form)


@pytest.mark.parametrize("kind", ["", "image", "image/jpeg; x", "IMAGE/JPEG", "a/b\n"])
def test_file_of_a_kind_that_is_no_kind_is_rejected(kind: str) -> None:
    form = {**TEXT_FORM, "NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x", "MediaContentType0": kind}

    with pytest.raises(WebhookRejected):
        read(form)


@pytest.mark.parametrize(("word", "told"), [("STOP", "STOP"), ("start", "START"), ("HELP", "HELP"), ("X", None)])
def test_twilios_own_keyword_handling_is_told(word: str, told: str | None) -> None:
    assert read(TEXT_FORM, OptOutType=word).provider_opt_out == told


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("queued", DeliveryStatus.QUEUED),
        ("accepted", DeliveryStatus.QUEUED),
        ("sending", DeliveryStatus.QUEUED),
        ("sent", DeliveryStatus.SENT),
        ("delivered", DeliveryStatus.DELIVERED),
        ("read", DeliveryStatus.READ),
        ("undelivered", DeliveryStatus.UNDELIVERED),
        ("failed", DeliveryStatus.FAILED),
        ("canceled", DeliveryStatus.FAILED),
        ("received", DeliveryStatus.UNKNOWN),
        ("partially_delivered", DeliveryStatus.UNKNOWN),
        ("teleported", DeliveryStatus.UNKNOWN),
        ("Delivered", DeliveryStatus.UNKNOWN),
        ("", DeliveryStatus.UNKNOWN),
    ],
)
def test_status_word_is_translated_or_kept_as_unknown(word: str, status: DeliveryStatus) -> None:
    """R7: a new word is never an error."""
    report = read(REPORT_FORM, MessageStatus=word)

    assert (report.status, report.provider_status) == (status, word)


def test_report_is_read_with_its_token() -> None:
    token = "a" * 32
    report = reader.read(request(REPORT_FORM, signed=None, query=f"t={token}"))

    assert isinstance(report, DeliveryReport)
    assert (report.provider_message_id, report.error_code) == (REPORT_FORM["MessageSid"], "30005")
    assert report.callback_token == token


@pytest.mark.parametrize(("query", "token"), [("", None), ("x=1", None), (f"t={'b' * 16}", "b" * 16)])
def test_report_without_a_token_is_still_a_report(query: str, token: str | None) -> None:
    assert reader.read(request(REPORT_FORM, signed=None, query=query)).callback_token == token  # type: ignore[union-attr]


@pytest.mark.parametrize("query", ["t=short", f"t={'a' * 16}&t={'a' * 16}", "t=" + "a" * 200, "t=%2e%2e%2f" + "a" * 16])
def test_token_of_another_shape_is_rejected(query: str) -> None:
    with pytest.raises(WebhookRejected):
        reader.read(request(REPORT_FORM, signed=None, query=query))


@pytest.mark.parametrize(("code", "kept"), [("30005", "30005"), ("", None), ("abc", None), ("3000566", None)])
def test_error_code_is_a_number_or_nothing(code: str, kept: str | None) -> None:
    assert read(REPORT_FORM, ErrorCode=code).error_code == kept


def test_signature_is_made_of_every_byte() -> None:
    """The comparison does not stop early: a signature that differs in its last character only is wrong too."""
    good = base64.b64encode(hmac.digest(TOKEN.encode(), b"", "sha1")).decode()

    assert rejection(request(TEXT_FORM, signed=sign(TEXT_FORM)[:-2] + good[-2:].swapcase())) == "signature_wrong"
