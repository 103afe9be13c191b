"""Which browsers of a citizen take pushes: beginning and ending that, and what she has to be reached by."""

import json
import uuid
from collections.abc import Callable, Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from messaging.citizen_app.models import AppSession, Device
from messaging.citizen_app.push_models import PushEnd, PushSubscription
from messaging.conversations import threads
from messaging.conversations.channel_choice import Has, Means, MeansOf
from messaging.database.base import new_id
from messaging.errors import Conflict
from messaging.people.acting import Act
from messaging.people.card_models import Medium
from messaging.people.preferences import media_of

MOST = 10
"""Browsers of one citizen that are pushed to; with one more, the oldest ends."""


def subscribe(
    act: Act, *, citizen_id: uuid.UUID, device_id: uuid.UUID, session_id: uuid.UUID, subscription: str
) -> bool:
    """Push to the browser whose subscription (in JSON, checked by the channel) this is; False if we do already.

    A browser belongs to who subscribed there last. Raises Conflict where two do so at once.
    """
    threads.lock_thread_to_be(act.session, citizen_id)
    index = act.vault.fingerprint(json.loads(subscription)["endpoint"].encode(), purpose="push endpoint")
    known = act.session.scalar(sa.select(PushSubscription).filter_by(endpoint_index=index, ended_at=None))
    if known is not None:
        if (known.citizen_id, known.session_id) == (citizen_id, session_id):
            return False
        _end(act, known, why=PushEnd.REPLACED)
    row = PushSubscription(
        id=new_id(),
        citizen_id=citizen_id,
        device_id=device_id,
        session_id=session_id,
        endpoint_index=index,
        created_at=act.now,
    )
    row.subscription = act.seal(
        subscription, owner=citizen_id, table="push_subscriptions", column="subscription", row=row.id
    )
    try:
        with act.session.begin_nested():
            act.session.add(row)
    except IntegrityError:
        raise Conflict("this browser subscribes somewhere else at this moment") from None
    for old in living_of(act.session, citizen_id)[:-MOST]:
        _end(act, old, why=PushEnd.REPLACED)
    act.audit("app.push_begun", object_kind="device", object_id=device_id)
    act.announce("citizen.push_begun", object_id=citizen_id)
    return True


def stop_pushes(
    act: Act,
    *,
    why: PushEnd,
    session_id: uuid.UUID | None = None,
    device_id: uuid.UUID | None = None,
    citizen_id: uuid.UUID | None = None,
) -> int:
    """End the subscriptions of a sign-in, a phone or a citizen; return how many there were."""
    chosen = sa.select(PushSubscription).where(PushSubscription.ended_at.is_(None))
    if session_id is not None:
        chosen = chosen.where(PushSubscription.session_id == session_id)
    if device_id is not None:
        chosen = chosen.where(PushSubscription.device_id == device_id)
    if citizen_id is not None:
        chosen = chosen.where(PushSubscription.citizen_id == citizen_id)
    rows = act.session.scalars(chosen.order_by(PushSubscription.id)).all()
    for row in rows:
        _end(act, row, why=why)
    return len(rows)


def hand_on(act: Act, *, session_id: uuid.UUID) -> None:
    """Let who has signed in again on the same phone keep the pushes of the sign-in that ends now."""
    ending = act.session.get_one(AppSession, session_id)
    chosen = sa.select(AppSession.id).where(
        AppSession.citizen_id == ending.citizen_id,
        AppSession.device_id == ending.device_id,
        AppSession.id != session_id,
        AppSession.ended_at.is_(None),
    )
    newest = act.session.scalar(chosen.order_by(AppSession.created_at.desc(), AppSession.id.desc()).limit(1))
    if ending.device_id is not None and newest is not None:
        kept = sa.update(PushSubscription).where(
            PushSubscription.session_id == session_id, PushSubscription.ended_at.is_(None)
        )
        act.session.execute(kept.values(session_id=newest))


def end_gone(act: Act, subscription_id: uuid.UUID) -> None:
    """End a subscription of which its push service knows nothing any more."""
    row = act.session.get_one(PushSubscription, subscription_id)
    if row.ended_at is None:
        _end(act, row, why=PushEnd.GONE)


def living_of(session: Session, citizen_id: uuid.UUID) -> list[PushSubscription]:
    """Return the subscriptions of a citizen that may be pushed to, oldest first."""
    chosen = sa.select(PushSubscription).where(PushSubscription.citizen_id == citizen_id, is_living())
    return list(session.scalars(chosen.order_by(PushSubscription.created_at, PushSubscription.id)))


def pushed_devices(session: Session, citizen_id: uuid.UUID) -> set[uuid.UUID]:
    """Return the phones of a citizen on which the app may knock."""
    return {row.device_id for row in living_of(session, citizen_id)}


def is_pushed_to(session: Session, *, session_id: uuid.UUID) -> bool:
    """Whether the browser of this sign-in takes pushes."""
    return bool(session.scalar(sa.select(sa.exists().where(PushSubscription.session_id == session_id, is_living()))))


def is_living() -> sa.ColumnElement[bool]:
    """Return the condition that a subscription has not ended, nor the sign-in or the phone it came from."""
    of_session = sa.exists().where(AppSession.id == PushSubscription.session_id, AppSession.ended_at.is_(None))
    of_device = sa.exists().where(Device.id == PushSubscription.device_id, Device.ended_at.is_(None))
    return sa.and_(PushSubscription.ended_at.is_(None), of_session, of_device)


def means_with(*, push: bool) -> MeansOf:
    """Return what tells the means of citizens; without the channel nobody has a phone that the app knocks on."""

    def means_of(session: Session, citizen_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Means]:
        among = sa.select(Device.citizen_id).where(Device.citizen_id.in_(citizen_ids), Device.ended_at.is_(None))
        in_app = set(session.scalars(among))
        pushed = sa.select(PushSubscription.citizen_id).where(PushSubscription.citizen_id.in_(citizen_ids), is_living())
        pushable = set(session.scalars(pushed)) if push else set()
        media = media_of(session, citizen_ids)
        return {
            citizen_id: Means(
                has=Has.PUSH if citizen_id in pushable else Has.APP if citizen_id in in_app else Has.NUMBER,
                prefers=media.get(citizen_id, Medium.APP if citizen_id in in_app else Medium.SMS),
                asked=citizen_id in media,
            )
            for citizen_id in citizen_ids
        }

    return means_of


def apps_with(means_of: MeansOf) -> Callable[[Session, Collection[uuid.UUID]], Mapping[uuid.UUID, bool]]:
    """Return what tells which of some citizens have the app, and of each whether it knocks on a phone of hers."""

    def apps_of(session: Session, citizen_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, bool]:
        means = means_of(session, citizen_ids)
        return {id_: one.has is Has.PUSH for id_, one in means.items() if one.has is not Has.NUMBER}

    return apps_of


def _end(act: Act, row: PushSubscription, *, why: PushEnd) -> None:
    row.ended_at, row.ended_why = act.now, why
    act.session.flush()
    act.audit("app.push_ended", object_kind="device", object_id=row.device_id, facts={"why": why})
    act.announce("citizen.push_ended", object_id=row.citizen_id)
