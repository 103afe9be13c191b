"""What a caseworker and a citizen do in the app, in few words."""

import uuid

import sqlalchemy as sa

from messaging.conversations.app_thread import AppPage, mark_read, read_app_page
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author
from messaging.conversations.receiving_app import store_from_app
from messaging.conversations.sending_in_app import send_in_app
from messaging.database.base import new_id
from messaging.database.changes import Change
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.card_models import CaseClosing
from messaging.vault.place import Place
from tests.conversations.conftest import Town

EVERYTHING = frozenset(ContentClass)
BY_CODE = frozenset({ContentClass.SMS_OK})
PAIRED = frozenset({ContentClass.SMS_OK, ContentClass.LOGIN_ONLY})


def places(town: Town, citizen_id: uuid.UUID, text: str = "Din plan ligger her", **more: object) -> uuid.UUID:
    """Let a caseworker put a message into the app."""
    how = {"content_class": ContentClass.LOGIN_ONLY, "author": Author.CASEWORKER, **more}
    with town.runtime.act(SYSTEM) as act:
        return send_in_app(act, citizen_id=citizen_id, text=text, **how).id


def types(text: str, town: Town, citizen_id: uuid.UUID, id_: uuid.UUID | None = None, **more: object) -> bool:
    """Let a citizen write in her app; whether it was new."""
    how = {"content_class": ContentClass.SMS_OK, **more}
    with town.runtime.act(Actor(kind=ActorKind.CITIZEN, id=citizen_id)) as act:
        return store_from_app(act, citizen_id=citizen_id, message_id=id_ or uuid.uuid4(), text=text, **how)


def sees(town: Town, citizen_id: uuid.UUID, classes: frozenset[ContentClass] = EVERYTHING, **more: object) -> AppPage:
    with town.runtime.database.read() as session:
        return read_app_page(session, town.runtime.vault, citizen_id=citizen_id, classes=classes, **more)


def texts(page: AppPage) -> list[str | None]:
    return [entry.text for entry in page.entries]


def shows(
    town: Town, citizen_id: uuid.UUID, up_to: int, classes: frozenset[ContentClass] = EVERYTHING, **more: object
) -> int:
    with town.runtime.act(Actor(kind=ActorKind.CITIZEN, id=citizen_id)) as act:
        return mark_read(act, citizen_id=citizen_id, up_to_seq=up_to, classes=classes, **more)


def closes(town: Town, citizen_id: uuid.UUID) -> None:
    """Close her case."""
    with town.runtime.act(SYSTEM) as act:
        row = CaseClosing(id=new_id(), citizen_id=citizen_id, closed_at=act.now, closed_by=new_id())
        place = Place("case_closings", "closing_reason", row.id)
        row.closing_reason = town.runtime.vault.seal("flyttet", owner=citizen_id, place=place)
        row.closed_by = act.session.scalar(sa.text("SELECT id FROM caseworkers LIMIT 1").columns(id=sa.Uuid()))
        act.session.add(row)


def journaled(town: Town, message_id: uuid.UUID) -> list[str]:
    events = town.rows(JournalEvent, subject_id=message_id)
    return [event.type for event in sorted(events, key=lambda event: event.seq)]


def announced(town: Town, message_id: uuid.UUID) -> list[str]:
    return [change.kind for change in sorted(town.rows(Change, object_id=message_id), key=lambda row: row.position)]
