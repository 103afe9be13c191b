"""What citizens read about a meeting in the app: one superuser writes it, another approves it, then it is read."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.guidance_models import GuidanceKind, MeetingGuidance
from messaging.appointments.in_threads import ANY_TYPE
from messaging.appointments.models import Appointment, Form
from messaging.appointments.queries import AppointmentView
from messaging.conversations.content_gate import examine
from messaging.errors import InvalidInput, NotFound
from messaging.people.acting import Act, Facts
from messaging.people.four_eyes import NoLongerWaiting, OwnDraft
from messaging.people.models import Caseworker

Guided = Appointment | AppointmentView

LONGEST = 300
"""Characters; two or three short sentences."""
LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class NewGuidance:
    """A text as it is written."""

    id: uuid.UUID
    kind: GuidanceKind
    name: str
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """What a citizen reads about one meeting, in approved Danish words; None where nothing is approved."""

    agenda: str | None = None
    bring: str | None = None
    directions: str | None = None
    form: str | None = None

    @property
    def parts(self) -> list[str]:
        """What there is, in the order in which it is read."""
        return [part for part in (self.agenda, self.bring, self.directions, self.form) if part]


def write_guidance(act: Act, new: NewGuidance) -> MeetingGuidance:
    """Keep a text until somebody else approves it; the same id again is the same draft. Raises InvalidInput."""
    earlier = act.session.get(MeetingGuidance, new.id)
    if earlier is not None:
        return earlier
    if act.actor.id is None:
        raise ValueError("only a person writes texts")
    draft = MeetingGuidance(
        id=new.id,
        kind=new.kind,
        name=_name(new),
        text=_text(new.text),
        written_by_id=act.actor.id,
        written_at=act.now,
    )
    act.session.add(draft)
    act.audit("meeting_guidance.drafted", object_kind="meeting_guidance", object_id=draft.id, facts=_facts(draft))
    return draft


def approve_guidance(act: Act, *, draft_id: uuid.UUID) -> None:
    """Let a text be read from now on, in place of the one before. Raises NotFound, OwnDraft or NoLongerWaiting."""
    draft = _waiting(act, draft_id)
    if draft.written_by_id == act.actor.id:
        raise OwnDraft("somebody else approves this")
    initials = act.session.get_one(Caseworker, act.actor.id).initials
    act.session.execute(
        sa.update(MeetingGuidance)
        .where(MeetingGuidance.kind == draft.kind, MeetingGuidance.name == draft.name, _is_valid(act.now))
        .values(valid_to=act.now)
        .execution_options(synchronize_session=False)
    )
    draft.approved_by_id, draft.approved_by, draft.valid_from = act.actor.id, initials, act.now
    act.audit("meeting_guidance.approved", object_kind="meeting_guidance", object_id=draft.id, facts=_facts(draft))


def withdraw_guidance(act: Act, *, draft_id: uuid.UUID) -> None:
    """Let a draft wait no longer; it stays on record. Raises NotFound or NoLongerWaiting."""
    draft = _waiting(act, draft_id)
    draft.withdrawn_at = act.now
    act.audit("meeting_guidance.withdrawn", object_kind="meeting_guidance", object_id=draft.id)


def list_valid(session: Session, *, at: datetime) -> Sequence[MeetingGuidance]:
    """Return the texts that hold at a moment, by kind and name."""
    rows = session.scalars(sa.select(MeetingGuidance).where(_is_valid(at)).order_by(MeetingGuidance.valid_from))
    newest = {(row.kind, row.name): row for row in rows}
    return sorted(newest.values(), key=lambda row: (list(GuidanceKind).index(row.kind), row.name))


def list_drafts(session: Session) -> Sequence[sa.Row[MeetingGuidance, str]]:
    """Return the drafts that wait, oldest first, and who wrote them."""
    return session.execute(
        sa.select(MeetingGuidance, Caseworker.initials)
        .join(Caseworker, Caseworker.id == MeetingGuidance.written_by_id)
        .where(MeetingGuidance.approved_by.is_(None), MeetingGuidance.withdrawn_at.is_(None))
        .order_by(MeetingGuidance.written_at)
    ).all()


class Guide:
    """Tells what is approved about meetings at one moment; read once for all of them."""

    def __init__(self, session: Session, *, at: datetime) -> None:
        self._texts = {(row.kind, row.name): row.text for row in list_valid(session, at=at)}

    def of(self, meeting: Guided) -> Guidance:
        """Return what is told of a meeting; the way to a place only where somebody has to go there."""
        in_person = meeting.form is Form.IN_PERSON
        return Guidance(
            agenda=self._of_type(GuidanceKind.AGENDA, meeting.meeting_type),
            bring=self._of_type(GuidanceKind.BRING, meeting.meeting_type),
            directions=self._texts.get((GuidanceKind.DIRECTIONS, meeting.place or "")) if in_person else None,
            form=self._texts.get((GuidanceKind.FORM, meeting.form)),
        )

    def _of_type(self, kind: GuidanceKind, meeting_type: str) -> str | None:
        return self._texts.get((kind, meeting_type)) or self._texts.get((kind, ANY_TYPE))


def _is_valid(at: datetime) -> sa.ColumnElement[bool]:
    open_ended = sa.or_(MeetingGuidance.valid_to.is_(None), MeetingGuidance.valid_to > at)
    return sa.and_(MeetingGuidance.valid_from <= at, open_ended)


def _name(new: NewGuidance) -> str:
    name = new.name.strip()
    known = {
        GuidanceKind.FORM: name in set(Form),
        GuidanceKind.DIRECTIONS: bool(name),
    }.get(new.kind, True)
    if not known or len(name) > LONGEST_NAME:
        raise InvalidInput("this names no place, type or form", field="name")
    return name


def _text(text: str) -> str:
    """Return a text as it is read, in one paragraph. Raises InvalidInput for what may not be said without a login."""
    text = " ".join(text.split())
    if not text or len(text) > LONGEST or examine(text):
        raise InvalidInput("this text is empty, too long, or holds a number or a link", field="text")
    return text


def _waiting(act: Act, draft_id: uuid.UUID) -> MeetingGuidance:
    draft = act.session.get(MeetingGuidance, draft_id, with_for_update=True)
    if draft is None or draft.written_by_id is None:
        raise NotFound("there is no such draft")
    if draft.approved_by is not None or draft.withdrawn_at is not None:
        raise NoLongerWaiting("it has been decided already")
    return draft


def _facts(draft: MeetingGuidance) -> Facts:
    return {"kind": draft.kind, "name": draft.name, "text": draft.text}
