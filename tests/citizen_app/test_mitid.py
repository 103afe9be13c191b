"""A citizen comes in by MitID, played through the code flow of a real (mock) OpenID provider as the broker."""

import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from urllib.parse import parse_qsl, urlencode, urlsplit

import oidc_provider_mock
import pytest
import requests
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from adapters.http import HttpSession
from adapters.mitid import MitIdProvider
from messaging.app import create_app
from messaging.audit.models import AuditEntry
from messaging.citizen_app.models import AppSession, EndedBy, Opened
from messaging.citizen_app.pairing import token_of
from messaging.citizen_app.sessions import end_device
from messaging.clock import FixedClock
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author
from messaging.conversations.sending_in_app import send_in_app
from messaging.database.base import new_id
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime
from tests.house import House, csrf_token

CPR = "0101970001"
BROTHERS = "0202980002"
SUBSTANTIAL = "https://data.gov.dk/concept/core/nsis/Substantial"
LOW = "https://data.gov.dk/concept/core/nsis/Low"
OUR_NAME = "http://localhost"
LEAVE = "/app/login/mitid"
OPEN, LOCKED, SECRET = "Vi ses i morgen", "Husk din lønseddel", "Din diagnose er noteret"


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    """A broker that knows five people; it serves the whole module."""
    people = {
        "sara": {"dk.cpr": CPR, "loa": SUBSTANTIAL},
        "sara, low": {"dk.cpr": CPR, "loa": LOW},
        "sara, with a hyphen": {"dk.cpr": f"{CPR[:6]}-{CPR[6:]}", "loa": SUBSTANTIAL},
        "ali": {"dk.cpr": BROTHERS, "loa": SUBSTANTIAL},
        "stranger": {"dk.cpr": "0303990003", "loa": SUBSTANTIAL},
        "no number": {"loa": SUBSTANTIAL},
        "nonsense": {"dk.cpr": "9999999999", "loa": SUBSTANTIAL},
    }
    known = [oidc_provider_mock.User(sub=sub, claims=claims) for sub, claims in people.items()]
    provider = oidc_provider_mock.app(require_nonce=True, user_claims=known)
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _house(runtime: Runtime, *, issuer: str) -> House:
    provider = MitIdProvider(
        issuer=issuer,
        client_id="bd",
        client_secret="secret",
        cpr_claim="dk.cpr",
        assurance_claim="loa",
        assurance=(SUBSTANTIAL,),
        scope="openid",
        acr_values=SUBSTANTIAL,
        http=HttpSession(stub_origins=[issuer]),
    )
    composed, log = replace(runtime, citizen_sign_in=provider), BytesIO()
    return House(runtime=composed, app=create_app(composed, log_file=log), log=log)


