"""A phone in somebody's hand: it asks for a code, reads what comes by SMS, and tries codes."""

import re
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.citizen_app.code_work import CodeWork
from messaging.conversations.work import MessageLane
from messaging.people import registering
from messaging.people.actors import SYSTEM
from messaging.people.models import ContactPoint
from messaging.runtime import Runtime
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane
from tests.house import NUMBER, House, csrf_token

ASK = "/app/login/code"
ENTER = "/app/login/code/enter"
HERE = "192.0.2.1"


@dataclass(kw_only=True)
class Phone:
    """A browser at a network address."""

    client: FlaskClient
    address: str = HERE
    _token: str = field(default="", repr=False)

    def asks(self, number: str = NUMBER, *, token: str = "") -> TestResponse:
        """Ask for a code; each time by another form unless a token is given."""
        return self._post(ASK, number=number, token=token)

    def enters(self, code: str) -> TestResponse:
        """Try a code."""
        return self._post(ENTER, code=code)

    def is_in(self) -> bool:
        """Whether the app's pages open."""
        return self.client.get("/app").status_code == 200

    def _post(self, path: str, **form: str) -> TestResponse:
        self._token = self._token or csrf_token(self.client, ASK)
        return self.client.post(
            path, data={**form, "csrf_token": self._token}, environ_overrides={"REMOTE_ADDR": self.address}
        )


def phone(house: House, *, address: str = HERE) -> Phone:
    """Return a phone with a browser of its own."""
    return Phone(client=house.app.test_client(), address=address)


def write_codes(runtime: Runtime) -> None:
    """Let the background do what it does, up to the provider."""
    work = CodeWork(runtime=runtime)
    while work.write_codes():
        pass
    sender = MessageLane(runtime=runtime, breaker=Breaker("test", waits=runtime.config.waits), lane=Lane.URGENT)
    while sender.drain():
        pass


def sent(house: House) -> list[str]:
    """Return what was sent, oldest first."""
    return [message.text for message in house.runtime.channel.sent]


def codes(house: House) -> list[str]:
    """Return the codes that were sent, oldest first."""
    return [found[0] for text in sent(house) if (found := re.match(r"\d{6}", text))]


def ring(house: House, *, number: str = NUMBER) -> None:
    """Let staff hear the phones of a number ring."""
    from messaging.cases.renumbering import note_ringing

    with house.runtime.act(SYSTEM) as act:
        number_id = registering.number_of(act, e164=number).id
        for point in act.session.scalars(sa.select(ContactPoint).filter_by(number_id=number_id)).all():
            note_ringing(act, point=point)
