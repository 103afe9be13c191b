"""A phone that was let in comes in again by its passkey, and nothing else does."""

import json
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.citizen_app.code_work import CodeWork
from messaging.citizen_app.models import AppSession, Device, EndedBy, Opened
from messaging.citizen_app.pairing import token_of
from messaging.citizen_app.passkey_models import Passkey, PasskeyChallenge
from messaging.citizen_app.sessions import end_device
from messaging.clock import FixedClock
from messaging.database.base import new_id
from messaging.people.actors import SYSTEM
from tests.citizen_app.authenticator import PRESENT, VERIFIED, Authenticator
from tests.house import House, csrf_token

DOOR, ROOM = "/app/login/passkey", "/app/passkey"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


@pytest.fixture
def phone(house: House, sara: uuid.UUID) -> FlaskClient:
    """The browser of a phone that was let in at the desk."""
    return _paired(house, sara)


def _paired(house: House, citizen_id: uuid.UUID) -> FlaskClient:
    pairing_id, client, desk = new_id(), house.app.test_client(), house.browser("mho")
    form = {"pairing_id": str(pairing_id), "seen_as": "known", "csrf_token": csrf_token(desk, "/conversations")}
    desk.post(f"/citizens/{citizen_id}/app/pairings", data=form)
    address = f"/app/start/{token_of(house.runtime.vault, pairing_id)}"
    assert client.post(address, data={"csrf_token": csrf_token(client, "/app/login")}).status_code == 303
    return client


def _asks(client: FlaskClient, page: str) -> dict[str, Any]:
    answer = client.post(f"{page}/question", data={"csrf_token": csrf_token(client, page)})
    assert answer.status_code == 200
    options: dict[str, Any] = json.loads(answer.data)
    return options


def _sends(client: FlaskClient, page: str, answer: str) -> TestResponse:
    return client.post(page, data={"csrf_token": csrf_token(client, page), "answer": answer})


def _registered(client: FlaskClient) -> Authenticator:
    authenticator = Authenticator()
    _sends(client, ROOM, authenticator.make(_asks(client, ROOM)))
    return authenticator


def _rows(house: House, model: type) -> list[Any]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(model)))


def _audited(house: House) -> list[str]:
    with house.runtime.database.read() as session:
        actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id))
        return [action for action in actions if action.startswith("app.passkey")]


def test_a_phone_that_was_let_in_comes_in_again_by_its_passkey(
    house: House, sara: uuid.UUID, phone: FlaskClient
) -> None:
    """A3: and each step stands in the audit trail."""
    authenticator = _registered(phone)
    client = house.browser()
    answer = _sends(client, DOOR, authenticator.prove(_asks(client, DOOR)))

    assert (answer.status_code, answer.location) == (303, "/app")
    assert client.get("/app").status_code == 200
    last = max(_rows(house, AppSession), key=lambda row: row.id)
    (device,) = _rows(house, Device)
    assert (last.opened, last.device_id, last.citizen_id) == (Opened.PASSKEY, device.id, sara)
    assert _audited(house) == ["app.passkey_added", "app.passkey_used"]


def test_what_the_phone_is_asked_to_make_tells_nothing_about_her_and_must_recognise_her(
    house: House, sara: uuid.UUID, phone: FlaskClient
) -> None:
    options = _asks(phone, ROOM)

    assert options["rp"] == {"name": "Mit Ungecenter", "id": "localhost"}
    assert options["user"]["name"] == options["user"]["displayName"] == "Mit Ungecenter"
    assert str(sara) not in json.dumps(options)
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"


def test_at_the_door_nobody_is_told_which_passkeys_there_are(house: House, phone: FlaskClient) -> None:
    _registered(phone)
    options = _asks(house.browser(), DOOR)

    assert options.get("allowCredentials", []) == []
    assert options["userVerification"] == "required"


