"""S3: every route × everybody × their own and others' objects, from one table."""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.appointments.approving_words import NewWords, write_words
from messaging.appointments.guidance_models import GuidanceKind
from messaging.appointments.guiding import NewGuidance, write_guidance
from messaging.appointments.laying_plans import NewPlan, NewStep, write_plan
from messaging.appointments.models import Decision, OutcomeTap, Rearrangement, Reminder, WordKind
from messaging.appointments.own_meetings import token_of
from messaging.appointments.plans import Scope
from messaging.appointments.seeding import seed
from messaging.appointments.states import OutcomeWord
from messaging.audit.models import AuditEntry
from messaging.citizen_app.helper_access import offer_access
from messaging.citizen_app.helper_models import HelperSession
from messaging.citizen_app.models import Device, Opened, SeenAs
from messaging.citizen_app.pairing import offer_pairing
from messaging.clock import COPENHAGEN, begin_of_day
from messaging.conversations.batch_models import Batch, BatchState
from messaging.conversations.marking_threats import mark_threat
from messaging.conversations.models import Author, Conversation, Direction, Message, Template, TemplateDraft
from messaging.conversations.note_models import NoteKind
from messaging.conversations.noting import NewNote, write_note
from messaging.conversations.sending import send_message
from messaging.conversations.states import Waiting
from messaging.conversations.unit_names import NewName, write_name
from messaging.database.base import Base, new_id
from messaging.documents.asking import ask_for
from messaging.documents.keeping import Kept, keep
from messaging.documents.kinds import Declared, Kind
from messaging.documents.models import Origin
from messaging.documents.receiving import NewDocument, add_piece, begin_upload, finish_upload
from messaging.experience.codes import Cell, draw, month_of
from messaging.people.absence_models import Absence, AbsenceReason
from messaging.people.acting import Act
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.api_keys import SCOPES
from messaging.people.arm_models import Arm
from messaging.people.helper_models import Basis, HelperKind
from messaging.people.helping import NewHelper, add_helper
from messaging.people.models import ApiKey, CaseloadEntry, Caseworker, ContactPoint, PauseReason, Role
from messaging.people.registering import number_of, propose_number
from messaging.people.wishes import pause_number
from messaging.trial.laying_groups import NewGroup, write_group
from tests.access.table import CITIZENS, HELPERS, KEYS, MADE_UP, NO_CONTENT, TABLE, Answer, Row, Who
from tests.house import House, csrf_token

NAME = "Kanariefugl"
WORDS = "kanarieord"
SHARED_NUMBER = "+4529390626"
PAUSED_NUMBER = "+4531932646"
INITIALS = {
    Who.CASEWORKER: "mho",
    Who.CASEWORKER_MADE_UP: "mho",
    Who.FOREIGN: "far",
    Who.DEPUTY: "dep",
    Who.DEPUTY_AT_REST: "dep",
    Who.LEADER: "lead",
    Who.INFORMED: "lead",
    Who.FAR_LEADER: "farlead",
    Who.SUPERUSER: "super",
    Who.AUDITOR: "audit",
}
MAY_KNOW_THE_NAME = {
    Who.CASEWORKER,
    Who.CASEWORKER_MADE_UP,
    Who.DEPUTY,
    Who.LEADER,
    Who.INFORMED,
    Who.KEY,
    Who.KEY_MADE_UP,
    Who.CITIZEN,
    Who.CITIZEN_MADE_UP,
    Who.CITIZEN_BY_CODE,
    Who.HELPER,
    Who.HELPER_MADE_UP,
}
MAY_READ_THE_WORDS = MAY_KNOW_THE_NAME - {Who.LEADER}
NAMED = {"number": "0", "key": "M5", "variant": "-", "language": "da", "token": "intet", "external_id": "A/1"}
"""What a path names by a word."""
PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>")

NOTED_EACH_TIME = {"audit_entries", "changes", "covered_openings", "idempotency_keys"}

