"""The one place where the parts are put together: everything that runs receives this value."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from adapters.contract import CaseSystem, Channel, PushChannel, VirusScanner
from adapters.feed_contract import FeedFetcher
from adapters.sign_in_contract import CitizenProof, SignInProvider
from messaging.clock import Clock
from messaging.config import Config
from messaging.database.engine import Database
from messaging.people.acting import Act
from messaging.people.actors import Actor
from messaging.people.reaching import Reach, Recent, Route
from messaging.people.signing_in import PasswordCheck
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
    push: PushChannel | None = None
    """The channel to the app on a phone; without it the app is offered no pushes."""
    sign_in_provider: SignInProvider[str] | None = None
    """The municipality's own sign-in; without it there are only local accounts."""
    feeds: FeedFetcher | None = None
    """Fetches the files of meetings that other systems lay out; None: nothing is fetched."""
    scanner: VirusScanner | None = None
    """Looks at every document before anybody else; None: that is waived."""
    citizen_sign_in: SignInProvider[CitizenProof] | None = None
    """MitID for citizens; without it there is none."""
    routes: Recent[bytes, Route] = field(default_factory=lambda: Recent(size=2000))
    """Whom a number belonged to lately, by its index."""
    reaches: Recent[uuid.UUID, Reach] = field(default_factory=lambda: Recent(size=2000))
    """How a citizen could be reached lately."""
    passwords: PasswordCheck = field(default_factory=PasswordCheck)
    """A test's costs less."""
    settings: Recent[str, tuple[datetime, Config]] = field(default_factory=lambda: Recent(size=1))
    """The settings with the hours that held a moment ago."""
    chance: Random = field(default_factory=Random)
    """Jitter of retries; a rehearsal seeds it."""

    def close(self) -> None:
        """Let go of the databases and of what the worker is woken by."""
        self.database.close()
        self.vault.close()
        self.waker.close()

    @contextmanager
    def act(self, actor: Actor) -> Iterator[Act]:
        """Open a transaction in which `actor` does something; committed when the block ends well."""
        with self.database.write() as session:
            yield Act(session=session, vault=self.vault, now=self.clock.now(), actor=actor)
