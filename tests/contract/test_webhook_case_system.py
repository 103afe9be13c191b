"""The webhook case system against the stub: only the documented receipt counts, and repeats are known by their id."""

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from adapters.case_systems.webhook import LARGEST_EVENT, MOST_STREAMS, WebhookCaseSystem
from adapters.contract import CaseSystem, JournalEvent, ReceiptStatus
from adapters.errors import Misconfigured, TryLater
from adapters.http import HttpSession
from adapters.stubs.world import RunningStub
from tests.contract.channel_contract import session_without_a_way_out
from tests.contract.hooks import HookReceiver

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def event(seq: int = 1, *, stream: str = "stream-1", text: str = "Hej Åse") -> JournalEvent:
    body = {
        "event_id": f"{stream}-{seq}",
        "stream_id": stream,
        "seq": seq,
        "type": "message.received",
        "occurred_at": "2026-11-21T18:00:00Z",
        "text": text,
    }
    return JournalEvent(
        event_id=f"{stream}-{seq}",
        stream_id=stream,
        seq=seq,
        occurred_at=datetime.now(UTC),
        body=json.dumps(body, ensure_ascii=False).encode(),
    )


@pytest.fixture
def case_system(stub: RunningStub, http: HttpSession) -> CaseSystem:
    return WebhookCaseSystem.from_settings(stub.settings.webhook(stub.url), http=http)


def journaled(stub: RunningStub) -> list[Any]:
    return stub.store.read("SELECT * FROM events ORDER BY position")


def test_event_is_journaled_with_a_receipt_number(case_system: CaseSystem, stub: RunningStub) -> None:
    receipt = case_system.deliver(event())

    (row,) = journaled(stub)
    assert receipt.status is ReceiptStatus.ACCEPTED
    assert receipt.receipt_number == row["receipt"] == "J-000001"
    assert row["body"] == event().body


def test_event_delivered_again_keeps_its_receipt_and_stands_once(case_system: CaseSystem, stub: RunningStub) -> None:
    """R16."""
    first, again = case_system.deliver(event()), case_system.deliver(event())

    (row,) = journaled(stub)
    assert first == again
    assert row["deliveries"] == 2


def test_other_content_in_the_same_place_is_rejected(case_system: CaseSystem, stub: RunningStub) -> None:
    case_system.deliver(event())

    receipt = case_system.deliver(event(text="noget andet"))

    assert (receipt.status, receipt.reason) == (ReceiptStatus.REJECTED, "conflict")
    assert len(journaled(stub)) == 1


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("error", "http_500"),
        ("wrong_receipt", "no_receipt"),
        ("blank_receipt", "no_receipt"),
        ("gone", "gone"),
        ("duplicate", "http_500"),
    ],
)
def test_answer_that_is_no_receipt_means_try_later(
    case_system: CaseSystem, fault: Callable[..., None], kind: str, code: str
) -> None:
    """F18, R18."""
    fault("case_system", kind, count=1)

    with pytest.raises(TryLater) as later:
        case_system.deliver(event())
    receipt = case_system.deliver(event())

    assert (later.value.code, later.value.counts) == (code, True)
    assert receipt.status is ReceiptStatus.ACCEPTED


def test_event_journaled_but_not_acknowledged_comes_twice_and_stands_once(
    case_system: CaseSystem, stub: RunningStub, fault: Callable[..., None]
) -> None:
    """R16, F18."""
    fault("case_system", "duplicate", count=1)
    with pytest.raises(TryLater):
        case_system.deliver(event())

    receipt = case_system.deliver(event())

    (row,) = journaled(stub)
    assert (row["deliveries"], row["receipt"]) == (2, receipt.receipt_number)


def test_slow_case_system_means_try_later(case_system: CaseSystem, fault: Callable[..., None]) -> None:
    """F18."""
    fault("case_system", "slow", seconds=1.5)

    with pytest.raises(TryLater) as later:
        case_system.deliver(event())

    assert later.value.code == "read_timeout"


