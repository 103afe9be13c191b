"""The texts for those who look after them: all by key, and one with its versions and what waits. Read only."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations import readability
from messaging.conversations.models import Template, TemplateDraft
from messaging.conversations.rendering import UnusableText
from messaging.conversations.segments import Segments, measure
from messaging.conversations.template_rules import filled_with_samples
from messaging.conversations.templates import DANISH
from messaging.errors import NotFound
from messaging.people.models import Caseworker

Name = tuple[str, str, str]
"""Key, variant and language."""


@dataclass(frozen=True, kw_only=True)
class ListedText:
    """One text in one language: the version valid now, if any, and how many drafts wait."""

    key: str
    variant: str
    language: str
    valid: Template | None
    coming: Template | None
    waiting: int


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version, and who wrote and approved it when; a shipped one was written by nobody here."""

    template: Template
    written_by: str | None
    approved_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class WaitingDraft:
    """A draft that waits for its approval."""

    draft: TemplateDraft
    written_by: str | None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A text with made-up data, and its size as SMS."""

    text: str
    size: Segments
    lix: int | None
    """How hard it is to read; measured for Danish alone."""


def list_texts(session: Session, *, at: datetime) -> Sequence[ListedText]:
    """Return all texts there are or wait, in the order of their keys: three statements, however many."""
    versions = session.scalars(sa.select(Template).order_by(Template.version)).all()
    valid: dict[Name, Template] = {}
    coming: dict[Name, Template] = {}
    for version in versions:
        if is_valid(version, at=at):
            valid[_name(version)] = version
        elif version.valid_from > at and (version.valid_to is None or version.valid_to > version.valid_from):
            coming[_name(version)] = version
    waiting = {
        (row.key, row.variant, row.language): row.count_
        for row in session.execute(
            sa.select(
                TemplateDraft.key,
                TemplateDraft.variant,
                TemplateDraft.language,
                sa.func.count().label("count_"),
            )
            .where(*_waits())
            .group_by(TemplateDraft.key, TemplateDraft.variant, TemplateDraft.language)
        )
    }
    names = {_name(version) for version in versions} | waiting.keys()
    return [
        ListedText(
            key=name[0],
            variant=name[1],
            language=name[2],
            valid=valid.get(name),
            coming=coming.get(name),
            waiting=waiting.get(name, 0),
        )
        for name in sorted(names, key=_in_order)
    ]


def count_waiting(session: Session) -> int:
    """Return how many drafts wait for somebody's approval."""
    return session.scalar(sa.select(sa.func.count()).select_from(TemplateDraft).where(*_waits())) or 0


def history(session: Session, name: Name) -> tuple[Sequence[Version], Sequence[WaitingDraft]]:
    """As `search_history`; raises NotFound if there was never any."""
    versions, waiting = search_history(session, name)
    if not versions and not waiting:
        raise NotFound("there is no such text")
    return versions, waiting


def search_history(session: Session, name: Name) -> tuple[Sequence[Version], Sequence[WaitingDraft]]:
    """Return all versions of a text, newest first, and its drafts that wait."""
    key, variant, language = name
    versions = session.execute(
        sa.select(Template, Caseworker.initials, TemplateDraft.approved_at)
        .outerjoin(TemplateDraft, TemplateDraft.template_id == Template.id)
        .outerjoin(Caseworker, Caseworker.id == TemplateDraft.written_by_id)
        .where(Template.key == key, Template.variant == variant, Template.language == language)
        .order_by(Template.version.desc())
    )
    drafts = session.execute(
        sa.select(TemplateDraft, Caseworker.initials)
        .outerjoin(Caseworker, Caseworker.id == TemplateDraft.written_by_id)
        .where(
            TemplateDraft.key == key,
            TemplateDraft.variant == variant,
            TemplateDraft.language == language,
            *_waits(),
        )
        .order_by(TemplateDraft.written_at)
    )
    found = [Version(template=row[0], written_by=row[1], approved_at=row[2]) for row in versions]
    waiting = [WaitingDraft(draft=row[0], written_by=row[1]) for row in drafts]
    return found, waiting


def find_draft(session: Session, draft_id: uuid.UUID) -> TemplateDraft:
    """Return a draft. Raises NotFound."""
    draft = session.get(TemplateDraft, draft_id)
    if draft is None:
        raise NotFound("there is no such draft")
    return draft


def is_valid(version: Template, *, at: datetime) -> bool:
    """Whether its days hold this moment."""
    return version.valid_from <= at and (version.valid_to is None or version.valid_to > at)


def preview(text: str, *, language: str) -> Preview | None:
    """Return the text as somebody made up would get it; None if it cannot be filled in."""
    try:
        filled = filled_with_samples(text, language=language)
    except UnusableText:
        return None
    read = readability.read(filled) if language == DANISH else None
    return Preview(text=filled, size=measure(filled), lix=read.lix if read else None)


def _waits() -> tuple[sa.ColumnElement[bool], ...]:
    return TemplateDraft.approved_at.is_(None), TemplateDraft.withdrawn_at.is_(None)


def _name(version: Template) -> Name:
    return version.key, version.variant, version.language


def _in_order(name: Name) -> tuple[bool, int, str, str, bool, str]:
    """M2 before M10, keys in words behind; Danish before its translations."""
    key, variant, language = name
    number = key[1:]
    counted = key[:1] == "M" and number.isdigit()
    return not counted, int(number) if counted else 0, key, variant, language != "da", language
