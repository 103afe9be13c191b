"""What stands on every answer, and what never does: headers, probes, figures, and no personal data anywhere."""

import dataclasses
import io
import json
from typing import cast

from messaging.app import create_app
from messaging.database.engine import Database
from messaging.runtime import Runtime
from tests.house import House, csrf_token

CANARY = "kanariefugl7f3a9c"
SECRET_PLACES = (
    "/sign-in",
    "/conversations",
    "/api/v1/citizens",
    "/hooks/simulator",
    "/health/live",
    "/metrics",
    "/nope",
)


def _production(runtime: Runtime, **changes: object) -> Runtime:
    config = dataclasses.replace(runtime.config, production=True, public_url="https://borgerdialog.example", **changes)
    return dataclasses.replace(runtime, config=config)


def test_security_headers_stand_on_every_answer(house: House) -> None:
    """S16, the headers."""
    client = house.app.test_client()
    answers = [client.get(path) for path in SECRET_PLACES]
    answers += [client.get("/sign-in", headers={"Host": "evil.example"}), client.open("/sign-in", method="TRACE")]

    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-Id"]


def test_only_a_rehearsal_may_show_the_stubs_telephones(runtime: Runtime) -> None:
    stub = "http://127.0.0.1:9900"
    rehearsal = dataclasses.replace(runtime, config=dataclasses.replace(runtime.config, stub_origins=(stub,)))
    shown = create_app(rehearsal, log_file=io.BytesIO()).test_client().get("/sign-in")
    hidden = (
        create_app(_production(runtime), log_file=io.BytesIO())
        .test_client()
        .get("/sign-in", base_url="https://borgerdialog.example")
    )

    assert f"frame-src {stub}" in shown.headers["Content-Security-Policy"]
    assert f'href="{stub}/phones"' in shown.text
    assert "frame-src" not in hidden.headers["Content-Security-Policy"]
    assert "/phones" not in hidden.text


def test_cookies_are_bound_to_the_host_and_to_tls(runtime: Runtime, house: House) -> None:
    house.caseworker()
    client = create_app(_production(runtime), log_file=io.BytesIO()).test_client()
    base = "https://borgerdialog.example"
    page = client.get("/sign-in", base_url=base)
    cookie = page.headers["Set-Cookie"]

    assert cookie.startswith("__Host-forms=")
    for flag in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert flag in cookie
    assert "Domain" not in cookie
    assert page.headers["Strict-Transport-Security"]


def test_the_page_loads_nothing_inline(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    client = house.browser("mho")
    pages = [
        client.get(path).text for path in ("/conversations", f"/conversations/{citizen_id}", "/triage", "/api/v1/docs")
    ]

    for page in pages:
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page


def test_static_files_may_be_kept_and_content_may_not(house: House) -> None:
    client = house.app.test_client()

    with client.get("/static/css/layout.css") as styles:
        assert "max-age" in styles.headers["Cache-Control"]
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"


def test_liveness_asks_nothing_of_the_database(runtime: Runtime) -> None:
    without = dataclasses.replace(runtime, database=cast("Database", None))
    app = create_app(without, log_file=io.BytesIO())

    assert app.test_client().get("/health/live").status_code == 200


def test_readiness_names_what_is_missing(house: House) -> None:
    answer = house.app.test_client().get("/health/ready")

    assert answer.status_code == 503
    assert "worker" in answer.json["failed"]


def test_figures_name_routes_and_no_paths(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    house.browser("mho").get(f"/conversations/{citizen_id}")
    figures = house.app.test_client().get("/metrics").text

    assert 'route="/conversations/<uuid:citizen_id>",status="200"' in figures
    assert str(citizen_id) not in figures


def test_an_unknown_method_is_no_label_of_its_own(house: House) -> None:
    client = house.app.test_client()
    client.open("/sign-in", method="KANARIE")

    assert "KANARIE" not in client.get("/metrics").text


def test_personal_data_appears_in_no_log_error_address_header_or_figure(house: House) -> None:
    """S15."""
    citizen_id = house.citizen(caseworker=house.caseworker(), first_name=CANARY, cpr="0101907777")
    house.hears(f"Hej {CANARY}")
    client, headers = house.browser("mho"), house.key() | {"Idempotency-Key": CANARY}
    token = csrf_token(client, f"/conversations/{citizen_id}")
    thread, api = f"/conversations/{citizen_id}", house.app.test_client()
    errors = [
        client.get(f"/{CANARY}?cpr=0101907777"),
        client.get(f"/conversations?show={CANARY}"),
        client.get(f"/conversations?cursor={CANARY}"),
        client.post(f"{thread}/messages", data={"text": CANARY}),
        client.post(f"{thread}/messages", data={"text": CANARY, "csrf_token": token, "message_id": CANARY}),
        client.get("/sign-in", headers={"Host": f"{CANARY}.example"}),
        api.get(f"/api/v1/{CANARY}", headers=headers),
        api.get(f"/api/v1/citizens?cursor={CANARY}", headers=headers),
        api.post(
            "/api/v1/citizens/search", data=f'{{"cpr": "{CANARY}', headers=headers, content_type="application/json"
        ),
        api.post("/api/v1/citizens/search", json={"cpr": CANARY}, headers=headers),
        api.post(f"/api/v1{thread}/messages", json={"text": 7, "due_at": CANARY}, headers=headers),
        api.post("/api/v1/keys", json={"name": "x", "scopes": [CANARY]}, headers=headers),
        api.post("/hooks/simulator", data=json.dumps({"id": 1, "from": CANARY, "text": CANARY})),
        house.hears("x", sender=CANARY),
    ]
    sent = client.post(
        f"{thread}/messages",
        data={"text": CANARY, "csrf_token": token, "message_id": str(citizen_id), "action": "send"},
    )
    everything_said = [
        house.log.getvalue().decode(),
        *(f"{answer.headers} {answer.text}" for answer in errors),
        str(sent.headers),
        api.get("/metrics").text,
    ]

    assert CANARY in client.get(thread).text
    for said in everything_said:
        assert CANARY not in said
        assert "0101907777" not in said


def test_the_log_has_one_line_for_each_request(house: House) -> None:
    client = house.app.test_client()
    for _ in range(3):
        client.get("/health/live?name=Sara")
    lines = house.log_lines()

    assert len(lines) == 3
    assert {frozenset(line) for line in lines} == {
        frozenset({"event", "timestamp", "id", "method", "route", "status", "ms"})
    }


def test_production_asks_the_channel_whether_it_works(runtime: Runtime) -> None:
    app = create_app(_production(runtime), log_file=io.BytesIO())
    answer = app.test_client().get("/health/ready", base_url="https://borgerdialog.example")

    assert "channel" not in answer.json["failed"]
