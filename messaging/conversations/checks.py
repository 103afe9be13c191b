"""What the rows tell about messages that do not move: for `doctor`."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from adapters.contract import Finding
from messaging.conversations.models import Direction, Message
from messaging.conversations.states import MessageState
from messaging.people.models import PhoneNumber
from messaging.work.doctor import Check, poison

QUEUED = sa.and_(Message.state == MessageState.QUEUED, Message.direction == Direction.OUT)


def checks() -> list[Check]:
    """Return the checks of this room."""
    return [
        left_to_humans,
        held_by_the_gate,
        blocked_at_the_provider,
        paused_numbers,
        poison("beskeder", Message, among=QUEUED),
    ]


def left_to_humans(session: Session) -> Iterator[Finding]:
    """Say how many unclear messages wait for a caseworker's word."""
    number = _count(session, Message, Message.state == MessageState.UNCLEAR)
    if number:
        yield _finding(
            "messages_unclear", f"{number} beskeder er uklare: de er måske sendt. De sendes ikke igen af sig selv."
        )


def held_by_the_gate(session: Session) -> Iterator[Finding]:
    """Say how many messages are held and wait for a human."""
    number = _count(session, Message, Message.state == MessageState.HELD)
    if number:
        yield _finding("messages_held", f"{number} beskeder er holdt tilbage og venter på en sagsbehandler.")


def blocked_at_the_provider(session: Session) -> Iterator[Finding]:
    """Say how many numbers the provider refuses by its own keyword handling, and the way back."""
    number = _count(session, PhoneNumber, PhoneNumber.provider_blocked_since.is_not(None))
    if number:
        yield _finding(
            "numbers_blocked",
            f"{number} numre er spærret hos udbyderen. Borgeren åbner igen ved at sende START til os.",
        )


def paused_numbers(session: Session) -> Iterator[Finding]:
    """Say how many numbers are paused until a human has looked."""
    number = _count(session, PhoneNumber, PhoneNumber.paused_since.is_not(None))
    if number:
        yield _finding("numbers_paused", f"{number} numre er sat på pause, til en sagsbehandler har set på dem.")


def _count(session: Session, model: type[Message | PhoneNumber], where: sa.ColumnElement[bool]) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(model).where(where)).scalar_one()


def _finding(code: str, sentence: str) -> Finding:
    return Finding(code=code, sentence=sentence, blocking=False)
