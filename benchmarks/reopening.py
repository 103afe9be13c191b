"""The service whose reminders are planned, as each process that plans opens it; quickly, for that is measured too."""

import gc
import os
from datetime import UTC, datetime
from multiprocessing.util import Finalize
from pathlib import Path

from messaging.clock import FixedClock
from messaging.config import Config
from messaging.database.engine import Database
from messaging.runtime import Runtime
from messaging.vault.keyring import Keyring
from messaging.vault.vault import Vault
from tests.fakes import FakeCaseSystem, FakeChannel, RecordingWaker

BOOKED = datetime(2027, 10, 1, 8, 0, tzinfo=UTC)


def reopened(url: str, folder: Path) -> Runtime:
    """Open the same service in another process, which tells in a file how far its memory grows from here."""
    gc.freeze()
    before = begin_of_memory()
    Finalize(None, lambda: (folder / f"{os.getpid()}.kib").write_text(str(most_memory() - before)), exitpriority=1)
    return runtime_of(config_of(url, folder))


def runtime_of(config: Config) -> Runtime:
    return Runtime(
        config=config,
        vault=Vault(Keyring.load(config.key_file), Database(config.keystore_url), cache_size=2000),
        database=Database(config.database_url),
        clock=FixedClock(moment=BOOKED),
        channel=FakeChannel(),
        case_system=FakeCaseSystem(),
        waker=RecordingWaker(),
    )


def config_of(url: str, folder: Path) -> Config:
    return Config.from_environment(
        {
            "BORGERDIALOG_PRODUCTION": "no",
            "BORGERDIALOG_DATA_FOLDER": str(folder),
            "BORGERDIALOG_DATABASE_URL": url,
            "BORGERDIALOG_KEYSTORE_URL": f"sqlite:///{folder / 'keystore.db'}",
            "BORGERDIALOG_KEY_FILE": str(folder / "keys.json"),
            "BORGERDIALOG_PUBLIC_URL": "http://localhost",
            "BORGERDIALOG_SMS_CHANNEL": "simulator",
            "BORGERDIALOG_UNIT_PHONE": "89 40 00 00",
            "BORGERDIALOG_MUNICIPALITY": "Øvelse Kommune",
            "BORGERDIALOG_MUNICIPALITY_CONTACT": "ungecenteret@oevelse.example",
            "BORGERDIALOG_DPO_CONTACT": "dpo@oevelse.example",
        }
    )


def begin_of_memory() -> int:
    """Forget how much memory the process has held, and return how much it holds, in KiB."""
    Path("/proc/self/clear_refs").write_text("5")
    return most_memory()


def most_memory() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
