"""Chapters that compare nothing still give nobody away."""

import pytest

from messaging.evaluation.descriptive_chapters import exposure
from messaging.evaluation.given import Given
from messaging.evaluation.loading import Got, Loaded
from messaging.trial.models import Arm
from tests.evaluation.kept import QUICK


def told(got: Got) -> tuple[str, ...]:
    """What the chapter says of an arm whose citizens got this."""
    loaded = Loaded(extract=None, cancelled_by_us={}, got={Arm.SMS: got})
    given = Given(session=None, trial=None, at=None, through=None, loaded=loaded, plan=QUICK, judgement=None)  # type: ignore[arg-type]
    return exposure(given).tables[0].rows[0]


@pytest.mark.parametrize(
    ("logged", "caseworkers", "shares"),
    [
        (20, 3, ("50 %", "100 %", "0,0 %", "–")),
        (20, 2, ("–", "–", "–", "–")),
        (4, 4, ("–", "–", "–", "–")),
        (0, 0, ("–", "–", "–", "–")),
    ],
    ids=["enough", "of two caseworkers", "of four meetings", "of none"],
)
def test_what_citizens_got_is_told_of_three_caseworkers_and_five_meetings(
    logged: int, caseworkers: int, shares: tuple[str, ...]
) -> None:
    got = Got(
        meetings=40,
        logged=logged,
        caseworkers=caseworkers,
        with_app=logged // 2,
        sms=logged,
        app=0,
        withheld=min(3, logged),
    )

    assert told(got)[2:] == shares
