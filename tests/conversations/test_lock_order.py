"""Whoever writes into a thread takes it first and the journal's stream after it, whichever way the writing goes.

Two that took them in different orders would wait for each other, until PostgreSQL turns one of them away.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from messaging.conversations import threads
from messaging.conversations.accepting import Order, accept
from messaging.conversations.note_models import NoteKind
from messaging.conversations.noting import NewNote, write_note
from messaging.database.base import new_id
from messaging.database.engine import Database
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Role

BOOKING_SYSTEM = Actor(kind=ActorKind.INTEGRATION, id=new_id())
PATIENCE = 10
"""Seconds in which a writer comes to a lock that is held."""
WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def until_it_waits(database: Database) -> None:
    """Wait until a writer stands before a lock; on SQLite nobody comes that far while another one writes."""
    deadline = time.monotonic() + PATIENCE
    while database.dialect == "postgresql":
        with database.read() as session:
            if session.scalar(WAITING):
                return
        assert time.monotonic() < deadline, "nobody waits for the thread"
        time.sleep(0.01)


def text(town, _citizen_id):
    return town.hears("Hvor er det henne?", id_="SM1")


def keyword(town, _citizen_id):
    return town.hears("STOP", id_="SM1")


def order(town, citizen_id):
    wanted = Order(
        message_id=new_id(), citizen_id=citizen_id, text="Vi ses", scope="api", key="k1", fingerprint=b"Vi ses"
    )
    return accept(town.runtime, BOOKING_SYSTEM, wanted)


def answer(town, citizen_id):
    return town.writes(citizen_id)


def contact(town, citizen_id):
    mette = Actor(kind=ActorKind.STAFF, id=town.caseworker_id(), role=Role.CASEWORKER)
    with town.runtime.act(mette) as act:
        note = NewNote(id=new_id(), kind=NoteKind.CALL_OUT, text="Vi talte om mødet", reached=True)
        return write_note(act, note, citizen_id=citizen_id, settles=True)


@pytest.mark.parametrize("write", [text, keyword, order, answer, contact])
def test_who_writes_into_a_thread_waits_for_whoever_has_taken_it_and_is_not_turned_away(
    town, write: Callable[..., object]
) -> None:
    sara = town.citizen()
    town.hears("hej")
    town.writes(sara)

    with ThreadPoolExecutor(1) as beside, town.runtime.act(SYSTEM) as act:
        threads.lock_thread(act.session, sara)
        written = beside.submit(write, town, sara)
        until_it_waits(town.runtime.database)
        act.journal("message.cancelled", stream=sara, subject=new_id(), facts={"reason": "by_hand"})

    assert written.result()
