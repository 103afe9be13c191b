"""A code by SMS as a way in: asked for by whoever writes a number, sent only where the number is one known person's.

Asking writes the same row whether or not anybody has the number. Whose it is is looked up afterwards, in the
background, so neither the answer nor its time tells who is known here. The code is bound to the browser that asked, is
good for ten minutes and once, and opens only what would have gone to the number as an SMS anyway.
"""

import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from messaging.citizen_app.code_limits import (
    ALL,
    DIGITS,
    LASTS,
    LONGEST,
    MOST_TRIES,
    PER_ADDRESS,
    PER_NUMBER,
    Budget,
    forget_spent,
    network_of,
    spend,
)
from messaging.citizen_app.code_models import LoginCode
from messaging.conversations import templates
from messaging.conversations.contact import is_verified
from messaging.conversations.models import Author, Kind
from messaging.conversations.office import Office
from messaging.conversations.rendering import UnusableText, render
from messaging.conversations.sending import NotReachable, send_message, why_unreachable
from messaging.conversations.templates import NoValidTemplate
from messaging.database.base import new_id
from messaging.database.upserts import insert_into
from messaging.errors import Conflict, InvalidInput
from messaging.people.acting import Act
from messaging.people.numbers import read_number
from messaging.people.preferences import language_of
from messaging.people.reaching import Reach, find_route, reach
from messaging.vault.vault import Vault
from messaging.work.lanes import Lane

TEXT = "code"
SHOWN = "En kode til at logge ind i {app} er sendt. Koden vises ikke her."
"""What the thread and the journal say in place of the SMS."""
AT_ONCE = 20
"""Codes seen to in one transaction."""
TO_TYPE = timedelta(minutes=1)
"""What must be left of a code's time when its SMS leaves: one that came later would only wake her, at night too."""
NOTHING = bytes(32)
"""Compared with where there is no code, so that it takes as long."""

log = structlog.get_logger()


class NoSuchNumber(InvalidInput):
    """The text is no telephone number, or one of a country to which no codes are sent."""

    code = "no_such_number"


