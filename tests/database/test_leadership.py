"""One holder leads at a time, for a term that the database's clock measures."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from messaging.database.base import Base
from messaging.database.engine import Database
from messaging.database.leadership import Leadership, acquire, is_led_by_another, resign
from messaging.database.moments import database_now
from tests.conftest import NewDatabaseUrl


def create_leaderships(url: str) -> None:
    database = Database(url)
    Base.metadata.create_all(database.engine, tables=[Base.metadata.tables[Leadership.__tablename__]])
    database.close()


@pytest.fixture
def database(new_database_url: NewDatabaseUrl) -> Iterator[Database]:
    database = Database(new_database_url("messaging", prepare=create_leaderships), pool_size=10)
    yield database
    database.close()


def leads(database: Database, holder: str, *, name: str = "chain", seconds: float = 30) -> bool:
    with database.write() as session:
        return acquire(session, name, holder=holder, seconds=seconds)


def test_first_to_ask_leads_and_goes_on_leading(database: Database) -> None:
    assert [leads(database, "one"), leads(database, "two"), leads(database, "one")] == [True, False, True]


def test_term_that_is_over_can_be_taken(database: Database) -> None:
    leads(database, "one", seconds=-1)

    assert leads(database, "two")
    assert not leads(database, "one")


def test_keeping_the_leadership_begins_a_new_term(database: Database) -> None:
    leads(database, "one", seconds=1)
    leads(database, "one", seconds=300)

    with database.read() as session:
        left = sa.select(Leadership.until > database_now(200))
        assert session.scalar(left)


def test_leadership_given_back_is_free_at_once(database: Database) -> None:
    leads(database, "one")
    with database.write() as session:
        resign(session, "chain", holder="two")
        kept = session.get(Leadership, "chain") is not None
        resign(session, "chain", holder="one")

    assert kept
    assert leads(database, "two")


def test_jobs_have_leaders_of_their_own(database: Database) -> None:
    assert leads(database, "one", name="chain")
    assert leads(database, "two", name="reminders")


def test_look_tells_whether_another_leads(database: Database) -> None:
    leads(database, "one", seconds=30)
    leads(database, "one", name="over", seconds=-1)

    with database.read() as session:
        assert is_led_by_another(session, "chain", holder="two")
        assert not is_led_by_another(session, "chain", holder="one")
        assert not is_led_by_another(session, "over", holder="two")
        assert not is_led_by_another(session, "nobody's", holder="two")


def test_of_many_who_ask_at_once_one_leads(database: Database) -> None:
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda number: leads(database, f"worker {number}"), range(10)))

    assert sum(answers) == 1
