"""The stub itself: what it says is on disk, faults strike as told, pages are safe, and a kill loses nothing."""

import json
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from adapters.channels.simulator import SimulatorChannel
from adapters.contract import OutboundMessage
from adapters.errors import AdapterError, OutcomeUnknown
from adapters.http import HttpSession, Timeouts
from adapters.stubs.dispatch import RetryRules
from adapters.stubs.faults import Ending, Fault, Faults
from adapters.stubs.messages import segments_of
from adapters.stubs.settings import kept_settings, new_settings
from adapters.stubs.store import Store
from adapters.stubs.world import RunningStub, running_stub

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

NOBODY = "http://127.0.0.1:9"
TIMEOUTS = Timeouts(connect=2, read=10)
ORDER = {"from": "+4511110000", "to": "+4560575700", "text": "Hej"}
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}"


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[RunningStub]:
    with running_stub(tmp_path, settings=new_settings(service_url=NOBODY, pace=0.01)) as running:
        yield running


@pytest.fixture
def session(stub: RunningStub) -> HttpSession:
    return HttpSession(stub_origins=[stub.url])


def channel_at(url: str, settings: dict[str, str]) -> SimulatorChannel:
    return SimulatorChannel.from_settings(settings, http=HttpSession(stub_origins=[url]), public_url=NOBODY)


def text_to(number: str, text: str = "Hej") -> OutboundMessage:
    return OutboundMessage(attempt_id="a", recipient=number, text=text, callback_token="t" * 32)


def ask(session: HttpSession, stub: RunningStub, path: str, told: Any = None, *, method: str = "") -> Any:
    data = None if told is None else json.dumps(told).encode()
    method = method or ("GET" if told is None else "POST")
    return session.request(method, stub.url + path, timeouts=TIMEOUTS, data=data)


def _block(connection: sqlite3.Connection, *, number: str) -> None:
    connection.execute("INSERT INTO blocked VALUES (?)", (number,))


# Ledgers


def test_facts_written_at_once_all_stand(tmp_path: Path) -> None:
    store = Store(tmp_path / "stub.db")
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: store.write(partial(_block, number=str(n))), range(500)))

    assert len(store.read("SELECT * FROM blocked")) == 500
    store.close()


def test_fact_that_cannot_be_written_takes_no_neighbour_along(tmp_path: Path) -> None:
    store = Store(tmp_path / "stub.db")
    written = [store.begin(partial(_block, number=number)) for number in ("1", "1", "2")]

    assert [one.exception() is None for one in written] == [True, False, True]
    assert isinstance(written[1].exception(), sqlite3.IntegrityError)
    assert [row["number"] for row in store.read("SELECT number FROM blocked")] == ["1", "2"]
    store.close()


def test_ledgers_are_read_from_a_position_on(stub: RunningStub, session: HttpSession) -> None:
    channel = channel_at(stub.url, stub.settings.simulator(stub.url))
    for number in range(3):
        channel.send(text_to(f"+451111000{number}"))

    rows = json.loads(ask(session, stub, "/ledger/accepted?after=1&limit=1").body)["messages"]

    assert [(row["position"], row["recipient"]) for row in rows] == [(2, "+4511110001")]
    assert json.loads(ask(session, stub, "/ledger/totals").body)["accepted"] == 3


def test_secrets_are_made_once_and_kept_for_the_owner_only(tmp_path: Path) -> None:
    first = kept_settings(tmp_path / "world", service_url=NOBODY)
    again = kept_settings(tmp_path / "world", service_url="http://127.0.0.1:10", pace=0.5)

    assert (first.auth_token, first.account_sid) == (again.auth_token, again.account_sid)
    assert (again.service_url, again.pace) == ("http://127.0.0.1:10", 0.5)
    assert (tmp_path / "world" / "stub.json").stat().st_mode & 0o777 == 0o600
    assert first.auth_token not in repr(first)


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("æøå" * 51, 1),
        ("👍" * 35, 1),
        ("👍" * 36, 2),
    ],
)
def test_length_is_counted_as_the_air_counts_it(text: str, segments: int) -> None:
    assert segments_of(text) == segments


# Faults


