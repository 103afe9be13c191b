"""What people want: no more SMS, SMS again; and numbers to which nothing goes until a human has looked."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from messaging.people.acting import Act
from messaging.people.models import ContactPoint, OptOut, PauseReason, PhoneNumber, Standing
from messaging.people.reaching import SMS
from messaging.vault.vault import TRIAGE


def opt_out(act: Act, *, citizen_id: uuid.UUID, medium: str = SMS) -> bool:
    """Note that a person wants nothing by this medium; False if that was known. It never lifts a duty to attend."""
    if _standing(act, citizen_id, medium) is not None:
        return False
    wish = OptOut(citizen_id=citizen_id, medium=medium, since=act.now)
    act.session.add(wish)
    act.session.flush()
    act.journal("opt_out.set", stream=citizen_id, subject=wish.id, facts={"medium": medium})
    act.audit("opt_out.set", object_kind="citizen", object_id=citizen_id, facts={"medium": medium})
    return True


def opt_in(act: Act, *, citizen_id: uuid.UUID, medium: str = SMS) -> bool:
    """Note that a person wants messages by this medium again; False if nothing stood against it."""
    wish = _standing(act, citizen_id, medium)
    if wish is None:
        return False
    wish.lifted_at = act.now
    act.journal("opt_out.lifted", stream=citizen_id, subject=wish.id, facts={"medium": medium})
    act.audit("opt_out.lifted", object_kind="citizen", object_id=citizen_id, facts={"medium": medium})
    return True


def pause_number(act: Act, *, number_id: uuid.UUID, reason: PauseReason) -> bool:
    """Send nothing to a number until a human has looked; False if it was paused already."""
    paused = act.session.execute(
        sa.update(PhoneNumber)
        .where(PhoneNumber.id == number_id, PhoneNumber.paused_since.is_(None))
        .values(paused_since=act.now, pause_reason=reason, version=PhoneNumber.version + 1)
    )
    if not paused.rowcount:  # type: ignore[attr-defined]
        return False
    act.audit("number.paused", object_kind="phone_number", object_id=number_id, facts={"reason": reason})
    for stream in _holders(act, number_id) or [TRIAGE]:
        act.journal("number.paused", stream=stream, subject=number_id, facts={"reason": reason})
    return True


def release_number(act: Act, *, number_id: uuid.UUID) -> None:
    """Let messages go to a number again: a human has looked. Does nothing to one that is not paused."""
    released = act.session.execute(
        sa.update(PhoneNumber)
        .where(PhoneNumber.id == number_id, PhoneNumber.paused_since.is_not(None))
        .values(paused_since=None, pause_reason=None, version=PhoneNumber.version + 1)
        .returning(PhoneNumber.id)
    ).scalar()
    if released is None:
        return
    act.audit("number.released", object_kind="phone_number", object_id=number_id)
    for stream in _holders(act, number_id) or [TRIAGE]:
        act.journal("number.released", stream=stream, subject=number_id, facts={"released_by": str(act.actor.id)})


def release_after_stop(act: Act, *, number_id: uuid.UUID) -> None:
    """Lift a pause that a STOP brought on: its one holder has sent START. Other pauses are a human's to lift."""
    number = act.session.get_one(PhoneNumber, number_id)
    if number.pause_reason in {PauseReason.STOP_FROM_SHARED, PauseReason.STOP_FROM_UNKNOWN}:
        release_number(act, number_id=number_id)


def block_number(act: Act, *, number_id: uuid.UUID) -> None:
    """Note that the provider itself refuses to send to a number; the way back is that the citizen sends START."""
    _set_block(act, number_id, since=act.now)


def unblock_number(act: Act, *, number_id: uuid.UUID) -> None:
    """Note that the provider sends to a number again."""
    _set_block(act, number_id, since=None)


def mark_shared(act: Act, *, number_id: uuid.UUID, shared: bool) -> None:
    """Flag a number as a family's or a friend's: only content-free texts go to it from now on."""
    act.session.execute(
        sa.update(PhoneNumber).where(PhoneNumber.id == number_id).values(shared=shared, version=PhoneNumber.version + 1)
    )
    act.audit("number.shared", object_kind="phone_number", object_id=number_id, facts={"shared": shared})


def _holders(act: Act, number_id: uuid.UUID) -> list[uuid.UUID]:
    points = sa.select(ContactPoint.citizen_id).where(
        ContactPoint.number_id == number_id, ContactPoint.standing == Standing.IN_USE
    )
    return list(act.session.scalars(points.order_by(ContactPoint.citizen_id)))


def _standing(act: Act, citizen_id: uuid.UUID, medium: str) -> OptOut | None:
    return act.session.scalar(sa.select(OptOut).filter_by(citizen_id=citizen_id, medium=medium, lifted_at=None))


def _set_block(act: Act, number_id: uuid.UUID, *, since: datetime | None) -> None:
    known = PhoneNumber.provider_blocked_since
    changed = act.session.execute(
        sa.update(PhoneNumber)
        .where(PhoneNumber.id == number_id, known.is_(None) if since else known.is_not(None))
        .values(provider_blocked_since=since, version=PhoneNumber.version + 1)
    )
    if changed.rowcount:  # type: ignore[attr-defined]
        act.audit("number.blocked" if since else "number.unblocked", object_kind="phone_number", object_id=number_id)
