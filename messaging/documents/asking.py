"""Asking a citizen for documents, in the caseworker's words: one entry of her list for each."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from messaging.database.base import new_id
from messaging.documents.arms import require_arm
from messaging.documents.keeping import open_asked
from messaging.documents.models import AskedDocument
from messaging.errors import InvalidInput, NotFound
from messaging.journal.events import EventType
from messaging.people.acting import Act, Facts
from messaging.people.visibility import find_citizen
from messaging.trial.capabilities import Sort

LONGEST = 80
MOST = 20
"""Documents asked for at once, and open at the same time."""


def read_words(text: str) -> list[str]:
    """Return what is asked for, one thing a line or between commas. Raises InvalidInput."""
    asked = [" ".join(words.split()) for line in text.splitlines() for words in line.split(",")]
    asked = list(dict.fromkeys(words for words in asked if words))
    if not asked:
        raise InvalidInput("say what is missing", field="words")
    if len(asked) > MOST or any(len(words) > LONGEST for words in asked):
        raise InvalidInput(f"at most {MOST} documents, each in at most {LONGEST} characters", field="words")
    return asked


def ask_for(act: Act, *, citizen_id: uuid.UUID, words: Sequence[str]) -> list[uuid.UUID]:
    """Put documents on a citizen's list; return their ids.

    Raises NotFound, WithheldByArm, or InvalidInput if the list is too long.
    """
    find_citizen(act.session, act.actor, citizen_id)
    require_arm(act, citizen_id=citizen_id, sort=Sort.DOCUMENT_REQUEST)
    if act.actor.id is None:
        raise ValueError("only a person asks for documents")
    chosen = sa.select(sa.func.count()).select_from(AskedDocument)
    there = act.session.scalar(chosen.filter_by(citizen_id=citizen_id, withdrawn_at=None)) or 0
    if there + len(words) > 5 * MOST:
        raise InvalidInput("the list is too long", field="words")
    ids = []
    for said in words:
        asked_id = new_id()
        sealed = act.seal(said, owner=citizen_id, table="asked_documents", column="words", row=asked_id)
        act.session.add(
            AskedDocument(id=asked_id, citizen_id=citizen_id, asked_by=act.actor.id, words=sealed, asked_at=act.now)
        )
        facts: Facts = {"asked": said, "asked_by": str(act.actor.id)}
        act.journal(EventType.DOCUMENT_ASKED, stream=citizen_id, subject=asked_id, facts=facts)
        ids.append(asked_id)
    act.audit("documents.asked", object_kind="citizen", object_id=citizen_id, facts={"count": len(ids)})
    act.announce("citizen.documents", object_id=citizen_id)
    return ids


def withdraw(act: Act, *, citizen_id: uuid.UUID, asked_id: uuid.UUID) -> None:
    """Take something off the list; done again, it changes nothing. Raises NotFound."""
    find_citizen(act.session, act.actor, citizen_id)
    chosen = sa.select(AskedDocument).filter_by(id=asked_id, citizen_id=citizen_id)
    asked = act.session.scalar(chosen.with_for_update())
    if asked is None:
        raise NotFound("nothing of the kind was asked for")
    if asked.withdrawn_at is not None:
        return
    asked.withdrawn_at = act.now
    facts: Facts = {"asked": open_asked(act.vault, asked), "withdrawn_by": str(act.actor.id)}
    act.journal(EventType.DOCUMENT_ASK_WITHDRAWN, stream=citizen_id, subject=asked_id, facts=facts)
    act.audit("documents.ask_withdrawn", object_kind="citizen", object_id=citizen_id)
    act.announce("citizen.documents", object_id=citizen_id)
