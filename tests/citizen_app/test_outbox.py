"""What a citizen wrote without a connection comes in once, under her own name, and nobody but us can read it before."""

import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.citizen_app.models import AppSession, Device, EndedBy, Opened, OutboxKey
from messaging.citizen_app.outbox import KEEPS
from messaging.citizen_app.sessions import LASTING, end_all
from messaging.clock import FixedClock
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Direction, Message
from messaging.people.actors import SYSTEM
from tests.house import House, csrf_token

TEXT = "Jeg kan ikke komme i morgen 😊"
BY_SCRIPT = {"X-Outbox": "1", "Origin": "http://localhost"}


@dataclass(frozen=True, kw_only=True)
class Key:
    """The session in which something is written, and the public half of its key."""

    session: uuid.UUID
    public: bytes


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


@pytest.fixture
def ali(house: House, sara: uuid.UUID) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker("ali", name="Ali Abdi"), number="+4529390626")


def _newest_key(house: House) -> Key:
    with house.runtime.database.read() as session:
        newest = session.scalars(sa.select(AppSession).order_by(AppSession.id.desc())).first()
        return Key(session=newest.id, public=session.get_one(OutboxKey, newest.id).public)


def _seal(text: str, message_id: uuid.UUID, key: Key) -> str:
    """Seal as the phone does."""
    ours = ec.generate_private_key(ec.SECP256R1())
    point = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secret = ours.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.public))
    place = f"outbox {key.session} {message_id}".encode()
    once = HKDF(algorithm=SHA256(), length=32, salt=point, info=place).derive(secret)
    return urlsafe_b64encode(point + AESGCM(once).encrypt(bytes(12), text.encode(), place)).decode()


def _waiting(key: Key, *, text: str = TEXT, message_id: uuid.UUID | None = None) -> dict[str, str]:
    message_id = message_id or uuid.uuid4()
    return {"id": str(message_id), "session": str(key.session), "sealed": _seal(text, message_id, key)}


def _send(client: FlaskClient, waiting: object, headers: dict[str, str] = BY_SCRIPT) -> TestResponse:
    return client.post("/app/outbox", json=waiting, headers=headers)


def _written(house: House) -> list[Message]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(Message).filter_by(direction=Direction.IN).order_by(Message.seq)))


def test_what_waited_comes_in_and_stands_in_the_thread(house: House, sara: uuid.UUID) -> None:
    phone = house.phone(sara)
    waiting = _waiting(_newest_key(house))
    answer = _send(phone, waiting)

    assert (answer.status_code, answer.json) == (200, {"id": waiting["id"]})
    assert TEXT in phone.get("/app").text
    assert [(str(message.id), message.conversation_id) for message in _written(house)] == [(waiting["id"], sara)]


def test_however_often_it_is_sent_it_is_one_message(house: House, sara: uuid.UUID) -> None:
    """F24."""
    phone = house.phone(sara)
    waiting = _waiting(_newest_key(house))

    assert [_send(phone, waiting).status_code for _ in range(3)] == [200, 200, 200]
    assert len(_written(house)) == 1


def test_a_form_token_is_not_asked_for_but_our_own_script_is(house: House, sara: uuid.UUID) -> None:
    """A page that was kept open for days holds a stale token; another site can send neither of these."""
    phone = house.phone(sara)
    waiting = _waiting(_newest_key(house))
    refused = [
        {},
        {"Origin": "http://localhost"},
        {"X-Outbox": "1"},
        {"X-Outbox": "1", "Origin": "https://elsewhere.example"},
        {"X-Outbox": "1", "Origin": "null"},
    ]

    assert [_send(phone, waiting, headers).status_code for headers in refused] == [403] * len(refused)
    assert _written(house) == []
    assert _send(phone, waiting).status_code == 200


def test_who_is_signed_out_keeps_it_until_she_is_in_again(house: House, sara: uuid.UUID, clock: FixedClock) -> None:
    phone = house.phone(sara)
    waiting = _waiting(_newest_key(house))
    clock.moment += LASTING[Opened.PAIRED].idle
    answer = _send(phone, waiting)

    assert answer.status_code == 401
    assert "Clear-Site-Data" not in answer.headers
    assert _send(house.browser(), waiting).status_code == 401
    assert _send(house.phone(sara), waiting).status_code == 200
    assert len(_written(house)) == 1


def test_nothing_is_sent_under_another_name(house: House, sara: uuid.UUID, ali: uuid.UUID) -> None:
    house.phone(sara)
    waiting = _waiting(_newest_key(house))

    assert _send(house.phone(ali), waiting).status_code == 410
    assert _written(house) == []


@pytest.mark.parametrize("ends", ["signed out", "closed by staff", "all ended"])
def test_what_waits_in_a_session_that_was_ended_nobody_can_read(house: House, sara: uuid.UUID, ends: str) -> None:
    phone = house.phone(sara)
    waiting = _waiting(_newest_key(house))
    if ends == "signed out":
        phone.post("/app/sign-out", data={"csrf_token": csrf_token(phone, "/app/more")})
    elif ends == "all ended":
        with house.runtime.act(SYSTEM) as act:
            end_all(act, citizen_id=sara, ended_by=EndedBy.SYSTEM)
    else:
        desk = house.browser("mho")
        with house.runtime.database.read() as session:
            device_id = session.scalars(sa.select(Device.id)).one()
        desk.post(f"/citizens/{sara}/app/devices/{device_id}/end", data={"csrf_token": csrf_token(desk, "/citizens")})

    with house.runtime.database.read() as session:
        assert session.scalars(sa.select(OutboxKey)).all() == []
    assert _send(house.phone(sara), waiting).status_code == 410
    assert _written(house) == []


