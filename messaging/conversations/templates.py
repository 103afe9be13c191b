"""Approved texts from the table: found by key, variant and language as they are valid at a moment."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.models import Template
from messaging.errors import NotFound

DANISH = "da"


class NoValidTemplate(NotFound):
    """No approved version of this text is valid now; an expired text cannot be sent."""

    code = "no_valid_template"


def current(session: Session, key: str, *, variant: str = "", language: str = DANISH, at: datetime) -> Template:
    """Return the newest version valid at `at`. Raises NoValidTemplate."""
    template = session.scalar(
        sa.select(Template)
        .where(
            Template.key == key,
            Template.variant == variant,
            Template.language == language,
            Template.valid_from <= at,
            sa.or_(Template.valid_to.is_(None), Template.valid_to > at),
        )
        .order_by(Template.version.desc())
        .limit(1)
    )
    if template is None:
        raise NoValidTemplate(f"no version of the text {key}/{variant or 'plain'} is valid now")
    return template


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A text to send and, where it is not in Danish, the Danish one it stands for."""

    template: Template
    original: Template | None = None


def in_language(session: Session, key: str, *, variant: str = "", language: str, at: datetime) -> Chosen:
    """Return a text in this language where a version of it is approved, else in Danish. Raises NoValidTemplate."""
    danish = current(session, key, variant=variant, at=at)
    if language == DANISH:
        return Chosen(template=danish)
    try:
        return Chosen(template=current(session, key, variant=variant, language=language, at=at), original=danish)
    except NoValidTemplate:
        return Chosen(template=danish)


def name_of(template: Template) -> str:
    """Return the name by which messages remember their words."""
    return f"{template.key}/{template.variant}/{template.language}/{template.version}"


def language_of_name(name: str) -> str:
    """Return the language of the text that has this name."""
    return name.split("/")[2]
