"""Letting somebody read along with a citizen, and ending it: on her consent, or on a guardian's mandate.

Nothing from before is opened by it, and nothing is taken back by ending it but the reading of what is there.
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from messaging.clock import COPENHAGEN, begin_of_day
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.journal.events import EventType
from messaging.people.acting import Act, Facts
from messaging.people.actors import ActorKind
from messaging.people.helper_models import Basis, HelpEndedBy, Helper, HelperKind
from messaging.people.identity import LONGEST_NAME, comes_of_age, is_name, is_under_age
from messaging.people.models import Citizen
from messaging.people.reading_along import is_over, name_helper
from messaging.people.visibility import find_citizen
from messaging.vault.place import Place

LONGEST = 300
"""Characters of what gives the right to read along."""
NO_SUCH = "nobody of this id reads along with this citizen"


@dataclass(frozen=True, kw_only=True)
class NewHelper:
    """Somebody who is to read along, as a caseworker writes it down. `until`: the last day, if it is known."""

    id: uuid.UUID
    kind: HelperKind
    name: str = field(repr=False)
    basis: Basis
    words: str = field(default="", repr=False)
    sees_login_only: bool = False
    until: date | None = None


def add_helper(act: Act, new: NewHelper, *, citizen_id: uuid.UUID) -> Helper:
    """Let somebody read along from now on, or from the citizen's yes in her app on; the same id again changes nothing.

    A guardian's mandate over somebody who is under age ends when she comes of age. Raises NotFound, ReasonMissing,
    InvalidInput, or Conflict for an id that is another's.
    """
    citizen = find_citizen(act.session, act.actor, citizen_id)
    if act.actor.kind is not ActorKind.STAFF or act.actor.id is None:
        raise ValueError("somebody who works here writes down who reads along")
    known = act.session.get(Helper, new.id)
    if known is not None:
        if (known.citizen_id, known.recorded_by) != (citizen_id, act.actor.id):
            raise Conflict("this id is another's")
        return known
    _check(new)
    helper = Helper(
        id=new.id,
        citizen_id=citizen_id,
        kind=new.kind,
        basis=new.basis,
        sees_login_only=new.sees_login_only,
        recorded_by=act.actor.id,
        recorded_at=act.now,
        from_at=None if new.basis is Basis.CONSENT_IN_APP else act.now,
        ends_at=_end(act, citizen, new),
    )
    helper.name = act.seal(new.name, owner=citizen_id, table="helpers", column="name", row=new.id)
    if new.words:
        helper.words = act.seal(new.words, owner=citizen_id, table="helpers", column="words", row=new.id)
    act.session.add(helper)
    act.session.flush()
    if helper.from_at is not None:
        _tell_added(act, helper)
    else:
        act.audit("helper.prepared", object_kind="helper", object_id=helper.id)
        act.announce("citizen.helper_prepared", object_id=citizen_id)
    return helper


def agree(act: Act, *, citizen_id: uuid.UUID, helper_id: uuid.UUID, sees_login_only: bool) -> bool:
    """Take the citizen's own yes to somebody who was prepared; False, with nothing changed, if she said it before.

    She may allow less than was prepared, never more. Raises NotFound where it has ended meanwhile.
    """
    helper = _find(act, citizen_id, helper_id)
    if helper.from_at is not None:
        return False
    helper.from_at, helper.sees_login_only = act.now, helper.sees_login_only and sees_login_only
    act.session.flush()
    _tell_added(act, helper)
    return True


def end_helper(act: Act, *, citizen_id: uuid.UUID, helper_id: uuid.UUID, ended_by: HelpEndedBy) -> None:
    """Let somebody read along no more, or decline who was prepared. Raises NotFound where it has ended already."""
    helper = _find(act, citizen_id, helper_id)
    helper.ended_at, helper.ended_by = act.now, ended_by
    act.session.flush()
    if helper.from_at is not None:
        act.journal(EventType.HELPER_ENDED, stream=citizen_id, subject=helper_id, facts={"by": ended_by})
    act.audit("helper.ended", object_kind="helper", object_id=helper_id, facts={"by": ended_by})
    act.announce("citizen.helper_ended", object_id=citizen_id)


def is_in_custody(act: Act, citizen: Citizen) -> bool:
    """Whether somebody has custody of this citizen: she is under age."""
    return is_under_age(_cpr(act, citizen), today=_today(act))


def _find(act: Act, citizen_id: uuid.UUID, helper_id: uuid.UUID) -> Helper:
    """Return and lock a helper of this citizen's that has not ended. Raises NotFound."""
    chosen = sa.select(Helper).where(Helper.id == helper_id, Helper.citizen_id == citizen_id, ~is_over(act.now))
    helper = act.session.scalar(chosen.with_for_update().execution_options(populate_existing=True))
    if helper is None:
        raise NotFound(NO_SUCH)
    return helper


def _check(new: NewHelper) -> None:
    if not is_name(new.name) or len(new.name) > LONGEST_NAME:
        raise InvalidInput("this cannot be a name", field="name")
    if new.basis is Basis.MANDATE and new.kind is not HelperKind.GUARDIAN:
        raise InvalidInput("only a guardian has a mandate", field="basis")
    if len(new.words) > LONGEST or (new.basis is Basis.MANDATE and not new.words.strip()):
        raise InvalidInput(f"a mandate is named in at most {LONGEST} characters", field="words")


def _end(act: Act, citizen: Citizen, new: NewHelper) -> datetime | None:
    """Return when it ends by itself. Raises InvalidInput for a last day that has been."""
    today = _today(act)
    if new.until is not None and new.until < today:
        raise InvalidInput("the last day has been", field="until")
    ends = [] if new.until is None else [begin_of_day(new.until + timedelta(days=1))]
    if new.basis is Basis.MANDATE:
        of_age = comes_of_age(_cpr(act, citizen))
        ends += [begin_of_day(of_age)] if of_age > today else []
    return min(ends, default=None)


def _cpr(act: Act, citizen: Citizen) -> str:
    return act.vault.open(citizen.cpr, owner=citizen.id, place=Place("citizens", "cpr", citizen.id))


def _today(act: Act) -> date:
    return act.now.astimezone(COPENHAGEN).date()


def _tell_added(act: Act, helper: Helper) -> None:
    words = helper.words
    place = Place("helpers", "words", helper.id)
    facts: Facts = {
        "kind": helper.kind,
        "name": name_helper(act.vault, helper),
        "basis": helper.basis,
        "words": act.vault.open(words, owner=helper.citizen_id, place=place) if words else None,
        "sees_login_only": helper.sees_login_only,
        "until": helper.ends_at.isoformat() if helper.ends_at else None,
        "by": str(helper.recorded_by),
    }
    act.journal(EventType.HELPER_ADDED, stream=helper.citizen_id, subject=helper.id, facts=facts)
    act.audit("helper.added", object_kind="helper", object_id=helper.id, facts={**facts})
    act.announce("citizen.helper_added", object_id=helper.citizen_id)
