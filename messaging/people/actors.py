"""Who does something: a member of staff, another system, a citizen, or the service itself."""

import enum
import uuid
from dataclasses import dataclass

from messaging.people.models import Role


class ActorKind(enum.StrEnum):
    """What sort of actor it is."""

    STAFF = "staff"
    INTEGRATION = "integration"
    CITIZEN = "citizen"
    SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody who acts, known by an id that is no personal data. Staff have a role and a unit, integrations scopes.

    `opened`: the citizens whose content this team leader has stated a reason to see.
    """

    kind: ActorKind
    id: uuid.UUID | None = None
    role: Role | None = None
    unit_id: uuid.UUID | None = None
    scopes: frozenset[str] = frozenset()
    opened: frozenset[uuid.UUID] = frozenset()


SYSTEM = Actor(kind=ActorKind.SYSTEM)
