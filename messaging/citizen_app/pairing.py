"""Pairing a phone in the office: a QR code that is taken once within ten minutes, and six digits for the installed app.

The caseworker has seen who sits before her, and says by what. Scanning opens a page; only its button, a POST, takes the
offer, for what merely fetches an address must not use it up. An app on an iPhone's home screen may not share the
browser's cookies: it opens at the same address and asks once for the six digits, which mean nothing anywhere else.
"""

import base64
import hmac
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.citizen_app.models import Device, Opened, Pairing, SeenAs
from messaging.citizen_app.sessions import begin_session
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.acting import Act, Facts
from messaging.people.visibility import find_citizen
from messaging.vault.vault import Vault

LASTS = timedelta(minutes=10)
MOST_TRIES = 5
"""Of the six digits; whoever guesses must hold the address too."""
LONGEST_NAME = 60


class NoLonger(Conflict):
    """The offer was taken, has run out, or never was; which of them nobody is told."""

    code = "pairing_over"


class WrongDigits(InvalidInput):
    """These are not the six digits; `left` says how many tries are left."""

    code = "wrong_digits"

    def __init__(self, left: int) -> None:
        super().__init__("these are not the six digits", field="code")
        self.left = left


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A pairing as the caseworker's page shows it."""

    id: uuid.UUID
    citizen_id: uuid.UUID
    token: str = field(repr=False)
    digits: str = field(repr=False)
    expires_at: datetime
    is_taken: bool
    is_over: bool


def offer_pairing(act: Act, *, pairing_id: uuid.UUID, citizen_id: uuid.UUID, seen_as: SeenAs) -> None:
    """Offer to let one phone in; the same id again changes nothing. Raises NotFound, Conflict for another's id.

    An earlier offer to this citizen that nobody has taken ends.
    """
    find_citizen(act.session, act.actor, citizen_id)
    known = act.session.get(Pairing, pairing_id)
    if known is not None:
        if (known.citizen_id, known.caseworker_id) != (citizen_id, act.actor.id):
            raise Conflict("this offer was made by somebody else")
        return
    act.session.execute(
        sa.update(Pairing)
        .where(Pairing.citizen_id == citizen_id, Pairing.used_at.is_(None), Pairing.expires_at > act.now)
        .values(expires_at=act.now)
    )
    pairing = Pairing(
        id=pairing_id,
        citizen_id=citizen_id,
        caseworker_id=act.actor.id,
        seen_as=seen_as,
        token_digest=_digest(act.vault, token_of(act.vault, pairing_id)),
        created_at=act.now,
        expires_at=act.now + LASTS,
    )
    act.session.add(pairing)
    act.audit("app.pairing_offered", object_kind="citizen", object_id=citizen_id, facts={"seen_as": seen_as})


def find_offer(session: Session, vault: Vault, *, citizen_id: uuid.UUID, pairing_id: uuid.UUID, now: datetime) -> Offer:
    """Return an offer made to this citizen. Raises NotFound."""
    row = session.scalar(sa.select(Pairing).filter_by(id=pairing_id, citizen_id=citizen_id))
    if row is None:
        raise NotFound("there is no such offer")
    return Offer(
        id=row.id,
        citizen_id=row.citizen_id,
        token=token_of(vault, row.id),
        digits=digits_of(vault, row.id),
        expires_at=row.expires_at,
        is_taken=row.used_at is not None,
        is_over=row.expires_at <= now,
    )


def is_open(session: Session, vault: Vault, *, token: str, now: datetime) -> bool:
    """Whether this address can still let a phone in."""
    row = _find(session, vault, token)
    return row is not None and row.used_at is None and row.expires_at > now


def asks_digits(session: Session, vault: Vault, *, token: str, now: datetime) -> bool:
    """Whether this address was taken by a browser a moment ago, and its installed app may still come in."""
    row = _find(session, vault, token)
    return row is not None and _may_install(row, now)


def take(act: Act, *, token: str, device_name: str) -> str:
    """Let the phone in whose browser this is; return the token of its session. Raises NoLonger."""
    row = act.session.execute(
        sa.update(Pairing)
        .where(
            Pairing.token_digest == _digest(act.vault, token),
            Pairing.used_at.is_(None),
            Pairing.expires_at > act.now,
        )
        .values(used_at=act.now)
        .returning(Pairing.id, Pairing.citizen_id, Pairing.caseworker_id, Pairing.seen_as)
    ).first()
    if row is None:
        raise NoLonger("this code lets no phone in")
    device = Device(
        id=new_id(),
        citizen_id=row.citizen_id,
        pairing_id=row.id,
        name=device_name[:LONGEST_NAME],
        added_at=act.now,
        seen_at=act.now,
    )
    act.session.add(device)
    act.session.flush()
    facts: Facts = {"seen_as": row.seen_as, "by": str(row.caseworker_id)}
    act.journal("app.device_added", stream=row.citizen_id, subject=device.id, facts=facts)
    act.audit("app.device_added", object_kind="device", object_id=device.id, facts=facts)
    act.announce("citizen.device_added", object_id=row.citizen_id)
    return begin_session(act, citizen_id=row.citizen_id, opened=Opened.PAIRED, device_id=device.id)


def install(act: Act, *, token: str, digits: str) -> str | WrongDigits:
    """Let the installed app of a paired phone in by the six digits, once; return the token of its session.

    A wrong try is returned, not raised: the transaction that counts it must commit. Raises NoLonger.
    """
    row = act.session.scalar(
        sa.select(Pairing).where(Pairing.token_digest == _digest(act.vault, token)).with_for_update()
    )
    if row is None or not _may_install(row, act.now):
        raise NoLonger("this code lets no phone in")
    device = act.session.scalar(sa.select(Device).filter_by(pairing_id=row.id, ended_at=None))
    if device is None:
        raise NoLonger("this code lets no phone in")
    row.tries += 1
    if not hmac.compare_digest(_only_digits(digits).encode(), digits_of(act.vault, row.id).encode()):
        act.audit("app.digits_refused", object_kind="device", object_id=device.id)
        return WrongDigits(MOST_TRIES - row.tries)
    row.installed_at = act.now
    return begin_session(act, citizen_id=row.citizen_id, opened=Opened.PAIRED, device_id=device.id)


def token_of(vault: Vault, pairing_id: uuid.UUID) -> str:
    """Return the secret in the address that the QR code shows; 256 bits that nobody without the key can tell."""
    return base64.urlsafe_b64encode(vault.fingerprint(pairing_id.bytes, purpose="pairing address")).decode().rstrip("=")


def digits_of(vault: Vault, pairing_id: uuid.UUID) -> str:
    """Return the six digits of an offer."""
    number = int.from_bytes(vault.fingerprint(pairing_id.bytes, purpose="pairing digits")[:8], "big")
    return f"{number % 1_000_000:06d}"


def _may_install(row: Pairing, now: datetime) -> bool:
    """Ten minutes from the scan on, once, and after five tries no more."""
    return row.used_at is not None and row.installed_at is None and row.used_at > now - LASTS and row.tries < MOST_TRIES


def _only_digits(text: str) -> str:
    return "".join(sign for sign in text if sign in "0123456789")


def _find(session: Session, vault: Vault, token: str) -> Pairing | None:
    return session.scalar(sa.select(Pairing).where(Pairing.token_digest == _digest(vault, token)))


def _digest(vault: Vault, token: str) -> bytes:
    return vault.fingerprint(token.encode(), purpose="pairing")
