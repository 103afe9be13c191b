"""What happened around a thread, told between its messages: who took over, covers or reads along, numbers, wishes."""

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.people.card_models import CaseClosing, WrongPerson
from messaging.people.covering import cover_spans
from messaging.people.helper_wording import named
from messaging.people.models import CaseloadEntry, Caseworker, ContactPoint, OptOut, Standing
from messaging.people.reading_along import helpers_of
from messaging.vault.vault import Vault


class MarkerKind(enum.StrEnum):
    """What happened."""

    ASSIGNED = "assigned"
    COVERED = "covered"
    NUMBER_NAMED = "number_named"
    NUMBER_ENDED = "number_ended"
    CASE_CLOSED = "case_closed"
    CASE_REOPENED = "case_reopened"
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    HELPER_BEGAN = "helper_began"
    HELPER_ENDED = "helper_ended"
    WRONG_PERSON = "wrong_person"


@dataclass(frozen=True, kw_only=True)
class Marker:
    """Something that happened at a moment; `who` did it or has it now, `instead_of` whom, where there is somebody."""

    at: datetime
    kind: MarkerKind
    who: str = ""
    instead_of: str = ""


def markers_within(
    session: Session,
    vault: Vault,
    *,
    citizen_id: uuid.UUID,
    since: datetime | None,
    until: datetime | None,
    now: datetime,
) -> list[Marker]:
    """Return what happened around this citizen's thread within [since, until), oldest first."""
    found = [
        *_hands(session, citizen_id),
        *_covers(session, citizen_id),
        *_numbers(session, citizen_id),
        *_wishes(session, citizen_id),
        *_closings(session, citizen_id),
        *_helpers(session, vault, citizen_id, now),
        *_wrong_persons(session, citizen_id),
    ]
    fitting = [marker for marker in found if _is_within(marker.at, since, until)]
    return sorted(fitting, key=lambda marker: marker.at)


def _is_within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


def _hands(session: Session, citizen_id: uuid.UUID) -> list[Marker]:
    """Who looked after her first is no change."""
    rows = session.execute(
        sa.select(CaseloadEntry.valid_from, Caseworker.name)
        .join(Caseworker, Caseworker.id == CaseloadEntry.caseworker_id)
        .where(CaseloadEntry.citizen_id == citizen_id)
        .order_by(CaseloadEntry.valid_from)
    ).all()
    return [Marker(at=since, kind=MarkerKind.ASSIGNED, who=name) for since, name in rows[1:]]


def _covers(session: Session, citizen_id: uuid.UUID) -> list[Marker]:
    return [
        Marker(at=span.since, kind=MarkerKind.COVERED, who=span.deputy, instead_of=span.caseworker)
        for span in cover_spans(session, citizen_id=citizen_id)
    ]


def _numbers(session: Session, citizen_id: uuid.UUID) -> list[Marker]:
    points = session.execute(
        sa.select(ContactPoint.valid_from, ContactPoint.valid_to, ContactPoint.standing)
        .where(ContactPoint.citizen_id == citizen_id)
        .order_by(ContactPoint.valid_from)
    ).all()
    named = [Marker(at=point.valid_from, kind=MarkerKind.NUMBER_NAMED) for point in points[1:]]
    ended = [
        Marker(at=point.valid_to, kind=MarkerKind.NUMBER_ENDED)
        for point in points
        if point.standing is Standing.ENDED and point.valid_to is not None
    ]
    return named + ended


def _wishes(session: Session, citizen_id: uuid.UUID) -> list[Marker]:
    rows = session.execute(sa.select(OptOut.since, OptOut.lifted_at).filter_by(citizen_id=citizen_id)).all()
    out = [Marker(at=row.since, kind=MarkerKind.OPTED_OUT) for row in rows]
    return out + [Marker(at=row.lifted_at, kind=MarkerKind.OPTED_IN) for row in rows if row.lifted_at is not None]


def _closings(session: Session, citizen_id: uuid.UUID) -> list[Marker]:
    chosen = sa.select(CaseClosing.closed_at, CaseClosing.reopened_at).filter_by(citizen_id=citizen_id)
    rows = session.execute(chosen).all()
    closed = [Marker(at=row.closed_at, kind=MarkerKind.CASE_CLOSED) for row in rows]
    return closed + [
        Marker(at=row.reopened_at, kind=MarkerKind.CASE_REOPENED) for row in rows if row.reopened_at is not None
    ]


def _helpers(session: Session, vault: Vault, citizen_id: uuid.UUID, now: datetime) -> list[Marker]:
    """Who was only prepared has read nothing."""
    found = []
    for helper in helpers_of(session, vault, citizen_id=citizen_id, now=now, also_past=True):
        if helper.from_at is None:
            continue
        who = named(helper.name, helper.kind)
        found.append(Marker(at=helper.from_at, kind=MarkerKind.HELPER_BEGAN, who=who))
        if helper.over and helper.until is not None:
            found.append(Marker(at=helper.until, kind=MarkerKind.HELPER_ENDED, who=who))
    return found


def _wrong_persons(session: Session, citizen_id: uuid.UUID) -> list[Marker]:
    chosen = sa.select(WrongPerson.reported_at).filter_by(citizen_id=citizen_id)
    return [Marker(at=at, kind=MarkerKind.WRONG_PERSON) for at in session.scalars(chosen)]
