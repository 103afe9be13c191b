"""R18: which answers of a case system are receipts, over every shape an answer can take."""

import base64
import json
from datetime import UTC, datetime

import pytest

from adapters.case_systems.webhook import WebhookCaseSystem
from adapters.contract import JournalEvent, ReceiptStatus
from adapters.errors import Misconfigured, TryLater
from adapters.http import Answer, AnswerLost, HttpSession, NothingLeft, UrlRefused
from tests.adapters.answers import AnswersWith

EVENT = JournalEvent(event_id="e1", stream_id="s1", seq=1, occurred_at=datetime(2026, 1, 1, tzinfo=UTC), body=b"{}")
SECRET = f"whsec_{base64.b64encode(bytes(32)).decode()}"
GOOD = {"status": "accepted", "receipt": "J-1", "event_id": "e1"}


def answered(status: int, body: object, **headers: str) -> WebhookCaseSystem:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return case_system(Answer(status=status, headers=headers, body=raw))


def case_system(outcome: Answer | Exception) -> WebhookCaseSystem:
    settings = {"url": "https://esdh.example.dk/journal", "secrets": SECRET}
    return WebhookCaseSystem.from_settings(settings, http=AnswersWith(outcome))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {**GOOD, "receipt": ""}),
        (200, {**GOOD, "receipt": " \t"}),
        (200, {**GOOD, "receipt": 0}),
        (200, {**GOOD, "receipt": 17}),
        (200, {**GOOD, "receipt": None}),
        (200, {**GOOD, "receipt": "J" * 201}),
        (200, {**GOOD, "event_id": "e2"}),
        (200, {**GOOD, "event_id": None}),
        (200, {"status": "accepted", "receipt": "J-1"}),
        (200, {**GOOD, "status": "Accepted"}),
        (200, {**GOOD, "status": "ok"}),
        (200, {"status": "accepted", "event_id": "e1"}),
        (200, {"receipt": "J-1", "event_id": "e1"}),
        (200, {"code": 0}),
        (200, {"status": "received"}),
        (200, {}),
        (200, []),
        (200, [GOOD]),
        (200, "accepted"),
        (200, 0),
        (200, None),
        (200, b""),
        (200, b"OK"),
        (200, b"<html>accepted</html>"),
        (200, b"\xff\xfe\x00"),
        (200, b"[" * 100_000),
        (200, json.dumps(GOOD).encode()[:-1]),
        (201, GOOD),
        (202, GOOD),
        (202, {"status": "received", "event_id": "e2"}),
        (202, {"status": "ok"}),
        (204, b""),
        (206, GOOD),
        (301, GOOD),
        (302, b""),
        (307, GOOD),
        (400, GOOD),
        (404, b""),
        (422, GOOD),
        (422, {"status": "rejected"}),
        (422, {"status": "rejected", "reason": 0}),
        (422, {"status": "rejected", "reason": "no", "event_id": "e2"}),
        (500, GOOD),
        (503, GOOD),
    ],
)
def test_any_other_answer_is_no_receipt(status: int, body: object) -> None:
    """R18."""
    with pytest.raises(TryLater):
        answered(status, body).deliver(EVENT)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, GOOD, (ReceiptStatus.ACCEPTED, "J-1", None)),
        (200, {**GOOD, "more": 1}, (ReceiptStatus.ACCEPTED, "J-1", None)),
        (202, {"status": "received"}, (ReceiptStatus.RECEIVED, None, None)),
        (202, {"status": "received", "event_id": "e1"}, (ReceiptStatus.RECEIVED, None, None)),
        (200, {"status": "rejected", "reason": "lukket sag"}, (ReceiptStatus.REJECTED, None, "lukket sag")),
        (422, {"status": "rejected", "reason": "nej", "event_id": "e1"}, (ReceiptStatus.REJECTED, None, "nej")),
    ],
)
def test_documented_answer_is_a_receipt(
    status: int, body: object, expected: tuple[ReceiptStatus, str | None, str | None]
) -> None:
    receipt = answered(status, body).deliver(EVENT)

    assert (receipt.status, receipt.receipt_number, receipt.reason) == expected


def test_gone_is_told_apart_from_other_failures() -> None:
    with pytest.raises(TryLater, match="gone"):
        answered(410, b"").deliver(EVENT)


@pytest.mark.parametrize(("status", "counts"), [(429, False), (503, False), (500, True)])
def test_wish_to_wait_is_handed_on(status: int, counts: bool) -> None:
    with pytest.raises(TryLater) as later:
        answered(status, b"", retry_after="30").deliver(EVENT)

    assert (later.value.retry_after, later.value.counts) == (30, counts)


@pytest.mark.parametrize("failure", [NothingLeft("connection_refused"), AnswerLost("read_timeout")])
def test_no_answer_means_try_later_because_repeats_are_safe(failure: Exception) -> None:
    with pytest.raises(TryLater):
        case_system(failure).deliver(EVENT)


def test_address_that_may_not_be_called_is_misconfigured() -> None:
    with pytest.raises(Misconfigured):
        case_system(UrlRefused("address")).deliver(EVENT)


STANDING = {"stream_id": "s1", "count": 1, "highest": 1, "missing": [], "receipts": {"1": "J-1"}}


@pytest.mark.parametrize(
    "told",
    [
        b"",
        [],
        {},
        {"streams": None},
        {"streams": [{}]},
        {"streams": []},
        {"streams": [{**STANDING, "stream_id": "s2"}]},
        {"streams": [STANDING, {**STANDING, "stream_id": "s2"}]},
        {"streams": [{**STANDING, "count": "x"}]},
        {"streams": [{**STANDING, "missing": None}]},
        {"streams": [{**STANDING, "receipts": []}]},
    ],
)
def test_standing_of_another_shape_or_another_stream_tells_nothing(told: object) -> None:
    with pytest.raises(TryLater):
        answered(200, told).standing(["s1"])


@pytest.mark.parametrize("told", [{"status": "accepted"}, {"status": "accepted", "receipt": ""}, {"receipt": "A-1"}])
def test_anchor_without_a_receipt_was_not_kept(told: object) -> None:
    with pytest.raises(TryLater):
        answered(200, told).anchor(b"{}")


@pytest.mark.parametrize(
    "secrets", ["hemmelig", "whsec_", "whsec_!!!!", f"whsec_{base64.b64encode(bytes(23)).decode()}", f"{SECRET} x"]
)
def test_secret_of_the_wrong_shape_is_named_and_not_shown(secrets: str) -> None:
    settings = {"url": "https://esdh.example.dk", "secrets": secrets}

    with pytest.raises(Misconfigured) as wrong:
        WebhookCaseSystem.from_settings(settings, http=HttpSession())

    assert "secrets" in wrong.value.sentence
    assert secrets not in wrong.value.sentence


@pytest.mark.parametrize(("url", "findings"), [("https://esdh.example.dk", 0), ("http://esdh.example.dk", 1), ("x", 1)])
def test_examination_refuses_an_address_without_tls(url: str, findings: int) -> None:
    case = WebhookCaseSystem.from_settings({"url": url, "secrets": SECRET}, http=HttpSession())

    assert len(case.examine()) == findings
