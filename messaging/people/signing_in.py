"""Staff sign in by the municipality's own sign-in, or with initials and a password; the browser then holds a token.

The database holds the token's digest, never the token.

A session ends after a while without a request, some hours after it began, at sign-out, and as soon as its holder is no
longer active. Every sign-in begins a new one and ends the one the browser had. Comparing a password takes its time on
purpose, so it is done while no transaction is open.
"""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import argon2
import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.config import Config
from messaging.database.base import new_id
from messaging.errors import InvalidInput, NotFound
from messaging.people.acting import Act
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import Caseworker, Role, SignInSession, StatedReason
from messaging.vault.vault import Vault

SEEN_AGAIN = timedelta(minutes=1)
"""`seen_at` is kept to this precision, so that not every page writes."""

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

NOBODY = uuid.UUID(int=0)
"""Stands in the audit trail for somebody who is not known here."""

HASHER = argon2.PasswordHasher()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long a session lasts: `idle` without a request, `longest` in any case."""

    idle: timedelta
    longest: timedelta

    @classmethod
    def from_config(cls, config: Config) -> "Limits":
        """Return the limits this service is set to."""
        return cls(
            idle=timedelta(minutes=config.session_idle_minutes),
            longest=timedelta(minutes=config.session_longest_minutes),
        )


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who may sign in."""

    caseworker_id: uuid.UUID
    password_hash: str = field(repr=False)


def set_password(act: Act, *, caseworker_id: uuid.UUID, password: str) -> None:
    """Give a member of staff a new password; it ends the sessions of the old one. Raises InvalidInput, NotFound."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput(f"a password has at least {SHORTEST_PASSWORD} characters", field="password")
    staff = act.session.get(Caseworker, caseworker_id)
    if staff is None:
        raise NotFound("there is no such member of staff")
    staff.password_hash = HASHER.hash(password)
    end_sessions(act, caseworker_id=caseworker_id)
    act.audit("password.set", object_kind="caseworker", object_id=caseworker_id)


def disable(act: Act, *, staff: Caseworker) -> None:
    """Let a member of staff sign in no more. Open sessions end, and stay ended should she come back."""
    staff.active = False
    end_sessions(act, caseworker_id=staff.id)
    act.audit("staff.disabled", object_kind="caseworker", object_id=staff.id)


def find_account(session: Session, initials: str) -> Account | None:
    """Return the account of these initials, in capital or small letters; None if nobody may sign in by them."""
    row = session.execute(
        sa.select(Caseworker.id, Caseworker.password_hash).where(
            sa.func.lower(Caseworker.initials) == initials.strip().lower(), Caseworker.active
        )
    ).first()
    if row is None or row.password_hash is None:
        return None
    return Account(caseworker_id=row.id, password_hash=row.password_hash)


@dataclass(frozen=True)
class PasswordCheck:
    """Compares passwords at the cost of its hasher, which is the cost at which all were hashed."""

    hasher: argon2.PasswordHasher = HASHER

    def check(self, account: Account | None, password: str) -> Account | None:
        """Return the account if the password is its own.

        Without one it takes as long: the time tells nobody who exists.
        """
        try:
            self.hasher.verify(account.password_hash if account else self._nobodys_hash, password[:LONGEST_PASSWORD])
        except argon2.exceptions.VerificationError:
            return None
        return account

    @cached_property
    def _nobodys_hash(self) -> str:
        return self.hasher.hash(secrets.token_urlsafe())


def note_failure(act: Act, *, account: Account | None) -> None:
    """Note that a password did not fit. It is noted of unknown initials too: what differs could be measured."""
    staff_id = account.caseworker_id if account else NOBODY
    act.audit("staff.sign_in_failed", object_kind="caseworker", object_id=staff_id)


def find_staff(session: Session, name: str) -> Caseworker | None:
    """Return the one whose e-mail address or initials these are, in capital or small letters; None for several.

    Somebody who works here goes before somebody who has left under the same address.
    """
    named, wanted = (Caseworker.email, Caseworker.initials), name.strip().lower()
    rows = session.scalars(sa.select(Caseworker).where(sa.or_(*(sa.func.lower(it) == wanted for it in named)))).all()
    found = [row for row in rows if row.active] or rows
    return found[0] if len(found) == 1 else None


def note_refusal(act: Act, *, reason: str, staff_id: uuid.UUID | None) -> None:
    """Note that somebody who came from the municipality's sign-in was not let in; None if nobody knows who."""
    act.audit("staff.sign_in_refused", object_kind="caseworker", object_id=staff_id or NOBODY, facts={"reason": reason})


