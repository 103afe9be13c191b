"""A small job centre: caseworkers with citizens in target groups, and what the trial does with them, in few words."""

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
import sqlalchemy as sa

from messaging.clock import FixedClock
from messaging.people import registering
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import CaseloadEntry, Role
from messaging.people.transferring import Handover, transfer
from messaging.runtime import Runtime
from messaging.trial import running
from messaging.trial.figures import Standing, standing
from messaging.trial.models import Arm, Design, TrialArm
from messaging.trial.placing import place_in
from messaging.trial.work import TrialWork

_numbers = count(1)


@dataclass(kw_only=True)
class Centre:
    """The job centre. `staff`: initials → id."""

    runtime: Runtime
    clock: FixedClock
    staff: dict[str, uuid.UUID] = field(default_factory=dict)

    def hires(self, initials: str, *, unit: str = "Team A") -> uuid.UUID:
        """Let a caseworker work here."""
        with self.runtime.act(SYSTEM) as act:
            unit_id = registering.register_unit(act, name=unit).id
            staff = registering.register_caseworker(
                act, initials=initials, name=f"Navn {initials}", email=None, unit_id=unit_id, role=Role.CASEWORKER
            )
            self.staff[initials] = staff.id
        return self.staff[initials]

    def citizen(self, initials: str, *, born: str = "010105", group: str | None = "jobparat") -> uuid.UUID:
        """Let a caseworker look after a citizen, born in 2005 and taking part unless something else is said."""
        # The seventh figure says the century: from 5 on somebody of 1997 would have been born in 1897.
        cpr = f"{born}{4000 + next(_numbers) % 1000:04}"
        with self.runtime.act(SYSTEM) as act:
            person = registering.Person(cpr=cpr, first_name="Sara", last_name="Holm")
            citizen_id = registering.register_citizens(act, people=[person])[cpr].id
            registering.assign(act, citizen_id=citizen_id, caseworker_id=self.staff[initials])
            if group is not None:
                place_in(act, citizen_id=citizen_id, code=group, source="test")
        return citizen_id

    def peopled(self, *, caseworkers: int = 6, citizens: int = 2) -> None:
        """Let so many caseworkers have so many citizens each."""
        for number in range(caseworkers):
            self.hires(f"sb{number:02}")
            for _ in range(citizens):
                self.citizen(f"sb{number:02}")

    def locks(self, *, design: Design = Design.CASEWORKER, seed: int = 7, days: float = 365) -> running.Drawn:
        """Begin the trial now."""
        with self.runtime.act(SYSTEM) as act:
            return running.lock(
                act, design=design, seed=seed, ends_at=self.clock.now() + timedelta(days=days), rates={}
            )

    def works(self) -> None:
        """Let the worker see to the trial."""
        TrialWork(runtime=self.runtime).keep_up()

    def hands_over(self, citizen_id: uuid.UUID, initials: str) -> None:
        """Let the citizen's caseworker hand her to another."""
        with self.runtime.database.read() as session:
            entry = session.scalars(sa.select(CaseloadEntry).filter_by(citizen_id=citizen_id, valid_to=None)).one()
        giver = Actor(kind=ActorKind.STAFF, id=entry.caseworker_id, role=Role.CASEWORKER)
        with self.runtime.act(giver) as act:
            transfer(act, Handover(entry_ids=[entry.id], to_id=self.staff[initials]))

    def arm_of(self, citizen_id: uuid.UUID) -> Arm | None:
        """Return the arm of a citizen."""
        with self.runtime.database.read() as session:
            row = session.get(TrialArm, citizen_id)
            return row.arm if row is not None else None

    def in_arm(self, arm: Arm, drawn: running.Drawn) -> str:
        """Return the initials of a caseworker in this arm."""
        return next(name for name, id_ in sorted(self.staff.items()) if drawn.arms_of_caseworkers.get(id_) is arm)

    def stands(self) -> Standing:
        """Return how the last trial stands."""
        with self.runtime.database.read() as session:
            found = running.latest(session)
            assert found is not None
            return standing(session, found, judges=True)

    def counted(self) -> Counter[Arm]:
        """Return how many citizens are in each arm."""
        with self.runtime.database.read() as session:
            return Counter(session.scalars(sa.select(TrialArm.arm)))


@pytest.fixture
def centre(runtime: Runtime, clock: FixedClock) -> Centre:
    """A job centre without anybody."""
    return Centre(runtime=runtime, clock=clock)
