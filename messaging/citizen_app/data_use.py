"""What a citizen is told of her personal data (GDPR articles 13 and 14): which version, and that she was shown it.

The words stand in `html/citizen_app/privacy.html`. Whoever changes what they say begins a new version here; each
citizen is offered it again, and the rows tell which ones she was shown, and when for the first time.
"""

import uuid
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.citizen_app.models import DataUseShown
from messaging.database.upserts import insert_into
from messaging.people.acting import Act

VERSION = 1
SINCE = date(2026, 11, 29)
"""The day from which this version holds."""


def is_shown(session: Session, citizen_id: uuid.UUID) -> bool:
    """Whether this citizen has been shown the version in force."""
    found = sa.exists().where(DataUseShown.citizen_id == citizen_id, DataUseShown.version == VERSION)
    return bool(session.scalar(sa.select(found)))


def note_shown(act: Act, *, citizen_id: uuid.UUID) -> bool:
    """Note that this citizen is shown the version in force; False if she has been before."""
    written = act.session.execute(
        insert_into(act.session, DataUseShown)
        .values(citizen_id=citizen_id, version=VERSION, shown_at=act.now)
        .on_conflict_do_nothing()
        .returning(DataUseShown.version)
    ).scalar()
    if written is None:
        return False
    act.audit("data_use.shown", object_kind="citizen", object_id=citizen_id, facts={"version": VERSION})
    return True