def test_faults_are_switched_on_listed_and_switched_off(stub: RunningStub, session: HttpSession) -> None:
    on = ask(session, stub, "/faults", [{"place": "provider", "kind": "silence", "count": 2}])
    off = ask(session, stub, "/faults", method="DELETE")

    assert [(fault["kind"], fault["count"]) for fault in json.loads(on.body)["faults"]] == [("silence", 2)]
    assert json.loads(off.body)["faults"] == []


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"place": "provider", "kind": "lost"},
        {"place": "moon", "kind": "delay"},
        {"place": "provider", "kind": "after_accept"},
        {"place": "provider", "kind": "after_accept", "ending": "boom"},
        {"place": "provider", "kind": "delay", "secnds": 1},
        "x",
    ],
)
def test_fault_nobody_knows_is_a_bad_request(stub: RunningStub, session: HttpSession, told: Any) -> None:
    assert ask(session, stub, "/faults", told).status == 400


def test_fault_strikes_as_often_as_it_may() -> None:
    faults = Faults(0)
    faults.add(Fault(place="receipts", kind="lost", count=2))

    struck = [faults.draw("receipts", "lost", to="x") is not None for _ in range(5)]

    assert struck == [True, True, False, False, False]


def test_fault_for_one_recipient_spares_the_others() -> None:
    faults = Faults(0)
    faults.add(Fault(place="provider", kind="silence", to="+451"))

    assert faults.draw("provider", "silence", to="+452") is None
    assert faults.draw("provider", "silence", to="+451") is not None


