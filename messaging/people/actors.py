"""Who does something: a member of staff, another system, a citizen, who reads along with her, or the service."""

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from messaging.people.models import Role


class ActorKind(enum.StrEnum):
    """What sort of actor it is."""

    STAFF = "staff"
    INTEGRATION = "integration"
    CITIZEN = "citizen"
    HELPER = "helper"
    SYSTEM = "system"


class Because(enum.StrEnum):
    """Why a colleague's citizen is open to somebody now; the first that holds."""

    DANGER = "danger"
    WAITING = "waiting"
    MEETING = "meeting"
    OPENED_TODAY = "opened_today"
    """She has answered today, and may see what becomes of it until midnight."""


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What opens one citizen of a colleague's: why, and in which absence (None: a stand-in at a meeting)."""

    because: Because
    absence_id: uuid.UUID | None


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody who acts, known by an id that is no personal data. Staff have a role and a unit, integrations scopes.

    `system_id`: the first key of an integration whose key has been replaced.
    `opened`: the citizens whose content this team leader has stated a reason to see. `covered`: the citizens of absent
    colleagues who wait for somebody now, beside her own.
    """

    kind: ActorKind
    id: uuid.UUID | None = None
    role: Role | None = None
    unit_id: uuid.UUID | None = None
    system_id: uuid.UUID | None = None
    scopes: frozenset[str] = frozenset()
    opened: frozenset[uuid.UUID] = frozenset()
    covered: Mapping[uuid.UUID, Cover] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def system(self) -> uuid.UUID | None:
        """The id by which an integration stays the same when its key is replaced: what it has told of is its own."""
        return self.system_id or self.id

    @property
    def on_her_own(self) -> "Actor":
        """The same without whom she covers: for search, lists of all citizens, and what else is for her own."""
        return replace(self, covered=MappingProxyType({}))


SYSTEM = Actor(kind=ActorKind.SYSTEM)
