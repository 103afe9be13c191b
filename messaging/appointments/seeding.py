"""Puts the texts that come with the service into the tables, where the approved words are read from.

It may run at every start: what is there stays as it is, what is new comes, and what a newer release has ended ends.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.guidance_models import MeetingGuidance
from messaging.appointments.meeting_texts import load_guidance, load_meeting_texts, load_places
from messaging.appointments.models import MeetingText, Place
from messaging.conversations.models import Template
from messaging.conversations.rendering import load_templates
from messaging.conversations.shipped_drafts import add_shipped_drafts
from messaging.database.base import new_id
from messaging.database.upserts import insert_into


def seed(session: Session) -> None:
    """Add the shipped templates, drafts, meeting texts, places and guidance that are not there yet."""
    templates = [{"id": new_id(), **asdict(template)} for template in load_templates()]
    _add(session, Template, templates)
    _end(session, Template, templates, key=("key", "variant", "language", "version"))
    add_shipped_drafts(session, at=min(template.valid_from for template in load_templates()))
    texts = [{"id": new_id(), **asdict(text)} for text in load_meeting_texts()]
    _add(session, MeetingText, texts)
    _end(session, MeetingText, texts, key=("meeting_type", "valid_from"))
    guidance = [{"id": new_id(), **asdict(text)} for text in load_guidance()]
    _add(session, MeetingGuidance, guidance)
    _end(session, MeetingGuidance, guidance, key=("kind", "name", "valid_from"))
    _add(session, Place, [asdict(place) for place in load_places()])


def _add(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> None:
    session.execute(insert_into(session, model).on_conflict_do_nothing(), rows)


def _end(session: Session, model: type[Any], rows: Iterable[dict[str, Any]], *, key: tuple[str, ...]) -> None:
    for row in rows:
        if row["valid_to"] is not None:
            ended = sa.update(model).filter_by(**{name: row[name] for name in key}).where(model.valid_to.is_(None))
            session.execute(ended.values(valid_to=row["valid_to"]))
