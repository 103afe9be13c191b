"""audit verify: 0 for a trail as the service left it, 1 with the finding's name for one that was touched. A1."""

import json

import pytest
import sqlalchemy as sa

from messaging.audit.chaining import Chainer
from messaging.audit.heads import HEADS_FILE, Heads
from messaging.audit.models import AuditEntry
from tests.commands.conftest import Deployment
from tests.conversations.conftest import Town


@pytest.fixture
def trail(deployment: Deployment, town: Town) -> Town:
    """Some acts, chained, with a signed head."""
    citizen = town.citizen()
    for number in range(5):
        town.writes(citizen, f"besked {number}")
    heads = Heads(deployment.folder / HEADS_FILE)
    Chainer(
        database=town.runtime.database, vault=town.runtime.vault, heads=heads, holder="test", head_entries=1
    ).chain()
    return town


def test_a1_untouched_trail_verifies(deployment: Deployment, trail: Town) -> None:
    """A1."""
    report = deployment.json("audit", "verify")

    assert report["chained"] > 5
    assert (report["waiting"], report["findings"]) == (0, [])
    assert report["heads"] > 0


def test_a1_changed_entry_is_named_with_exit_code_1(deployment: Deployment, trail: Town) -> None:
    """A1."""
    with trail.runtime.database.write() as session:
        session.execute(sa.update(AuditEntry).where(AuditEntry.position == 3).values(action="nothing.happened"))

    assert deployment.run("audit", "verify", code=1).stdout.splitlines()[1].startswith("changed: ")


def test_a1_cut_off_end_is_told_by_heads_kept_elsewhere(deployment: Deployment, trail: Town) -> None:
    """A1."""
    elsewhere = deployment.folder.parent / "heads.jsonl"
    (deployment.folder / HEADS_FILE).rename(elsewhere)
    with trail.runtime.database.write() as session:
        session.execute(sa.text("DELETE FROM audit_entries WHERE position > 4"))
        last = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.position.desc())).first()
        assert last is not None
        session.execute(
            sa.text("UPDATE audit_head SET position = :position, chain = :chain"),
            {"position": last.position, "chain": last.chain},
        )

    assert deployment.json("audit", "verify")["findings"] == [], "nothing inside the database tells"
    said = deployment.run("audit", "verify", "--heads", str(elsewhere), "--json", code=1).stdout
    assert {finding["kind"] for finding in json.loads(said)["findings"]} == {"truncated"}


def test_entry_that_is_not_chained_in_time_is_named_with_exit_code_1(deployment: Deployment, trail: Town) -> None:
    trail.citizen(None)
    deployment.settings["WAIT_FACTOR"] = "0.0001"

    assert "overdue: " in deployment.run("audit", "verify", code=1).stdout


def test_file_of_heads_that_is_not_there_is_named_and_not_taken_for_an_empty_one(
    deployment: Deployment, trail: Town
) -> None:
    assert "nowhere.jsonl" in deployment.run("audit", "verify", "--heads", "nowhere.jsonl", code=2).stderr