def test_a_browser_whose_session_was_ended_keeps_nothing_of_us(house: House, sara: uuid.UUID) -> None:
    phone = house.phone(sara)
    waiting = _waiting(_newest_key(house))
    with house.runtime.act(SYSTEM) as act:
        end_all(act, citizen_id=sara, ended_by=EndedBy.SYSTEM)
    answer = _send(phone, waiting)

    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (410, '"cache", "storage"')


@pytest.mark.parametrize("happened", ["ended", "erased", "ran out"])
def test_a_page_asked_for_after_the_session_leaves_only_what_may_still_be_sent(
    house: House, sara: uuid.UUID, clock: FixedClock, happened: str
) -> None:
    phone = house.phone(sara)
    if happened == "ran out":
        clock.moment += LASTING[Opened.PAIRED].idle
    elif happened == "ended":
        with house.runtime.act(SYSTEM) as act:
            end_all(act, citizen_id=sara, ended_by=EndedBy.SYSTEM)
    else:
        with house.runtime.database.write() as session:
            session.execute(sa.delete(OutboxKey))
            session.execute(sa.delete(AppSession))
    answer = phone.get("/app")

    assert answer.location.startswith("/app/login")
    assert ("Clear-Site-Data" in answer.headers) is (happened != "ran out")


def test_who_comes_in_again_in_the_same_browser_still_sends_what_she_wrote(house: House, sara: uuid.UUID) -> None:
    phone = house.phone(sara)
    waiting = _waiting(_newest_key(house))
    before = house.everything()["outbox_keys"]
    _let_in_again(house, phone, sara)

    assert len(house.everything()["outbox_keys"]) == len(before) + 1
    assert _send(phone, waiting).status_code == 200


def _let_in_again(house: House, phone: FlaskClient, citizen_id: uuid.UUID) -> None:
    """Scan another QR code in a browser that is in."""
    desk = house.browser("mho")
    form = {"pairing_id": str(uuid.uuid4()), "seen_as": "known"}
    form["csrf_token"] = csrf_token(desk, "/citizens")
    page = desk.post(f"/citizens/{citizen_id}/app/pairings", data=form, follow_redirects=True).text
    address = page.split('href="http://localhost')[1].split('"')[0]
    assert phone.post(address, data={"csrf_token": csrf_token(phone, "/app/more")}).status_code == 303


def test_after_three_months_nobody_waits_for_it_any_more(house: House, sara: uuid.UUID, clock: FixedClock) -> None:
    house.phone(sara)
    waiting = _waiting(_newest_key(house))
    clock.moment += KEEPS

    assert _send(house.phone(sara), waiting).status_code == 410


@pytest.mark.parametrize("opened", [Opened.PAIRED, Opened.CODE])
def test_it_is_classed_by_the_way_in_by_which_it_was_written(house: House, sara: uuid.UUID, opened: Opened) -> None:
    house.phone(sara, opened=opened)
    waiting = _waiting(_newest_key(house))
    _send(house.phone(sara, opened=Opened.CODE), waiting)

    class_ = ContentClass.LOGIN_ONLY if opened is Opened.PAIRED else ContentClass.SMS_OK
    assert [message.content_class for message in _written(house)] == [class_]


def test_what_was_sealed_for_one_message_is_no_other_one(house: House, sara: uuid.UUID) -> None:
    phone = house.phone(sara)
    first, second = (_waiting(_newest_key(house)) for _ in range(2))

    assert _send(phone, {**first, "id": second["id"]}).status_code == 422
    assert _send(phone, {**first, "sealed": second["sealed"]}).status_code == 422
    assert _written(house) == []


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        "text",
        {},
        {"id": "x"},
        {"sealed": "AAAA"},
        {"sealed": "é"},
        {"sealed": None},
        {"sealed": ""},
        {"sealed": "A" * 100_000},
        {"sealed": urlsafe_b64encode(b"\4" + bytes(100)).decode()},
        {"session": 7},
    ],
)
def test_what_is_no_message_changes_nothing(house: House, sara: uuid.UUID, broken: object) -> None:
    phone = house.phone(sara)
    key = _newest_key(house)
    waiting = {**_waiting(key), **broken} if isinstance(broken, dict) and broken else broken

    assert _send(phone, waiting).status_code == 422
    assert _written(house) == []


def test_what_is_empty_or_too_long_is_refused_for_good(house: House, sara: uuid.UUID) -> None:
    phone = house.phone(sara)
    key = _newest_key(house)

    assert [_send(phone, _waiting(key, text=text)).status_code for text in (" ", "x" * 5001)] == [422, 422]
    assert _send(phone, _waiting(key, text="😊" * 5000)).status_code == 200


def test_an_id_that_somebody_elses_message_has_is_refused(house: House, sara: uuid.UUID, ali: uuid.UUID) -> None:
    taken = uuid.uuid4()
    hers = house.phone(sara)
    assert _send(hers, _waiting(_newest_key(house), message_id=taken)).status_code == 200
    his = house.phone(ali)

    assert _send(his, _waiting(_newest_key(house), message_id=taken)).status_code == 409
    assert [message.conversation_id for message in _written(house)] == [sara]


def test_the_page_hands_the_key_to_its_script(house: House, sara: uuid.UUID) -> None:
    page = house.phone(sara).get("/app").text
    key = _newest_key(house)

    assert f'data-session="{key.session}"' in page
    assert f'data-key="{urlsafe_b64encode(key.public).decode()}"' in page
