"""The door for providers: what is not proved changes nothing, what came before changes nothing again."""

import json

import sqlalchemy as sa

from adapters.contract import WebhookRequest
from messaging.conversations.models import Message
from messaging.web.webhooks import LARGEST, webhook_request
from tests.fakes import SIGNATURE
from tests.house import NUMBER, House

TEXT = json.dumps({"id": "IN-1", "from": NUMBER, "text": "Hej"})
SIGNED = {"X-Fake-Signature": SIGNATURE}


def test_an_unsigned_request_changes_nothing(house: House) -> None:
    """S2."""
    house.citizen(caseworker=house.caseworker())
    before = house.everything()
    answer = house.app.test_client().post("/hooks/simulator", data=TEXT)

    assert answer.status_code == 403
    assert answer.content_type == "application/problem+json"
    assert house.everything() == before


def test_a_replayed_request_is_answered_and_changes_nothing(house: House) -> None:
    """S2."""
    house.citizen(caseworker=house.caseworker())
    first = house.hears("Hej", id_="IN-1")
    before = house.everything()
    second = house.hears("Hej", id_="IN-1")

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.data == second.data == b"<Response/>"
    assert house.everything() == before


def test_a_signed_request_of_another_shape_is_refused(house: House) -> None:
    """S1: the channel tells what fits."""
    client = house.app.test_client()
    bodies = [b"", b"[]", b"\xff\xfe", b"{}", b'{"id": 1}', b"[" * 5000]

    assert {client.post("/hooks/simulator", data=body, headers=SIGNED).status_code for body in bodies} == {400}


def test_a_body_beyond_the_limit_is_refused_unread(house: House) -> None:
    """S13."""
    answer = house.app.test_client().post("/hooks/simulator", data=b"x" * (LARGEST + 1), headers=SIGNED)

    assert answer.status_code == 413


def test_there_is_no_door_for_other_channels(house: House) -> None:
    assert house.app.test_client().post("/hooks/pigeon", data=TEXT, headers=SIGNED).status_code == 404


def test_a_provider_gets_no_cookie(house: House) -> None:
    assert "Set-Cookie" not in house.hears("Hej").headers


def test_a_message_of_a_known_number_reaches_its_thread(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.hears("Hej")
    with house.runtime.database.read() as session:
        threads = session.scalars(sa.select(Message.conversation_id)).all()

    assert threads == [citizen_id]


def test_the_request_is_handed_on_as_it_came() -> None:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/hooks/twilio_sms",
        "REQUEST_URI": "/hooks/twilio%5Fsms?a=%41&b=%ff",
        "QUERY_STRING": "a=%41&b=%ff",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "HTTP_X_TWILIO_SIGNATURE": "abc",
        "wsgi.version": (1, 0),
    }
    asked = webhook_request(environ, body=b"Body=Hej")

    assert asked == WebhookRequest(
        method="POST", path="/hooks/twilio%5Fsms", query="a=%41&b=%ff", headers=asked.headers, body=b"Body=Hej"
    )
    assert dict(asked.headers) == {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": "abc",
    }
