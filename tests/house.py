"""The service as its users meet it: a house with staff and citizens, a browser-like client and an API key."""

import io
import json
import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import argon2
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.app import create_app
from messaging.appointments.booking import Meeting, NewAppointment, book_appointment
from messaging.appointments.free_times import NewFreeTime, hand_in
from messaging.appointments.models import Appointment, Form
from messaging.appointments.planning import reminder_rules
from messaging.citizen_app.helper_access import offer_access
from messaging.citizen_app.models import Device, Opened, SeenAs
from messaging.citizen_app.pages.doors import cookie_name
from messaging.citizen_app.pairing import offer_pairing, token_of
from messaging.citizen_app.sessions import begin_session
from messaging.database.base import Base, new_id
from messaging.people import api_keys, registering
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.helper_models import Basis, HelperKind
from messaging.people.helping import NewHelper, add_helper
from messaging.people.models import Caseworker, Role
from messaging.runtime import Runtime
from tests.compiled_once import compile_once
from tests.fakes import SIGNATURE

PASSWORD = "en lang adgangskode"
NUMBER = "+4524101921"
_numbers = count(1)
_tokens: WeakKeyDictionary[FlaskClient, tuple[str, str]] = WeakKeyDictionary()
"""The value of the cookie that forms need, and the token that goes with it."""

compile_once()


