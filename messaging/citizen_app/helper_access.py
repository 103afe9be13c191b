"""How somebody who reads along comes in: a QR code at the desk lets one phone in, and a new one shuts the old one out.

Every request asks anew whether she may still read: who was ended is out with the next one, whatever her browser holds.
"""

import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.citizen_app.helper_models import HelperOffer, HelperSession
from messaging.citizen_app.models import Opened, SeenAs
from messaging.citizen_app.pairing import LASTS, LONGEST_NAME, NoLonger, token_of
from messaging.citizen_app.sessions import BEHIND_A_LOCK, LASTING, ON_A_POSTCARD, SEEN_AGAIN
from messaging.conversations.content_gate import ContentClass
from messaging.database.base import new_id
from messaging.errors import Conflict, NotFound
from messaging.people.acting import Act
from messaging.people.actors import Actor, ActorKind
from messaging.people.helper_models import Helper
from messaging.people.reading_along import in_force
from messaging.people.visibility import find_citizen
from messaging.vault.vault import Vault

LASTING_OF_HELPERS = LASTING[Opened.PAIRED]


@dataclass(frozen=True, kw_only=True)
class HelperHere:
    """Somebody who reads along with one citizen, whose browser asks."""

    helper: Helper = field(repr=False)
    session_id: uuid.UUID
    seen_at: datetime

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return Actor(kind=ActorKind.HELPER, id=self.helper.id)

    @property
    def may_see(self) -> frozenset[ContentClass]:
        """The classes of content that are open to her; nothing sensitive ever is."""
        return BEHIND_A_LOCK if self.helper.sees_login_only else ON_A_POSTCARD


@dataclass(frozen=True, kw_only=True)
class HelperOfferView:
    """An offer as the caseworker's page shows it."""

    token: str = field(repr=False)
    expires_at: datetime
    is_taken: bool
    is_over: bool


def offer_access(
    act: Act, *, offer_id: uuid.UUID, citizen_id: uuid.UUID, helper_id: uuid.UUID, seen_as: SeenAs
) -> None:
    """Offer to let one phone of a helper's in; the same id again changes nothing, an earlier offer to her ends.

    Raises NotFound for whoever may not read now, Conflict for another's id.
    """
    find_citizen(act.session, act.actor, citizen_id)
    if act.actor.id is None:
        raise ValueError("somebody who works here shows the code")
    find_reader(act.session, citizen_id=citizen_id, helper_id=helper_id, now=act.now)
    known = act.session.get(HelperOffer, offer_id)
    if known is not None:
        if (known.helper_id, known.caseworker_id) != (helper_id, act.actor.id):
            raise Conflict("this offer was made by somebody else")
        return
    act.session.execute(
        sa.update(HelperOffer)
        .where(HelperOffer.helper_id == helper_id, HelperOffer.used_at.is_(None), HelperOffer.expires_at > act.now)
        .values(expires_at=act.now)
    )
    act.session.add(
        HelperOffer(
            id=offer_id,
            helper_id=helper_id,
            caseworker_id=act.actor.id,
            seen_as=seen_as,
            token_digest=_digest_of_offer(act.vault, token_of(act.vault, offer_id)),
            created_at=act.now,
            expires_at=act.now + LASTS,
        )
    )
    act.audit("helper.access_offered", object_kind="helper", object_id=helper_id, facts={"seen_as": seen_as})


def find_reader(session: Session, *, citizen_id: uuid.UUID, helper_id: uuid.UUID, now: datetime) -> Helper:
    """Return who may read along with this citizen now. Raises NotFound."""
    helper = session.scalar(
        sa.select(Helper).where(Helper.id == helper_id, Helper.citizen_id == citizen_id, in_force(now))
    )
    if helper is None:
        raise NotFound("nobody of this id reads along with this citizen")
    return helper


def find_helper_offer(
    session: Session, vault: Vault, *, helper_id: uuid.UUID, offer_id: uuid.UUID, now: datetime
) -> HelperOfferView:
    """Return an offer made to this helper. Raises NotFound."""
    row = session.scalar(sa.select(HelperOffer).filter_by(id=offer_id, helper_id=helper_id))
    if row is None:
        raise NotFound("there is no such offer")
    return HelperOfferView(
        token=token_of(vault, row.id),
        expires_at=row.expires_at,
        is_taken=row.used_at is not None,
        is_over=row.expires_at <= now,
    )


