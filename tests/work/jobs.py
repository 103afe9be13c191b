"""A small table of rows that are their own queue entries, as the rooms have them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from messaging.database.base import Base, new_id
from messaging.database.engine import Database
from messaging.database.moments import database_now
from messaging.work import leasing


class JobBase(DeclarativeBase):
    """Apart from the service's own tables."""

    type_annotation_map = Base.type_annotation_map


class Job(JobBase):
    """Something to do."""

    __tablename__ = "jobs"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    label: Mapped[str] = mapped_column(default="")
    done: Mapped[bool] = mapped_column(default=False)
    next_try_at: Mapped[datetime] = mapped_column(server_default=database_now())
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    deaths: Mapped[int] = mapped_column(default=0)


DUE = Job.done.is_(False)


@contextmanager
def open_jobs(url: str) -> Iterator[Database]:
    """A database with an empty table of jobs."""
    database = Database(url, pool_size=8)
    JobBase.metadata.create_all(database.engine)
    yield database
    database.close()


def add_jobs(database: Database, number: int, **values: Any) -> list[uuid.UUID]:
    """Add so many jobs and return their ids, the oldest first."""
    jobs = [Job(id=new_id(), **values) for _ in range(number)]
    with database.write() as session:
        session.add_all(jobs)
    return [job.id for job in jobs]


def take(database: Database, *, limit: int = 10, seconds: float = 60, **how: Any) -> leasing.Claim:
    """Claim due jobs, the oldest first."""
    with database.write() as session:
        return leasing.claim(
            session, Job, due=DUE, order_by=[Job.next_try_at, Job.id], limit=limit, seconds=seconds, **how
        )


def finish(database: Database, *ids: uuid.UUID) -> None:
    """Mark jobs as done."""
    with database.write() as session:
        session.execute(sa.update(Job).where(Job.id.in_(ids)).values(done=True, **leasing.FREED))


def let_lease_run_out(database: Database, *ids: uuid.UUID) -> None:
    """Move the end of the leases into the database's past."""
    with database.write() as session:
        session.execute(sa.update(Job).where(Job.id.in_(ids)).values(lease_until=database_now(-1)))


def deaths_of(database: Database, identity: uuid.UUID) -> int:
    """How many processes died holding this job."""
    with database.read() as session:
        return session.get_one(Job, identity).deaths
