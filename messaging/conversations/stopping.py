"""Stopping a channel: nothing leaves by it until somebody lifts the stop.

The senders look before each message, in every process: a stop holds from its commit for all that is not on its way by
then. What waits goes on waiting, and expires when it is of no use any more; what citizens write is taken in as ever.
"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from messaging.conversations.stop_models import ChannelStop, StopReason
from messaging.database.base import new_id
from messaging.people.acting import Act


def stop_channel(act: Act, *, channel: str, reason: StopReason) -> bool:
    """Let nothing leave by a channel from now on; False if it is stopped already."""
    if act.actor.id is None:
        raise ValueError("only a person stops a channel")
    stop = ChannelStop(id=new_id(), channel=channel, reason=reason, stopped_by=act.actor.id, stopped_at=act.now)
    try:
        with act.session.begin_nested():
            act.session.add(stop)
    except IntegrityError:
        return False  # by somebody else at the same moment, or before
    act.audit("channel.stopped", object_kind="channel_stop", object_id=stop.id, facts={"reason": reason})
    return True


def lift_stop(act: Act, *, stop_id: uuid.UUID) -> bool:
    """Let what waits leave again; False if this stop has been lifted already, or never was."""
    chosen = sa.select(ChannelStop).filter_by(id=stop_id, lifted_at=None).with_for_update()
    stop = act.session.scalar(chosen)
    if stop is None:
        return False
    stop.lifted_at, stop.lifted_by = act.now, act.actor.id
    act.audit("channel.released", object_kind="channel_stop", object_id=stop.id)
    return True


def standing_stop(session: Session, *, channel: str) -> ChannelStop | None:
    """Return the stop that holds for a channel now, if one does."""
    return session.scalar(sa.select(ChannelStop).filter_by(channel=channel, lifted_at=None))


def last_stops(session: Session, *, channel: str, limit: int) -> Sequence[ChannelStop]:
    """Return the last stops of a channel, the newest first."""
    chosen = sa.select(ChannelStop).filter_by(channel=channel).order_by(ChannelStop.id.desc()).limit(limit)
    return session.scalars(chosen).all()
