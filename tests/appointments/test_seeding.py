"""The shipped texts in their tables."""

from datetime import UTC, datetime

import sqlalchemy as sa

from messaging.appointments.meeting_texts import load_meeting_texts, load_places
from messaging.appointments.models import MeetingText, Place
from messaging.appointments.seeding import seed
from messaging.conversations.models import Template
from messaging.conversations.rendering import load_templates
from messaging.database.engine import Database


def test_every_shipped_text_is_there_after_seeding_twice(database: Database) -> None:
    for _ in range(2):
        with database.write() as session:
            seed(session)

    with database.read() as session:
        counts = [session.scalar(sa.select(sa.func.count()).select_from(m)) for m in (Template, MeetingText, Place)]
    assert counts == [len(load_templates()), len(load_meeting_texts()), len(load_places())]


def test_text_that_was_changed_here_is_left_as_it_is(database: Database) -> None:
    ended = datetime(2027, 1, 1, tzinfo=UTC)
    with database.write() as session:
        seed(session)
        session.execute(sa.update(Template).filter_by(key="M8").values(text="Vores egne ord", valid_to=ended))

    with database.write() as session:
        seed(session)

    with database.read() as session:
        (template,) = session.scalars(sa.select(Template).filter_by(key="M8"))
    assert (template.text, template.valid_to) == ("Vores egne ord", ended)
