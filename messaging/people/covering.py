"""Cover: a colleague's citizen who waits is open to a deputy, and each time she opens the thread is written down.

Which citizens those are is told by rooms that know what waits; this one keeps who opened what, and why it was open.
"""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.database.changes import SeenChange
from messaging.database.upserts import insert_into
from messaging.people.absence_models import Absence, CoveredOpening, CoverNotice, Transfer
from messaging.people.acting import Act
from messaging.people.actors import Actor, Cover
from messaging.people.models import CaseloadEntry, Caseworker, Role

CoveredBy = Callable[[Session, Actor, datetime], Mapping[uuid.UUID, Cover]]
"""Says which citizens of colleagues are open to somebody now, and why."""


@dataclass(frozen=True, kw_only=True)
class CoverSpan:
    """Who covered for whom within [since, until), as somebody reads it beside a thread; first names."""

    deputy: str
    caseworker: str
    since: datetime
    until: datetime

    @property
    def first_day(self) -> date:
        """The first day, on the wall clock."""
        return self.since.astimezone(COPENHAGEN).date()

    @property
    def last_day(self) -> date:
        """The last day: an end at midnight belongs to the day before."""
        return (self.until - timedelta(microseconds=1)).astimezone(COPENHAGEN).date()


def nobody_covered(session: Session, actor: Actor, now: datetime) -> Mapping[uuid.UUID, Cover]:  # noqa: ARG001
    """Cover nobody: where no room tells what waits."""
    return {}


def in_force(now: datetime | sa.BindParameter[datetime], absence: type[Absence] = Absence) -> sa.ColumnElement[bool]:
    """Return the condition that an absence holds at this moment; `absence` is the table or an alias of it."""
    return sa.and_(absence.since <= now, absence.until > now, absence.ended_at.is_(None))


def deputy_is_of_the_unit() -> sa.ColumnElement[bool]:
    """Return the condition that the deputy of an `Absence` is still a caseworker of the absent one's unit."""
    absent, deputy = sa.orm.aliased(Caseworker), sa.orm.aliased(Caseworker)
    return sa.exists().where(
        absent.id == Absence.caseworker_id,
        deputy.id == Absence.deputy_id,
        deputy.unit_id == absent.unit_id,
        deputy.role == Role.CASEWORKER,
        deputy.active,
    )


def whose_lists_changed(
    session: Session, changes: Collection[SeenChange], citizen_ids: Collection[uuid.UUID], now: datetime
) -> frozenset[uuid.UUID]:
    """Return whose lists some changes may have altered without a citizen to name to them.

    Those are the absent and the deputy of an absence, who covers for the caseworker of a citizen (who may wait no
    more), and who has just handed a citizen over.
    """
    reported = [change.object_id for change in changes if change.kind.startswith("absence.")]
    handed = [change.object_id for change in changes if change.kind == "citizen.transferred"]
    ago = now - timedelta(minutes=1)
    givers = sa.select(Transfer.from_id).where(Transfer.citizen_id.in_(handed), Transfer.transferred_at >= ago)
    keepers = sa.select(CaseloadEntry.caseworker_id).where(
        CaseloadEntry.citizen_id.in_(citizen_ids), CaseloadEntry.valid_to.is_(None)
    )
    covering = sa.select(Absence.deputy_id).where(
        in_force(now), Absence.caseworker_id.in_(sa.union(givers, keepers)), deputy_is_of_the_unit()
    )
    away = (sa.select(who).where(Absence.id.in_(reported)) for who in (Absence.caseworker_id, Absence.deputy_id))
    told = session.scalars(sa.union(covering, givers, *away)).all()
    return frozenset(id_ for id_ in told if id_ is not None)


def note_opening(act: Act, *, citizen_id: uuid.UUID) -> None:
    """Write down that a colleague's citizen was opened, and what opened her; nothing for one's own."""
    cover = act.actor.covered.get(citizen_id)
    if cover is None:
        return
    act.session.add(
        CoveredOpening(
            caseworker_id=act.actor.id,
            citizen_id=citizen_id,
            absence_id=cover.absence_id,
            because=cover.because,
            opened_at=act.now,
        )
    )
    absence = str(cover.absence_id) if cover.absence_id else None
    act.audit(
        "conversation.opened_under_cover",
        object_kind="conversation",
        object_id=citizen_id,
        facts={"because": cover.because, "absence": absence},
    )


def take_notice(act: Act, *, citizen_id: uuid.UUID) -> tuple[str, str] | None:
    """Get the right to tell a citizen who answers: the first names of deputy and absent one, once in an absence.

    None where there is nothing to tell, or it has been told.
    """
    cover = act.actor.covered.get(citizen_id)
    if cover is None or cover.absence_id is None:
        return None
    taken = act.session.execute(
        insert_into(act.session, CoverNotice)
        .values(absence_id=cover.absence_id, citizen_id=citizen_id, deputy_id=act.actor.id, told_at=act.now)
        .on_conflict_do_nothing()
        .returning(CoverNotice.absence_id)
    ).scalar()
    if taken is None:
        return None
    absence = act.session.get_one(Absence, cover.absence_id)
    deputy, absent = (act.session.get_one(Caseworker, id_) for id_ in (act.actor.id, absence.caseworker_id))
    return deputy.first_name, absent.first_name


def cover_spans(session: Session, *, citizen_id: uuid.UUID) -> list[CoverSpan]:
    """Return in whose place colleagues have opened this citizen's thread, oldest first."""
    absent, deputy = sa.orm.aliased(Caseworker), sa.orm.aliased(Caseworker)
    opened = sa.exists().where(CoveredOpening.absence_id == Absence.id, CoveredOpening.citizen_id == citizen_id)
    rows = session.execute(
        sa.select(Absence, absent, deputy)
        .join(absent, absent.id == Absence.caseworker_id)
        .join(deputy, deputy.id == Absence.deputy_id)
        .where(opened)
        .order_by(Absence.since)
    )
    return [
        CoverSpan(
            deputy=covers.first_name,
            caseworker=away.first_name,
            since=absence.since,
            until=min(absence.until, absence.ended_at or absence.until),
        )
        for absence, away, covers in rows
    ]