def test_unreachable_case_system_means_try_later(stub: RunningStub) -> None:
    case_system = WebhookCaseSystem.from_settings(stub.settings.webhook(stub.url), http=session_without_a_way_out(stub))

    with pytest.raises(TryLater):
        case_system.deliver(event())


def test_received_is_not_yet_in_the_journal(case_system: CaseSystem, fault: Callable[..., None]) -> None:
    fault("case_system", "received")

    receipt = case_system.deliver(event())

    assert (receipt.status, receipt.receipt_number) == (ReceiptStatus.RECEIVED, None)


def test_clear_no_is_a_rejected_receipt_with_its_reason(case_system: CaseSystem, fault: Callable[..., None]) -> None:
    fault("case_system", "rejected")

    receipt = case_system.deliver(event())

    assert (receipt.status, receipt.reason) == (ReceiptStatus.REJECTED, "unknown_citizen")


def test_wrong_secret_never_journals(stub: RunningStub, http: HttpSession) -> None:
    settings = {**stub.settings.webhook(stub.url), "secrets": f"whsec_{base64.b64encode(bytes(32)).decode()}"}

    with pytest.raises(TryLater):
        WebhookCaseSystem.from_settings(settings, http=http).deliver(event())

    assert not journaled(stub)


def test_standing_tells_count_highest_missing_and_receipts(case_system: CaseSystem) -> None:
    for seq in (1, 2, 4):
        case_system.deliver(event(seq))

    known, unknown = case_system.standing(["stream-1", "stream-2"])

    assert (known.count, known.highest, known.missing) == (3, 4, (3,))
    assert known.receipts == {1: "J-000001", 2: "J-000002", 4: "J-000003"}
    assert (unknown.stream_id, unknown.count, unknown.highest) == ("stream-2", 0, 0)


def test_standing_of_too_many_streams_is_refused(case_system: CaseSystem) -> None:
    with pytest.raises(ValueError, match="too many"):
        case_system.standing([str(n) for n in range(MOST_STREAMS + 1)])


def test_anchor_is_kept(case_system: CaseSystem, stub: RunningStub) -> None:
    case_system.anchor(b'{"head": "abc"}')

    assert [bytes(row["body"]) for row in stub.store.read("SELECT body FROM anchors")] == [b'{"head": "abc"}']


def test_event_too_large_for_the_case_system_is_never_sent(case_system: CaseSystem, stub: RunningStub) -> None:
    with pytest.raises(Misconfigured):
        case_system.deliver(event(text="x" * LARGEST_EVENT))

    assert not journaled(stub)


def test_every_secret_signs_so_that_the_receiver_can_change_them(http: HttpSession, hooks: HookReceiver) -> None:
    secrets = [f"whsec_{base64.b64encode(bytes([n]) * 32).decode()}" for n in (1, 2)]
    settings = {"url": hooks.url, "secrets": " ".join(secrets)}
    session = HttpSession(stub_origins=[hooks.url])
    case_system = WebhookCaseSystem.from_settings(settings, http=session)

    with pytest.raises(TryLater):
        case_system.deliver(event())

    (request,) = hooks.received
    for secret in secrets:
        Webhook(secret).verify(request.body, dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(base64.b64encode(bytes(32)).decode()).verify(request.body, dict(request.headers))


def test_each_delivery_is_signed_anew_under_the_same_id(http: HttpSession, hooks: HookReceiver) -> None:
    settings = {"url": hooks.url, "secrets": f"whsec_{base64.b64encode(bytes(32)).decode()}"}
    case_system = WebhookCaseSystem.from_settings(settings, http=HttpSession(stub_origins=[hooks.url]))

    for _ in range(2):
        with pytest.raises(TryLater):
            case_system.deliver(event())

    assert {request.headers["webhook-id"] for request in hooks.received} == {"stream-1-1"}
    assert all(re.fullmatch(r"\d{10}", request.headers["webhook-timestamp"]) for request in hooks.received)