Ids = dict[str, uuid.UUID | str]


def _routes(house: House) -> Iterator[str]:
    for rule in house.app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield f"{method} {rule.rule}"


def _as_in_table(route: str) -> str:
    """What waits in triage is a message of nobody's: its id is another one than that of a message in a thread."""
    return route.replace("/triage/<uuid:message_id>", "/triage/<uuid:triage_id>")


def test_every_route_has_a_row_and_every_row_a_route(house: House) -> None:
    """S3."""
    assert sorted(map(_as_in_table, _routes(house))) == sorted(TABLE)


@pytest.mark.parametrize("who", Who)
def test_everybody_gets_what_the_table_says_and_nothing_else(house: House, who: Who) -> None:
    """S3."""
    ids = _populate(house)
    client, headers = _arrive(house, who, ids)
    _wait(house, Waiting.FOR_US if who is Who.DEPUTY else Waiting.SETTLED)
    if who in MADE_UP:
        ids = {name: uuid.uuid4() for name in ids}
    got, leaked = {}, []
    for route, row in TABLE.items():
        answer = _ask(client, route, row, ids=ids, headers=headers(row))
        got[route] = _kind_of(answer)
        shown = (
            "" if answer.is_streamed and "event-stream" in answer.content_type else answer.data.decode(errors="replace")
        )
        answer.close()
        if (NAME in shown and who not in MAY_KNOW_THE_NAME) or (WORDS in shown and who not in MAY_READ_THE_WORDS):
            leaked.append(route)

    assert got == {route: row.kind[who] for route, row in TABLE.items()}
    assert leaked == []


def _populate(house: House) -> Ids:
    """A citizen with all there can be, people of every role, and a message in triage that may be hers."""
    mette = house.caseworker()
    citizen_id = house.citizen(caseworker=mette, first_name=NAME)
    for first_name in (NAME, "Søs"):
        shared = house.citizen(caseworker=mette, first_name=first_name, number=SHARED_NUMBER)
    house.caseworker("far", unit="Team B")
    house.caseworker("dep", name="Dennis Dam")
    for initials, role, unit in (
        ("lead", Role.TEAM_LEADER, "Team A"),
        ("farlead", Role.TEAM_LEADER, "Team B"),
        ("super", Role.SUPERUSER, "Team A"),
        ("audit", Role.AUDITOR, "Team A"),
    ):
        house.caseworker(initials, role=role, unit=unit)
    appointment_id = house.appointment(citizen_id, mette).id
    for _ in range(2):
        house.hears(WORDS)
    house.hears(WORDS, sender=SHARED_NUMBER)
    house.key("templates:read")
    with house.runtime.act(SYSTEM) as act:
        seed(act.session)
        received = sa.select(Message.id).filter_by(conversation_id=citizen_id, direction=Direction.IN)
        received_id, threatening_id = act.session.scalars(received)
        act.session.add(_tap(act, mette, appointment_id))
        message = send_message(act, citizen_id=citizen_id, text=WORDS, author=Author.CASEWORKER)
        point_id = act.session.scalars(sa.select(ContactPoint.id).filter_by(citizen_id=citizen_id)).one()
        paused_id = _paused(act, citizen_id)
        return {
            "citizen_id": citizen_id,
            "message_id": message.id,
            "received_id": received_id,
            "threat_id": _threat(act, mette, citizen_id, threatening_id),
            "note_id": _note(act, mette, citizen_id),
            "point_id": point_id,
            "number_id": point_id,
            "paused_id": paused_id,
            "appointment_id": appointment_id,
            "meeting_token": token_of(act.vault, appointment_id),
            "reminder_id": act.session.scalars(sa.select(Reminder.id).order_by(Reminder.id)).first(),
            "absence_id": _absence(act, mette, appointment_id),
            "caseworker_id": mette.id,
            "unit_id": mette.unit_id,
            "staff_id": mette.id,
            "entry_id": act.session.scalars(sa.select(CaseloadEntry.id).filter_by(citizen_id=citizen_id)).one(),
            "triage_id": act.session.scalars(sa.select(Message.id).filter_by(conversation_id=None)).one(),
            "sharing_id": shared,
            "batch_id": _batch(act, mette),
            "draft_id": act.session.scalars(sa.select(TemplateDraft.id).filter_by(key="M5")).one(),
            "words_id": _words(act, mette),
            "guidance_id": _guidance(act, mette),
            "plan_id": _plan(act, mette),
            "name_id": _name(act, mette),
            "group_id": _group(act, mette),
            "template_id": act.session.scalars(sa.select(Template.id).filter_by(key="M5")).one(),
            "pairing_id": _pairing(act, mette, citizen_id),
            "device_id": _device(act, citizen_id),
            **_readers(act, mette, citizen_id),
            "asked_id": _asked(act, mette, citizen_id),
            "document_id": _document(act, citizen_id),
            "key_id": act.session.scalars(sa.select(ApiKey.id)).first(),
            "code": draw(act, Cell(arm=Arm.APP, month=month_of(act.now), meeting_type="Jobsamtale"))[0],
        }


