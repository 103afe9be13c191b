"""The Dockerfile's promise without Docker: nobody's uid, no capabilities, a root that cannot be written. D1.

A private mount namespace makes everything read-only but the data folder; `setpriv` takes all rights away.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from messaging.rehearsal.processes import COMMAND, family
from messaging.rehearsal.stage import Stage
from tests.conftest import ROOT
from tests.conversations.conftest import Town
from tests.faults.conftest import SECONDS, WAIT_FACTOR, Service
from tests.runtime import A_TUESDAY

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

NOBODY = 65534
STOP_SECONDS = 40

# $1 is the data folder, $2 a place to keep what lies below a folder that nobody may enter; then pairs of such a folder
# and what is needed below it; after `--` the command.
CONTAINER = """
set -e
data=$1 kept=$2; shift 2
mount --bind "$data" "$data"
while [ "$1" != -- ]; do
    closed=$1 needed=$2; shift 2
    mkdir -p "$kept$needed"; mount --bind "$needed" "$kept$needed"
    mount -t tmpfs -o mode=755 tmpfs "$closed"
    mkdir -p "$needed"; mount --bind "$kept$needed" "$needed"
done
shift
mount -o remount,bind,ro /
exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
"""


def behind_closed_doors() -> list[str]:
    """Pairs of a folder that others may not enter and what we need below it, for interpreter and project."""
    pairs = []
    for needed in (Path(sys.base_prefix), ROOT):
        closed = [folder for folder in needed.parents if not folder.stat().st_mode & 0o001]
        if closed:
            pairs += [str(closed[-1]), str(needed)]
    return pairs


@pytest.fixture
def rights() -> None:
    """What it takes to build such a place; a machine without it skips, and says why."""
    if os.geteuid() != 0:
        pytest.skip("only root can take all rights away from a process and give it a file system of its own")
    for program in ("unshare", "setpriv", "mount"):
        if not shutil.which(program):
            pytest.skip(f"there is no {program} on this machine")
    tried = subprocess.run(
        ["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt && mount -o remount,bind,ro /"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if tried.returncode:
        pytest.skip(f"this machine allows no mounts of our own: {tried.stderr.strip()}")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody may enter; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="borgerdialog-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def contained(rights: None, place: Path) -> Iterator[Service]:
    """The service in its container; the stub of the outside world outside."""
    stage = Stage(
        folder=place,
        database_url=f"sqlite:///{place / 'service' / 'borgerdialog.db'}",
        keystore_url=f"sqlite:///{place / 'service' / 'keystore.db'}",
        wait_factor=WAIT_FACTOR,
    )
    stage.set(A_TUESDAY)
    runtime = stage.runtime()
    Town(runtime=runtime).citizen()
    runtime.close()
    for path in (stage.service_folder, *stage.service_folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    (place / "kept").mkdir()
    service = Service(stage=stage, postmaster=None)
    stage.start_stub()
    try:
        start(stage, kept=place / "kept")
        yield service
    finally:
        stage.stop()


def start(stage: Stage, *, kept: Path) -> None:
    """Start the service in its container and wait until it is ready."""
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", CONTAINER, "sh"]
    words += [str(stage.service_folder), str(kept), *behind_closed_doors(), "--", *COMMAND, "serve"]
    log = stage.service_folder / "service.log"
    with log.open("ab") as out:
        stage.service = subprocess.Popen(
            words, env={**stage.environment(), "PYTHONDONTWRITEBYTECODE": "1"}, stdout=out, stderr=out, cwd=ROOT
        )
    stage._wait_for(f"{stage.url}/health/ready", stage.service, log)


def status_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_d1_service_runs_as_nobody_without_rights_on_a_read_only_root_and_stops_in_time(
    contained: Service, subtests: pytest.Subtests
) -> None:
    """D1."""
    everyone = [contained.supervisor, *family(contained.supervisor)]
    with subtests.test("all of its processes are nobody's and have no rights"):
        assert len(everyone) >= 3
        for status in map(status_of, everyone):
            assert set(status["Uid"].split()) == {str(NOBODY)}
            assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
            assert status["NoNewPrivs"] == "1"
    with subtests.test("its root cannot be written"):
        mounts = Path(f"/proc/{contained.supervisor}/mountinfo").read_text().splitlines()
        (options,) = [line.split()[5] for line in mounts if line.split()[4] == "/"][-1:]
        assert "ro" in options.split(",")
    with subtests.test("it serves: pages, texts from citizens, journal"):
        assert contained.phone_writes("hej") == 200
        assert contained.get("/sign-in") == 200
        deadline = time.monotonic() + SECONDS
        while not requests.get(f"{contained.stage.stub_url}/ledger/totals", timeout=SECONDS).json()["journal"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    with subtests.test("it stops within 40 seconds, with exit code 0"):
        assert contained.stage.service
        os.kill(contained.supervisor, signal.SIGTERM)
        assert contained.stage.service.wait(timeout=STOP_SECONDS) == 0
    with subtests.test("it wrote nowhere but into its data folder"):
        written = [path for path in (ROOT / "messaging").rglob("*") if path.is_file() and path.stat().st_uid == NOBODY]
        assert written == []
