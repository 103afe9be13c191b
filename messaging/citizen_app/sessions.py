"""The citizen's browser holds a token; what she may see follows from how she came in.

A phone that was paired in the office stays in for months, as long as it is used; a code by SMS or MitID opens a short
visit. The database holds the token's digest, never the token.
"""

import base64
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.citizen_app.models import AppSession, Device, EndedBy, Opened, OutboxKey
from messaging.citizen_app.outbox_keys import drop_keys, make_key
from messaging.citizen_app.push_models import PushEnd
from messaging.citizen_app.subscriptions import hand_on, stop_pushes
from messaging.conversations.content_gate import ContentClass
from messaging.database.base import new_id
from messaging.people.acting import Act, Facts
from messaging.people.actors import Actor, ActorKind
from messaging.vault.vault import Vault

SEEN_AGAIN = timedelta(minutes=1)
"""`seen_at` is kept to this precision, so that not every page writes."""


@dataclass(frozen=True, kw_only=True)
class Lasting:
    """How long a session lasts: `idle` without a request, `longest` in any case."""

    idle: timedelta
    longest: timedelta


VISIT = Lasting(idle=timedelta(minutes=30), longest=timedelta(hours=8))
LASTING: Mapping[Opened, Lasting] = {
    Opened.PAIRED: Lasting(idle=timedelta(days=60), longest=timedelta(days=365)),
    Opened.PASSKEY: Lasting(idle=timedelta(days=60), longest=timedelta(days=365)),
    Opened.CODE: VISIT,
    Opened.MITID: VISIT,
    Opened.MITID_LOW: VISIT,
}

ON_A_POSTCARD = frozenset({ContentClass.SMS_OK, ContentClass.CONSEQUENCE})
BEHIND_A_LOCK = ON_A_POSTCARD | {ContentClass.LOGIN_ONLY}
MAY_SEE: Mapping[Opened, frozenset[ContentClass]] = {
    Opened.CODE: ON_A_POSTCARD,
    Opened.PAIRED: BEHIND_A_LOCK,
    Opened.PASSKEY: BEHIND_A_LOCK,
    Opened.MITID_LOW: BEHIND_A_LOCK,
    Opened.MITID: BEHIND_A_LOCK | {ContentClass.SENSITIVE},
}
"""A code by SMS reaches whoever holds the phone, so it opens only what went there already."""


@dataclass(frozen=True, kw_only=True)
class CitizenHere:
    """A citizen whose request this is."""

    citizen_id: uuid.UUID
    session_id: uuid.UUID
    device_id: uuid.UUID | None
    opened: Opened
    seen_at: datetime
    seals_to: bytes | None = None
    """The public key to which her phone seals what waits for a connection."""

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return Actor(kind=ActorKind.CITIZEN, id=self.citizen_id)

    @property
    def may_see(self) -> frozenset[ContentClass]:
        """The classes of content that this way in opens."""
        return MAY_SEE[self.opened]

    @property
    def class_of_own(self) -> ContentClass:
        """The class of what she writes."""
        return writes_as(self.opened)

    @property
    def outbox_key(self) -> str | None:
        """The public key as a page hands it to its script."""
        return None if self.seals_to is None else base64.urlsafe_b64encode(self.seals_to).decode()


def writes_as(opened: Opened) -> ContentClass:
    """Return the class of what she writes: she can read it again by the way in by which she wrote it."""
    return ContentClass.LOGIN_ONLY if ContentClass.LOGIN_ONLY in MAY_SEE[opened] else ContentClass.SMS_OK


def begin_session(act: Act, *, citizen_id: uuid.UUID, opened: Opened, device_id: uuid.UUID | None = None) -> str:
    """Begin a session for a citizen who has proved who she is; return the token for her browser."""
    token = secrets.token_urlsafe(32)
    row = AppSession(
        id=new_id(),
        citizen_id=citizen_id,
        device_id=device_id,
        token_digest=_digest(act.vault, token),
        opened=opened,
        created_at=act.now,
        seen_at=act.now,
    )
    act.session.add(row)
    act.session.flush()
    make_key(act, citizen_id=citizen_id, session_id=row.id)
    act.audit("app.signed_in", object_kind="citizen", object_id=citizen_id, facts={"opened": opened})
    return token


def session_citizen(session: Session, vault: Vault, *, token: str, now: datetime) -> CitizenHere | None:
    """Return whose token this is; None if the session, or its phone's access, has ended in any way."""
    row = session.execute(
        sa.select(AppSession, Device.ended_at, OutboxKey.public)
        .outerjoin(Device, Device.id == AppSession.device_id)
        .outerjoin(OutboxKey, OutboxKey.session_id == AppSession.id)
        .where(AppSession.token_digest == _digest(vault, token), AppSession.ended_at.is_(None))
    ).first()
    if row is None or row.ended_at is not None:
        return None
    found, lasting = row.AppSession, LASTING[row.AppSession.opened]
    if found.seen_at <= now - lasting.idle or found.created_at <= now - lasting.longest:
        return None
    return CitizenHere(
        citizen_id=found.citizen_id,
        session_id=found.id,
        device_id=found.device_id,
        opened=found.opened,
        seen_at=found.seen_at,
        seals_to=row.public,
    )


def was_ended(session: Session, vault: Vault, *, token: str) -> bool:
    """Whether somebody ended this session, or its citizen was erased; one that only ran out was not ended."""
    row = session.execute(
        sa.select(AppSession.ended_at, Device.ended_at.label("closed_at"))
        .outerjoin(Device, Device.id == AppSession.device_id)
        .where(AppSession.token_digest == _digest(vault, token))
    ).first()
    return row is None or row.ended_at is not None or row.closed_at is not None