def _pairing(act: Act, mette: Caseworker, citizen_id: uuid.UUID) -> uuid.UUID:
    """Her caseworker has shown a QR code."""
    by_mette = replace(act, actor=Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER))
    pairing_id = new_id()
    offer_pairing(by_mette, pairing_id=pairing_id, citizen_id=citizen_id, seen_as=SeenAs.KNOWN)
    return pairing_id


def _device(act: Act, citizen_id: uuid.UUID) -> uuid.UUID:
    """One of her phones is in."""
    device = Device(citizen_id=citizen_id, name="iPhone", added_at=act.now, seen_at=act.now)
    act.session.add(device)
    act.session.flush()
    return device.id


def _readers(act: Act, mette: Caseworker, citizen_id: uuid.UUID) -> Ids:
    """Somebody reads along, and has been shown a code; somebody else waits for the citizen's yes."""
    by_mette = replace(act, actor=Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER))
    mentor, tolk, offer_id = (new_id() for _ in range(3))
    for id_, kind, basis in (
        (mentor, HelperKind.MENTOR, Basis.CONSENT_AT_DESK),
        (tolk, HelperKind.INTERPRETER, Basis.CONSENT_IN_APP),
    ):
        add_helper(by_mette, NewHelper(id=id_, kind=kind, name="Lars Lund", basis=basis), citizen_id=citizen_id)
    offer_access(by_mette, offer_id=offer_id, citizen_id=citizen_id, helper_id=mentor, seen_as=SeenAs.KNOWN)
    act.session.add(
        HelperSession(
            helper_id=mentor,
            offer_id=offer_id,
            device_name="iPhone",
            token_digest=b"nobody's",
            created_at=act.now,
            seen_at=act.now,
        )
    )
    return {"helper_id": mentor, "asking_id": tolk, "offer_id": offer_id}


def _asked(act: Act, mette: Caseworker, citizen_id: uuid.UUID) -> uuid.UUID:
    """Her caseworker has asked her for a document."""
    by_mette = replace(act, actor=Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER))
    return ask_for(by_mette, citizen_id=citizen_id, words=[WORDS])[0]


def _document(act: Act, citizen_id: uuid.UUID) -> uuid.UUID:
    """She has sent a document, and it was inspected."""
    content, document_id, lease = WORDS.encode(), new_id(), new_id()
    new = NewDocument(
        id=document_id,
        citizen_id=citizen_id,
        name=NAME,
        declared=Declared.TEXT,
        size=len(content),
        origin=Origin.CITIZEN,
    )
    begin_upload(act, new)
    add_piece(act, citizen_id=citizen_id, document_id=document_id, number=0, content=content)
    finish_upload(act, citizen_id=citizen_id, document_id=document_id).lease_token = lease
    act.session.flush()
    assert keep(act, document_id=document_id, lease=lease, kept=Kept(kind=Kind.TEXT, size=len(content), sha256="0"))
    return document_id


