"""A citizen with a caseworker and a number, and the ways a test lets her write and be written to."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest
import sqlalchemy as sa

from adapters.contract import DeliveryReport, DeliveryStatus, InboundMessage
from messaging.appointments.seeding import seed
from messaging.conversations.hooks import take_message, take_report
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Author, Message
from messaging.conversations.sending import send_message
from messaging.conversations.work import ConversationWork, MessageLane
from messaging.journal.models import JournalEvent
from messaging.journal.recording import payload_place
from messaging.people import registering
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker, Role
from messaging.runtime import Runtime
from messaging.vault.vault import TRIAGE
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane

SARA = "+4524101921"
AHMED = "+4529390626"
_numbers = count(1)


@dataclass(frozen=True, kw_only=True)
class Town:
    """What a test does to the service, in few words."""

    runtime: Runtime

    def citizen(self, number: str | None = SARA) -> uuid.UUID:
        """Register a citizen of caseworker `sb01` with this number in use; return her id."""
        with self.runtime.act(SYSTEM) as act:
            unit = registering.register_unit(act, name="Ungecenteret, team A")
            staff = registering.register_caseworker(
                act, initials="sb01", name="Mette Holm", email=None, unit_id=unit.id, role=Role.CASEWORKER
            )
            cpr = f"610199{next(_numbers):04}"
            person = registering.Person(cpr=cpr, first_name="Sara", last_name="Holm")
            citizen = registering.register_citizens(act, people=[person])[cpr]
            registering.assign(act, citizen_id=citizen.id, caseworker_id=staff.id)
            if number:
                registering.name_number(act, citizen_id=citizen.id, e164=number, source="test")
            return citizen.id

    def hears(self, text: str, *, sender: str = SARA, id_: str | None = None, **more: object) -> bool:
        """Let a text come in; whether it was new."""
        return take_message(
            self.runtime,
            InboundMessage(
                provider_message_id=id_ or f"SM{next(_numbers):032x}",
                account="fake",
                sender=sender,
                recipient="+4591000000",
                text=text,
                raw=text.encode("utf-8", "surrogatepass"),
                **more,
            ),
        )

    def writes(self, citizen_id: uuid.UUID, text: str = "Vi ses i morgen", **more: object) -> uuid.UUID:
        """Write a message to a citizen; return its id."""
        with self.runtime.act(SYSTEM) as act:
            return send_message(act, citizen_id=citizen_id, text=text, author=Author.CASEWORKER, **more).id

    def sends(self, lane: Lane = Lane.INTERACTIVE) -> int:
        """Let the senders of a lane work until nothing is due; return how often they found something."""
        sender = MessageLane(runtime=self.runtime, breaker=Breaker("test", waits=self.runtime.config.waits), lane=lane)
        rounds = 0
        while sender.drain():
            rounds += 1
            assert rounds < 100, "the lane never comes to rest"
        return rounds

    def reports(self, status: str, *, token: str | None = None, id_: str = "FAKE1", error: str | None = None) -> None:
        """Let the provider report what became of a message."""
        take_report(
            self.runtime,
            DeliveryReport(
                provider_message_id=id_,
                account="fake",
                status=DeliveryStatus(status),
                provider_status=status,
                error_code=error,
                callback_token=token,
            ),
        )

    @property
    def upkeep(self) -> ConversationWork:
        """The periodic work."""
        return ConversationWork(runtime=self.runtime)

    def message(self, message_id: uuid.UUID) -> Message:
        """Return a message as it is now."""
        with self.runtime.database.read() as session:
            return session.get_one(Message, message_id)

    def messages(self) -> list[Message]:
        """Return all messages, oldest first."""
        with self.runtime.database.read() as session:
            return list(session.scalars(sa.select(Message).order_by(Message.id)))

    def text_of(self, message: Message) -> str:
        """Open what a message says."""
        owner = message.conversation_id or TRIAGE
        return self.runtime.vault.open(message.body, owner=owner, place=body_place(message.id))

    def facts(self, event: JournalEvent) -> dict[str, object]:
        """Open what an event in a citizen's stream tells the case system."""
        place = payload_place(event.id)
        return json.loads(self.runtime.vault.open_bytes(event.payload, owner=event.stream_id, place=place))

    def caseworker_id(self) -> uuid.UUID:
        """Return the id of caseworker `sb01`."""
        return self.rows(Caseworker, initials="sb01")[0].id

    def rows(self, model: type, **where: object) -> list:
        """Return the rows of a table."""
        with self.runtime.database.read() as session:
            return list(session.scalars(sa.select(model).filter_by(**where)))

    def age(self, table: type, **columns: object) -> None:
        """Change columns behind the service's back, as time would."""
        with self.runtime.database.write() as session:
            session.execute(sa.update(table).values(**columns))


@pytest.fixture
def town(runtime: Runtime) -> Town:
    """The service and its people."""
    return Town(runtime=runtime)


@pytest.fixture
def in_parallel() -> Callable[[Callable[[], object], int], list[object]]:
    """Runs a function many times at once and returns what each returned."""
    from concurrent.futures import ThreadPoolExecutor

    def run(function: Callable[[], object], times: int) -> list[object]:
        with ThreadPoolExecutor(times) as pool:
            return [future.result() for future in [pool.submit(function) for _ in range(times)]]

    return run


@pytest.fixture
def templates(runtime: Runtime) -> None:
    """The shipped texts, in the table."""
    with runtime.database.write() as session:
        seed(session)
