"""Web Push without a push service: the example of RFC 8291, who is believed to have signed, settings, and answers."""

import base64
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from py_vapid import Vapid02

from adapters.channels.app_push import HOSTS, AppPushChannel
from adapters.channels.app_push_answers import accepted_id, refusal_of
from adapters.channels.app_push_subscription import LONGEST, Subscription
from adapters.channels.vapid import Vapid, new_key
from adapters.errors import AdapterError, Misconfigured, OutcomeUnknown, RecipientRefused, TryLater
from adapters.http import Answer, HttpSession
from adapters.stubs.web_push import NotForUs, Receiver, sender_of, to_bytes, to_text

ORIGIN = "https://web.push.apple.com"
CONTACT = "mailto:drift@borgerdialog.example.dk"
SETTINGS = {"key": new_key(), "contact": CONTACT}
# RFC 8291, section 5 and appendix A
RFC_RECEIVER = Receiver(
    private=int.from_bytes(to_bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "big"),
    auth=to_bytes("BTBZMqHH6r4Tts7J_aSIgg"),
)
RFC_PUSH = to_bytes(
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
    "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def channel(**changes: str) -> AppPushChannel:
    return AppPushChannel.from_settings({**SETTINGS, **changes}, http=HttpSession(), public_url="https://x.example.dk")


def subscription(**changes: Any) -> str:
    return json.dumps({"endpoint": f"{ORIGIN}/QabC", "keys": Receiver.new().keys(), **changes})


# Opening


def test_stub_opens_the_example_of_the_rfc() -> None:
    assert RFC_RECEIVER.open(RFC_PUSH) == b"When I grow up, I want to be a watermelon"


def test_stub_opens_what_the_library_encrypts_and_nobody_elses_phone_does() -> None:
    receiver = Receiver.new()
    told = Subscription.from_json(subscription(keys=receiver.keys()))

    assert receiver.open(told.sealed("message")) == b"message"
    with pytest.raises(NotForUs):
        Receiver.new().open(told.sealed("message"))


@pytest.mark.parametrize("body", [b"", b"x" * 20, RFC_PUSH[:-1], RFC_PUSH + b"\x00", bytes(200), b"\xff" * 200])
def test_body_that_is_no_push_for_this_phone_is_not_opened(body: bytes) -> None:
    with pytest.raises(NotForUs):
        RFC_RECEIVER.open(body)


# Signing


def test_our_signature_is_good_at_that_push_service_alone_and_for_less_than_a_day() -> None:
    vapid = Vapid(SETTINGS["key"], contact=CONTACT)
    header = vapid.authorization(f"{ORIGIN}/QabC?x=1")

    key, claims = sender_of(header, origin=ORIGIN)
    assert key == vapid.public
    assert (claims["aud"], claims["sub"]) == (ORIGIN, CONTACT)
    assert 0 < claims["exp"] - time.time() < 24 * 3600
    with pytest.raises(NotForUs):
        sender_of(header, origin="https://fcm.googleapis.com")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 1},
        {"exp": int(time.time()) + 25 * 3600},
        {"sub": "mailto:drift@localhost"},
    ],
)
def test_stub_is_as_strict_as_apple(claims: dict[str, Any]) -> None:
    usual = {"aud": ORIGIN, "exp": int(time.time()) + 3600, "sub": CONTACT}
    signer = Vapid02(ec.generate_private_key(ec.SECP256R1()))

    sender_of(signer.sign(usual)["Authorization"], origin=ORIGIN)
    with pytest.raises(NotForUs, match="BadJwtToken"):
        sender_of(signer.sign({**usual, **claims})["Authorization"], origin=ORIGIN)


@pytest.mark.parametrize("header", ["", "Bearer x", "vapid t=a.b.c,k=d", "vapid t=..,k=", "WebPush a.b.c"])
def test_header_that_is_no_signature_is_not_believed(header: str) -> None:
    with pytest.raises(NotForUs):
        sender_of(header, origin=ORIGIN)


# Settings


@pytest.mark.parametrize(
    "changes",
    [
        {"key": ""},
        {"key": "not a key"},
        {"key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"},
        {"contact": ""},
        {"contact": "drift@borgerdialog.dk"},
        {"contact": "mailto:drift@localhost"},
        {"hostz": "x"},
    ],
)
def test_setting_that_cannot_be_used_is_named_and_never_shown(changes: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as wrong:
        channel(**changes)

    (name,) = changes
    assert wrong.value.code == f"setting:app_push.{name}"
    assert name in wrong.value.sentence
    assert SETTINGS["key"] not in wrong.value.sentence


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())])
def test_key_of_another_kind_is_refused(key: Any) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

    with pytest.raises(Misconfigured, match="key"):
        channel(key=pem)


