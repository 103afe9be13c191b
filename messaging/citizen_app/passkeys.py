"""Passkeys: a phone that was let in comes in again by a finger, a face or its own code.

The phone keeps the private half, and signs a challenge of ours only after it has recognised who holds it. A challenge
is kept here, is good once and for five minutes, and is used up by the first answer, whatever that is worth: so what
refuses is returned and not raised.
"""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
import webauthn
from sqlalchemy.orm import Session
from webauthn.helpers import options_to_json, structs
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.parse_authentication_credential_json import parse_authentication_credential_json
from webauthn.registration.verify_registration_response import VerifiedRegistration

from messaging.citizen_app.models import Device, Opened
from messaging.citizen_app.passkey_models import Passkey, PasskeyChallenge, Purpose
from messaging.citizen_app.sessions import CitizenHere, begin_session
from messaging.config import Config
from messaging.database.base import new_id
from messaging.people.acting import Act
from messaging.vault.vault import Vault

LASTS = timedelta(minutes=5)
CHALLENGE_BYTES = 32
LONGEST_ANSWER = 20_000
"""Characters of what a browser may send; a real one has a tenth of it."""

UNUSABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, UnicodeError)
"""What the library raises for an answer that proves nothing or is none."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Whom a passkey is for: the host it is bound to, the address pages come from, and what the phone calls us."""

    host: str
    origin: str
    name: str

    @classmethod
    def from_config(cls, config: Config) -> "Site":
        """Read it from the settings."""
        public = urlsplit(config.public_url)
        return cls(host=public.hostname or "", origin=f"{public.scheme}://{public.netloc}", name=config.app_name)


@dataclass(frozen=True, kw_only=True)
class Question:
    """A challenge that is out, and what the browser's script needs to have it answered, as JSON."""

    id: uuid.UUID
    options: str = field(repr=False)


def may_register(here: CitizenHere) -> bool:
    """Whether this browser is a phone's that was let in."""
    return here.device_id is not None


def ask_to_register(act: Act, here: CitizenHere, site: Site, *, asked: uuid.UUID | None) -> Question:
    """Ask the phone to make a passkey; `asked` is the challenge that this browser has already, if one is good still."""
    row = _challenge(act, Purpose.REGISTER, asked=asked, device_id=here.device_id)
    known = act.session.scalars(sa.select(Passkey.credential_id).filter_by(device_id=here.device_id, ended_at=None))
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=_handle(act.vault, here.citizen_id),
        user_name=site.name,  # what the phone shows to whoever holds it: nothing about her
        user_display_name=site.name,
        challenge=row.challenge,
        timeout=_milliseconds(),
        attestation=structs.AttestationConveyancePreference.NONE,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            authenticator_attachment=structs.AuthenticatorAttachment.PLATFORM,
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=id_) for id_ in known],
    )
    return Question(id=row.id, options=options_to_json(options))


def register(act: Act, here: CitizenHere, site: Site, *, asked: uuid.UUID | None, answer: str) -> bool:
    """Keep the passkey that the phone has made; False if what it answers proves none."""
    made = _made(act, here, site, asked=asked, answer=answer)
    if made is None or here.device_id is None:
        act.audit("app.passkey_refused", object_kind="citizen", object_id=here.citizen_id)
        return False
    passkey = Passkey(
        id=new_id(),
        citizen_id=here.citizen_id,
        device_id=here.device_id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        added_at=act.now,
    )
    act.session.add(passkey)
    act.audit("app.passkey_added", object_kind="passkey", object_id=passkey.id)
    return True


def _made(
    act: Act, here: CitizenHere, site: Site, *, asked: uuid.UUID | None, answer: str
) -> VerifiedRegistration | None:
    """Return what an answer proves to have been made, if nobody has it yet."""
    row = _use_up(act, Purpose.REGISTER, asked=asked)
    if row is None or here.device_id is None or row.device_id != here.device_id or len(answer) > LONGEST_ANSWER:
        return None
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=row.challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except UNUSABLE:
        return None
    is_known = act.session.scalar(sa.select(Passkey.id).filter_by(credential_id=made.credential_id)) is not None
    return None if is_known else made


