"""A browser of a member of staff, as far as a measurement needs one."""

import re
import uuid
from http.client import HTTPConnection
from urllib.parse import urlencode

import sqlalchemy as sa

from messaging.people import signing_in
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import Caseworker
from messaging.runtime import Runtime
from messaging.web.pages import cookie_name

PATIENCE = 60.0
TOKEN_OF_FORM = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """A member of staff's browser: one connection that stays open, and her cookies."""

    def __init__(self, runtime: Runtime, *, port: int, initials: str) -> None:
        self._connection = HTTPConnection("localhost", port, timeout=PATIENCE)
        self._cookies = {cookie_name(runtime.config): sign_in(runtime, staff_id(runtime, initials))}
        self._token = ""

    def get(self, path: str) -> str:
        """Return a page. Raises RuntimeError for any answer but 200."""
        return self._ask("GET", path)

    def post(self, path: str, form: dict[str, str]) -> str:
        """Send a form and return the page that answers."""
        if not self._token:
            self._token = TOKEN_OF_FORM.findall(self.get(path))[0]
        return self._ask("POST", path, urlencode(form | {"csrf_token": self._token}))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None = None) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://localhost{path}"}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status != 200:
            raise RuntimeError(f"{method} {path} was answered {answer.status}")
        return page


def staff_id(runtime: Runtime, initials: str) -> uuid.UUID:
    """Return the id of a member of staff."""
    with runtime.database.read() as session:
        return session.scalars(sa.select(Caseworker.id).filter_by(initials=initials)).one()


def sign_in(runtime: Runtime, caseworker_id: uuid.UUID) -> str:
    """Begin a session as somebody whose password was right, and return its token."""
    with runtime.act(Actor(kind=ActorKind.STAFF, id=caseworker_id)) as act:
        return signing_in.sign_in(act)
