"""Who writes in a rehearsal: mostly citizens from their own number, some strangers, some from a shared phone."""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

import sqlalchemy as sa

from messaging.people.models import ContactPoint, Standing
from messaging.runtime import Runtime
from messaging.vault.place import Place

KNOWN, UNKNOWN, SHARED = 0.90, 0.05, 0.05


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Numbers by whose they are: citizens' own by citizen, and those several citizens share."""

    own: dict[str, str] = field(repr=False)
    """Citizen's id → number."""
    shared: list[str] = field(repr=False)

    @classmethod
    def of(cls, runtime: Runtime) -> "Cast":
        """Look up everybody's number in use."""
        with runtime.database.read() as session:
            points = session.scalars(sa.select(ContactPoint).filter_by(standing=Standing.IN_USE)).all()
        runtime.vault.warm([point.citizen_id for point in points])
        by_number: dict[str, list[str]] = defaultdict(list)
        for point in points:
            place = Place("contact_points", "number", point.id)
            by_number[runtime.vault.open(point.number, owner=point.citizen_id, place=place)].append(
                str(point.citizen_id)
            )
        return cls(
            own={people[0]: number for number, people in by_number.items() if len(people) == 1},
            shared=sorted(number for number, people in by_number.items() if len(people) > 1),
        )

    def senders(self, count: int, chance: Random) -> list[str]:
        """Choose who writes each of so many texts."""
        known = sorted(self.own.values())
        taken = {*known, *self.shared}
        return [self._sender(known, taken, chance) for _ in range(count)]

    def _sender(self, known: list[str], taken: set[str], chance: Random) -> str:
        dice = chance.random()
        if dice < KNOWN and known:
            return chance.choice(known)
        if dice < KNOWN + SHARED and self.shared:
            return chance.choice(self.shared)
        while (number := f"+4550{chance.randrange(10**6):06}") in taken:
            pass
        return number
