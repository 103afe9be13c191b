"""Marking a message as a threat, and taking the mark back. The thread stays open and may be answered as before."""

import uuid

import sqlalchemy as sa

from messaging.conversations.models import Direction, Message
from messaging.conversations.threads import lock_thread
from messaging.conversations.threat_models import Threat
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.journal.events import EventType
from messaging.people.acting import Act
from messaging.people.models import Citizen, Role
from messaging.people.visibility import find_citizen, known_to
from messaging.vault.place import Place

SHORTEST = 3
LONGEST = 2000
"""Characters of what happened, and of why a mark is taken back."""


class AlreadyMarked(Conflict):
    """The message is marked already, and what was written now says something else: it is not kept."""

    code = "already_marked"


def mark_threat(act: Act, *, citizen_id: uuid.UUID, message_id: uuid.UUID, note: str) -> Threat:
    """Mark what a citizen wrote as a threat; the same note sent again is the same mark.

    Raises NotFound, ReasonMissing, AlreadyMarked, or InvalidInput for a note that is too short or too long.
    """
    find_citizen(act.session, act.actor, citizen_id)
    lock_thread(act.session, citizen_id)
    chosen = sa.select(Message).filter_by(id=message_id, conversation_id=citizen_id, direction=Direction.IN)
    message = act.session.scalar(chosen)
    if message is None:
        raise NotFound("there is no such message")
    text = _fitting(note, field="note")
    standing = act.session.scalar(sa.select(Threat).filter_by(message_id=message_id, taken_back_at=None))
    if standing is not None:
        if act.vault.open(standing.note, owner=citizen_id, place=Place("threats", "note", standing.id)) != text:
            raise AlreadyMarked("the message is marked already")
        return standing
    threat = Threat(
        id=new_id(),
        message_id=message_id,
        citizen_id=citizen_id,
        occurred_at=message.created_at,
        marked_at=act.now,
        marked_by=act.actor.id,
    )
    threat.note = act.seal(text, owner=citizen_id, table="threats", column="note", row=threat.id)
    act.session.add(threat)
    act.journal(
        EventType.THREAT_MARKED,
        stream=citizen_id,
        subject=message_id,
        facts={
            "threat": str(threat.id),
            "text": text,
            "occurred_at": message.created_at.isoformat(),
            "marked_by": str(act.actor.id),
        },
    )
    act.audit("threat.marked", object_kind="message", object_id=message_id)
    act.announce("message.marked", object_id=message_id)
    return threat


def take_back(act: Act, *, citizen_id: uuid.UUID, threat_id: uuid.UUID, why: str) -> None:
    """Say that a message was no threat after all; what is taken back already stays so.

    Raises NotFound, ReasonMissing, or InvalidInput for a reason that is too short or too long.
    """
    find_citizen(act.session, act.actor, citizen_id)
    threat = act.session.scalar(sa.select(Threat).filter_by(id=threat_id, citizen_id=citizen_id).with_for_update())
    if threat is None:
        raise NotFound("there is no such mark")
    if threat.taken_back_at is not None:
        return
    text = _fitting(why, field="why")
    threat.taken_back_at, threat.taken_back_by = act.now, act.actor.id
    threat.taken_back_why = act.seal(text, owner=citizen_id, table="threats", column="taken_back_why", row=threat.id)
    act.journal(
        EventType.THREAT_TAKEN_BACK,
        stream=citizen_id,
        subject=threat.message_id,
        facts={"threat": str(threat.id), "reason": text, "taken_back_by": str(act.actor.id)},
    )
    act.audit("threat.taken_back", object_kind="message", object_id=threat.message_id)
    act.announce("message.marked", object_id=threat.message_id)


def take_notice(act: Act, *, threat_id: uuid.UUID) -> None:
    """Let a team leader say that she knows of an incident in her unit; content stays closed. Raises NotFound."""
    chosen = sa.select(Threat).join(Citizen, Citizen.id == Threat.citizen_id)
    chosen = chosen.where(Threat.id == threat_id, known_to(act.actor))
    threat = act.session.scalar(chosen.with_for_update(of=Threat))
    if threat is None or act.actor.role is not Role.TEAM_LEADER:
        raise NotFound("there is no such incident")
    if threat.seen_at is None:
        threat.seen_at, threat.seen_by = act.now, act.actor.id
        act.audit("threat.noticed", object_kind="message", object_id=threat.message_id)


def _fitting(text: str, *, field: str) -> str:
    text = text.strip()
    if not SHORTEST <= len(text) <= LONGEST:
        raise InvalidInput(f"this has {SHORTEST} to {LONGEST} characters", field=field)
    return text
