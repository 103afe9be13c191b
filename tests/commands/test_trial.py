"""trial draw | lock | show | succeed | end."""

import json

from messaging.clock import FixedClock
from messaging.evaluation.plan import Plan
from messaging.evaluation.plan_file import write_plan
from messaging.trial.models import Trial, TrialArm
from tests.commands.conftest import Deployment, Refused
from tests.conversations.conftest import Town
from tests.trial.conftest import Centre

FAR = "2099-01-01"


def plan(deployment: Deployment) -> str:
    """The file of the analysis that is locked with the trial."""
    path = deployment.folder / "plan.json"
    path.write_text(write_plan(Plan()), encoding="utf-8")
    return str(path)


def peopled(town: Town, *, caseworkers: int = 6) -> Centre:
    centre = Centre(runtime=town.runtime, clock=FixedClock(moment=town.runtime.clock.now()))
    centre.peopled(caseworkers=caseworkers)
    return centre


def test_drawing_says_the_sizes_and_writes_nothing(deployment: Deployment, town: Town) -> None:
    peopled(town)
    said = json.loads(deployment.run("trial", "draw", "--seed", "7", "--json").output)

    assert said["arms"] == {arm: {"caseworkers": 2, "citizens": 4} for arm in ("sms", "app", "control")}
    assert town.rows(Trial) == town.rows(TrialArm) == []


def test_locking_begins_it_and_showing_tells(deployment: Deployment, town: Town) -> None:
    peopled(town)
    deployment.run("trial", "lock", "--seed", "7", "--until", FAR, "--plan", plan(deployment))
    said = deployment.run("trial", "show").output
    told = json.loads(deployment.run("trial", "show", "--json").output)

    assert len(town.rows(TrialArm)) == 12
    assert f"until {FAR}\n" in said  # the day as it is in Copenhagen, an hour ahead of the database's
    assert "control     2 caseworkers      4 citizens" in said
    assert told["contamination"] == {"transfers": 0, "covers": 0, "overrides": 0, "withheld": 0}


def test_what_cannot_be_begins_nothing(deployment: Deployment, town: Town, refused: Refused) -> None:
    peopled(town, caseworkers=2)

    fixed = ("trial", "lock", "--seed", "7", "--plan", plan(deployment), "--until")
    assert "nobody would be in" in refused(*fixed, FAR)
    assert "before it begins" in refused(*fixed, "2001-01-01")
    assert "no plan" in refused(*fixed, FAR, "--plan", deployment.settings["KEY_FILE"])
    assert "there has been no trial" in refused("trial", "show")
    assert town.rows(Trial) == town.rows(TrialArm) == []


def test_a_successor_has_the_arm_and_the_end_ends_it(deployment: Deployment, town: Town) -> None:
    peopled(town).hires("ny")
    deployment.run("trial", "lock", "--seed", "7", "--until", FAR, "--plan", plan(deployment))
    said = deployment.run("trial", "succeed", "sb00", "ny").output
    deployment.run("trial", "end", "--yes")

    assert said == "ny has the arm of sb00\n"
    assert town.rows(Trial)[0].under_way is None
    assert all(row.ended_at for row in town.rows(TrialArm))