STRANGER = ec.generate_private_key(ec.SECP256R1())
WRONG = {
    "another site": {"origin": "https://example.org"},
    "another host": {"host": "example.org"},
    "another challenge": {"challenge": "AAAA"},
    "an answer to something else": {"type": "webauthn.create"},
    "nobody recognised": {"flags": PRESENT},
    "nobody there": {"flags": VERIFIED},
    "another key": {"key": STRANGER},
    "another person": {"user": b"somebody else"},
    "no person": {"user": b""},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_an_answer_that_does_not_fit_lets_nobody_in(house: House, phone: FlaskClient, wrong: dict[str, Any]) -> None:
    authenticator = _registered(phone)
    client = house.browser()
    answer = _sends(client, DOOR, authenticator.prove(_asks(client, DOOR), **wrong))

    assert answer.status_code == 403
    assert "Telefonen blev ikke genkendt" in answer.text
    assert client.get("/app").status_code == 302


WRONGLY_MADE = {name: it for name, it in WRONG.items() if not {"key", "user", "type"} & it.keys()}


@pytest.mark.parametrize("wrong", WRONGLY_MADE.values(), ids=WRONGLY_MADE.keys())
def test_a_passkey_that_is_not_made_as_asked_is_not_kept(
    house: House, phone: FlaskClient, wrong: dict[str, Any]
) -> None:
    _sends(phone, ROOM, Authenticator().make(_asks(phone, ROOM), **wrong))

    assert _rows(house, Passkey) == []
    assert _audited(house) == ["app.passkey_refused"]
    assert "Det lykkedes ikke. Du kan prøve igen." in phone.get(ROOM).text


def test_an_authenticator_that_has_counted_back_is_refused(house: House, phone: FlaskClient) -> None:
    """Somebody has copied it."""
    authenticator = _registered(phone)
    for _ in range(3):
        client = house.browser()
        assert _sends(client, DOOR, authenticator.prove(_asks(client, DOOR))).status_code == 303
    (passkey,) = _rows(house, Passkey)
    copy = house.browser()
    same = _sends(copy, DOOR, authenticator.prove(_asks(copy, DOOR), count=3))
    lower = _sends(copy, DOOR, authenticator.prove(_asks(copy, DOOR), count=1))
    zero = _sends(copy, DOOR, authenticator.prove(_asks(copy, DOOR), count=0))

    assert passkey.sign_count == 3
    assert [answer.status_code for answer in (same, lower, zero)] == [403] * 3
    assert copy.get("/app").status_code == 302
    assert _audited(house)[-1] == "app.passkey_refused"


def test_one_that_does_not_count_at_all_is_taken(house: House, phone: FlaskClient) -> None:
    """As those that a phone keeps in its maker's cloud."""
    authenticator = _registered(phone)
    for _ in range(2):
        client = house.browser()
        assert _sends(client, DOOR, authenticator.prove(_asks(client, DOOR), count=0)).status_code == 303


def test_an_answer_is_good_once(house: House, phone: FlaskClient) -> None:
    """S11: a replayed answer lets nobody in, in the same browser or another."""
    authenticator = _registered(phone)
    client, other = house.browser(), house.browser()
    answer = authenticator.prove(_asks(client, DOOR))
    first = _sends(client, DOOR, answer)
    _asks(other, DOOR)

    assert first.status_code == 303
    assert _sends(client, DOOR, answer).status_code == 403
    assert _sends(other, DOOR, answer).status_code == 403


def test_a_challenge_is_used_up_by_a_wrong_answer_too(house: House, phone: FlaskClient) -> None:
    authenticator = _registered(phone)
    client = house.browser()
    options = _asks(client, DOOR)
    token = csrf_token(client, DOOR)
    with client.session_transaction() as kept:
        before = dict(kept)
    client.post(DOOR, data={"csrf_token": token, "answer": "{}"})
    with client.session_transaction() as kept:
        kept.update(before)

    assert client.post(DOOR, data={"csrf_token": token, "answer": authenticator.prove(options)}).status_code == 403


def test_a_challenge_is_bound_to_its_browser_and_its_purpose(house: House, phone: FlaskClient) -> None:
    authenticator = _registered(phone)
    hers, other = house.browser(), house.browser()
    answer = authenticator.prove(_asks(hers, DOOR))
    _asks(other, DOOR)

    assert _sends(other, DOOR, answer).status_code == 403
    assert _sends(house.browser(), DOOR, answer).status_code == 403
    _sends(phone, ROOM, Authenticator().make({**_asks(phone, ROOM), "challenge": _asks(phone, DOOR)["challenge"]}))
    assert len(_rows(house, Passkey)) == 1


def test_a_challenge_is_good_for_five_minutes(house: House, phone: FlaskClient, clock: FixedClock) -> None:
    authenticator = _registered(phone)
    client = house.browser()
    answer = authenticator.prove(_asks(client, DOOR))
    clock.advance(minutes=5)

    assert _sends(client, DOOR, answer).status_code == 403


NONSENSE = ("", "{}", "[]", "null", "nonsense", '{"id": 3}', "{" * 5000, "x" * 30_000, '{"id":"é"}')


@pytest.mark.parametrize("answer", NONSENSE)
def test_nonsense_is_refused_calmly(house: House, phone: FlaskClient, answer: str) -> None:
    client = house.browser()
    _asks(client, DOOR)
    _asks(phone, ROOM)

    assert _sends(client, DOOR, answer).status_code == 403
    assert _sends(phone, ROOM, answer).status_code == 303
    assert _rows(house, Passkey) == []


def test_a_passkey_ends_with_its_phone(house: House, sara: uuid.UUID, phone: FlaskClient) -> None:
    authenticator = _registered(phone)
    with house.runtime.act(SYSTEM) as act:
        device_id = act.session.scalars(sa.select(Device.id)).one()
        end_device(act, citizen_id=sara, device_id=device_id, ended_by=EndedBy.LOST)
    client = house.browser()

    assert _sends(client, DOOR, authenticator.prove(_asks(client, DOOR))).status_code == 403


def test_she_turns_it_off(house: House, phone: FlaskClient) -> None:
    authenticator = _registered(phone)
    phone.post(f"{ROOM}/end", data={"csrf_token": csrf_token(phone, ROOM)})
    client = house.browser()

    assert _sends(client, DOOR, authenticator.prove(_asks(client, DOOR))).status_code == 403
    assert phone.get("/app").status_code == 200
    assert _audited(house)[:2] == ["app.passkey_added", "app.passkey_ended"]


def test_signing_out_leaves_the_passkey(house: House, phone: FlaskClient) -> None:
    authenticator = _registered(phone)
    phone.post("/app/sign-out", data={"csrf_token": csrf_token(phone, "/app")})

    assert phone.get("/app").status_code == 302
    assert _sends(phone, DOOR, authenticator.prove(_asks(phone, DOOR))).status_code == 303


def test_only_a_phone_that_was_let_in_can_have_one(house: House, sara: uuid.UUID) -> None:
    from messaging.citizen_app.sessions import begin_session

    with house.runtime.act(SYSTEM) as act:
        token = begin_session(act, citizen_id=sara, opened=Opened.CODE)
    client = house.browser()
    client.set_cookie("borgerdialog-app", token)
    page = client.get(ROOM).text
    _sends(client, ROOM, Authenticator().make(_asks(client, ROOM)))

    assert "som din sagsbehandler har åbnet for dig" in page
    assert _rows(house, Passkey) == []


def test_somebody_elses_passkey_is_not_taken_over(house: House, phone: FlaskClient) -> None:
    authenticator = _registered(phone)
    ali = house.citizen(caseworker=house.caseworker(), first_name="Ali", number=None)
    his = _paired(house, ali)
    _sends(his, ROOM, authenticator.make(_asks(his, ROOM)))

    assert len(_rows(house, Passkey)) == 1


def test_asking_at_the_door_again_and_again_leaves_one_row_and_is_stopped(house: House) -> None:
    client = house.browser()
    token = csrf_token(client, DOOR)
    answers = [client.post(f"{DOOR}/question", data={"csrf_token": token}).status_code for _ in range(61)]

    assert answers == [200] * 60 + [429]
    assert len(_rows(house, PasskeyChallenge)) == 1


def test_challenges_that_nobody_can_answer_are_forgotten(house: House, clock: FixedClock) -> None:
    _asks(house.browser(), DOOR)
    clock.advance(minutes=5)
    CodeWork(runtime=house.runtime).forget_codes()

    assert _rows(house, PasskeyChallenge) == []
