"""Hostile, broken and oversized requests get a clear no, never a server error, and change nothing."""

import itertools
import json
import time

from tests.house import House, csrf_token

HOSTILE_TEXTS = [
    "\u202e vendt om \u202c",
    "a\u200bb\u200cc\u200d\ufeff",
    "e" + "\u0301" * 10_000,
    "👩‍👩‍👧‍👦" * 20,
    "<script>alert(1)</script>",
    "' OR 1=1; --",
    "{{ 7 * 7 }} {% raw %} ${jndi:x}",
    "=HYPERLINK(1)",
]
CONTROLS = ["\x00", "a\x00b", "\x1b[31m", "\x07", "\x7f"]


def test_deep_broken_and_foreign_bodies_are_refused(house: House) -> None:
    """S13, S14."""
    headers, client = house.key(), house.app.test_client()
    bodies = [b"", b"{", b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b'"\\ud800"', b"NaN", b"\x00", b"null", b"[]"]
    asked = [
        client.post("/api/v1/citizens/search", data=body, headers=headers, content_type="application/json")
        for body in bodies
    ]

    assert {answer.status_code for answer in asked} <= {400, 422}
    assert {answer.content_type for answer in asked} == {"application/problem+json"}


def test_another_type_than_json_is_refused(house: House) -> None:
    headers, client = house.key(), house.app.test_client()
    types = ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "\xff", ""]
    asked = [client.post("/api/v1/citizens/search", data=b"{}", headers=headers, content_type=type_) for type_ in types]

    assert {answer.status_code for answer in asked} == {415}


def test_a_body_beyond_the_limit_is_refused_at_once(house: House) -> None:
    """S13."""
    headers, client = house.key(), house.app.test_client()
    body = b'{"cpr": "' + b"1" * 1024 * 1024 + b'"}'
    began = time.monotonic()
    answer = client.post("/api/v1/citizens/search", data=body, headers=headers, content_type="application/json")

    assert answer.status_code == 413
    assert time.monotonic() - began < 2


def test_ten_thousand_parts_are_refused(house: House) -> None:
    """S13."""
    house.caseworker()
    client = house.browser("mho")
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
    answer = client.post("/sign-in", data=part * 10_001 + b"--b--", content_type="multipart/form-data; boundary=b")

    assert answer.status_code == 413


def test_control_characters_are_refused_wherever_text_is_taken(house: House) -> None:
    """S14."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    client, headers = house.app.test_client(), house.key() | {"Idempotency-Key": "key"}
    before = house.everything()
    answers = [
        client.post(path, data=json.dumps(body), headers=headers, content_type="application/json")
        for control in CONTROLS
        for path, body in (
            (f"/api/v1/conversations/{citizen_id}/messages", {"text": f"Hej {control}"}),
            ("/api/v1/keys", {"name": control, "scopes": []}),
            ("/api/v1/citizens/search", {"cpr": f"010190123{control}"}),
        )
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert house.everything() == before


def test_strange_texts_are_stored_and_shown_without_harm(house: House) -> None:
    """S14."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    answers = [house.hears(text) for text in HOSTILE_TEXTS]
    page = house.browser("mho").get(f"/conversations/{citizen_id}")

    assert {answer.status_code for answer in answers} == {200}
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_strange_addresses_are_unknown(house: House) -> None:
    """S14."""
    house.caseworker()
    client, headers = house.browser("mho"), house.key()
    paths = ["/\x00", "/conversations/\x00", "/%00", "/%ff%fe", "/conversations/%ff", "/" + "a" * 10_000, "//", "/../"]
    queries = ["?show=\x00", "?show=%00", "?cursor=%00", "?cursor=%ff", "?show=" + "a" * 10_000]
    answers = [client.get(path) for path in paths + [f"/conversations{query}" for query in queries]]
    answers += [client.get(f"/api/v1{path}", headers=headers) for path in ("/citizens/\x00", "/citizens/%ff", "/x")]

    assert {answer.status_code for answer in answers} <= {308, 404, 422}


def test_another_host_name_is_refused(house: House) -> None:
    client = house.app.test_client()
    hosts = ["evil.example", "localhost.evil.example", "", "a b", "[::1", "x" * 5000]

    assert {client.get("/sign-in", headers={"Host": host}).status_code for host in hosts} == {400}


def test_strange_forms_are_refused(house: House) -> None:
    """S14."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    client = house.browser("mho")
    token = csrf_token(client, f"/conversations/{citizen_id}")
    ids, texts = ["", "x", "\x00", "1" * 5000], ["", " ", "x" * 5000, "\x00"]
    before = house.everything()["messages"]
    answers = [
        client.post(
            f"/conversations/{citizen_id}/messages", data={"csrf_token": token, "message_id": id_, "text": text}
        )
        for id_, text in itertools.product(ids, texts)
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert house.everything()["messages"] == before


def test_an_unforeseen_error_tells_its_number_and_nothing_else(house: House) -> None:
    def fail() -> str:
        raise RuntimeError("Sara Nielsen 010190-1234")

    house.app.add_url_rule("/api/v1/fails", "fails", fail)
    answer = house.app.test_client().get("/api/v1/fails")
    failure = next(line for line in house.log_lines() if line["event"] == "failure")

    assert answer.status_code == 500
    assert answer.json["request_id"] == failure["id"] == answer.headers["X-Request-Id"]
    assert "Sara" not in answer.text
    assert "Sara" not in str(failure)