def test_browsers_subscribe_with_the_public_half_of_the_key() -> None:
    point = base64.urlsafe_b64decode(channel().sender + "=")

    assert (len(point), point[0]) == (65, 4)
    assert channel().sender == channel().sender


def test_real_settings_have_nothing_against_production() -> None:
    assert channel().examine() == []


@pytest.mark.parametrize(
    "changes",
    [{"contact": "mailto:drift@kommune.example"}, {"hosts": "127.0.0.1:8500"}, {"hosts": f"{HOSTS} localhost"}],
)
def test_settings_of_a_rehearsal_refuse_production(changes: dict[str, str]) -> None:
    assert [finding.blocking for finding in channel(**changes).examine()] == [True]


# Recipients


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/wp/abc",
        "https://fcm.googleapis.com:443/fcm/send/abc",
        "https://web.push.apple.com/QabC",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://wns2-db5p.notify.windows.com/w/?token=abc",
    ],
)
def test_push_services_of_the_browsers_are_known(endpoint: str) -> None:
    channel().check_recipient(subscription(endpoint=endpoint))


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://push.apple.com.evil.example/x",
        "https://evilpush.apple.com.example/x",
        "https://xpush.apple.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "http://127.0.0.1:5432/",
        "http://fcm.googleapis.com/wp/abc",
        "file:///etc/passwd",
        "https:///x",
        "https://fcm.googleapis.com:99999/x",
        "",
        5,
        None,
    ],
)
def test_address_anywhere_else_is_refused_before_anything_is_called(endpoint: object) -> None:
    """S4."""
    with pytest.raises(RecipientRefused) as refused:
        channel().check_recipient(subscription(endpoint=endpoint))

    assert refused.value.code in {"foreign_service", "subscription", "not_https", "userinfo", "url_broken"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '"x"',
        "[" * 5000,
        subscription(keys=None),
        subscription(keys={"p256dh": "AAAA", "auth": "AAAA"}),
        subscription(keys={**Receiver.new().keys(), "auth": "æøå"}),
        subscription(keys={**Receiver.new().keys(), "p256dh": to_text(b"\x04" + bytes(64))}),
        subscription(more="x" * LONGEST),
    ],
)
def test_what_is_no_subscription_is_refused(text: str) -> None:
    with pytest.raises(RecipientRefused) as refused:
        channel().check_recipient(text)

    assert refused.value.code == "subscription"
    assert refused.value.sentence.endswith(".")


# Answers


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (404, b"", RecipientRefused, "gone"),
        (410, b'{"reason":"Unregistered"}', RecipientRefused, "gone"),
        (403, b'{"reason":"BadJwtToken"}', Misconfigured, "http_403"),
        (403, b'{"reason":"ExpiredJwtToken"}', Misconfigured, "http_403"),
        (403, b"invalid JWT provided", Misconfigured, "http_403"),
        (403, b'{"reason":"Forbidden"}', RecipientRefused, "gone"),
        (403, b"", RecipientRefused, "gone"),
        (400, b'{"reason":"VapidPkHashMismatch"}', RecipientRefused, "gone"),
        (403, b"the key in the authorization header does not correspond to the sender ID", RecipientRefused, "gone"),
        (401, b'{"message":"VAPID public key mismatch"}', RecipientRefused, "gone"),
        (401, b"", Misconfigured, "http_401"),
        (400, b'{"reason":"BadWebPushTopic"}', RecipientRefused, "http_400"),
        (413, b"", RecipientRefused, "http_413"),
        (307, b"", RecipientRefused, "redirect"),
        (406, b"", TryLater, "http_406"),
        (429, b"", TryLater, "http_429"),
        (500, b"", OutcomeUnknown, "http_500"),
        (408, b"", OutcomeUnknown, "http_408"),
        (205, b"", OutcomeUnknown, "http_205"),
    ],
)
def test_each_push_services_no_means_what_it_says(
    status: int, body: bytes, kind: type[AdapterError], code: str
) -> None:
    told = refusal_of(Answer(status=status, headers={}, body=body))

    assert (type(told), told.code) == (kind, code)


@pytest.mark.parametrize(
    ("headers", "id_"),
    [
        ({"location": "https://fcm.googleapis.com/fcm/send/m/0:1%"}, "0:1%"),
        ({"location": "/m/abc/"}, "abc"),
        ({"apns-id": "EC1BF194"}, "EC1BF194"),
        ({"location": "/m/" + "x" * 999}, "x" * 200),
    ],
)
def test_id_is_the_push_services_own(headers: dict[str, str], id_: str) -> None:
    assert accepted_id(Answer(status=201, headers=headers, body=b"")) == id_


def test_success_under_no_id_is_no_success() -> None:
    with pytest.raises(OutcomeUnknown):
        accepted_id(Answer(status=201, headers={}, body=b"<html>welcome to the hotel's wifi</html>"))
