"""One-use codes by which a citizen answers. They say which arm, month and kind of meeting, and nothing of her.

Codes are derived from their cell and number, so that a stock of them can be kept as digests and the next one shown
without a row that tells when. A month's codes can be used until the seventh day of the next month.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.database.upserts import insert_into
from messaging.errors import InvalidInput
from messaging.experience.models import PulseCell, PulseCode
from messaging.people.acting import Act
from messaging.people.arm_models import Arm
from messaging.vault.vault import Vault

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nobody takes one of these for another."""
LENGTH = 10
"""Characters of 5 bits. With 10,000 codes about, one guess in 10^11 finds one."""
STOCK = 50
MOST = 200
"""Codes drawn at once."""
USABLE_AFTER = timedelta(days=7)

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What a code says: an arm, a month such as `2027-10`, a kind of meeting."""

    arm: Arm
    month: str
    meeting_type: str

    def __post_init__(self) -> None:
        if not _MONTH.fullmatch(self.month):
            raise InvalidInput("a month is written as 2027-10", field="month")


def month_of(at: datetime) -> str:
    """Return the month on the wall clock."""
    return f"{at.astimezone(COPENHAGEN):%Y-%m}"


def last_day(month: str) -> date:
    """Return the last day on which codes of this month can be used."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1]) + USABLE_AFTER


def is_open(month: str, *, at: datetime) -> bool:
    """Whether codes of this month can be used."""
    return at.astimezone(COPENHAGEN).date() <= last_day(month)


def draw(act: Act, cell: Cell, *, number: int = 1) -> Sequence[str]:
    """Hand out codes of a cell. Raises InvalidInput for a month that is over, or too many at once."""
    if not is_open(cell.month, at=act.now):
        raise InvalidInput("the codes of this month can no longer be used", field="month")
    if not 1 <= number <= MOST:
        raise InvalidInput(f"from 1 to {MOST} codes are made at once", field="number")
    _forget_old(act.session, at=act.now)
    last, stocked = _count(act.session, cell, number=number)
    if last > stocked:
        _stock(act, cell, since=stocked, until=-(-last // STOCK) * STOCK)
    return [_code(act.vault, cell, one) for one in range(last - number, last)]


def take_back(act: Act, cell: Cell, *, number: int) -> None:
    """Note that so many printed codes came back unused. Raises InvalidInput if more than were not answered."""
    row = act.session.get(PulseCell, (cell.arm, cell.month, cell.meeting_type), with_for_update=True)
    if row is None or not 1 <= number <= row.handed_out - row.returned - row.answered:
        raise InvalidInput("so many codes are not out unanswered", field="number")
    row.returned += number


def read_code(text: str) -> str | None:
    """Return the code that somebody typed or scanned, however she spaced it; None if it can be none."""
    code = text.upper().translate(_MISREAD)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def in_two(code: str) -> str:
    """Return a code as it is read and typed: `7KQ4M-2XD9T`."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def digest_of(vault: Vault, code: str) -> bytes:
    """Return the keyed digest under which a code is kept."""
    return vault.fingerprint(code.encode(), purpose="pulse code")


def _code(vault: Vault, cell: Cell, number: int) -> str:
    place = "\n".join((cell.arm, cell.month, cell.meeting_type, str(number)))
    bits = int.from_bytes(vault.fingerprint(place.encode(), purpose="pulse number")[:8])
    return "".join(ALPHABET[bits >> 5 * one & 31] for one in range(LENGTH))


def _count(session: Session, cell: Cell, *, number: int) -> tuple[int, int]:
    """Count codes as handed out; return how many are now, and how many there are."""
    fresh = insert_into(session, PulseCell).values(
        arm=cell.arm,
        month=cell.month,
        meeting_type=cell.meeting_type,
        stocked=0,
        handed_out=number,
        returned=0,
        answered=0,
    )
    counted = fresh.on_conflict_do_update(
        index_elements=["arm", "month", "meeting_type"], set_={"handed_out": PulseCell.handed_out + number}
    )
    row = session.execute(counted.returning(PulseCell.handed_out, PulseCell.stocked)).one()
    return row.handed_out, row.stocked


def _stock(act: Act, cell: Cell, *, since: int, until: int) -> None:
    """Keep further codes, sorted: their order tells nothing of when one is handed out."""
    ours = {"arm": cell.arm, "month": cell.month, "meeting_type": cell.meeting_type}
    digests = sorted(digest_of(act.vault, _code(act.vault, cell, one)) for one in range(since, until))
    act.session.execute(sa.insert(PulseCode), [{"digest": digest, **ours} for digest in digests])
    stocked = sa.update(PulseCell).filter_by(**ours).values(stocked=until)
    act.session.execute(stocked.execution_options(synchronize_session=False))


def _forget_old(session: Session, *, at: datetime) -> None:
    """Delete the codes of months that are over: who did not answer is nobody's business either."""
    oldest = month_of(at - USABLE_AFTER)
    old = sa.delete(PulseCode).where(PulseCode.month < oldest)
    session.execute(old.execution_options(synchronize_session=False))
