"""One whole rehearsal on each database, small and with kills: nothing lost, doubled, left out or readable."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from messaging.rehearsal.canaries import Canaries
from messaging.rehearsal.city import city_files
from tests.conftest import ROOT

pytestmark = [pytest.mark.processes, pytest.mark.timeout(400)]

SEED = 5
TEXTS, BOOKINGS, KILLS = 40, 60, 3
MEETING_DAYS = ("05-01-2027", "06-01-2027")
REPLIES = (
    ("confirm", "1"),
    ("confirm", "ja tak jeg kommer"),
    ("new_time", "2"),
    ("new_time", "Kan vi finde en anden tid?"),
    ("sick", "jeg er syg"),
    ("late", "bliver 10 min forsinket"),
    ("thanks", "tak for det"),
    ("stop", "STOP"),
    ("wrong_number", "forkert nummer"),
    ("other", "hvad synes du om sagen fra i går?"),
    ("other", "1, men jeg har det rigtig dårligt"),
    ("question", "hvor ligger det?"),
)
OWN_TEXTS = ("hej med jer", "Hvad skal vi snakke om på mødet? 😊", "£20 til bussen, er det ok??", "æøå ÆØÅ " * 20)


def material(folder: Path) -> dict[str, Path]:
    """The input: a part of the real data where it lies beside the project, else some of our own."""
    data = ROOT.parent / "shared" / "data"
    staff, bookings = city_files(datetime(2027, 1, 4, 9, tzinfo=UTC), Random(SEED))
    texts = list(OWN_TEXTS * (TEXTS // len(OWN_TEXTS)))
    if data.is_dir():
        staff = (data / "caseworkers.csv").read_bytes()
        header, *lines = (data / "appointments.csv").read_bytes().split(b"\r\n")
        chosen = [line for line in lines if any(day.encode() in line for day in MEETING_DAYS)][:BOOKINGS]
        bookings = b"\r\n".join([header, *chosen, b""])
        texts = (data / "sms_texts.txt").read_text(encoding="utf-8").splitlines()[:: 2000 // TEXTS]
    files = {name: folder / name for name in ("caseworkers", "appointments", "sms", "replies")}
    files["caseworkers"].write_bytes(staff)
    files["appointments"].write_bytes(bookings)
    files["sms"].write_text("\n".join(texts), encoding="utf-8")
    files["replies"].write_text("".join(f"{label}\t{text}\n" for label, text in REPLIES), encoding="utf-8")
    return files


def play(folder: Path, *options: str) -> dict[str, Any]:
    """Rehearse on this material in a process of its own, as an operator would, and return the ledger."""
    given = [word for name, path in material(folder).items() for word in (f"--{name}", str(path))]
    done = subprocess.run(
        [sys.executable, "-m", "messaging.cli", "rehearse", *given, "--kill", str(KILLS), "--seed", str(SEED),
         "--folder", str(folder / "played"), "--json", *options],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:] + done.stdout[-4000:]
    ledger: dict[str, Any] = json.loads(done.stdout)
    return ledger


def test_rehearsal_with_kills_loses_doubles_omits_and_betrays_nothing(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """R1, R2, R16, K5, S15, A2. One run tells all of it, because it takes its time."""
    options = []
    if database_kind == "postgresql":
        options = ["--database", request.getfixturevalue("postgresql_server").url(database="postgres")]
    ledger = play(tmp_path, *options)

    with subtests.test("nothing is lost or doubled"):
        assert (ledger["lost"], ledger["duplicated"]) == (0, 0)
    with subtests.test("every text is stored and opens to what was written"):
        inbound = ledger["inbound"]
        assert inbound["posted"] == inbound["stored"] == inbound["opened_equal"] == TEXTS + len(REPLIES)
    with subtests.test("the journal has everything, without gaps"):
        journal = ledger["journal"]
        assert journal["gaps"] == 0
        assert journal["receipted"] == journal["expected"] > TEXTS + BOOKINGS
    with subtests.test("nothing readable lies in any file of service and database (K5)"):
        plaintext = ledger["plaintext"]
        assert ledger["plaintext_hits"] == 0, plaintext["hits"]
        assert plaintext["server_folder_searched"]
        assert plaintext["canaries"] > TEXTS
    with subtests.test("the log was among the searched files and holds lines (S15)"):
        log = (tmp_path / "played" / "service" / "service.log").read_text()
        assert "worker.started" in log
        assert '"route":"/hooks/<channel>"' in log
    with subtests.test("the same search finds the texts where they may be"):
        hits, _ = Canaries(Random(SEED)).search([tmp_path / "played" / "world"])
        assert any(hit.file.endswith("stub.db") for hit in hits)
    with subtests.test("no process survives its parent"):
        assert (ledger["kills"]["done"], ledger["kills"]["survivors"]) == (KILLS, 0)
    with subtests.test("the audit trail is whole (A2)"):
        audit = ledger["audit"]
        assert audit["intact"]
        assert (audit["waiting"], audit["chained"] > TEXTS) == (0, True)
    with subtests.test("every answer is read, and none is taken for STOP"):
        replies = ledger["replies"]
        assert (replies["total"], replies["wrong"], replies["unread"]) == (len(REPLIES), 0, 0)
        assert replies["false_stop"] == 0
    with subtests.test("every reminder is accounted for"):
        reminders = ledger["reminders"]
        assert reminders["planned"] == sum(reminders.get(state, 0) for state in ("sent", "withheld", "skipped"))
        assert reminders["sent"] > 0