class CodeOver(Conflict):
    """This browser has asked for no code that can still be tried."""

    code = "code_over"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What a try was worth: who is let in, or how many tries are left."""

    citizen_id: uuid.UUID | None
    left: int


def read_allowed(raw: str, *, prefixes: tuple[str, ...]) -> str:
    """Return a number to which codes may be sent, in E.164; who has it is not asked. Raises NoSuchNumber."""
    number = read_number(raw).e164
    if number is None or not number.startswith(prefixes):
        raise NoSuchNumber("codes go only to mobile numbers of countries that are set", field="number")
    return number


def new_token() -> str:
    """Return a secret for one browser that is about to ask."""
    return secrets.token_urlsafe(32)


def ask_for_code(act: Act, *, token: str, number: str, address: str) -> bool:
    """Note that the browser that holds this secret asks for a code to a number; False if it may not now.

    The same form sent again asks nothing more. What was spent in vain stays spent, so False is no error: the
    transaction that notes it must commit.
    """
    index, id_ = act.vault.phone_index(number), new_id()
    fresh = insert_into(act.session, LoginCode).values(
        id=id_,
        number_index=index,
        browser_digest=_browser(act.vault, token),
        asked_at=act.now,
        expires_at=act.now + LASTS,
        tries=0,
    )
    if act.session.execute(fresh.on_conflict_do_nothing().returning(LoginCode.id)).scalar() is None:
        return True
    if not _spend(act, index=index, address=address):
        act.session.execute(sa.delete(LoginCode).where(LoginCode.id == id_))
        return False
    act.audit("login_code.asked", object_kind="login_code", object_id=id_)
    return True


def is_any_unseen(session: Session, *, now: datetime) -> bool:
    """Whether somebody waits for a code."""
    return session.scalar(_unseen(now).with_only_columns(LoginCode.id).limit(1)) is not None


def write_codes(act: Act, *, office: Office, sent: Budget) -> int:
    """Write to those whose numbers were asked about since; return how many rows were seen to. `sent` bounds them."""
    rows = act.session.scalars(
        _unseen(act.now).order_by(LoginCode.asked_at).limit(AT_ONCE).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.seen_to_at = act.now
        holder = _holder(act.session, row.number_index)
        if holder is None:
            continue
        if not spend(act.session, sent, subject=ALL, now=act.now):
            log.error("login_code.capped")
            continue
        _write(act, row, holder, office=office)
    return len(rows)


def try_code(act: Act, *, token: str, code: str) -> Tried:
    """Compare a code with the one this browser asked for. The try counts either way. Raises CodeOver."""
    chosen = sa.select(LoginCode).filter_by(browser_digest=_browser(act.vault, token))
    row = act.session.scalar(chosen.with_for_update())
    if row is None or not _may_try(row, act.now):
        raise CodeOver("this browser has no code that can be tried")
    row.tries += 1
    fits = hmac.compare_digest(row.code_digest or NOTHING, _digest(act.vault, row.id, code))
    holder = _holder(act.session, row.number_index) if fits else None
    if holder is None or holder.citizen_id != row.citizen_id:
        act.audit("login_code.refused", object_kind="login_code", object_id=row.id)
        return Tried(citizen_id=None, left=MOST_TRIES - row.tries)
    row.used_at = act.now
    act.audit("login_code.used", object_kind="login_code", object_id=row.id)
    return Tried(citizen_id=row.citizen_id, left=0)


def has_code(session: Session, vault: Vault, *, token: str, now: datetime) -> bool:
    """Whether this browser has asked for a code that can still be tried."""
    row = session.scalar(sa.select(LoginCode).filter_by(browser_digest=_browser(vault, token)))
    return row is not None and _may_try(row, now)


def forget_codes(act: Act) -> None:
    """Delete what is older than every budget."""
    act.session.execute(sa.delete(LoginCode).where(LoginCode.asked_at <= act.now - LONGEST))
    forget_spent(act.session, now=act.now)


def _spend(act: Act, *, index: bytes, address: str) -> bool:
    network = network_of(act.vault, address)
    return spend(act.session, PER_ADDRESS, subject=network, now=act.now) and all(
        spend(act.session, budget, subject=index, now=act.now) for budget in PER_NUMBER
    )


@dataclass(frozen=True, kw_only=True)
class _Holder:
    citizen_id: uuid.UUID
    person: Reach


def _holder(session: Session, number_index: bytes) -> _Holder | None:
    """Whose number it is, if it is one person's alone, in use, and known to be hers."""
    route = find_route(session, number_index)
    if route is None or route.citizen_id is None:
        return None
    person = reach(session, route.citizen_id)
    if person.number_id != route.number_id or person.shared or why_unreachable(person, Kind.LOGIN_CODE):
        return None
    if person.contact_point_id is None or not is_verified(
        session, citizen_id=route.citizen_id, contact_point_id=person.contact_point_id
    ):
        return None
    return _Holder(citizen_id=route.citizen_id, person=person)


def _write(act: Act, row: LoginCode, holder: _Holder, *, office: Office) -> None:
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    language = language_of(act.session, holder.citizen_id)
    try:
        chosen = templates.in_language(act.session, TEXT, language=language, at=act.now)
        secret = render(chosen.template.text, {**office.variables_in(language), "code": code})
        message = send_message(
            act,
            citizen_id=holder.citizen_id,
            text=render(SHOWN, office.variables),
            secret=secret,
            kind=Kind.LOGIN_CODE,
            lane=Lane.URGENT,
            author=Author.SYSTEM,
            template=templates.name_of(chosen.template),
            content_free=True,
            expires_at=row.expires_at - TO_TYPE,
            person=holder.person,
        )
    except (NotReachable, NoValidTemplate, UnusableText) as error:
        log.warning("login_code.unwritable", code=error.code)
        return
    act.session.flush()
    row.citizen_id, row.message_id = holder.citizen_id, message.id
    row.code_digest = _digest(act.vault, row.id, code)


def _unseen(now: datetime) -> sa.Select[LoginCode]:
    return sa.select(LoginCode).where(LoginCode.seen_to_at.is_(None), LoginCode.expires_at > now + TO_TYPE)


def _may_try(row: LoginCode, now: datetime) -> bool:
    return row.used_at is None and row.expires_at > now and row.tries < MOST_TRIES


def _browser(vault: Vault, token: str) -> bytes:
    return vault.fingerprint(token.encode(), purpose="code browser")


def _digest(vault: Vault, code_id: uuid.UUID, code: str) -> bytes:
    """Of the code and its row: the same code of another row has another digest."""
    digits = "".join(sign for sign in code if sign in "0123456789")
    return vault.fingerprint(code_id.bytes + digits.encode(), purpose="login code")