def _note(act: Act, mette: Caseworker, citizen_id: uuid.UUID) -> uuid.UUID:
    """Her caseworker has noted something."""
    by_mette = replace(act, actor=Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER))
    new = NewNote(id=new_id(), kind=NoteKind.INTERNAL, text=WORDS)
    return write_note(by_mette, new, citizen_id=citizen_id).id


def _words(act: Act, writer: Caseworker) -> uuid.UUID:
    """Words for a place that wait for approval."""
    by_writer = replace(act, actor=Actor(kind=ActorKind.STAFF, id=writer.id, role=Role.SUPERUSER))
    return write_words(by_writer, NewWords(id=new_id(), kind=WordKind.PLACE, name="Et sted", words="Vej 1")).id


def _guidance(act: Act, writer: Caseworker) -> uuid.UUID:
    """What is told in the app of a place, and waits for approval."""
    by_writer = replace(act, actor=Actor(kind=ActorKind.STAFF, id=writer.id, role=Role.SUPERUSER))
    new = NewGuidance(id=new_id(), kind=GuidanceKind.DIRECTIONS, name="Et sted", text="Gå ind.")
    return write_guidance(by_writer, new).id


def _plan(act: Act, writer: Caseworker) -> uuid.UUID:
    """When meetings of a type are reminded of, waiting for a signature."""
    by_writer = replace(act, actor=Actor(kind=ActorKind.STAFF, id=writer.id, role=Role.SUPERUSER))
    scope = Scope(unit_id=None, meeting_type="Andet", target_group=None)
    first_day = act.now.astimezone(COPENHAGEN).date()
    new = NewPlan(id=new_id(), scope=scope, first_day=first_day, steps=(NewStep(days=2, texts=("M1",)),))
    return write_plan(by_writer, new).id


def _name(act: Act, writer: Caseworker) -> uuid.UUID:
    """A name to sign messages with, waiting for a signature of its own."""
    by_writer = replace(act, actor=Actor(kind=ActorKind.STAFF, id=writer.id, role=Role.SUPERUSER))
    first_day = act.now.astimezone(COPENHAGEN).date()
    return write_name(by_writer, NewName(id=new_id(), words="Ungehuset", first_day=first_day)).id


def _group(act: Act, writer: Caseworker) -> uuid.UUID:
    """A target group, waiting for a signature of its own."""
    by_writer = replace(act, actor=Actor(kind=ActorKind.STAFF, id=writer.id, role=Role.SUPERUSER))
    first_day = act.now.astimezone(COPENHAGEN).date()
    new = NewGroup(id=new_id(), code="fleksjob", name="Fleksjob", takes_part=True, first_day=first_day)
    return write_group(by_writer, new).id


def _paused(act: Act, citizen_id: uuid.UUID) -> uuid.UUID:
    """A number that is proposed for the citizen, and that nothing goes to until somebody has looked."""
    number = number_of(act, e164=PAUSED_NUMBER)
    pause_number(act, number_id=number.id, reason=PauseReason.STOP_FROM_UNKNOWN)
    return propose_number(act, citizen_id=citizen_id, number=number, e164=PAUSED_NUMBER, source="test").id


def _batch(act: Act, writer: Caseworker) -> uuid.UUID:
    """Something to several that waits for a second person."""
    batch = Batch(
        writer_id=writer.id,
        key="M9",
        size=51,
        segments=51,
        state=BatchState.WAITING_FOR_APPROVAL,
        created_at=act.now,
    )
    act.session.add(batch)
    act.session.flush()
    return batch.id