def note_seen(session: Session, here: CitizenHere, *, now: datetime) -> None:
    """Note that the session, and its phone, are in use."""
    session.execute(sa.update(AppSession).filter_by(id=here.session_id).values(seen_at=now))
    if here.device_id is not None:
        session.execute(sa.update(Device).filter_by(id=here.device_id).values(seen_at=now))


def end_session(act: Act, *, session_id: uuid.UUID) -> None:
    """Sign one browser out, with what waits in it; done again, it changes nothing."""
    drop_keys(act.session, AppSession.id == session_id)
    _end(act, session_id)


def _end(act: Act, session_id: uuid.UUID) -> None:
    citizen_id = act.session.scalar(
        sa.update(AppSession)
        .filter_by(id=session_id, ended_at=None)
        .values(ended_at=act.now)
        .returning(AppSession.citizen_id)
    )
    if citizen_id is not None:
        stop_pushes(act, session_id=session_id, why=PushEnd.SIGNED_OUT)
        act.audit("app.signed_out", object_kind="citizen", object_id=citizen_id)


def end_token(act: Act, *, token: str) -> None:
    """Sign out whoever holds this token, so that a browser that signs in again leaves no session behind.

    What was written in that session may still wait on the phone, and its writer be the one who signs in again.
    """
    found = act.session.scalar(sa.select(AppSession.id).filter_by(token_digest=_digest(act.vault, token)))
    if found is not None:
        hand_on(act, session_id=found)
        _end(act, found)


def end_device(act: Act, *, citizen_id: uuid.UUID, device_id: uuid.UUID, ended_by: EndedBy) -> bool:
    """End a phone's access and sign it out; False if the citizen has no such phone in use."""
    ended = act.session.scalar(
        sa.update(Device)
        .filter_by(id=device_id, citizen_id=citizen_id, ended_at=None)
        .values(ended_at=act.now, ended_by=ended_by)
        .returning(Device.id)
    )
    if ended is None:
        return False
    drop_keys(act.session, AppSession.device_id == device_id)
    act.session.execute(sa.update(AppSession).filter_by(device_id=device_id, ended_at=None).values(ended_at=act.now))
    stop_pushes(act, device_id=device_id, why=PushEnd.DEVICE)
    facts: Facts = {"by": act.actor.kind, "why": ended_by}
    act.journal("app.device_ended", stream=citizen_id, subject=device_id, facts=facts)
    act.audit("app.device_ended", object_kind="device", object_id=device_id, facts={"why": ended_by})
    act.announce("citizen.device_ended", object_id=citizen_id)
    return True


def end_others(act: Act, *, citizen_id: uuid.UUID, keep: Collection[CitizenHere], ended_by: EndedBy) -> int:
    """End the access of every phone of a citizen but those kept, and sign out all her other browsers.

    Return how many phones and visits there were. What a browser keeps beneath a visit is to be kept too.
    """
    kept_phones, kept = {here.device_id for here in keep}, {here.session_id for here in keep}
    phones = act.session.scalars(sa.select(Device.id).filter_by(citizen_id=citizen_id, ended_at=None)).all()
    ended = [
        end_device(act, citizen_id=citizen_id, device_id=device_id, ended_by=ended_by)
        for device_id in phones
        if device_id not in kept_phones
    ]
    visits = act.session.scalars(sa.select(AppSession.id).where(*_open_visits(citizen_id, act.now))).all()
    others = [session_id for session_id in visits if session_id not in kept]
    for session_id in others:
        end_session(act, session_id=session_id)
    facts: Facts = {"phones": sum(ended), "visits": len(others)}
    act.audit("app.others_ended", object_kind="citizen", object_id=citizen_id, facts=facts)
    return sum(ended) + len(others)


def other_visits(session: Session, *, citizen_id: uuid.UUID, keep: Collection[CitizenHere], now: datetime) -> int:
    """Return how many browsers besides these are signed in to her messages without being one of her phones."""
    chosen = sa.select(sa.func.count()).select_from(AppSession).where(*_open_visits(citizen_id, now))
    return session.scalar(chosen.where(AppSession.id.not_in([here.session_id for here in keep]))) or 0


def _open_visits(citizen_id: uuid.UUID, now: datetime) -> Sequence[sa.ColumnElement[bool]]:
    return (
        AppSession.citizen_id == citizen_id,
        AppSession.device_id.is_(None),
        AppSession.ended_at.is_(None),
        AppSession.seen_at > now - VISIT.idle,
        AppSession.created_at > now - VISIT.longest,
    )


def end_all(act: Act, *, citizen_id: uuid.UUID, ended_by: EndedBy) -> int:
    """End the access of every phone of a citizen and sign out all her browsers; return how many phones there were."""
    phones = act.session.scalars(sa.select(Device.id).filter_by(citizen_id=citizen_id, ended_at=None)).all()
    for device_id in phones:
        end_device(act, citizen_id=citizen_id, device_id=device_id, ended_by=ended_by)
    drop_keys(act.session, AppSession.citizen_id == citizen_id)
    act.session.execute(sa.update(AppSession).filter_by(citizen_id=citizen_id, ended_at=None).values(ended_at=act.now))
    return len(phones)


def _digest(vault: Vault, token: str) -> bytes:
    return vault.fingerprint(token.encode(), purpose="app session")
