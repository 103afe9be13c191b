"""Who reads along with a citizen, opened for a page: beside her thread, on her card, in her own app."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.people.helper_models import Basis, HelpEndedBy, Helper, HelperKind
from messaging.people.models import Caseworker
from messaging.vault.place import Place
from messaging.vault.vault import Vault


@dataclass(frozen=True, kw_only=True)
class HelperView:
    """Somebody who reads along, did, or may once the citizen has said yes. `over`: it has ended, or run out."""

    id: uuid.UUID
    kind: HelperKind
    name: str = field(repr=False)
    basis: Basis
    words: str | None = field(repr=False)
    sees_login_only: bool
    recorded_by: str
    recorded_at: datetime
    from_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
    ended_by: HelpEndedBy | None
    over: bool

    @property
    def waits(self) -> bool:
        """Whether the citizen's yes in her app is still waited for."""
        return self.from_at is None and not self.over

    @property
    def reads(self) -> bool:
        """Whether this one may read now."""
        return self.from_at is not None and not self.over

    @property
    def until(self) -> datetime | None:
        """When it ended, or will end by itself; None while nobody knows."""
        ends = [at for at in (self.ends_at, self.ended_at) if at is not None]
        return min(ends, default=None)

    def could_read(self, *, written_at: datetime, shown_at: datetime, login_only: bool) -> bool:
        """Whether what was written and shown at these moments could be read by this one too."""
        if self.from_at is None or written_at < self.from_at or (login_only and not self.sees_login_only):
            return False
        return self.until is None or shown_at < self.until


def in_force(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a helper may read at this moment."""
    return sa.and_(Helper.from_at <= now, ~is_over(now))


def is_over(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a helper may not read any more, or never will."""
    run_out = sa.and_(Helper.ends_at.is_not(None), Helper.ends_at <= now)
    return sa.or_(Helper.ended_at.is_not(None), run_out)


def helpers_of(
    session: Session, vault: Vault, *, citizen_id: uuid.UUID, now: datetime, also_past: bool = False
) -> list[HelperView]:
    """Return who reads along or may after the citizen's yes, and with `also_past` who did; the newest last."""
    chosen = (
        sa.select(Helper, Caseworker.name, is_over(now))
        .join(Caseworker, Caseworker.id == Helper.recorded_by)
        .where(Helper.citizen_id == citizen_id)
        .order_by(Helper.recorded_at, Helper.id)
    )
    if not also_past:
        chosen = chosen.where(~is_over(now))
    return [_view(vault, helper, name, over=bool(over)) for helper, name, over in session.execute(chosen)]


def readers_now(session: Session, vault: Vault, *, citizen_id: uuid.UUID, now: datetime) -> list[HelperView]:
    """Return who reads along at this moment."""
    return [helper for helper in helpers_of(session, vault, citizen_id=citizen_id, now=now) if helper.reads]


def name_helper(vault: Vault, helper: Helper) -> str:
    """Return what a helper is called."""
    return vault.open(helper.name, owner=helper.citizen_id, place=Place("helpers", "name", helper.id))


def _view(vault: Vault, helper: Helper, recorded_by: str, *, over: bool) -> HelperView:
    words = helper.words
    return HelperView(
        id=helper.id,
        kind=helper.kind,
        name=name_helper(vault, helper),
        basis=helper.basis,
        words=vault.open(words, owner=helper.citizen_id, place=Place("helpers", "words", helper.id)) if words else None,
        sees_login_only=helper.sees_login_only,
        recorded_by=recorded_by,
        recorded_at=helper.recorded_at,
        from_at=helper.from_at,
        ends_at=helper.ends_at,
        ended_at=helper.ended_at,
        ended_by=helper.ended_by,
        over=over,
    )