def ask_to_sign_in(act: Act, site: Site, *, asked: uuid.UUID | None) -> Question:
    """Ask whichever phone this is to prove one of its passkeys; who it may be is not told."""
    row = _challenge(act, Purpose.SIGN_IN, asked=asked, device_id=None)
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=row.challenge,
        timeout=_milliseconds(),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return Question(id=row.id, options=options_to_json(options))


def sign_in(act: Act, site: Site, *, asked: uuid.UUID | None, answer: str) -> str | None:
    """Begin a session for whose passkey this proves; return its token, None if it proves nobody."""
    row = _use_up(act, Purpose.SIGN_IN, asked=asked)
    if row is None or len(answer) > LONGEST_ANSWER:
        return None
    passkey = _named(act, answer)
    if passkey is None:
        return None
    try:
        proved = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=row.challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except UNUSABLE:
        act.audit("app.passkey_refused", object_kind="passkey", object_id=passkey.id)
        return None
    passkey.sign_count, passkey.used_at = proved.new_sign_count, act.now
    act.audit("app.passkey_used", object_kind="passkey", object_id=passkey.id)
    return begin_session(act, citizen_id=passkey.citizen_id, opened=Opened.PASSKEY, device_id=passkey.device_id)


def passkeys_of(session: Session, here: CitizenHere) -> int:
    """Count the passkeys that this phone has."""
    chosen = sa.select(sa.func.count()).select_from(Passkey)
    return session.scalar(chosen.filter_by(device_id=here.device_id, ended_at=None)) or 0


def end_passkeys(act: Act, here: CitizenHere) -> None:
    """Let no passkey of this phone open anything any more."""
    if here.device_id is None:
        return
    theirs = sa.update(Passkey).filter_by(device_id=here.device_id, ended_at=None)
    act.session.execute(theirs.values(ended_at=act.now))
    act.audit("app.passkey_ended", object_kind="device", object_id=here.device_id)


def forget_challenges(act: Act) -> None:
    """Delete the challenges that nobody can answer any more."""
    act.session.execute(sa.delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= act.now))


def _challenge(act: Act, purpose: Purpose, *, asked: uuid.UUID | None, device_id: uuid.UUID | None) -> PasskeyChallenge:
    """Return the challenge this browser has already, or a fresh one."""
    row = act.session.get(PasskeyChallenge, asked) if asked is not None else None
    if row is not None and _is_open(row, purpose, act.now) and row.device_id == device_id:
        return row
    row = PasskeyChallenge(
        id=new_id(),
        purpose=purpose,
        device_id=device_id,
        challenge=secrets.token_bytes(CHALLENGE_BYTES),
        expires_at=act.now + LASTS,
    )
    act.session.add(row)
    return row


def _use_up(act: Act, purpose: Purpose, *, asked: uuid.UUID | None) -> PasskeyChallenge | None:
    """Take a challenge out of the world; None if this browser has none that is good for this."""
    if asked is None:
        return None
    row = act.session.get(PasskeyChallenge, asked, with_for_update=True, populate_existing=True)
    if row is None or not _is_open(row, purpose, act.now):
        return None
    row.used_at = act.now
    return row


def _is_open(row: PasskeyChallenge, purpose: Purpose, now: datetime) -> bool:
    return row.purpose is purpose and row.used_at is None and row.expires_at > now


def _named(act: Act, answer: str) -> Passkey | None:
    """Return the passkey an answer says it is of, if its phone's access still stands; that alone proves nothing."""
    try:
        told = parse_authentication_credential_json(answer)
    except UNUSABLE:
        return None
    passkey = act.session.scalar(
        sa.select(Passkey)
        .join(Device, Device.id == Passkey.device_id)
        .where(Passkey.credential_id == told.raw_id, Passkey.ended_at.is_(None), Device.ended_at.is_(None))
        .with_for_update(of=Passkey)
    )
    if passkey is None or told.response.user_handle != _handle(act.vault, passkey.citizen_id):
        return None
    return passkey


def _handle(vault: Vault, citizen_id: uuid.UUID) -> bytes:
    """What a phone calls its owner: the same for each of hers, and nothing to anybody without the key."""
    return vault.fingerprint(citizen_id.bytes, purpose="passkey user")


def _milliseconds() -> int:
    return int(LASTS.total_seconds() * 1000)
