"""A process that writes and chains until it is killed: `python -m tests.audit.endless_chaining DATABASE FOLDER`."""

import sys
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path

from messaging.audit import trail
from messaging.audit.chaining import Chainer
from messaging.audit.heads import Heads
from messaging.database.engine import Database
from messaging.vault.keyring import Keyring
from messaging.vault.vault import Vault
from tests.audit.conftest import Caseworker


def write_for_ever(database: Database, vault: Vault) -> None:
    """Write entries as fast as they go."""
    while True:
        with database.write() as session:
            trail.record(
                session,
                vault,
                at=datetime.now(UTC),
                actor=Caseworker(),
                action="message.read",
                object_kind="message",
                object_id=uuid.uuid4(),
            )


def main(url: str, folder: Path) -> None:
    """Say `ready`, then work until killed."""
    vault = Vault(Keyring.load(folder / "borgerdialog.key"), Database(f"sqlite:///{folder / 'keystore.db'}"))
    database = Database(url)
    heads = Heads(folder / "heads.jsonl")
    chainer = Chainer(database=database, vault=vault, heads=heads, holder="the same", batch=5, head_entries=7)
    threading.Thread(target=write_for_ever, args=(database, vault), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        chainer.chain()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
