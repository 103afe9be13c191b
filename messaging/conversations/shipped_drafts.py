"""Texts in other languages than Danish that come with the service, as drafts: the municipality approves each itself."""

import uuid
from datetime import datetime
from functools import cache
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import TemplateDraft
from messaging.conversations.rendering import read_texts
from messaging.conversations.template_rules import Wording
from messaging.database.upserts import insert_into

FILES = {"en": "templates_en.toml"}


@cache
def load_drafts() -> tuple[Wording, ...]:
    """Return all drafts that come with the service."""
    return tuple(
        Wording(
            key=draft["key"],
            variant=draft.get("variant", ""),
            language=language,
            content_class=ContentClass(draft["content_class"]),
            text=draft["text"],
        )
        for language, file in FILES.items()
        for draft in read_texts("messaging.conversations", file)["draft"]
    )


def add_shipped_drafts(session: Session, *, at: datetime) -> None:
    """Add the drafts that were never added; one that was withdrawn stays withdrawn."""
    rows = [
        {
            "id": _id_of(draft),
            "key": draft.key,
            "variant": draft.variant,
            "language": draft.language,
            "content_class": draft.content_class,
            "text": draft.text,
            "valid_from": at,
            "written_at": at,
        }
        for draft in load_drafts()
    ]
    known = set(session.scalars(sa.select(TemplateDraft.id).where(TemplateDraft.written_by_id.is_(None))))
    if fresh := [row for row in rows if row["id"] not in known]:
        session.execute(insert_into(session, TemplateDraft).on_conflict_do_nothing(), fresh)


def _id_of(draft: Wording) -> uuid.UUID:
    """The same text always has the same id; a newer release's other text is another draft."""
    return uuid5(NAMESPACE_URL, f"{draft.key}/{draft.variant}/{draft.language}/{draft.text}")
