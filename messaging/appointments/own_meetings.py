"""A citizen's meetings as she sees them herself: in approved words only, and never the booking system's note.

What a meeting came to is told in words that blame nobody. Which meeting is meant is named by a token that only the
service can make, for an address in a phone's history is to tell nothing.
"""

import base64
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.free_time_models import OfferedTime
from messaging.appointments.free_times import choices, wishes_of
from messaging.appointments.guiding import Guide
from messaging.appointments.in_threads import list_purposes
from messaging.appointments.meeting_texts import app_text, translated
from messaging.appointments.models import Appointment, Decision, Form, Place, Rearrangement
from messaging.appointments.states import CANCELLED, ENDS, OPEN, AppointmentState
from messaging.conversations.templates import DANISH
from messaging.errors import NotFound
from messaging.people.models import Caseworker
from messaging.vault.vault import Vault

LONGEST = timedelta(days=1)
"""No meeting is longer: what began before this is over."""
SHOWN = 20
MOST_UNDER_WAY = 5
"""Meetings that nobody has at once."""

Key = tuple[datetime, uuid.UUID]
"""The place of a meeting in the list."""
Row = sa.Row[Appointment, Caseworker, Caseworker | None]


@dataclass(frozen=True, kw_only=True)
class Said:
    """Approved words, and the language they are in: what is not translated stands in Danish."""

    text: str = field(repr=False)
    language: str


@dataclass(frozen=True, kw_only=True)
class OtherTime:
    """A free time that she can choose instead, and its number among those offered."""

    number: int
    starts_at: datetime


