"""Somebody who had come in as a citizen says that she is not her: it is noted and journaled, and a human looks."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.database.base import new_id
from messaging.journal.events import EventType
from messaging.people.acting import Act
from messaging.people.card_models import WrongPerson


def report_wrong_person(act: Act, *, citizen_id: uuid.UUID, medium: str, opened: str) -> WrongPerson:
    """Note that whoever came in by this medium is not the citizen; `opened` says by what she had been let in."""
    report = WrongPerson(id=new_id(), citizen_id=citizen_id, medium=medium, reported_at=act.now)
    act.session.add(report)
    act.session.flush()
    facts = {"channel": medium, "opened": opened}
    act.journal(EventType.WRONG_PERSON, stream=citizen_id, subject=report.id, facts={**facts})
    act.audit(EventType.WRONG_PERSON, object_kind="citizen", object_id=citizen_id, facts={**facts})
    act.announce("citizen.wrong_person", object_id=citizen_id)
    return report


def last_wrong_person(session: Session, citizen_id: uuid.UUID) -> datetime | None:
    """Return when somebody said so last; None if nobody has."""
    return session.scalar(sa.select(sa.func.max(WrongPerson.reported_at)).filter_by(citizen_id=citizen_id))