@dataclass(frozen=True, kw_only=True)
class House:
    """What there is in a test's house, and how to add to it."""

    runtime: Runtime
    app: Flask
    log: io.BytesIO = field(repr=False)

    def caseworker(
        self, initials: str = "mho", *, name: str = "Mette Holm", role: Role = Role.CASEWORKER, unit: str = "Team A"
    ) -> Caseworker:
        """Let somebody work here, with the password all have."""
        with self.runtime.act(SYSTEM) as act:
            unit_id = registering.register_unit(act, name=unit).id
            staff = registering.register_caseworker(
                act, initials=initials, name=name, email=None, unit_id=unit_id, role=role
            )
            staff.password_hash = _password_hash()
            return staff

    def citizen(
        self,
        *,
        caseworker: Caseworker,
        first_name: str = "Sara",
        last_name: str = "Nielsen",
        number: str | None = NUMBER,
        cpr: str | None = None,
    ) -> uuid.UUID:
        """Let a caseworker look after a citizen with a number; return the citizen's id."""
        cpr = cpr or f"0101{next(_numbers):06}"
        with self.runtime.act(SYSTEM) as act:
            person = registering.Person(cpr=cpr, first_name=first_name, last_name=last_name)
            citizen = registering.register_citizens(act, people=[person])[cpr]
            registering.assign(act, citizen_id=citizen.id, caseworker_id=caseworker.id)
            if number is not None:
                registering.name_number(act, citizen_id=citizen.id, e164=number, source="test")
            return citizen.id

    def appointment(self, citizen_id: uuid.UUID, caseworker: Caseworker, *, in_days: float = 5) -> Appointment:
        """Book a meeting."""
        with self.runtime.act(SYSTEM) as act:
            meeting = Meeting(
                caseworker_id=caseworker.id,
                starts_at=act.now + timedelta(days=in_days),
                minutes=45,
                meeting_type="Jobsamtale",
                form=Form.IN_PERSON,
                place="Ungecenteret, Sydhavnen",
            )
            new = NewAppointment(citizen_id=citizen_id, source="test", external_id=str(next(_numbers)), meeting=meeting)
            return book_appointment(act, new, rules=reminder_rules(self.runtime.config))

    def frees(self, meeting: Appointment, *days: int) -> None:
        """Let a booking system say that these times are free: so many days after a meeting, for one like it."""
        free = [
            NewFreeTime(
                external_id=f"T{day}",
                caseworker_id=meeting.caseworker_id,
                unit_id=None,
                meeting_type=meeting.meeting_type,
                form=meeting.form,
                starts_at=meeting.starts_at + timedelta(days=day),
                minutes=meeting.minutes,
                until=meeting.starts_at,
            )
            for day in days
        ]
        with self.runtime.act(SYSTEM) as act:
            hand_in(act, free, source="test")

    def hears(self, text: str, *, sender: str = NUMBER, id_: str | None = None) -> TestResponse:
        """Let a citizen's text come in by the door for providers."""
        body = {"id": id_ or f"IN{next(_numbers)}", "from": sender, "text": text}
        return self.app.test_client().post(
            "/hooks/simulator", data=json.dumps(body), headers={"X-Fake-Signature": SIGNATURE}
        )

    def browser(self, initials: str | None = None) -> FlaskClient:
        """Return a client, signed in if initials are given."""
        client = self.app.test_client()
        if initials is not None:
            form = {"initials": initials, "password": PASSWORD, "csrf_token": csrf_token(client, "/sign-in")}
            assert client.post("/sign-in", data=form).status_code == 303
        return client

    def phone(self, citizen_id: uuid.UUID, *, opened: Opened = Opened.PAIRED) -> FlaskClient:
        """Return the browser of a citizen who is in the app: on a phone of hers, unless only a visit is opened."""
        client = self.app.test_client()
        with self.runtime.act(SYSTEM) as act:
            device_id = None
            if opened is Opened.PAIRED:
                device = Device(citizen_id=citizen_id, name="iPhone", added_at=act.now, seen_at=act.now)
                act.session.add(device)
                act.session.flush()
                device_id = device.id
            token = begin_session(act, citizen_id=citizen_id, opened=opened, device_id=device_id)
        client.set_cookie(cookie_name(self.runtime.config), token, secure=True)
        return client

    def helper(
        self,
        citizen_id: uuid.UUID,
        caseworker: Caseworker,
        *,
        kind: HelperKind = HelperKind.MENTOR,
        name: str = "Lars Lund",
        basis: Basis = Basis.CONSENT_AT_DESK,
        **more: Any,
    ) -> uuid.UUID:
        """Let somebody read along with a citizen, as her caseworker writes it down."""
        new = NewHelper(id=new_id(), kind=kind, name=name, basis=basis, **more)
        with self.runtime.act(_acting(caseworker)) as act:
            return add_helper(act, new, citizen_id=citizen_id).id

    def helpers_phone(
        self, citizen_id: uuid.UUID, helper_id: uuid.UUID, caseworker: Caseworker, *, client: FlaskClient | None = None
    ) -> FlaskClient:
        """Return the browser in which somebody reads along; a `client` keeps what it holds already."""
        client, offer_id = client or self.app.test_client(), new_id()
        with self.runtime.act(_acting(caseworker)) as act:
            offer_access(act, offer_id=offer_id, citizen_id=citizen_id, helper_id=helper_id, seen_as=SeenAs.KNOWN)
        address = f"/app/helping/start/{token_of(self.runtime.vault, offer_id)}"
        assert client.post(address, data={"csrf_token": csrf_token(client, address)}).status_code == 303
        return client

    def offered(self, citizen_id: uuid.UUID) -> str:
        """Return the address of a QR code that lets a phone of this citizen in."""
        pairing_id = new_id()
        with self.runtime.act(SYSTEM) as act:
            mette = act.session.scalars(sa.select(Caseworker).order_by(Caseworker.id)).first()
            assert mette
            offer_pairing(
                replace(act, actor=_acting(mette)), pairing_id=pairing_id, citizen_id=citizen_id, seen_as=SeenAs.KNOWN
            )
        return f"/app/start/{token_of(self.runtime.vault, pairing_id)}"

    def key(self, *scopes: str) -> dict[str, str]:
        """Return the headers of a system whose key holds these scopes, or all."""
        with self.runtime.act(SYSTEM) as act:
            made = api_keys.create_key(act, name=f"key {next(_numbers)}", scopes=scopes or tuple(api_keys.SCOPES))
        return {"Authorization": f"Bearer {made.secret}"}

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of all tables, to see that nothing has changed."""
        with self.runtime.database.read() as session:
            return {
                table.name: sorted(map(tuple, session.execute(sa.select(table)).all()), key=repr)
                for table in Base.metadata.sorted_tables
            }

    def log_lines(self) -> list[dict[str, Any]]:
        """Return what was logged."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def _acting(staff: Caseworker) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=staff.id, role=staff.role, unit_id=staff.unit_id)


@cache
def _password_hash() -> str:
    """Hashing takes its time on purpose, and checking as long: the suite signs in thousands of times, cheaply."""
    return argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def csrf_token(client: FlaskClient, page: str) -> str:
    """Return the token of the forms on a page, which is that of all pages while its cookie lasts."""
    cookie = client.get_cookie(client.application.config["SESSION_COOKIE_NAME"])
    kept = _tokens.get(client)
    if kept is None or cookie is None or kept[0] != cookie.value:
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
        assert found
        cookie = client.get_cookie(client.application.config["SESSION_COOKIE_NAME"])
        assert cookie
        kept = _tokens[client] = (cookie.value, found[1])
    return kept[1]


def send_form(client: FlaskClient, page: str, form: dict[str, str]) -> TestResponse:
    """Send the reply form of a thread's page; asked once more if the number is right, say yes."""
    answer = client.post(f"{page}/messages", data=form)
    asked = re.search(r'name="confirmed" value="([^"]+)"', answer.text)
    return client.post(f"{page}/messages", data={**form, "confirmed": asked[1]}) if asked else answer


@pytest.fixture
def house(runtime: Runtime) -> House:
    """The service with nobody in it yet."""
    log = io.BytesIO()
    return House(runtime=runtime, app=create_app(runtime, log_file=log), log=log)
