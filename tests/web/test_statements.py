"""A page asks the database as often for a full list as for one row, and opens no more messages than it can show."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any, cast

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from messaging.app import create_app
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.states import ReminderState
from messaging.conversations.indexing import SearchIndexer
from messaging.conversations.models import Message
from messaging.conversations.pages.search import PAGE as SEARCH_PAGE
from messaging.conversations.pages.thread import THREAD_PAGE
from messaging.people import registering
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker
from messaging.vault.place import Place
from messaging.vault.sealed import Sealed
from messaging.vault.vault import Vault
from tests.house import House, csrf_token

ONE, MANY = 1, 12
ASKED = 2
NARROWED = ("settled", "all", "needs_action", "scheduled", "unreachable", "waiting_for_us&papers=yes")
LISTS = ["/conversations", *(f"/conversations?show={one}" for one in NARROWED)]
_numbers = count(1)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that are sent meanwhile, to whichever database."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def statements_of(client: FlaskClient, path: str, *, words: str | None = None) -> list[str]:
    """Return what a page asks. It is asked for before: what is remembered from then on is remembered in both cases."""
    form = {"words": words, "csrf_token": csrf_token(client, path)} if words else None
    for _ in range(ASKED):
        with counted() as statements:
            answer = client.post(path, data=form) if form else client.get(path)
        assert answer.status_code == 200
    return statements


def fill(house: House, mette: Caseworker, *, citizens: int, messages: int) -> str:
    """Let so many citizens with a meeting soon write so often; return the path of the last one's thread."""
    for _ in range(citizens):
        e164 = f"+45241{next(_numbers):05}"
        citizen_id = house.citizen(caseworker=mette, number=e164)
        house.appointment(citizen_id, mette, in_days=0.05)
        for _ in range(messages):
            house.hears("Jeg har fået en læreplads", sender=e164)
    return f"/conversations/{citizen_id}"


@pytest.mark.parametrize("path", [*LISTS, "/meetings", "/citizens"])
def test_list_asks_as_often_for_many_rows_as_for_one(house: House, path: str) -> None:
    asked = []
    for initials, citizens in (("mho", ONE), ("jon", MANY)):
        fill(house, house.caseworker(initials), citizens=citizens, messages=1)
        asked.append(statements_of(house.browser(initials), path))

    assert len(asked[0]) == len(asked[1]), "\n".join(sorted(set(asked[1])))


def happen(house: House, client: FlaskClient, thread: str) -> None:
    """Let happen around a thread all that stands in it beside messages: notes, threats, numbers, reminders, markers."""
    citizen_id = uuid.UUID(thread.rsplit("/", 1)[1])
    token = {"csrf_token": csrf_token(client, thread)}
    sender = f"+45242{next(_numbers):05}"
    for _ in range(ASKED):
        client.post(f"{thread}/notes", data=token | {"note_id": str(uuid.uuid4()), "note": "Træffes efter kl. 12"})
    with house.runtime.act(SYSTEM) as act:
        registering.name_number(act, citizen_id=citizen_id, e164=sender, source="fagsystem.csv")
        messages = act.session.scalars(sa.select(Message).filter_by(conversation_id=citizen_id).limit(2 * ASKED)).all()
        received = [message.id for message in messages]
        appointment_id = act.session.scalars(sa.select(Appointment.id).filter_by(citizen_id=citizen_id)).one()
        for step, message_id in zip(("3_days", "1_day"), received[:ASKED], strict=True):
            of_step = sa.update(Reminder).filter_by(appointment_id=appointment_id, step=step)
            act.session.execute(of_step.values(state=ReminderState.SENT, message_id=message_id))
    for message_id in received[ASKED:]:
        answer = client.post(f"{thread}/received/{message_id}/threat", data=token | {"note": "Truede mig"})
        assert answer.status_code == 303


def test_thread_asks_as_often_whatever_is_in_it(house: House) -> None:
    asked = []
    for initials, messages in (("mho", ONE), ("jon", MANY)):
        path = fill(house, house.caseworker(initials), citizens=1, messages=messages)
        client = house.browser(initials)
        if messages == MANY:
            happen(house, client, path)
        asked.append(statements_of(client, path))
    page = client.get(path).text

    assert len(asked[0]) == len(asked[1]), "\n".join(sorted(set(asked[1])))
    shown = ("Træffes efter kl. 12", "Markeret som trussel", "Påmindelse 3 dage før", "Der kom et andet nummer til")
    assert all(words in page for words in shown)


def test_what_stands_at_the_top_is_asked_once_however_many_templates_draw_a_page(house: House) -> None:
    path = fill(house, house.caseworker("mho"), citizens=1, messages=ONE)

    asked = statements_of(house.browser("mho"), path)

    assert sum("wave_days" in statement for statement in asked) == 1


def test_search_asks_as_often_for_many_hits_as_for_one(house: House) -> None:
    asked = []
    indexer = SearchIndexer(house.runtime)
    for initials, citizens in (("mho", ONE), ("jon", MANY)):
        fill(house, house.caseworker(initials), citizens=citizens, messages=1)
        indexer.drain()
        asked.append(statements_of(house.browser(initials), "/search", words="læreplads"))

    assert len(asked[0]) == len(asked[1]), "\n".join(sorted(set(asked[1])))


class CountingVault:
    """A vault that notes the place of everything that is opened."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self.opened: list[Place] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vault, name)

    def open(self, sealed: Sealed, *, owner: uuid.UUID, place: Place) -> str:
        self.opened.append(place)
        return self._vault.open(sealed, owner=owner, place=place)


def test_no_page_opens_more_messages_than_it_can_show(house: House) -> None:
    mette = house.caseworker()
    thread = fill(house, mette, citizens=1, messages=THREAD_PAGE + 5)
    SearchIndexer(house.runtime).drain()
    vault = CountingVault(house.runtime.vault)
    counting = replace(house, app=create_app(replace(house.runtime, vault=cast("Vault", vault)), log_file=house.log))
    client = counting.browser(mette.initials)
    opened = {}
    for path, words in (("/conversations", None), (thread, None), ("/search", "læreplads")):
        vault.opened.clear()
        statements_of(client, path, words=words)
        opened[path] = sum(place.table == "messages" for place in vault.opened) // ASKED

    assert opened["/conversations"] == 0
    assert opened[thread] == THREAD_PAGE
    assert opened["/search"] <= SEARCH_PAGE
