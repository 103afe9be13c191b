"""At most one process at a time does a named job: a row with a term, taken and judged by the database's clock.

A leader that was asleep may believe for a moment that it still leads; what it does must be harmless then too.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from messaging.database.base import Base
from messaging.database.moments import database_now
from messaging.database.upserts import insert_into


class Leadership(Base):
    """Who leads a job, and until when."""

    __tablename__ = "leaderships"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


def acquire(session: Session, name: str, *, holder: str, seconds: float) -> bool:
    """Take or keep the leadership for a term from now on; False if another holder's term is not over."""
    taking = insert_into(session, Leadership).values(name=name, holder=holder, until=database_now(seconds))
    free = sa.or_(Leadership.holder == holder, Leadership.until < database_now())
    taken = session.execute(
        taking.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": taking.excluded.holder, "until": taking.excluded.until},
            where=free,
        ).returning(Leadership.name)
    )
    return taken.first() is not None


def is_led_by_another(session: Session, name: str, *, holder: str) -> bool:
    """Whether another holder's term is running; a look that writes nothing, before work that would be in vain."""
    other = sa.select(Leadership.name).where(
        Leadership.name == name, Leadership.holder != holder, Leadership.until >= database_now()
    )
    return session.scalar(other) is not None


def resign(session: Session, name: str, *, holder: str) -> None:
    """Give the leadership back before its term is over, so that a successor need not wait."""
    session.execute(sa.delete(Leadership).filter_by(name=name, holder=holder))