def sign_in(act: Act) -> str:
    """Begin a session for the actor, who has proved who she is; return the token for the browser."""
    staff_id = act.actor.id
    if staff_id is None:
        raise ValueError("only a person signs in")
    token = secrets.token_urlsafe(32)
    act.session.add(
        SignInSession(
            id=new_id(),
            token_digest=_digest(act.vault, token),
            caseworker_id=staff_id,
            created_at=act.now,
            seen_at=act.now,
        )
    )
    act.audit("staff.signed_in", object_kind="caseworker", object_id=staff_id)
    return token


def sign_out(act: Act, *, token: str) -> None:
    """End the session of this token, if there is one."""
    ended = end_session(act, token=token)
    if ended is not None:
        act.audit("staff.signed_out", object_kind="caseworker", object_id=ended.caseworker_id)


def end_session(act: Act, *, token: str) -> SignInSession | None:
    """Let this token open nothing any more; return the session that ended, if there was one."""
    row = act.session.scalar(sa.select(SignInSession).filter_by(token_digest=_digest(act.vault, token), ended_at=None))
    if row is not None:
        row.ended_at = act.now
        act.announce("session.ended", object_id=row.caseworker_id)
    return row


def session_actor(
    session: Session, vault: Vault, *, token: str, now: datetime, limits: Limits
) -> tuple[Actor, datetime] | None:
    """Return whose token this is and when it was last seen; None if the session has ended in any way."""
    row = session.execute(
        sa.select(SignInSession.seen_at, SignInSession.created_at, Caseworker.id, Caseworker.role, Caseworker.unit_id)
        .join(Caseworker, Caseworker.id == SignInSession.caseworker_id)
        .where(
            SignInSession.token_digest == _digest(vault, token),
            SignInSession.ended_at.is_(None),
            SignInSession.seen_at > now - limits.idle,
            SignInSession.created_at > now - limits.longest,
            Caseworker.active,
        )
    ).first()
    if row is None:
        return None
    opened = _opened(session, row.id, since=row.created_at, now=now) if row.role is Role.TEAM_LEADER else frozenset()
    return Actor(kind=ActorKind.STAFF, id=row.id, role=row.role, unit_id=row.unit_id, opened=opened), row.seen_at


def _opened(session: Session, staff_id: uuid.UUID, *, since: datetime, now: datetime) -> frozenset[uuid.UUID]:
    """Return whose content she has stated a reason to see since her session began."""
    chosen = sa.select(StatedReason.citizen_id).where(
        StatedReason.caseworker_id == staff_id, StatedReason.stated_at >= since, StatedReason.valid_until > now
    )
    return frozenset(session.scalars(chosen))


def note_seen(session: Session, vault: Vault, *, token: str, now: datetime) -> None:
    """Note that the session is in use."""
    session.execute(sa.update(SignInSession).filter_by(token_digest=_digest(vault, token)).values(seen_at=now))


def end_sessions(act: Act, *, caseworker_id: uuid.UUID) -> None:
    """End all sessions of a member of staff."""
    act.announce("session.ended", object_id=caseworker_id)
    act.session.execute(
        sa.update(SignInSession).filter_by(caseworker_id=caseworker_id, ended_at=None).values(ended_at=act.now)
    )


def _digest(vault: Vault, token: str) -> bytes:
    return vault.fingerprint(token.encode(), purpose="session")
