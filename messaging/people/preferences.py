"""How citizens are best met: the language they read, the medium they prefer, whether they need an interpreter."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.people.card_models import Medium, Preference

DANISH = "da"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody who works here notes of how a citizen is best met."""

    medium: Medium = Medium.SMS
    language: str = DANISH
    interpreter: str | None = None


def language_of(session: Session, citizen_id: uuid.UUID) -> str:
    """Return the language in which this citizen reads: `da`, `en` …"""
    return languages_of(session, [citizen_id])[citizen_id]


def languages_of(session: Session, citizen_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """As `language_of`, for many citizens in one statement."""
    chosen = sa.select(Preference.citizen_id, Preference.language).where(Preference.citizen_id.in_(citizen_ids))
    known = {row.citizen_id: row.language for row in session.execute(chosen)}
    return {citizen_id: known.get(citizen_id, DANISH) for citizen_id in citizen_ids}


def media_of(session: Session, citizen_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Medium]:
    """Return the medium that citizens prefer, of those who were asked."""
    chosen = sa.select(Preference.citizen_id, Preference.medium).where(Preference.citizen_id.in_(citizen_ids))
    return {row.citizen_id: row.medium for row in session.execute(chosen)}
