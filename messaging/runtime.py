"""The one place where the parts are put together: everything that runs receives this value."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from adapters.contract import CaseSystem, Channel
from messaging.clock import Clock
from messaging.config import Config
from messaging.database.engine import Database
from messaging.people.acting import Act
from messaging.people.actors import Actor
from messaging.vault.vault import Vault
from messaging.work.lanes import Waker


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """Engine, vault, channel, case system, clock and waker of one process."""

    config: Config
    database: Database
    vault: Vault
    clock: Clock
    channel: Channel
    case_system: CaseSystem
    waker: Waker

    @contextmanager
    def act(self, actor: Actor) -> Iterator[Act]:
        """Open a transaction in which `actor` does something; committed when the block ends well."""
        with self.database.write() as session:
            yield Act(session=session, vault=self.vault, now=self.clock.now(), actor=actor)
