"""The measurement of the trial's analysis runs, on a trial of a few appointments."""

import pytest

from benchmarks.evaluation import measure
from messaging.trial.models import Design


@pytest.mark.parametrize("design", list(Design))
def test_an_analysis_is_measured_with_what_it_was_asked_for(design: Design) -> None:
    found = measure(design, appointments=2250, permutations=49, secondary=False)

    assert found.appointments == pytest.approx(2250, rel=0.2)
    assert (found.design, found.permutations) == (design, 49)
    assert found.processor_seconds > 0
    assert found.megabytes > 10
