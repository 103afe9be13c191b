"""keys create | status | rotate | rewrap, and what a key file that cannot be used stops."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from messaging.config import PREFIX
from messaging.conversations.models import Message
from messaging.vault.epochs import Epochs
from messaging.vault.keyring import Keyring
from messaging.vault.keystore import Epoch, OwnerKeyRow
from tests.commands.conftest import Deployment, Refused
from tests.conftest import ROOT
from tests.conversations.conftest import Town


def test_key_file_is_made_for_this_user_alone(bare: Deployment) -> None:
    bare.run("keys", "create")

    assert (bare.folder / "keys.json").stat().st_mode & 0o777 == 0o600


def test_key_file_is_never_overwritten(deployment: Deployment, refused: Refused) -> None:
    before = (deployment.folder / "keys.json").read_bytes()

    assert "exists already and is not overwritten" in refused("keys", "create")
    assert (deployment.folder / "keys.json").read_bytes() == before


def test_status_tells_which_keys_hang_where_and_no_key(deployment: Deployment, town: Town) -> None:
    town.citizen()
    status = deployment.json("keys", "status")

    assert [root["epochs"] for root in status["roots"]] == [1]
    assert [epoch["owners"] for epoch in status["epochs"]] == [2], "the citizen's and that of triage"
    shown = deployment.run("keys", "status").output
    for root in json.loads((deployment.folder / "keys.json").read_text())["roots"]:
        assert root["key"] not in shown


def test_k6_rotation_and_rewrapping_leave_messages_readable_and_the_old_root_unneeded(
    deployment: Deployment, town: Town
) -> None:
    """K6."""
    town.citizen()
    town.hears("hej")
    deployment.run("keys", "rotate")
    between = deployment.json("keys", "status")
    said = deployment.run("keys", "rewrap").output
    after = deployment.json("keys", "status")
    path = deployment.folder / "keys.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "roots": document["roots"][-1:]}))

    assert [root["epochs"] for root in between["roots"]] == [1, 0]
    assert [root["epochs"] for root in after["roots"]] == [0, len(after["epochs"])]
    assert "0 did not open" in said
    fresh = Town(runtime=deployment.runtime())
    assert [fresh.text_of(message) for message in fresh.messages()] == ["hej"]
    fresh.runtime.close()


def test_rewrapping_names_with_exit_code_1_what_did_not_open(deployment: Deployment, town: Town) -> None:
    citizen = town.citizen()
    with deployment.keystore() as keystore, keystore.write() as session:
        Epochs(keystore, Keyring.load(deployment.folder / "keys.json")).begin(session)
        session.execute(sa.update(OwnerKeyRow).filter_by(owner=citizen).values(wrapped=b"\x00" * 60))

    assert "1 keys moved, 1 did not open" in deployment.run("keys", "rewrap", code=1).output


def missing(path: Path) -> None:
    path.unlink()


def open_to_others(path: Path) -> None:
    path.chmod(0o644)


def another_deployments(path: Path) -> None:
    path.unlink()
    Keyring.create(path)


def garbled(path: Path) -> None:
    path.write_text("{}")


REASONS = {
    missing: "cannot be read",
    open_to_others: "open to other users",
    another_deployments: "does not fit the keystore",
    garbled: "is not a key file",
}


@pytest.mark.parametrize("spoil", REASONS, ids=lambda spoil: spoil.__name__)
@pytest.mark.parametrize("words", [("doctor",), ("worker",), ("journal", "status")], ids=" ".join)
def test_k10_key_file_that_cannot_be_used_stops_every_command_in_one_sentence_and_nothing_is_written(
    spoil, words: tuple[str, ...], deployment: Deployment, town: Town, refused: Refused
) -> None:
    """K10."""
    town.citizen()
    keys_before = keys_in(deployment)
    spoil(deployment.folder / "keys.json")

    said = refused(*words)
    assert said.startswith("borgerdialog: BORGERDIALOG_KEY_FILE: ")
    assert REASONS[spoil] in said
    assert keys_in(deployment) == keys_before
    assert town.rows(Message) == []


@pytest.mark.processes
def test_k10_service_does_not_start_with_another_deployments_keys(deployment: Deployment, town: Town) -> None:
    """K10."""
    town.citizen()
    keys_before = keys_in(deployment)
    another_deployments(deployment.folder / "keys.json")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        deployment.settings["PORT"] = str(free.getsockname()[1])
    done = subprocess.run(
        [sys.executable, "-m", "messaging.cli", "serve"],
        cwd=ROOT, env={**inherited, **deployment.environment}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "BORGERDIALOG_KEY_FILE: the key file does not fit the keystore; nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert keys_in(deployment) == keys_before


def keys_in(deployment: Deployment) -> tuple[int, ...]:
    with deployment.keystore() as keystore, keystore.read() as session:
        counts = [sa.select(sa.func.count()).select_from(model) for model in (Epoch, OwnerKeyRow)]
        return tuple(session.execute(count).scalar_one() for count in counts)


def test_key_for_push_services_is_made_for_this_user_alone_and_turns_pushes_on(deployment: Deployment) -> None:
    path = deployment.folder / "vapid.pem"
    said = deployment.run("keys", "vapid", str(path)).output
    before = deployment.runtime()
    deployment.settings |= {"APP_PUSH_KEY_FILE": str(path), "APP_PUSH_CONTACT": "mailto:drift@borgerdialog.example.dk"}
    after = deployment.runtime()

    assert path.stat().st_mode & 0o777 == 0o600
    assert before.push is None
    assert after.push
    assert len(after.push.sender) == 87
    assert path.read_text() not in said
    before.close()
    after.close()


def test_key_for_push_services_is_never_overwritten(deployment: Deployment, refused: Refused) -> None:
    path = deployment.folder / "vapid.pem"
    path.write_text("somebody's")

    assert "exists already and is not overwritten" in refused("keys", "vapid", str(path))
    assert path.read_text() == "somebody's"


def test_setting_of_pushes_that_cannot_be_used_is_named(deployment: Deployment, refused: Refused) -> None:
    deployment.settings["APP_PUSH_CONTACT"] = "mailto:drift@borgerdialog.example.dk"

    assert f"{PREFIX}APP_PUSH_KEY" in refused("doctor")
