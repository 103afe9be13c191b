"""The words for places and meeting types: one superuser writes them, another approves, and only then do they leave."""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from messaging.appointments.models import MeetingText, MeetingWordsDraft, Place, WordKind
from messaging.conversations.content_gate import examine
from messaging.conversations.segments import make_gsm
from messaging.errors import InvalidInput, NotFound
from messaging.people.acting import Act, Facts
from messaging.people.four_eyes import NoLongerWaiting, OwnDraft
from messaging.people.models import Caseworker

LONGEST = 60
"""Characters of words or of a next step: a reminder is to stay short."""
LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class NewWords:
    """What a place is called in an SMS, or what a meeting type is about and what comes after; a place has no such."""

    id: uuid.UUID
    kind: WordKind
    name: str
    words: str
    next_step: str = ""


def write_words(act: Act, new: NewWords) -> MeetingWordsDraft:
    """Keep words until somebody else approves them; the same id again is the same draft. Raises InvalidInput."""
    earlier = act.session.get(MeetingWordsDraft, new.id)
    if earlier is not None:
        return earlier
    if act.actor.id is None:
        raise ValueError("only a person writes words")
    name = new.name.strip()
    if len(name) > LONGEST_NAME or (not name and new.kind is WordKind.PLACE):
        raise InvalidInput("a place has a name", field="name")
    draft = MeetingWordsDraft(
        id=new.id,
        kind=new.kind,
        name=name,
        words=_check(new.words, field="words"),
        next_step=_check(new.next_step, field="next_step") if new.kind is WordKind.MEETING_TYPE else None,
        written_by_id=act.actor.id,
        written_at=act.now,
    )
    act.session.add(draft)
    act.audit("meeting_words.drafted", object_kind="meeting_words", object_id=draft.id, facts=_facts(draft))
    return draft


def approve_words(act: Act, *, draft_id: uuid.UUID) -> None:
    """Let words be used from now on, in place of those before. Raises NotFound, OwnDraft or NoLongerWaiting."""
    draft = _waiting(act, draft_id)
    if draft.written_by_id == act.actor.id:
        raise OwnDraft("somebody else approves this")
    initials = act.session.get_one(Caseworker, act.actor.id).initials
    if draft.kind is WordKind.PLACE:
        act.session.merge(Place(name=draft.name, words=draft.words, approved_by=initials))
    else:
        _replace(act, draft, approved_by=initials)
    draft.approved_by_id, draft.approved_at = act.actor.id, act.now
    act.audit("meeting_words.approved", object_kind="meeting_words", object_id=draft.id, facts=_facts(draft))


def withdraw_words(act: Act, *, draft_id: uuid.UUID) -> None:
    """Let a draft wait no longer; it stays on record. Raises NotFound or NoLongerWaiting."""
    draft = _waiting(act, draft_id)
    draft.withdrawn_at = act.now
    act.audit("meeting_words.withdrawn", object_kind="meeting_words", object_id=draft.id)


def _check(words: str, *, field: str) -> str:
    """Return words as they may stand in an SMS, in plain characters. Raises InvalidInput."""
    words = make_gsm(" ".join(words.split()))
    if not words or len(words) > LONGEST or "{" in words or "}" in words or examine(words):
        raise InvalidInput("these words may not stand in an SMS", field=field)
    return words


def _replace(act: Act, draft: MeetingWordsDraft, *, approved_by: str) -> None:
    open_ones = sa.or_(MeetingText.valid_to.is_(None), MeetingText.valid_to > act.now)
    act.session.execute(
        sa.update(MeetingText)
        .where(MeetingText.meeting_type == draft.name, open_ones)
        .values(valid_to=act.now)
        .execution_options(synchronize_session=False)
    )
    act.session.add(
        MeetingText(
            meeting_type=draft.name,
            purpose=draft.words,
            next_step=draft.next_step,
            valid_from=act.now,
            approved_by=approved_by,
        )
    )


def _waiting(act: Act, draft_id: uuid.UUID) -> MeetingWordsDraft:
    draft = act.session.get(MeetingWordsDraft, draft_id, with_for_update=True)
    if draft is None:
        raise NotFound("there is no such draft")
    if draft.approved_at is not None or draft.withdrawn_at is not None:
        raise NoLongerWaiting("it has been decided already")
    return draft


def _facts(draft: MeetingWordsDraft) -> Facts:
    return {"kind": draft.kind, "name": draft.name, "words": draft.words, "next_step": draft.next_step}
