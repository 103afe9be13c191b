"""A trial under way at a small job centre, whose citizens have meetings that somebody tells the outcome of."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from messaging.appointments.booking import Meeting, NewAppointment, book_appointment
from messaging.appointments.freezing import freeze_due
from messaging.appointments.models import Form, Import
from messaging.appointments.planning import ReminderRules
from messaging.attendance.models import OfficialOutcome, OfficialWord
from messaging.clock import FixedClock
from messaging.database.base import new_id
from messaging.evaluation.extracting import Filled
from messaging.evaluation.models import EvaluationLine
from messaging.evaluation.work import fill_extract
from messaging.people.actors import SYSTEM
from messaging.people.models import CaseloadEntry
from messaging.runtime import Runtime
from messaging.trial.models import Arm, TrialArm
from tests.house import house  # noqa: F401
from tests.trial.conftest import Centre

_numbers = count(1)


@dataclass(kw_only=True)
class Pilot(Centre):
    """The centre, and its citizens' meetings."""

    def citizens(self, arm: Arm) -> Sequence[uuid.UUID]:
        """Return who is in this arm."""
        with self.runtime.database.read() as session:
            return session.scalars(
                sa.select(TrialArm.citizen_id).filter_by(arm=arm).order_by(TrialArm.citizen_id)
            ).all()

    def books(self, citizen_id: uuid.UUID, *, in_days: float = 10) -> tuple[uuid.UUID, datetime]:
        """Book a meeting with her caseworker that many days off, and let it be planned; return its id and time."""
        with self.runtime.act(SYSTEM) as act:
            caseworker_id = act.session.scalars(
                sa.select(CaseloadEntry.caseworker_id).filter_by(citizen_id=citizen_id, valid_to=None)
            ).one()
            meeting = Meeting(
                caseworker_id=caseworker_id,
                starts_at=act.now + timedelta(days=in_days),
                minutes=30,
                meeting_type="Jobsamtale",
                form=Form.PHONE,
                place=None,
            )
            new = NewAppointment(
                citizen_id=citizen_id, source="test", external_id=f"M{next(_numbers)}", meeting=meeting
            )
            booked = book_appointment(act, new, rules=ReminderRules())
            planned_for = booked.starts_at
        self.clock.moment = max(self.clock.moment, planned_for - timedelta(days=3))
        with self.runtime.act(SYSTEM) as act:
            freeze_due(act)
        return booked.id, planned_for

    def meets(
        self, citizen_id: uuid.UUID, outcome: OfficialWord | None = None, *, in_days: float = 10, after: float = 1
    ) -> uuid.UUID:
        """Book a meeting that many days off, let it pass, and let somebody tell of it; return its id."""
        meeting_id, planned_for = self.books(citizen_id, in_days=in_days)
        self.clock.moment = planned_for + timedelta(days=after)
        if outcome is not None:
            self.tells(meeting_id, planned_for, outcome)
        return meeting_id

    def tells(self, appointment_id: uuid.UUID, planned_for: datetime, outcome: OfficialWord) -> None:
        """Let the employment system tell what became of a meeting."""
        with self.runtime.act(SYSTEM) as act:
            import_id = new_id()
            numbers: dict[str, Any] = dict.fromkeys(
                ("lines", "created", "changed", "unchanged", "rejected", "missing"), 0
            )
            act.session.add(Import(id=import_id, source="test", imported_at=act.now, imported_by="system", **numbers))
            act.session.flush()
            act.session.add(
                OfficialOutcome(
                    appointment_id=appointment_id,
                    planned_for=planned_for,
                    outcome=outcome,
                    import_id=import_id,
                    imported_at=act.now,
                )
            )

    def fills(self) -> Filled:
        """Bring the extract up to date."""
        return fill_extract(self.runtime)

    def lines(self) -> Sequence[EvaluationLine]:
        """Return what is counted."""
        with self.runtime.database.read() as session:
            return session.scalars(sa.select(EvaluationLine)).all()


@pytest.fixture
def pilot(runtime: Runtime, clock: FixedClock) -> Pilot:
    """A trial that has begun: six caseworkers with two citizens each."""
    pilot = Pilot(runtime=runtime, clock=clock)
    pilot.peopled()
    pilot.locks()
    clock.moment += timedelta(minutes=1)
    return pilot
