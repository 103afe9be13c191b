"""staff add | disable, api-key create | revoke."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from messaging.app import create_app
from messaging.people.models import ApiKey, Caseworker, Role
from tests.commands.conftest import Deployment, Refused
from tests.conversations.conftest import Town
from tests.house import csrf_token

PASSWORD = "en lang adgangskode"
ADD = ("staff", "add", "mho", "--name", "Mette Holm", "--unit", "Team A", "--password", PASSWORD)


@pytest.fixture
def client(deployment: Deployment) -> Iterator[FlaskClient]:
    """A browser at the deployment's front door."""
    deployment.settings["PUBLIC_URL"] = "http://localhost"
    runtime = deployment.runtime()
    yield create_app(runtime).test_client()
    runtime.close()


def sign_in(client: FlaskClient) -> int:
    form = {"initials": "mho", "password": PASSWORD, "csrf_token": csrf_token(client, "/sign-in")}
    return client.post("/sign-in", data=form).status_code


def test_added_member_of_staff_may_sign_in_and_a_disabled_one_no_more(
    deployment: Deployment, client: FlaskClient
) -> None:
    deployment.run(*ADD)
    before = sign_in(client)
    was_open = client.get("/", follow_redirects=True).request.path
    deployment.run("staff", "disable", "mho")

    assert before == 303
    assert was_open != "/sign-in"
    assert client.get("/", follow_redirects=True).request.path == "/sign-in"
    assert sign_in(client) != 303


def test_adding_again_brings_up_to_date(deployment: Deployment, town: Town) -> None:
    deployment.run(*ADD)
    deployment.run(*ADD, "--role", "team_leader", "--email", "mho@example.dk")

    (staff,) = town.rows(Caseworker)
    assert (staff.role, staff.email) == (Role.TEAM_LEADER, "mho@example.dk")


def test_password_is_asked_for_twice_and_not_shown(deployment: Deployment) -> None:
    said = deployment.run(*ADD[:-2], typed=f"{PASSWORD}\n{PASSWORD}\n").output

    assert PASSWORD not in said


def test_short_password_is_refused(deployment: Deployment, town: Town) -> None:
    said = deployment.run(*ADD[:-1], "kort", code=2).stderr

    assert "at least 12 characters" in said
    assert town.rows(Caseworker) == []


def test_disabling_a_stranger_is_refused(refused: Refused) -> None:
    assert "nobody works here under the initials xyz" in refused("staff", "disable", "xyz")


def answer(client: FlaskClient, secret: str) -> Any:
    return client.get("/api/v1/conversations", headers={"Authorization": f"Bearer {secret}"}).status_code


def test_api_key_opens_what_its_scopes_say_until_it_is_revoked(
    deployment: Deployment, town: Town, client: FlaskClient
) -> None:
    create = ("api-key", "create", "booking", "--scope", "conversations:read")
    secret = deployment.run(*create).stdout.strip()
    opened = answer(client, secret)
    (key,) = town.rows(ApiKey)
    deployment.run("api-key", "revoke", str(key.id))
    fresh = create_app(town.runtime).test_client()

    assert opened == 200
    assert answer(fresh, secret) == 401


def test_api_key_that_succeeds_another_is_the_same_systems(
    deployment: Deployment, town: Town, refused: Refused
) -> None:
    deployment.run("api-key", "create", "booking", "--scope", "citizens:read")
    (old,) = town.rows(ApiKey)
    deployment.run("api-key", "create", "booking 2", "--scope", "citizens:read", "--succeeds", "booking")

    assert {key.system for key in town.rows(ApiKey)} == {old.id}
    strange = ("api-key", "create", "booking 3", "--scope", "citizens:read", "--succeeds", "nobody")
    assert "there is no key of that name" in refused(*strange)


def test_unknown_scope_is_refused(refused: Refused) -> None:
    assert "there is no scope called all" in refused("api-key", "create", "booking", "--scope", "all")


def test_name_of_a_key_is_given_once(deployment: Deployment, refused: Refused) -> None:
    create = ("api-key", "create", "booking", "--scope", "citizens:read")
    deployment.run(*create)

    assert "exists" in refused(*create)


def test_secret_of_a_key_is_stored_nowhere(deployment: Deployment) -> None:
    secret = deployment.run("api-key", "create", "booking", "--scope", "citizens:read").stdout.strip()

    for path in deployment.folder.parent.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes()
