"""A small staff, files as the booking system exports them, and a desk that plays the service in few words."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from adapters.contract import InboundMessage
from messaging.appointments.caseworker_file import read_caseworkers
from messaging.appointments.import_report import ImportReport
from messaging.appointments.importing import import_appointments, import_caseworkers
from messaging.appointments.laying_plans import NewPlan, NewStep, sign_plan, write_plan
from messaging.appointments.line_file import ReportedLine
from messaging.appointments.models import Appointment, Reminder, ReplyReading
from messaging.appointments.planning import ReminderRules
from messaging.appointments.plans import Scope
from messaging.appointments.seeding import seed
from messaging.appointments.work import AnswerReader, ReminderLane
from messaging.clock import COPENHAGEN, FixedClock
from messaging.conversations.hooks import take_message
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Conversation, Direction, Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.open_hours import OFFICE_HOURS
from messaging.conversations.states import Waiting
from messaging.conversations.work import MessageLane
from messaging.database.base import new_id
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, Role, Unit
from messaging.runtime import Runtime
from messaging.work.breaker import Breaker
from messaging.work.lanes import MESSAGE_LANES, Lane
from tests.fakes import FakeChannel
from tests.house import house  # noqa: F401

T = TypeVar("T")

SARA = "+4528102030"
AHMED = "+4528999999"

STAFF = (
    b"sagsbehandler;navn;email;enhed;rolle\n"
    b"sb01;Mette Holm;;Team A;sagsbehandler\n"
    b"sb02;Ali Demir;;Team A;sagsbehandler\n"
)

HEADER = (
    "aftale_id;cpr;fornavn;efternavn;telefon;sagsbehandler;start;varighed_min;samtaletype;afholdelsesform;sted;formaal;"
    "selvbooket;huskeservice"
)

LINE = {
    "aftale_id": "A1",
    "cpr": "710101-1234",
    "fornavn": "Sara",
    "efternavn": "Hansen",
    "telefon": "28 10 20 30",
    "sagsbehandler": "sb01",
    "start": "14-10-2027 10:30",
    "varighed_min": "30",
    "samtaletype": "Jobsamtale",
    "afholdelsesform": "Fremmøde",
    "sted": "Mødested 1",
    "formaal": "Kun til internt brug",
    "selvbooket": "Nej",
    "huskeservice": "Nej",
}

OFFICE = Office(unit="Ungecenteret", phone="70 10 20 30", app="Mit Ungecenter", hours=OFFICE_HOURS)
RULES = ReminderRules(office=OFFICE)


def booking_file(*lines: dict[str, str]) -> bytes:
    """A booking file; each line is the usual one with some fields other."""
    return "\n".join([HEADER, *(";".join({**LINE, **line}.values()) for line in lines)]).encode()


FIRST = date(2027, 9, 1)
ANY = Scope(unit_id=None, meeting_type=None, target_group=None)
TWO_DAYS = (NewStep(days=2, texts=("M1",)),)

Importer = Callable[..., ImportReport]
Lay = Callable[..., uuid.UUID]


@pytest.fixture
def staffed(runtime: Runtime) -> Runtime:
    """A runtime with the approved texts, in which two caseworkers are known."""
    with runtime.act(SYSTEM) as act:
        seed(act.session)
        import_caseworkers(act, read_caseworkers(STAFF).rows)
    return runtime


@pytest.fixture
def take_in(staffed: Runtime) -> Importer:
    """Imports lines of a booking file; each argument says what is other than usual in one line."""

    def take_in(*lines: dict[str, str], **options: bool) -> ImportReport:
        return import_appointments(
            partial(staffed.act, SYSTEM), booking_file(*lines), rules=RULES, office=OFFICE, **options
        )

    return take_in


@pytest.fixture
def city(runtime: Runtime, shared: Path) -> Runtime:
    """A runtime with the approved texts, in which the customer's staff list is known."""
    with runtime.act(SYSTEM) as act:
        seed(act.session)
        import_caseworkers(act, read_caseworkers((shared / "data/caseworkers.csv").read_bytes()).rows)
    return runtime