@pytest.fixture
def house(runtime: Runtime, broker: str) -> House:
    """The service of a municipality whose citizens can use MitID."""
    return _house(runtime, issuer=broker)


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen with a message of each class in her app."""
    mette = house.caseworker()
    citizen_id = house.citizen(caseworker=mette, cpr=CPR)
    classes = {OPEN: ContentClass.SMS_OK, LOCKED: ContentClass.LOGIN_ONLY, SECRET: ContentClass.SENSITIVE}
    with house.runtime.act(SYSTEM) as act:
        for text, class_ in classes.items():
            send_in_app(
                act,
                citizen_id=citizen_id,
                text=text,
                content_class=class_,
                author=Author.CASEWORKER,
                author_id=mette.id,
            )
    return citizen_id


def _at_the_broker(url: str, *, sub: str = "sara", **form: str) -> str:
    """Say who one is at the broker, as its page asks; return the way back to us."""
    answer = requests.post(url, data={"sub": sub, **form}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{OUR_NAME}{LEAVE}/return?")
    return answer.headers["Location"].removeprefix(OUR_NAME)


def _sign_in(client: FlaskClient, *, sub: str = "sara", **query: str) -> TestResponse:
    return client.get(_at_the_broker(client.get(LEAVE, query_string=query).location, sub=sub))


def _pair(house: House, citizen_id: uuid.UUID) -> FlaskClient:
    """Let a phone in at the desk; return its browser."""
    pairing_id, client = new_id(), house.app.test_client()
    mette = house.browser("mho")
    form = {"pairing_id": str(pairing_id), "seen_as": "known", "csrf_token": csrf_token(mette, "/conversations")}
    mette.post(f"/citizens/{citizen_id}/app/pairings", data=form)
    address = f"/app/start/{token_of(house.runtime.vault, pairing_id)}"
    assert client.post(address, data={"csrf_token": csrf_token(client, "/app/login")}).status_code == 303
    return client


def _audited(house: House) -> list[str]:
    with house.runtime.database.read() as session:
        rows = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id))
        return [action for action in rows if action.startswith("app.sign")]


def _opened(house: House) -> list[Opened]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(AppSession.opened).order_by(AppSession.id)))


@pytest.mark.parametrize("sub", ["sara", "sara, with a hyphen"])
def test_who_proves_her_number_is_let_in_and_reads_all(house: House, sara: uuid.UUID, sub: str) -> None:
    """A3: and it stands in the audit trail."""
    client = house.browser()
    answer = _sign_in(client, sub=sub)
    page = client.get("/app").text

    assert (answer.status_code, answer.location) == (303, "/app")
    assert OPEN in page
    assert LOCKED in page
    assert SECRET in page
    assert (_opened(house), _audited(house)) == ([Opened.MITID], ["app.signed_in"])


def test_too_low_a_level_opens_nothing_sensitive(house: House, sara: uuid.UUID) -> None:
    client = house.browser()
    _sign_in(client, sub="sara, low")
    page = client.get("/app").text

    assert OPEN in page
    assert LOCKED in page
    assert SECRET not in page
    assert _opened(house) == [Opened.MITID_LOW]


def test_she_comes_to_the_page_she_wanted_and_to_no_other_site(house: House, sara: uuid.UUID) -> None:
    assert _sign_in(house.browser(), next="/app/more").location == "/app/more"
    assert _sign_in(house.browser(), next="//example.org").location == "/app"


@pytest.mark.parametrize("sub", ["stranger", "nonsense"])
def test_who_is_no_citizen_here_is_told_so_and_not_let_in(house: House, sara: uuid.UUID, sub: str) -> None:
    client = house.browser()
    answer = _sign_in(client, sub=sub)

    assert answer.status_code == 403
    assert "Vi kender dig ikke her endnu" in answer.text
    assert client.get("/app").status_code == 302
    assert _audited(house) == ["app.sign_in_refused"]


def test_without_a_number_nobody_is_let_in(house: House, sara: uuid.UUID) -> None:
    client = house.browser()

    assert _sign_in(client, sub="no number").status_code == 403
    assert client.get("/app").status_code == 302


def test_a_way_back_is_good_once(house: House, sara: uuid.UUID) -> None:
    """S11: a replayed state and code let nobody in, also in the browser that began."""
    client = house.browser()
    way_back = _at_the_broker(client.get(LEAVE).location)
    first, again = client.get(way_back), client.get(way_back)

    assert (first.status_code, again.status_code) == (303, 400)
    assert len(_opened(house)) == 1


def test_a_code_is_good_once_also_under_another_state(house: House, sara: uuid.UUID) -> None:
    """S11."""
    client, other = house.browser(), house.browser()
    used = dict(parse_qsl(urlsplit(_at_the_broker(client.get(LEAVE).location)).query))
    client.get(f"{LEAVE}/return", query_string=used)
    fresh = dict(parse_qsl(urlsplit(_at_the_broker(other.get(LEAVE).location)).query))
    answer = other.get(f"{LEAVE}/return", query_string={**fresh, "code": used["code"]})

    assert answer.status_code == 403
    assert other.get("/app").status_code == 302


def test_another_browser_cannot_come_back_in_her_place(house: House, sara: uuid.UUID) -> None:
    """S11."""
    hers, other = house.browser(), house.browser()
    way_back = _at_the_broker(hers.get(LEAVE).location)
    other.get(LEAVE)

    assert other.get(way_back).status_code == 400
    assert other.get("/app").status_code == 302


@pytest.mark.parametrize("changed", [{"nonce": "of somebody else's sign-in"}, {"client_id": "another-service"}])
def test_a_token_for_somebody_else_is_refused(house: House, sara: uuid.UUID, changed: dict[str, str]) -> None:
    """S11: of another nonce, or for another service."""
    client = house.browser()
    url = urlsplit(client.get(LEAVE).location)
    asked = dict(parse_qsl(url.query)) | changed
    answer = client.get(_at_the_broker(url._replace(query=urlencode(asked)).geturl()))

    assert answer.status_code == 403
    assert "Du kan prøve igen" in answer.text
    assert client.get("/app").status_code == 302


def test_who_says_no_at_the_broker_is_not_let_in(house: House, sara: uuid.UUID) -> None:
    client = house.browser()
    answer = client.get(_at_the_broker(client.get(LEAVE).location, action="deny"))

    assert answer.status_code in {400, 403}
    assert "Log ind på en anden måde" in answer.text


def test_a_broker_that_is_down_leaves_the_other_ways(runtime: Runtime) -> None:
    answer = _house(runtime, issuer="http://127.0.0.1:9").browser().get(LEAVE)

    assert answer.status_code == 503
    assert "MitID svarer ikke lige nu" in answer.text
    assert 'href="/app/login"' in answer.text


def test_the_button_is_there_only_where_there_is_a_broker(house: House, runtime: Runtime) -> None:
    without = create_app(runtime).test_client()

    assert LEAVE in house.browser().get("/app/login").text
    assert LEAVE not in without.get("/app/login").text
    assert without.get(LEAVE).status_code == 404


def test_beginning_again_and_again_is_stopped(house: House) -> None:
    client = house.browser()
    answers = [client.get(LEAVE).status_code for _ in range(61)]

    assert answers == [302] * 60 + [429]


def test_a_new_session_begins_and_the_visit_before_ends(house: House, sara: uuid.UUID) -> None:
    """S11."""
    client, copied = house.browser(), house.browser()
    _sign_in(client)
    copied.set_cookie("borgerdialog-app", client.get_cookie("borgerdialog-app").value)
    _sign_in(client)

    assert client.get("/app").status_code == 200
    assert copied.get("/app").status_code == 302


def test_a_phone_that_is_in_reads_one_message_with_mitid_and_stays_in(
    house: House, sara: uuid.UUID, clock: FixedClock
) -> None:
    client = _pair(house, sara)
    before = client.get("/app").text
    _sign_in(client)
    during = client.get("/app").text
    clock.advance(minutes=31)
    after = client.get("/app").text

    assert (SECRET in before, SECRET in during, SECRET in after) == (False, True, False)
    assert LOCKED in after


def test_the_visit_ends_with_the_phone(house: House, sara: uuid.UUID) -> None:
    """Whoever has the lost phone has the visit too."""
    client = _pair(house, sara)
    _sign_in(client)
    with house.runtime.act(SYSTEM) as act:
        device_id = act.session.scalars(sa.select(AppSession.device_id).filter_by(opened=Opened.PAIRED)).one()
        end_device(act, citizen_id=sara, device_id=device_id, ended_by=EndedBy.LOST)

    assert client.get("/app").status_code == 302


def test_signing_out_of_the_visit_signs_the_phone_out_too(house: House, sara: uuid.UUID) -> None:
    client = _pair(house, sara)
    kept = client.get_cookie("borgerdialog-app").value
    _sign_in(client)
    client.post("/app/sign-out", data={"csrf_token": csrf_token(client, "/app")})
    client.set_cookie("borgerdialog-app", kept)

    assert client.get("/app").status_code == 302


def test_somebody_elses_visit_leaves_no_way_back_into_the_phones_session(
    house: House, sara: uuid.UUID, clock: FixedClock
) -> None:
    house.citizen(caseworker=house.caseworker(), first_name="Ali", cpr=BROTHERS)
    client = _pair(house, sara)
    _sign_in(client, sub="ali")
    during = client.get("/app")
    clock.advance(minutes=31)

    assert during.status_code == 200
    assert LOCKED not in during.text
    assert client.get("/app").status_code == 302


def test_no_log_and_no_address_of_ours_holds_a_number(house: House, sara: uuid.UUID) -> None:
    """S15."""
    client = house.browser()
    way_back = _at_the_broker(client.get(LEAVE).location)
    client.get(way_back)
    secrets = [value for _, value in parse_qsl(urlsplit(way_back).query)]

    assert secrets
    assert not any(secret in house.log.getvalue().decode() for secret in [*secrets, CPR])
    assert CPR not in repr(house.everything())