def _threat(act: Act, mette: Caseworker, citizen_id: uuid.UUID, message_id: uuid.UUID) -> uuid.UUID:
    """Her caseworker has marked what she wrote."""
    by_mette = replace(act, actor=Actor(kind=ActorKind.STAFF, id=mette.id, role=Role.CASEWORKER))
    return mark_threat(by_mette, citizen_id=citizen_id, message_id=message_id, note=WORDS).id


def _tap(act: Act, mette: Caseworker, appointment_id: uuid.UUID) -> OutcomeTap:
    """An outcome that can still be undone."""
    return OutcomeTap(
        appointment_id=appointment_id,
        revision=1,
        outcome=OutcomeWord.HELD,
        tapped_by=mette.id,
        tapped_at=act.now,
        due_at=act.now + timedelta(seconds=10),
    )


def _absence(act: Act, mette: Caseworker, appointment_id: uuid.UUID) -> uuid.UUID:
    """The caseworker is away today, her colleague covers, and something was done about a meeting."""
    today = act.now.date()
    absence = Absence(
        caseworker_id=mette.id,
        deputy_id=act.session.scalars(sa.select(Caseworker.id).filter_by(initials="dep")).one(),
        since=begin_of_day(today),
        until=begin_of_day(today + timedelta(days=1)),
        reason=AbsenceReason.LEAVE,
        reported_by=mette.id,
        reported_at=act.now,
    )
    act.session.add(absence)
    act.session.flush()
    act.session.add(
        Rearrangement(
            appointment_id=appointment_id,
            revision=1,
            absence_id=absence.id,
            decision=Decision.CANCELLED,
            decided_at=act.now,
            decided_by=mette.id,
        )
    )
    return absence.id


def _wait(house: House, waiting: Waiting) -> None:
    """Let all wait for us, or none."""
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Conversation).values(waiting=waiting, danger_since=None))


def _arrive(house: House, who: Who, ids: Ids) -> tuple[FlaskClient, Callable[[Row], dict[str, str]]]:
    """Return a browser and, by row, the headers with which this one asks."""
    if who in CITIZENS:
        citizen_id = ids["sharing_id"] if who is Who.OTHER_CITIZEN else ids["citizen_id"]
        opened = Opened.CODE if who is Who.CITIZEN_BY_CODE else Opened.PAIRED
        return house.phone(citizen_id, opened=opened), lambda row: {}
    if who in HELPERS:
        return _reader(house, who, ids), lambda row: {}
    client = house.browser(INITIALS.get(who))
    if who is Who.INFORMED:
        page = f"/citizens/{ids['citizen_id']}/reason"
        form = {"reason": "Mette er syg i dag", "csrf_token": csrf_token(client, page)}
        assert client.post(page, data=form).status_code == 303
    keys = {scope: house.key(scope) for scope in SCOPES} if who in KEYS else {}

    def headers(row: Row) -> dict[str, str]:
        if who not in KEYS:
            return {}
        wrong = next(scope for scope in SCOPES if scope != row.scope)
        scope = wrong if who is Who.WRONG_KEY or row.scope is None else row.scope
        return keys[scope] | {"Idempotency-Key": str(uuid.uuid4())}

    return client, headers


def _reader(house: House, who: Who, ids: Ids) -> FlaskClient:
    """The browser of somebody who reads along."""
    with house.runtime.database.read() as session:
        mette = session.get_one(Caseworker, ids["caseworker_id"])
    if who is Who.OTHER_HELPER:
        other = ids["sharing_id"]
        return house.helpers_phone(other, house.helper(other, mette, name="Ida Dam"), mette)
    return house.helpers_phone(ids["citizen_id"], ids["helper_id"], mette)