def codes(lines: Iterable[ReportedLine]) -> dict[int, str]:
    """What is reported, by the line of the file."""
    return {line.line: line.code for line in lines}


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a test does with the service, in few words. The usual citizen is Sara, at SARA."""

    runtime: Runtime
    clock: FixedClock
    channel: FakeChannel
    take_in: Importer

    def books(self, *, at: str = "2027-10-01 10:00", **line: str) -> Appointment:
        """Import one line at this wall time, and return its appointment."""
        self.clock.moment = wall(at)
        self.take_in(line)
        return self.appointment(line.get("aftale_id", "A1"))

    def reminds(self, *, at: str) -> None:
        """Let all reminders that are due at this wall time be decided on, and what is written be sent."""
        self.clock.moment = wall(at)
        lane = ReminderLane(self.runtime)
        while lane.drain():
            pass
        self.sends(Lane.BULK)

    def hears(self, text: str, *, sender: str = SARA, at: str | None = None, written: str | None = None) -> uuid.UUID:
        """Let a text come in and be read; return its message's id. `written` is the provider's time of it."""
        message_id = self.receives(text, sender=sender, at=at, written=written)
        self.reads()
        return message_id

    def receives(
        self, text: str, *, sender: str = SARA, at: str | None = None, written: str | None = None
    ) -> uuid.UUID:
        """Let a text come in that nobody has read yet."""
        if at:
            self.clock.moment = wall(at)
        known = {message.id for message in self.every(Message)}
        source = InboundMessage(
            provider_message_id=uuid.uuid4().hex,
            account="fake",
            sender=sender,
            recipient="+4591000000",
            text=text,
            provider_time=wall(written) if written else None,
        )
        take_message(self.runtime, source)
        return next(m.id for m in self.every(Message) if m.id not in known and m.direction is Direction.IN)

    def reads(self) -> None:
        """Let a reader that has just been started read what has come in."""
        reader = AnswerReader(self.runtime)
        while reader.drain():
            pass

    def sends(self, *lanes: Lane) -> None:
        """Let the senders of these lanes, or of all, work until nothing is due."""
        for lane in lanes or MESSAGE_LANES:
            breaker = Breaker("test", waits=self.runtime.config.waits)
            while MessageLane(runtime=self.runtime, breaker=breaker, lane=lane).drain():
                pass

    def every(self, model: type[T]) -> Sequence[T]:
        """All rows of a table, in the order of their keys: of the time they were made, where the key is an id."""
        with self.runtime.database.read() as session:
            return session.scalars(sa.select(model).order_by(*sa.inspect(model).primary_key)).all()

    def appointment(self, external_id: str = "A1") -> Appointment:
        """The appointment of this id."""
        return next(row for row in self.every(Appointment) if row.external_id == external_id)

    def reading(self, message_id: uuid.UUID) -> ReplyReading:
        """How a message was read."""
        return next(row for row in self.every(ReplyReading) if row.message_id == message_id)

    def reminders(self) -> dict[str, tuple[str, str | None]]:
        """State and reason of each step of the present revision, where there is one appointment."""
        latest = max(row.revision for row in self.every(Reminder))
        return {row.step: (row.state, row.reason) for row in self.every(Reminder) if row.revision == latest}

    def waiting(self) -> Waiting:
        """Who has the next move in the only thread."""
        (thread,) = self.every(Conversation)
        return thread.waiting

    def written(self, kind: Kind) -> list[str]:
        """The texts of all messages of a kind that were written, oldest first."""
        return [
            self.runtime.vault.open(message.body, owner=message.conversation_id, place=body_place(message.id))
            for message in sorted(self.every(Message), key=lambda message: message.id)
            if message.kind is kind and message.direction is Direction.OUT and message.conversation_id
        ]

    def events(self) -> list[str]:
        """The types of all events of the journal, in the order of their streams."""
        rows = sorted(self.every(JournalEvent), key=lambda event: (event.stream_id, event.seq))
        return [row.type for row in rows]


@pytest.fixture
def desk(staffed: Runtime, clock: FixedClock, channel: FakeChannel, take_in: Importer) -> Desk:
    """A service that can be played."""
    return Desk(runtime=staffed, clock=clock, channel=channel, take_in=take_in)


@pytest.fixture
def writer(desk: Desk) -> Actor:
    return superuser(desk, "su01")


@pytest.fixture
def signer(desk: Desk) -> Actor:
    return superuser(desk, "su02")


def superuser(desk: Desk, initials: str) -> Actor:
    with desk.runtime.act(SYSTEM) as act:
        unit = act.session.scalars(sa.select(Unit)).first()
        assert unit is not None
        row = Caseworker(initials=initials, name="Super Bruger", unit_id=unit.id, role=Role.SUPERUSER)
        act.session.add(row)
        act.session.flush()
        return Actor(kind=ActorKind.STAFF, id=row.id, role=Role.SUPERUSER, unit_id=unit.id)


@pytest.fixture
def lays(desk: Desk, writer: Actor, signer: Actor) -> Lay:
    """Writes a plan and has it signed on 1/9; returns its id."""

    def lays(*steps: NewStep, at: str = "2027-09-01 08:00", signed: bool = True, **more: Any) -> uuid.UUID:
        desk.clock.moment = wall(at)
        new = NewPlan(**{"id": new_id(), "scope": ANY, "first_day": FIRST, "steps": steps or TWO_DAYS} | more)
        with desk.runtime.act(writer) as act:
            write_plan(act, new)
        if signed:
            with desk.runtime.act(signer) as act:
                sign_plan(act, plan_id=new.id)
        return new.id

    return lays


def wall(text: str) -> datetime:
    """The moment a clock in Copenhagen shows `2027-10-11 09:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN).astimezone(UTC)
