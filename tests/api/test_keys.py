"""Keys of other systems: scopes hold, secrets are shown once, a revoked key soon stops working."""

import time

import sqlalchemy as sa

from messaging.people.api_keys import SCOPES
from messaging.people.models import ApiKey
from tests.house import House

ROUTES = [
    ("get", "/api/v1/citizens", "citizens:read"),
    ("post", "/api/v1/citizens", "citizens:write"),
    ("post", "/api/v1/citizens/search", "citizens:read"),
    ("get", "/api/v1/conversations", "conversations:read"),
    ("get", "/api/v1/appointments", "appointments:read"),
    ("get", "/api/v1/reminder-log", "appointments:read"),
    ("post", "/api/v1/appointments", "appointments:write"),
    ("get", "/api/v1/templates", "templates:read"),
    ("get", "/api/v1/keys", "keys:manage"),
    ("post", "/api/v1/keys", "keys:manage"),
]


def test_a_route_opens_only_for_its_scope(house: House) -> None:
    client = house.app.test_client()
    whole = {scope: house.key(scope) for _, _, scope in ROUTES}
    others = {scope: house.key(*(set(SCOPES) - {scope})) for _, _, scope in ROUTES}
    for method, path, scope in ROUTES:
        assert client.open(path, method=method).status_code == 401
        assert client.open(path, method=method, headers=others[scope]).status_code == 403
        assert client.open(path, method=method, headers=whole[scope]).status_code not in {401, 403}


def test_a_strange_authorization_is_nobodys(house: House) -> None:
    strange = ["", "Bearer", "Bearer ", "Basic abc", "Bearer bd_wrong", "Bearer æ", "Bearer " + "x" * 5000]
    client = house.app.test_client()
    answers = [client.get("/api/v1/citizens", headers={"Authorization": header}) for header in strange]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}


def test_a_secret_is_shown_once_and_kept_nowhere(house: House) -> None:
    client, headers = house.app.test_client(), house.key("keys:manage")
    made = client.post("/api/v1/keys", json={"name": "Sagssystemet", "scopes": ["citizens:read"]}, headers=headers)
    secret = made.json["secret"]

    assert "secret" not in str(client.get("/api/v1/keys", headers=headers).json)
    assert secret not in repr(house.everything())
    assert client.get("/api/v1/citizens", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_a_revoked_key_stops_working_within_five_seconds(house: House) -> None:
    client, headers, manager = house.app.test_client(), house.key("citizens:read"), house.key("keys:manage")
    assert client.get("/api/v1/citizens", headers=headers).status_code == 200
    with house.runtime.database.read() as session:
        key_id = session.scalars(sa.select(ApiKey.id).filter_by(scopes="citizens:read")).one()
    client.delete(f"/api/v1/keys/{key_id}", headers=manager)
    deadline = time.monotonic() + 5
    while client.get("/api/v1/citizens", headers=headers).status_code == 200 and time.monotonic() < deadline:
        time.sleep(0.1)

    assert client.get("/api/v1/citizens", headers=headers).status_code == 401


def test_the_words_of_the_reminder_log_need_the_scope_of_messages(house: House) -> None:
    client, headers = house.app.test_client(), house.key("appointments:read")

    assert client.get("/api/v1/reminder-log", headers=headers).status_code == 200
    assert client.get("/api/v1/reminder-log?words=true", headers=headers).status_code == 403


def test_a_citizen_is_found_by_cpr_in_the_body(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker(), cpr="0101901234")
    client, headers = house.app.test_client(), house.key("citizens:read")
    found = client.post("/api/v1/citizens/search", json={"cpr": "0101901234"}, headers=headers)
    missing = client.post("/api/v1/citizens/search", json={"cpr": "0101904321"}, headers=headers)

    assert [item["id"] for item in found.json["items"]] == [str(citizen_id)]
    assert (missing.status_code, missing.json["items"]) == (200, [])
