"""What each of Twilio's answers means for a message: the whole table, and everything outside it."""

import json

import pytest
from twilio.rest.api.v2010.account.message import MessageInstance

from adapters.channels.twilio_codes import _KNOWN, STATUSES, Verdict, explain, failed_read, failed_send
from adapters.errors import Misconfigured, OutcomeUnknown, RecipientRefused, TryLater
from adapters.http import Answer


def answer(status: int, code: object = None, **headers: str) -> Answer:
    body = json.dumps({"code": code, "message": "no", "status": status}).encode() if code is not None else b""
    return Answer(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=body)


@pytest.mark.parametrize("code", [21211, 21610, 21612, 21614, 21617, 21602, 21635])
def test_clear_no_for_this_recipient_is_refused(code: int) -> None:
    error = failed_send(answer(400, code))

    assert isinstance(error, RecipientRefused)
    assert error.code == str(code)


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, 20003), (403, 20003), (404, 20404), (400, 21606), (400, 21659), (400, 21408), (400, 21609), (400, 21663)],
)
def test_no_to_us_is_misconfigured(status: int, code: int) -> None:
    assert isinstance(failed_send(answer(status, code)), Misconfigured)


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (429, None), (429, 14107), (400, 21611), (400, 21730)])
def test_request_to_wait_costs_no_attempt(status: int, code: int | None) -> None:
    error = failed_send(answer(status, code, retry_after="12"))

    assert isinstance(error, TryLater)
    assert (error.retry_after, error.counts) == (12, False)


@pytest.mark.parametrize("status", [100, 300, 301, 302, 307, 308, 408, 500, 501, 502, 503, 504, 520, 599])
def test_anything_that_is_no_clear_no_leaves_it_open(status: int) -> None:
    """RELIABILITY (c)1: a message that may have gone is never sent again."""
    assert isinstance(failed_send(answer(status, 20500)), OutcomeUnknown)


@pytest.mark.parametrize("code", [21211, 21610, 20429, 20003])
def test_known_code_under_a_server_error_still_leaves_it_open(code: int) -> None:
    assert isinstance(failed_send(answer(500, code)), OutcomeUnknown)


@pytest.mark.parametrize(("value", "kind"), [("5", TryLater), ("soon", OutcomeUnknown), ("", OutcomeUnknown)])
def test_unavailable_is_a_clear_no_only_with_a_time(value: str, kind: type[Exception]) -> None:
    assert isinstance(failed_send(answer(503, 20503, retry_after=value)), kind)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"code": "21211"}', b'{"code": true}', b"[" * 99_999, b"\xff"]
)
def test_no_without_twilios_number_is_told_by_its_status(body: bytes) -> None:
    refused = failed_send(Answer(status=400, headers={}, body=body))
    forbidden = failed_send(Answer(status=403, headers={}, body=body))

    assert (type(refused), refused.code) == (RecipientRefused, "http_400")
    assert (type(forbidden), forbidden.code) == (Misconfigured, "http_403")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Misconfigured), (401, Misconfigured), (403, Misconfigured), (404, Misconfigured), (408, TryLater)]
    + [(status, TryLater) for status in (301, 429, 500, 502, 503, 504)],
)
def test_failed_look_up_is_never_an_empty_list(status: int, kind: type[Exception]) -> None:
    """R5."""
    assert isinstance(failed_read(answer(status)), kind)


def test_blocked_at_the_provider_says_so_and_shows_the_way_back() -> None:
    sentence = failed_send(answer(400, 21610)).sentence

    assert "spærret hos udbyderen" in sentence
    assert "START" in sentence


def test_every_known_code_has_a_danish_sentence_without_numbers() -> None:
    """S15: what the caseworker reads shows no phone number."""
    for code, (verdict, sentence) in _KNOWN.items():
        assert explain(code) == sentence
        assert sentence.endswith(".")
        assert verdict in Verdict
        assert not any(letter.isdigit() for letter in sentence)


def test_code_nobody_knows_is_shown_as_a_number() -> None:
    assert explain("63999") == "Beskeden nåede ikke frem (udbyderens fejl 63999)."


def test_every_status_twilios_library_lists_for_what_we_send_is_known() -> None:
    documented = {word for name, word in vars(MessageInstance.Status).items() if name.isupper()}

    assert set(STATUSES) == documented - {"receiving", "received", "partially_delivered"}
