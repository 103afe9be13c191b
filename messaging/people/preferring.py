"""Noting how a citizen is best met: medium, language, interpreter; and that she has no number."""

import uuid

from messaging.journal.events import EventType
from messaging.people.acting import Act, Facts
from messaging.people.card_models import Medium, Preference
from messaging.people.preferences import Wanted


def note_preferences(act: Act, *, citizen_id: uuid.UUID, wanted: Wanted) -> bool:
    """Keep how this citizen is best met from now on; False if that was known."""
    row = _row(act, citizen_id)
    if (row.medium, row.language, row.interpreter) == (wanted.medium, wanted.language, wanted.interpreter):
        return False
    row.medium, row.language, row.interpreter = wanted.medium, wanted.language, wanted.interpreter
    _tell(act, row)
    return True


def note_no_number(act: Act, *, citizen_id: uuid.UUID, has_none: bool) -> bool:
    """Note that somebody has asked and this citizen has no number, or that she has one after all; False if known."""
    row = _row(act, citizen_id)
    if (row.no_number_since is not None) == has_none:
        return False
    row.no_number_since = act.now if has_none else None
    _tell(act, row)
    return True


def _row(act: Act, citizen_id: uuid.UUID) -> Preference:
    row = act.session.get(Preference, citizen_id, with_for_update=True)
    return row or Preference(citizen_id=citizen_id, medium=Medium.SMS, language="da")


def _tell(act: Act, row: Preference) -> None:
    row.changed_at, row.changed_by = act.now, act.actor.id
    act.session.add(row)
    act.session.flush()
    facts: Facts = {
        "medium": row.medium,
        "language": row.language,
        "interpreter": row.interpreter,
        "has_number": row.no_number_since is None,
    }
    act.journal(EventType.CITIZEN_PREFERENCES, stream=row.citizen_id, subject=row.citizen_id, facts=facts)
    act.audit("citizen.preferences_noted", object_kind="citizen", object_id=row.citizen_id, facts=facts)
