"""trial draw | lock | show | succeed | end."""

import json

import pytest

from messaging.attendance.models import BaselineCount, OfficialWord
from messaging.audit.models import AuditEntry
from messaging.clock import FixedClock
from messaging.evaluation.plan import Plan
from messaging.evaluation.plan_file import write_plan
from messaging.trial.models import Trial, TrialArm, TrialCaseworker
from tests.commands.conftest import Deployment, Refused
from tests.conversations.conftest import Town
from tests.trial.conftest import Centre

FAR = "2099-01-01"


def plan(deployment: Deployment, fixed: Plan | None = None) -> str:
    """The file of the analysis that is locked with the trial."""
    path = deployment.folder / "plan.json"
    path.write_text(write_plan(fixed or Plan()), encoding="utf-8")
    return str(path)


def peopled(town: Town, *, caseworkers: int = 9, citizens: int = 2, known: int | None = None) -> Centre:
    """A centre where so many caseworkers, or all, have no-shows known from the time before the trial."""
    centre = Centre(runtime=town.runtime, clock=FixedClock(moment=town.runtime.clock.now()))
    centre.peopled(caseworkers=caseworkers, citizens=citizens)
    with town.runtime.database.write() as session:
        session.add_all(
            BaselineCount(caseworker_id=id_, month="2026-01", meeting_type="Jobsamtale", outcome=word, meetings=10)
            for id_ in list(centre.staff.values())[:known]
            for word in (OfficialWord.HELD, OfficialWord.NO_SHOW)
        )
    return centre


def test_drawing_says_the_sizes_and_writes_nothing(deployment: Deployment, town: Town) -> None:
    peopled(town)
    said = json.loads(deployment.run("trial", "draw", "--seed", "7", "--json").output)

    assert said["arms"] == {arm: {"caseworkers": 3, "citizens": 6} for arm in ("sms", "app", "control")}
    assert said["without_baseline"] == 0
    assert town.rows(Trial) == town.rows(TrialArm) == []


def test_locking_begins_it_and_showing_tells(deployment: Deployment, town: Town) -> None:
    peopled(town)
    deployment.run("trial", "lock", "--seed", "7", "--until", FAR, "--plan", plan(deployment))
    said = deployment.run("trial", "show").output
    told = json.loads(deployment.run("trial", "show", "--json").output)

    assert len(town.rows(TrialArm)) == 18
    assert f"until {FAR}\n" in said  # the day as it is in Copenhagen, an hour ahead of the database's
    assert "control     3 caseworkers      6 citizens" in said
    assert told["meetings_across"] == {"planned": 0, "stood_in": 0}
    assert told["contamination"] == {"transfers": 0, "covers": 0, "overrides": 0, "withheld": 0}


def test_what_cannot_be_begins_nothing(deployment: Deployment, town: Town, refused: Refused) -> None:
    peopled(town, caseworkers=2)

    fixed = ("trial", "lock", "--seed", "7", "--plan", plan(deployment), "--until")
    assert "nobody would be in" in refused(*fixed, FAR)
    assert "before it begins" in refused(*fixed, "2001-01-01")
    assert "no plan" in refused(*fixed, FAR, "--plan", deployment.settings["KEY_FILE"])
    assert "there has been no trial" in refused("trial", "show")
    assert town.rows(Trial) == town.rows(TrialArm) == []


@pytest.mark.parametrize("known", [0, 1, 8])
def test_it_says_how_many_caseworkers_have_no_baseline_and_some_are_enough(
    deployment: Deployment, town: Town, refused: Refused, known: int
) -> None:
    peopled(town, known=known)
    words = ("trial", "lock", "--seed", "7", "--until", FAR, "--plan")
    drawn = deployment.run("trial", "draw", "--seed", "7").output
    if not known:
        assert "of no caseworker they are known: take them in with import --baseline" in refused(
            *words, plan(deployment)
        )
        assert town.rows(Trial) == town.rows(TrialArm) == []
    locked = deployment.run(*words, plan(deployment, Plan(adjusted=known > 0))).output

    assert f"{9 - known} of 9 caseworkers without a baseline\n" in drawn
    assert locked == drawn
    assert len(town.rows(Trial)) == 1


@pytest.mark.parametrize(
    ("caseworkers", "citizens", "by", "why"),
    [
        (8, 2, "caseworker", "each arm needs 3 caseworkers or nothing is told of it, and "),
        (2, 9, "citizen", "each arm needs 3 caseworkers or nothing is told of it, and sms has 2, app has 2, control"),
        (9, 1, "citizen", "these arms can be drawn in 1 ways only, and a test at 5 % needs 20"),
    ],
)
def test_a_trial_that_can_never_be_judged_does_not_begin(
    deployment: Deployment, town: Town, refused: Refused, caseworkers: int, citizens: int, by: str, why: str
) -> None:
    peopled(town, caseworkers=caseworkers, citizens=citizens)
    fixed = plan(deployment)

    assert why in refused("trial", "lock", "--by", by, "--seed", "7", "--until", FAR, "--plan", fixed)
    assert town.rows(Trial) == town.rows(TrialArm) == town.rows(TrialCaseworker) == []
    assert not [one for one in town.rows(AuditEntry) if one.action.startswith("trial.")]


def test_a_plan_that_draws_again_too_seldom_is_refused(deployment: Deployment, town: Town, refused: Refused) -> None:
    peopled(town)
    words = ("trial", "lock", "--seed", "7", "--until", FAR, "--plan")

    assert "draws again 19 times" in refused(*words, plan(deployment, Plan(permutations=19)))
    deployment.run(*words, plan(deployment, Plan(permutations=20)))


def test_a_successor_has_the_arm_and_the_end_ends_it(deployment: Deployment, town: Town) -> None:
    peopled(town).hires("ny")
    deployment.run("trial", "lock", "--seed", "7", "--until", FAR, "--plan", plan(deployment))
    said = deployment.run("trial", "succeed", "sb00", "ny").output
    deployment.run("trial", "end", "--yes")

    assert said == "ny has the arm of sb00\n"
    assert town.rows(Trial)[0].under_way is None
    assert all(row.ended_at for row in town.rows(TrialArm))
