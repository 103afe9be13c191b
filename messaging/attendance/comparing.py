"""Where the employment system's word, what staff tapped and what citizens answered agree. Only the first is counted.

The others are shown beside it, and never used instead: who answers or is asked more in one arm than in another would
make a difference that is none.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from messaging.appointments.last_answers import AtItsTime, Said, last_answers
from messaging.appointments.models import Appointment, Outcome
from messaging.appointments.planned_models import PlannedMeeting
from messaging.appointments.states import OutcomeWord
from messaging.attendance.models import OfficialWord
from messaging.attendance.queries import latest_outcomes


def compared(
    session: Session, *, since: datetime, until: datetime, among: Collection[AtItsTime] | None = None
) -> Mapping[tuple[OfficialWord, OutcomeWord], int]:
    """Count the meetings in [since, until) by the official word and by what staff say became of them, where both are.

    Who taps that she does not know says nothing. A meeting that was moved since has no word of staff's at its old time.
    `among`: only these count.
    """
    later = aliased(Outcome)
    rows = session.execute(
        sa.select(Appointment.id, Appointment.starts_at, Outcome.outcome)
        .join(Outcome, sa.and_(Outcome.appointment_id == Appointment.id, Outcome.revision == Appointment.revision))
        .outerjoin(later, later.corrects_id == Outcome.id)
        .where(
            later.id.is_(None),
            Outcome.outcome != OutcomeWord.UNKNOWN,
            Appointment.starts_at >= since,
            Appointment.starts_at < until,
        )
    ).all()
    words = {(row.id, row.starts_at): row.outcome for row in rows if among is None or (row.id, row.starts_at) in among}
    told = latest_outcomes(session, _ids(words))
    return Counter((told[meeting], staff) for meeting, staff in words.items() if meeting in told)


def answers_compared(
    session: Session, *, since: datetime, until: datetime, among: Collection[AtItsTime] | None = None
) -> Mapping[tuple[Said, OfficialWord | None], int]:
    """Count the planned meetings in [since, until) by the citizen's last answer and by the official word.

    The word is None while nobody has told. Those of which she said nothing are left out. `among`: only these count.
    """
    planned = session.execute(
        sa.select(PlannedMeeting.appointment_id, PlannedMeeting.planned_for).where(
            PlannedMeeting.stood, PlannedMeeting.planned_for >= since, PlannedMeeting.planned_for < until
        )
    ).all()
    meetings = {(id_, time) for id_, time in planned if among is None or (id_, time) in among}
    said = last_answers(session, _ids(meetings))
    told = latest_outcomes(session, _ids(meetings))
    return Counter((said[meeting], told.get(meeting)) for meeting in meetings if meeting in said)


def _ids(meetings: Collection[AtItsTime]) -> set[uuid.UUID]:
    return {appointment_id for appointment_id, _ in meetings}