def _ask(client: FlaskClient, route: str, row: Row, *, ids: Ids, headers: dict[str, str]) -> TestResponse:
    method, rule = route.split(" ")
    if rule.endswith("/release"):
        ids = ids | {"point_id": ids["paused_id"], "number_id": ids["paused_id"]}
    if rule.endswith("/agree"):
        ids = ids | {"helper_id": ids["asking_id"]}
    path = PLACEHOLDER.sub(lambda found: str(ids.get(found[1]) or NAMED.get(found[1], "css/layout.css")), rule)
    known = {"fresh_id": uuid.uuid4(), **ids}
    if "triage" in rule:
        known["citizen_id"] = ids["sharing_id"]
    if row.json is not None or path.startswith("/api/"):
        body = {name: _put_in(value, known) for name, value in (row.json or {}).items()}
        headers = {**headers, **row.headers}
        return client.open(path, method=method, json=body if row.json is not None else None, headers=headers)
    form = {name: _put_in(value, known) for name, value in row.form.items()}
    if method == "POST":
        form["csrf_token"] = csrf_token(client, "/sign-in")
    return client.open(path, method=method, data=form or None, headers=headers)


def _put_in(value: object, known: Ids) -> object:
    return value.format(**known) if isinstance(value, str) else value


def _kind_of(answer: TestResponse) -> Answer | int:
    location = answer.location or ""
    if location.startswith("/sign-in"):
        return Answer.SIGN_IN
    if location.partition("?")[0] == "/app/login":
        return Answer.APP_SIGN_IN
    if location == "/app/helping":
        return Answer.HELPS_NOBODY
    if location.startswith("/citizens/") and "/reason" in location:
        return Answer.ASKED_WHY
    told = {401: Answer.UNKNOWN, 403: Answer.REFUSED, 404: Answer.HIDDEN, 410: Answer.GONE, 503: Answer.UNWELL}
    if answer.status_code < 400 or answer.status_code in {409, 422}:
        return Answer.LET_IN
    return told.get(answer.status_code, answer.status_code)


@pytest.mark.parametrize("who", [Who.CASEWORKER, Who.INFORMED, Who.KEY, Who.CITIZEN, Who.HELPER])
def test_whatever_shows_content_or_changes_something_is_audited(house: House, who: Who) -> None:
    """A3."""
    ids = _populate(house)
    client, headers = _arrive(house, who, ids)
    unaudited = []
    for route, row in TABLE.items():
        if row.kind[who] is not Answer.LET_IN or route in NO_CONTENT:
            continue
        before = _audited(house)
        answer = _ask(client, route, row, ids=ids, headers=headers(row))
        answer.close()
        if answer.status_code < 400 and _audited(house) == before:
            unaudited.append(route)

    assert unaudited == [], "audit it, or say in NO_CONTENT that it shows none and changes nothing of ours"


def _audited(house: House) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0


@pytest.mark.parametrize("who", [Who.CASEWORKER, Who.LEADER, Who.INFORMED, Who.SUPERUSER, Who.CITIZEN])
def test_a_form_sent_again_makes_nothing_the_second_time(house: House, who: Who) -> None:
    """A double click, a second tab, an answer that was lost on its way: whatever the form makes, it makes once."""
    ids = _populate(house)
    client, headers = _arrive(house, who, ids)
    doubled = {}
    for route, row in TABLE.items():
        if not route.startswith("POST /") or row.json or row.scope or row.kind[who] is not Answer.LET_IN:
            continue
        same = {**ids, "fresh_id": uuid.uuid4()}
        _ask(client, route, row, ids=same, headers=headers(row)).close()
        once = _made(house)
        _ask(client, route, row, ids=same, headers=headers(row)).close()
        if more := {table: rows - once[table] for table, rows in _made(house).items() if rows != once[table]}:
            doubled[route] = more

    assert doubled == {}


def _made(house: House) -> dict[str, int]:
    """Count the rows of all that is made; what was asked, seen and announced may be noted each time."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in NOTED_EACH_TIME]
    with house.runtime.database.read() as session:
        return {table.name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables}
