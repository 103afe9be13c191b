"""While the database is away nothing is answered with 2xx, and what was refused comes by itself later. R10, F10."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import sqlalchemy as sa

from messaging.conversations.models import Message
from tests.faults.conftest import Service, eventually

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]


def test_r10_f10_hook_answers_503_while_postgresql_is_gone_and_the_poll_brings_it_afterwards(
    postgresql_service: Service, subtests: pytest.Subtests
) -> None:
    """R10, F10, R11, D3."""
    service = postgresql_service
    assert service.postmaster
    texts = [f"mens databasen er væk {number}" for number in range(6)]
    posts = [service.unheard(text) for text in texts]
    service.postmaster.kill()
    began = time.monotonic()
    with ThreadPoolExecutor(len(posts)) as pool:
        answers = list(pool.map(lambda post: post(), posts))
    took = time.monotonic() - began
    live, ready = service.get("/health/live"), service.get("/health/ready")

    with subtests.test("the hook answers 503 within 10 s (R10)"):
        assert [answer.status_code for answer in answers] == [503] * len(posts)
        assert took < 10
        assert all(answer.headers["Retry-After"] for answer in answers)
    with subtests.test("the process lives and is not ready (D3)"):
        assert (live, ready) == (200, 503)
    service.postmaster.start()
    healed = time.monotonic()
    with subtests.test("it is ready again within 10 s (D3)"):
        eventually(lambda: service.get("/health/ready") == 200)
        assert time.monotonic() - healed < 10
    with subtests.test("what was refused comes by the poll, flagged late (R11)"), service.town() as town:
        eventually(lambda: len(town.messages()) == len(texts))
        assert sorted(town.text_of(message) for message in town.messages()) == texts
        assert all(message.late for message in town.messages())
    with subtests.test("the provider's own repetition is then taken, and changes nothing"), service.town() as town:
        for post in posts:
            eventually(lambda post=post: post().status_code == 200)
        assert len(town.messages()) == len(texts)


def test_r10_hook_answers_503_while_somebody_holds_the_sqlite_file(sqlite_service: Service) -> None:
    """R10."""
    post = sqlite_service.unheard("mens filen er låst")
    with closing(sqlite3.connect(sqlite_service.stage.service_folder / "borgerdialog.db", isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        refused = post()
        took = time.monotonic() - began
        db.execute("ROLLBACK")
    accepted = post()

    assert (refused.status_code, accepted.status_code) == (503, 200)
    assert took < 10
    with sqlite_service.runtime() as runtime, runtime.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1
