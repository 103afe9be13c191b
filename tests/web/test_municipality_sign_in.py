"""Signing in by the municipality's own sign-in, played through the code flow of a real (mock) OpenID provider."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import oidc_provider_mock
import pytest
import requests
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from adapters.http import HttpSession
from adapters.openid import OpenIdProvider
from messaging.app import create_app
from messaging.audit.models import AuditEntry
from messaging.people.models import Caseworker
from messaging.runtime import Runtime
from tests.house import House

EMAIL = "mho@example.dk"
OUR_NAME = "http://localhost"
LEAVE = "/sign-in/municipality"
BUTTON = "Log ind med kommunens login"


@dataclass(kw_only=True)
class Municipality:
    """The provider's address, and what was sent to its token endpoint."""

    issuer: str = ""
    exchanged: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def running() -> Iterator[Municipality]:
    """A provider that knows one person and everybody else by the name given; it serves the whole module."""
    municipality = Municipality()
    known = oidc_provider_mock.User(sub="mette", claims={"email": EMAIL})
    provider = oidc_provider_mock.app(require_nonce=True, user_claims=[known])

    def overhear(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            municipality.exchanged.append(dict(parse_qsl(body.decode())))
            environ["wsgi.input"] = BytesIO(body)
        return provider(environ, start_response)

    server = make_server("127.0.0.1", 0, overhear, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    municipality.issuer = f"http://127.0.0.1:{server.port}"
    yield municipality
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def municipality(running: Municipality) -> Municipality:
    """The provider, having heard nothing yet."""
    running.exchanged.clear()
    return running


@pytest.fixture
def house(runtime: Runtime, municipality: Municipality) -> House:
    """The service of a municipality with a sign-in of its own."""
    return _house(runtime, issuer=municipality.issuer)


def _house(runtime: Runtime, *, issuer: str) -> House:
    http = HttpSession(stub_origins=[issuer])
    provider = OpenIdProvider(issuer=issuer, client_id="bd", client_secret="secret", claim="email", http=http)
    composed, log = replace(runtime, sign_in_provider=provider), BytesIO()
    return House(runtime=composed, app=create_app(composed, log_file=log), log=log)


def _hire(house: House, *, initials: str = "mho", email: str = EMAIL, active: bool = True) -> Caseworker:
    staff = house.caseworker(initials)
    with house.runtime.database.write() as session:
        session.execute(sa.update(Caseworker).filter_by(id=staff.id).values(email=email, active=active))
    return staff


def _at_the_provider(url: str, *, sub: str = "mette", **form: str) -> str:
    """Sign in at the provider, as its page asks; return the way back to us."""
    answer = requests.post(url, data={"sub": sub, **form}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{OUR_NAME}{LEAVE}/return?")
    return answer.headers["Location"].removeprefix(OUR_NAME)


def _sign_in(client: FlaskClient, *, sub: str = "mette", **query: str) -> TestResponse:
    return client.get(_at_the_provider(client.get(LEAVE, query_string=query).location, sub=sub))


def _audited(house: House) -> list[tuple[str, str]]:
    with house.runtime.database.read() as session:
        rows = session.execute(sa.select(AuditEntry.action, AuditEntry.object_id).order_by(AuditEntry.id))
        return [(row.action, str(row.object_id)) for row in rows if row.action.startswith("staff.sign")]


def test_who_signs_in_at_the_municipality_is_let_in(house: House) -> None:
    """A3: and it stands in the audit trail."""
    staff = _hire(house)
    client = house.browser()
    answer = _sign_in(client)

    assert (answer.status_code, answer.location) == (303, "/conversations")
    assert client.get("/conversations").status_code == 200
    assert _audited(house) == [("staff.signed_in", str(staff.id))]


def test_she_comes_to_the_page_she_wanted(house: House) -> None:
    _hire(house)

    assert _sign_in(house.browser(), next="/citizens").location == "/citizens"
    assert _sign_in(house.browser(), next="//example.org").location == "/conversations"


def test_the_code_is_exchanged_with_the_verifier_of_its_challenge(house: House, municipality: Municipality) -> None:
    _hire(house)
    client = house.browser()
    url = client.get(LEAVE).location
    client.get(_at_the_provider(url))
    sent, exchanged = parse_qs(urlsplit(url).query), municipality.exchanged[0]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(exchanged["code_verifier"].encode()).digest()).rstrip(b"=")

    assert sent["code_challenge_method"] == ["S256"]
    assert sent["code_challenge"] == [challenge.decode()]
    assert len(exchanged["code_verifier"]) >= 43


def test_a_new_session_begins_and_the_browsers_old_one_ends(house: House) -> None:
    """S11."""
    _hire(house)
    client, copied = house.browser("mho"), house.browser()
    copied.set_cookie("borgerdialog", client.get_cookie("borgerdialog").value)
    _sign_in(client)

    assert client.get("/conversations").status_code == 200
    assert copied.get("/conversations").status_code == 302


def test_initials_are_a_name_too(house: House) -> None:
    _hire(house, initials="Mette", email="somebody@example.dk")

    assert _sign_in(house.browser(), sub="METTE").status_code == 303


def test_who_is_unknown_here_is_refused_by_a_page_that_says_so(house: House) -> None:
    client = house.browser()
    answer = _sign_in(client, sub="stranger@example.dk")

    assert answer.status_code == 403
    assert "har ikke adgang til Borgerdialog" in answer.text
    assert client.get("/conversations").status_code == 302
    assert _audited(house) == [("staff.sign_in_refused", "00000000-0000-0000-0000-000000000000")]


def test_who_no_longer_works_here_is_refused(house: House) -> None:
    staff = _hire(house, active=False)

    assert _sign_in(house.browser()).status_code == 403
    assert _audited(house) == [("staff.sign_in_refused", str(staff.id))]


def test_a_name_that_two_have_is_nobodys(house: House) -> None:
    _hire(house)
    _hire(house, initials="hol")

    assert _sign_in(house.browser()).status_code == 403


def test_somebody_who_works_here_goes_before_who_left_under_the_same_address(house: House) -> None:
    _hire(house, initials="old", active=False)
    staff = _hire(house)
    _sign_in(house.browser())

    assert _audited(house) == [("staff.signed_in", str(staff.id))]


def test_a_way_back_is_good_once(house: House) -> None:
    """S11: a replayed state is refused, also to the browser that began."""
    _hire(house)
    client = house.browser()
    way_back = _at_the_provider(client.get(LEAVE).location)
    first, again = client.get(way_back), client.get(way_back)

    assert (first.status_code, again.status_code) == (303, 400)
    assert len(_audited(house)) == 1


def test_another_browser_cannot_come_back_in_her_place(house: House) -> None:
    """S11: nor can she be made to come back in somebody else's."""
    _hire(house)
    hers, other = house.browser(), house.browser()
    way_back = _at_the_provider(hers.get(LEAVE).location)
    other.get(LEAVE)
    answer = other.get(way_back)

    assert answer.status_code == 400
    assert other.get("/conversations").status_code == 302


def test_a_token_for_another_nonce_is_refused(house: House) -> None:
    """S11."""
    _hire(house)
    client = house.browser()
    url = urlsplit(client.get(LEAVE).location)
    asked = dict(parse_qsl(url.query)) | {"nonce": "of somebody else's sign-in"}
    answer = client.get(_at_the_provider(url._replace(query=urlencode(asked)).geturl()))

    assert answer.status_code == 403
    assert "kunne ikke bekræfte" in answer.text
    assert [action for action, _ in _audited(house)] == ["staff.sign_in_refused"]


def test_a_code_given_to_another_service_is_refused(house: House) -> None:
    """S11."""
    _hire(house)
    client = house.browser()
    url = urlsplit(client.get(LEAVE).location)
    asked = dict(parse_qsl(url.query)) | {"client_id": "another-service"}

    assert client.get(_at_the_provider(url._replace(query=urlencode(asked)).geturl())).status_code == 403


def test_who_says_no_at_the_provider_is_not_let_in(house: House) -> None:
    _hire(house)
    client = house.browser()
    answer = client.get(_at_the_provider(client.get(LEAVE).location, action="deny"))

    assert answer.status_code in {400, 403}
    assert client.get("/conversations").status_code == 302


def test_a_provider_that_is_down_leaves_the_emergency_access(runtime: Runtime) -> None:
    house = _house(runtime, issuer="http://127.0.0.1:9")
    house.caseworker()
    answer = house.browser().get(LEAVE)

    assert answer.status_code == 503
    assert "svarer ikke lige nu" in answer.text
    assert house.browser("mho").get("/conversations").status_code == 200


def test_the_button_is_there_only_where_there_is_a_provider(house: House, runtime: Runtime) -> None:
    without = create_app(runtime).test_client()

    assert BUTTON in house.browser().get("/sign-in").text
    assert BUTTON not in without.get("/sign-in").text
    assert without.get(LEAVE).status_code == 404


def test_no_log_holds_a_code_a_state_or_a_name(house: House) -> None:
    """S15."""
    _hire(house)
    client = house.browser()
    way_back = _at_the_provider(client.get(LEAVE).location)
    client.get(way_back)
    secrets = [value for _, value in parse_qsl(urlsplit(way_back).query)]

    assert secrets
    assert not any(secret in house.log.getvalue().decode() for secret in [*secrets, EMAIL])