@dataclass(frozen=True, kw_only=True)
class OwnMeeting:
    """A meeting on its purpose card. What nobody has approved words for is None."""

    id: uuid.UUID
    token: str
    revision: int
    state: AppointmentState
    state_since: datetime
    starts_at: datetime
    minutes: int
    form: Form
    held_by: str
    """First name of who holds it."""
    instead_of: str | None
    """First name of whom she stands in for."""
    place: Said | None
    purpose: Said | None
    next_step: Said | None
    agenda: Said | None
    bring: Said | None
    directions: Said | None
    how: Said | None
    """What to know of a meeting of this form."""
    chosen: OtherTime | None
    """The free time that she wishes for instead."""
    times: Sequence[OtherTime]
    """Others that she can choose."""

    @property
    def ends_at(self) -> datetime:
        """When it is over if it takes as long as planned."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_cancelled(self) -> bool:
        """Whether it will not be, or was not, held because somebody cancelled it."""
        return self.state in CANCELLED

    def may_be_answered(self, now: datetime) -> bool:
        """Whether the citizen can still say that she comes, or that she wants another time."""
        return self.state in OPEN and self.starts_at > now


def coming_meetings(
    session: Session, vault: Vault, *, citizen_id: uuid.UUID, now: datetime, language: str
) -> list[OwnMeeting]:
    """Return her meetings that are not over, the next one first; cancelled ones too, until their time has come."""
    rows = session.execute(
        _hers(citizen_id)
        .where(Appointment.starts_at > now - LONGEST)
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(SHOWN)
    ).all()
    return _cards(session, vault, [row for row in rows if not _is_over(row[0], now)], now=now, language=language)


def past_meetings(
    session: Session,
    vault: Vault,
    *,
    citizen_id: uuid.UUID,
    now: datetime,
    language: str,
    before: Key | None = None,
    limit: int = SHOWN,
) -> tuple[list[OwnMeeting], Key | None]:
    """Return her meetings that are over, the latest first, and where those before them begin, if there are more."""
    chosen = (
        _hers(citizen_id)
        .where(Appointment.starts_at <= now)
        .order_by(Appointment.starts_at.desc(), Appointment.id.desc())
        .limit(limit + MOST_UNDER_WAY + 1)
    )
    if before is not None:
        key = (sa.literal(before[0], Appointment.starts_at.type), sa.literal(before[1], Appointment.id.type))
        chosen = chosen.where(sa.tuple_(Appointment.starts_at, Appointment.id) < sa.tuple_(*key))
    over = [row for row in session.execute(chosen) if _is_over(row[0], now)]
    shown = _cards(session, vault, over[:limit], now=now, language=language)
    return shown, (shown[-1].starts_at, shown[-1].id) if len(over) > limit else None


def one_meeting(
    session: Session, vault: Vault, *, citizen_id: uuid.UUID, token: str, now: datetime, language: str
) -> OwnMeeting:
    """Return the meeting of hers that has this token. Raises NotFound."""
    appointment_id = find_own(session, vault, citizen_id=citizen_id, token=token)
    rows = session.execute(_hers(citizen_id).where(Appointment.id == appointment_id)).all()
    return _cards(session, vault, rows, now=now, language=language)[0]


def find_own(session: Session, vault: Vault, *, citizen_id: uuid.UUID, token: str) -> uuid.UUID:
    """Return the id of the meeting of hers that has this token. Raises NotFound."""
    hers = session.scalars(sa.select(Appointment.id).where(Appointment.citizen_id == citizen_id))
    for appointment_id in hers:
        if hmac.compare_digest(token_of(vault, appointment_id).encode(), token.encode()):
            return appointment_id
    raise NotFound("there is no such meeting")


def token_of(vault: Vault, appointment_id: uuid.UUID) -> str:
    """Return what names a meeting outside the service; always the same for one meeting."""
    digest = vault.fingerprint(appointment_id.bytes, purpose="meeting token")
    return base64.urlsafe_b64encode(digest[:15]).decode()


def _hers(citizen_id: uuid.UUID) -> sa.Select[Appointment, Caseworker, Caseworker | None]:
    stand_in = sa.orm.aliased(Caseworker)
    stands_in = sa.and_(
        Rearrangement.appointment_id == Appointment.id,
        Rearrangement.revision == Appointment.revision,
        Rearrangement.decision == Decision.STAND_IN,
    )
    return (
        sa.select(Appointment, Caseworker, stand_in)
        .join(Caseworker, Caseworker.id == Appointment.caseworker_id)
        .outerjoin(Rearrangement, stands_in)
        .outerjoin(stand_in, stand_in.id == Rearrangement.stand_in_id)
        .where(Appointment.citizen_id == citizen_id)
        .execution_options(populate_existing=True)
    )


def ends_at(meeting: Appointment) -> datetime:
    """Return when a meeting is over if it takes as long as planned."""
    return meeting.starts_at + timedelta(minutes=meeting.minutes)


def _is_over(meeting: Appointment, now: datetime) -> bool:
    ended = meeting.state in ENDS and meeting.starts_at <= now
    return ended or ends_at(meeting) <= now


def _cards(session: Session, vault: Vault, rows: Sequence[Row], *, now: datetime, language: str) -> list[OwnMeeting]:
    meetings = [meeting for meeting, *_ in rows]
    purposes, guide = list_purposes(session, meetings), Guide(session, at=now)
    named = sa.select(Place.name, Place.words).where(Place.name.in_({meeting.place for meeting in meetings}))
    places = dict(session.execute(named).all())
    asked = [meeting.id for meeting in meetings if meeting.state is AppointmentState.NEW_TIME_ASKED]
    wishes = wishes_of(session, asked) if asked else {}
    offered = choices(session, asked, now=now) if asked else {}

    def card(meeting: Appointment, caseworker: Caseworker, stand_in: Caseworker | None) -> OwnMeeting:
        text, guidance = purposes.get(meeting.id), guide.of(meeting)
        place = places.get(meeting.place or "") if meeting.form is Form.IN_PERSON else None
        wish = wishes.get(meeting.id)
        return OwnMeeting(
            id=meeting.id,
            token=token_of(vault, meeting.id),
            revision=meeting.revision,
            state=meeting.state,
            state_since=meeting.state_since,
            starts_at=meeting.starts_at,
            minutes=meeting.minutes,
            form=meeting.form,
            held_by=(stand_in or caseworker).first_name,
            instead_of=caseworker.first_name if stand_in else None,
            place=Said(text=place, language=DANISH) if place else None,
            purpose=_sentence("about", text.purpose if text else "", language),
            next_step=_sentence("then", text.next_step if text else "", language),
            agenda=_said(guidance.agenda, language),
            bring=_said(guidance.bring, language),
            directions=_said(guidance.directions, language),
            how=_said(guidance.form, language),
            chosen=_other(wish) if wish else None,
            times=[_other(one) for one in offered.get(meeting.id, ()) if one.wished_at is None],
        )

    return [card(*row) for row in rows]


def _other(offered: OfferedTime) -> OtherTime:
    return OtherTime(number=offered.number, starts_at=offered.starts_at)


def _sentence(name: str, words: str, language: str) -> Said | None:
    said = _said(words, language)
    return Said(text=app_text(name, language=said.language, words=said.text), language=said.language) if said else None


def _said(words: str | None, language: str) -> Said | None:
    if not words:
        return None
    spoken = translated(words, language=language)
    return Said(text=spoken, language=language) if spoken else Said(text=words, language=DANISH)
