"""How often a code by SMS may be asked for and tried; what is spent stands in rows, which no restart forgets.

A day's guessing at one number: codes asked for within the day, and those from just before that are still good, times
the tries of each, against a million codes. A test works it out from what stands here.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from adapters.contract import Finding
from messaging.citizen_app.code_models import CodeBudget, Spending
from messaging.database.upserts import insert_into
from messaging.vault.vault import Vault

DIGITS = 6
LASTS = timedelta(minutes=10)
MOST_TRIES = 5
"""Of each code."""

ALL = b"all"
"""The subject of what everybody spends together."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """`most` times within any `period`."""

    spending: Spending
    most: int
    period: timedelta


HOUR = timedelta(hours=1)
PER_NUMBER = (
    Budget(spending=Spending.NUMBER_HOUR, most=3, period=HOUR),
    Budget(spending=Spending.NUMBER_DAY, most=10, period=timedelta(days=1)),
)
PER_ADDRESS = Budget(spending=Spending.ADDRESS_HOUR, most=20, period=HOUR)
LONGEST = max(budget.period for budget in PER_NUMBER)


def per_hour(most: int) -> Budget:
    """Return the budget of all codes that are sent."""
    return Budget(spending=Spending.SENT, most=most, period=HOUR)


def spend(session: Session, budget: Budget, *, subject: bytes, now: datetime) -> bool:
    """Spend one of a budget; False if none is left, and then nothing is spent."""
    ours = sa.and_(CodeBudget.spending == budget.spending, CodeBudget.subject == subject)
    over = now - budget.period
    slots = dict(session.execute(sa.select(CodeBudget.slot, CodeBudget.spent_at).where(ours)).all())
    if sum(spent_at > over for spent_at in slots.values()) >= budget.most:
        return False
    free = (slot for slot in range(budget.most) if slot not in slots or slots[slot] <= over)
    return any(_take(session, budget, subject=subject, slot=slot, now=now) for slot in free)


def _take(session: Session, budget: Budget, *, subject: bytes, slot: int, now: datetime) -> bool:
    """Take a slot; False if somebody else has taken it at the same moment."""
    fresh = insert_into(session, CodeBudget).values(spending=budget.spending, subject=subject, slot=slot, spent_at=now)
    again = fresh.on_conflict_do_update(
        index_elements=["spending", "subject", "slot"],
        set_={"spent_at": now},
        where=CodeBudget.spent_at <= now - budget.period,
    )
    return session.execute(again.returning(CodeBudget.slot)).scalar() is not None


def network_of(vault: Vault, address: str) -> bytes:
    """Return the keyed digest under which an address spends; in IPv6 a whole household's network is one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        network = address
    else:
        network = str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
    return vault.fingerprint(network.encode(), purpose="code network")


def forget_spent(session: Session, *, now: datetime) -> None:
    """Delete what was spent so long ago that no budget counts it."""
    session.execute(sa.delete(CodeBudget).where(CodeBudget.spent_at <= now - LONGEST))


def alarms(session: Session, *, most: int, now: datetime) -> Iterator[Finding]:
    """Say if so many codes were sent within the hour that no more are."""
    lately = sa.select(sa.func.count()).where(CodeBudget.spending == Spending.SENT, CodeBudget.spent_at > now - HOUR)
    if (session.scalar(lately) or 0) >= most:
        yield Finding(
            code="codes_capped",
            sentence=f"Der er sendt {most} login-koder på en time; der sendes ikke flere, før timen er gået."
            " Se, om nogen misbruger siden, før grænsen (BORGERDIALOG_CODES_PER_HOUR) hæves.",
            blocking=False,
        )
