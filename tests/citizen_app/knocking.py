"""A citizen with phones that take pushes, and what the worker does for her, in few words."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import sqlalchemy as sa

from messaging.citizen_app.models import Device, Opened
from messaging.citizen_app.notice_lanes import NoticeLane, PushLane
from messaging.citizen_app.push_models import Notice, Push, PushSubscription
from messaging.citizen_app.pushing import LOOKS
from messaging.citizen_app.sessions import CitizenHere, begin_session, session_citizen
from messaging.citizen_app.subscriptions import subscribe
from messaging.clock import FixedClock
from messaging.conversations.models import Message
from messaging.database.base import new_id
from messaging.people.actors import SYSTEM
from messaging.people.reaching import SMS
from tests.conversations.conftest import Town
from tests.fakes import FakePush

_endpoints = count(1)


@dataclass(frozen=True, kw_only=True)
class Phone:
    """A phone with the app on it, signed in."""

    device_id: uuid.UUID
    session_id: uuid.UUID
    citizen_id: uuid.UUID


@dataclass(kw_only=True)
class Knocking:
    """The town's citizens with their phones."""

    town: Town
    clock: FixedClock
    push: FakePush
    notices: NoticeLane = field(init=False)
    pushes: PushLane = field(init=False)

    def __post_init__(self) -> None:
        self.notices = NoticeLane(self.town.runtime)
        self.pushes = PushLane(self.town.runtime, self.push)

    def phone(self, citizen_id: uuid.UUID) -> Phone:
        """Let a phone in."""
        runtime = self.town.runtime
        with runtime.act(SYSTEM) as act:
            device = Device(id=new_id(), citizen_id=citizen_id, name="iPhone", added_at=act.now, seen_at=act.now)
            act.session.add(device)
            act.session.flush()
            token = begin_session(act, citizen_id=citizen_id, opened=Opened.PAIRED, device_id=device.id)
            act.session.flush()
            here = session_citizen(act.session, act.vault, token=token, now=act.now)
        assert isinstance(here, CitizenHere)
        return Phone(device_id=device.id, session_id=here.session_id, citizen_id=citizen_id)

    def subscribes(self, phone: Phone, endpoint: str | None = None) -> bool:
        """Let its browser take pushes."""
        endpoint = endpoint or f"https://push.example.dk/{next(_endpoints)}"
        with self.town.runtime.act(SYSTEM) as act:
            return subscribe(
                act,
                citizen_id=phone.citizen_id,
                device_id=phone.device_id,
                session_id=phone.session_id,
                subscription=json.dumps({"endpoint": endpoint, "keys": {}}),
            )

    def pushed(self, citizen_id: uuid.UUID) -> Phone:
        """Let a phone in that takes pushes."""
        phone = self.phone(citizen_id)
        self.subscribes(phone)
        return phone

    def works(self) -> None:
        """Let the worker do all that is due; what was just placed is pushed when an open app would have looked."""
        self.notices.drain()
        self.clock.moment += LOOKS
        for _ in range(100):
            if not self.notices.drain() + self.pushes.drain():
                return
        raise AssertionError("the work never comes to rest")

    def later(self, **much: float) -> None:
        """Let time pass, and the worker work."""
        self.clock.moment += timedelta(**much)
        self.works()

    def told(self) -> list[Message]:
        """The SMS that say to log in."""
        with self.town.runtime.database.read() as session:
            chosen = sa.select(Message).where(Message.medium == SMS, Message.template.startswith("M9/"))
            return list(session.scalars(chosen.order_by(Message.id)))

    def ends(self) -> list[str | None]:
        """How the notices ended, oldest first."""
        return [row.ended_why for row in sorted(self.town.rows(Notice), key=lambda row: row.begun_at)]

    def states(self) -> list[str]:
        """How far the pushes have come."""
        return sorted(row.state for row in self.town.rows(Push))

    def living(self) -> int:
        """How many browsers take pushes."""
        return len(self.town.rows(PushSubscription, ended_at=None))