def test_dice_fall_the_same_for_the_same_seed() -> None:
    def thrown(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add(Fault(place="receipts", kind="lost", probability=0.3))
        return [faults.draw("receipts", "lost", to="x") is not None for _ in range(200)]

    assert thrown(1) == thrown(1) != thrown(2)
    assert 30 < sum(thrown(1)) < 90


@pytest.mark.parametrize("ending", list(Ending))
def test_every_ending_leaves_the_server_well(stub: RunningStub, session: HttpSession, ending: Ending) -> None:
    stub.faults.add(Fault(place="provider", kind="before_accept", ending=ending, count=1, seconds=0.05))
    channel = channel_at(stub.url, stub.settings.simulator(stub.url))
    with pytest.raises(OutcomeUnknown):
        channel.send(text_to("+4511110000"))

    assert channel.send(text_to("+4511110000")).segments == 1


# Retries


@pytest.mark.parametrize(
    ("fragment", "repeated"),
    [("", {0}), ("rp=all", {0, 404, 500}), ("rp=5xx", {500}), ("rp=4xx,ct", {0, 404}), ("rp=all&rc=9", {0, 404, 500})],
)
def test_fragment_of_a_callback_url_says_what_is_repeated(fragment: str, repeated: set[int]) -> None:
    rules = RetryRules.from_fragment(fragment)

    assert {status for status in (0, 200, 204, 404, 500) if rules.repeats(status)} == repeated
    assert rules.count <= 5


# Handset


def test_text_is_at_the_provider_even_if_the_service_never_hears_of_it(stub: RunningStub, session: HttpSession) -> None:
    answer = ask(
        session,
        stub,
        "/handset",
        {"from": "+4511110000", "to": "+4560575700", "text": "Hej", "copies": 2, "wait": True},
    )

    assert json.loads(answer.body)["answers"] == [0, 0]
    assert json.loads(ask(session, stub, "/ledger/totals").body)["inbound"] == 1


def test_every_try_to_reach_the_service_is_in_the_ledger(stub: RunningStub, session: HttpSession) -> None:
    ask(session, stub, "/handset", {**ORDER, "wait": True})

    posts = json.loads(ask(session, stub, "/ledger/posts").body)["posts"]

    assert [(post["word"], post["answer"]) for post in posts] == [("message", 0)] * 6


@pytest.mark.parametrize(
    "told", [{}, [], {"from": "+451"}, {"from": "+451", "to": "+452", "text": "x", "channel": "y"}]
)
def test_order_that_makes_no_sense_is_a_bad_request(stub: RunningStub, session: HttpSession, told: Any) -> None:
    assert ask(session, stub, "/handset", told).status == 400


# Pages


@pytest.fixture
def shown(stub: RunningStub, session: HttpSession) -> dict[str, str]:
    """Every page after a message, an answer and an event that want to be more than text."""
    channel_at(stub.url, stub.settings.simulator(stub.url)).send(text_to("+4511110000", EVIL))
    stub.store.write(
        lambda db: db.execute(
            "INSERT INTO events (event_id, stream_id, seq, type, occurred_at, received_at, body, receipt)"
            " VALUES ('e', ?, 1, ?, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', ?, 'J-000001')",
            (EVIL, EVIL, json.dumps({"facts": {"text": EVIL, EVIL: [EVIL]}}).encode()),
        )
    )
    paths = [
        *("/", "/phones", "/phones/%2B4511110000", "/phones/%2B4511110000/messages", "/phones/%3Cscript%3E"),
        *("/case-system/journal", f"/case-system/journal/{quote(EVIL, safe='')}", "/case-system/journal/nobody"),
    ]
    return {path: ask(session, stub, path).body.decode() for path in paths}


def test_no_page_lets_content_become_markup(shown: dict[str, str]) -> None:
    """S6."""
    for page in shown.values():
        assert "<script" not in page
        assert "<img" not in page
        assert "49" not in re.sub(r"\d\d\.\d\d\.\d\d|\+?\d{5,}", "", page)


def test_content_is_shown_as_it_was_written(shown: dict[str, str]) -> None:
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;"

    assert escaped in shown["/phones/%2B4511110000/messages"]
    assert all(escaped in page for path, page in shown.items() if path.startswith("/case-system/journal/%3C"))
    assert "J-000001" in "".join(shown.values())


def test_pages_are_danish_and_need_no_script(shown: dict[str, str]) -> None:
    for page in shown.values():
        assert '<html lang="da">' in page
        assert "viewport" in page
        assert not re.search(r"\son\w+=|style=|javascript:", page.replace("onerror", ""))


def test_every_page_has_a_strict_policy(stub: RunningStub, session: HttpSession) -> None:
    for path in ("/", "/phones", "/phones/1", "/phones/1/messages", "/case-system/journal"):
        headers = ask(session, stub, path).headers

        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_phone_answers_whoever_wrote_to_it_last(stub: RunningStub, session: HttpSession) -> None:
    channel_at(stub.url, stub.settings.simulator(stub.url)).send(text_to("+4511110000"))

    answer = session.request(
        "POST", f"{stub.url}/phones/%2B4511110000", timeouts=TIMEOUTS, data={"text": "Ja tak, æøå & 100 %"}
    )

    (written,) = stub.messages.select({"direction": "in"})
    assert answer.status == 303
    assert (written["sender"], written["recipient"]) == ("+4511110000", "+4560575700")
    assert (written["text"], written["channel"]) == ("Ja tak, æøå & 100 %", "simulator")


def test_empty_answer_from_a_phone_is_not_sent(stub: RunningStub, session: HttpSession) -> None:
    session.request("POST", f"{stub.url}/phones/%2B4511110000", timeouts=TIMEOUTS, data={"text": "  "})

    assert not stub.messages.select({"direction": "in"})


@pytest.mark.parametrize("path", ["/nowhere", "/phones/1/2/3", "/simulator/messages/x", "/../stub.json", "/stub.json"])
def test_path_nobody_serves_is_not_found(stub: RunningStub, session: HttpSession, path: str) -> None:
    assert ask(session, stub, path).status == 404


# The process


@pytest.mark.processes
def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    """The judge of a rehearsal must not forget: kill -9 while eight senders are at work."""
    rounds = random.Random(1)
    accepted: list[str] = []
    for _ in range(2):
        process, url = _started(tmp_path)
        channel = channel_at(url, kept_settings(tmp_path, service_url=NOBODY).simulator(url))
        killer = threading.Timer(0.3 + rounds.random() * 0.3, process.kill)
        killer.start()
        with ThreadPoolExecutor(8) as pool:
            for sent in pool.map(lambda n, c=channel: _sent(c, n), range(2000)):
                accepted += [sent] if sent else []
        process.wait()

    rows = sqlite3.connect(tmp_path / "stub.db").execute("SELECT id FROM messages").fetchall()
    assert len(accepted) > 20
    assert set(accepted) <= {row[0] for row in rows}


@pytest.mark.processes
def test_process_stops_when_asked(tmp_path: Path) -> None:
    process, _ = _started(tmp_path)

    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0


def _started(folder: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "adapters.stubs", str(folder), NOBODY, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout as output:
        return process, output.readline().strip()


def _sent(channel: SimulatorChannel, number: int) -> str | None:
    try:
        return channel.send(text_to(f"+4511{number:06}")).provider_message_id
    except AdapterError:
        return None