def is_offer_open(session: Session, vault: Vault, *, token: str, now: datetime) -> bool:
    """Whether this address can still let a phone in."""
    chosen = sa.select(HelperOffer.id).join(Helper, Helper.id == HelperOffer.helper_id)
    return session.scalar(chosen.where(_is_open(vault, token, now), in_force(now))) is not None


def take_access(act: Act, *, token: str, device_name: str) -> tuple[uuid.UUID, str]:
    """Let the phone in whose browser this is, and the one before it out; return the helper's id and the new token.

    Raises NoLonger.
    """
    row = act.session.execute(
        sa.update(HelperOffer)
        .where(
            _is_open(act.vault, token, act.now),
            HelperOffer.helper_id.in_(sa.select(Helper.id).where(in_force(act.now))),
        )
        .values(used_at=act.now)
        .returning(HelperOffer.id, HelperOffer.helper_id, HelperOffer.caseworker_id, HelperOffer.seen_as)
    ).first()
    if row is None:
        raise NoLonger("this code lets no phone in")
    helper = act.session.scalars(sa.select(Helper).filter_by(id=row.helper_id).with_for_update()).one()
    shut_out(act, helper_id=helper.id)
    secret = secrets.token_urlsafe(32)
    act.session.add(
        HelperSession(
            id=new_id(),
            helper_id=helper.id,
            offer_id=row.id,
            device_name=device_name[:LONGEST_NAME],
            token_digest=_digest_of_session(act.vault, secret),
            created_at=act.now,
            seen_at=act.now,
        )
    )
    act.session.flush()
    facts = {"seen_as": row.seen_as.value, "by": str(row.caseworker_id)}
    act.journal("helper.let_in", stream=helper.citizen_id, subject=helper.id, facts={**facts})
    act.audit("helper.let_in", object_kind="helper", object_id=helper.id, facts={**facts})
    act.announce("citizen.helper_let_in", object_id=helper.citizen_id)
    return helper.id, secret


def helpers_here(session: Session, vault: Vault, *, tokens: Collection[str], now: datetime) -> list[HelperHere]:
    """Return for whom these tokens let a browser read along now; each for one citizen."""
    rows = session.execute(
        sa.select(Helper, HelperSession)
        .join(HelperSession, HelperSession.helper_id == Helper.id)
        .where(
            HelperSession.token_digest.in_([_digest_of_session(vault, token) for token in tokens]),
            HelperSession.ended_at.is_(None),
            HelperSession.seen_at > now - LASTING_OF_HELPERS.idle,
            HelperSession.created_at > now - LASTING_OF_HELPERS.longest,
            in_force(now),
        )
        .order_by(HelperSession.created_at)
    )
    return [HelperHere(helper=helper, session_id=row.id, seen_at=row.seen_at) for helper, row in rows]


def note_helper_seen(session: Session, here: HelperHere, *, now: datetime) -> None:
    """Note that the session is in use, as precisely as anybody needs."""
    if now - here.seen_at > SEEN_AGAIN:
        session.execute(sa.update(HelperSession).filter_by(id=here.session_id).values(seen_at=now))


def shut_out(act: Act, *, helper_id: uuid.UUID) -> bool:
    """Sign a helper's phone out; False if none was in. She may be let in again by a new code."""
    ended = act.session.scalar(
        sa.update(HelperSession)
        .filter_by(helper_id=helper_id, ended_at=None)
        .values(ended_at=act.now)
        .returning(HelperSession.id)
    )
    if ended is None:
        return False
    act.audit("helper.signed_out", object_kind="helper", object_id=helper_id)
    return True


def sessions_of(session: Session, helper_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, HelperSession]:
    """Return the phone of each of these helpers that is in."""
    chosen = sa.select(HelperSession).where(HelperSession.helper_id.in_(helper_ids), HelperSession.ended_at.is_(None))
    return {row.helper_id: row for row in session.scalars(chosen)}


def _is_open(vault: Vault, token: str, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        HelperOffer.token_digest == _digest_of_offer(vault, token),
        HelperOffer.used_at.is_(None),
        HelperOffer.expires_at > now,
    )


def _digest_of_offer(vault: Vault, token: str) -> bytes:
    return vault.fingerprint(token.encode(), purpose="helper offer")


def _digest_of_session(vault: Vault, token: str) -> bytes:
    return vault.fingerprint(token.encode(), purpose="helper session")
