"""The secondary analysis against estimating equations that are written out here, matrix by matrix."""

import numpy as np
import pytest
from scipy import optimize, stats

from messaging.errors import InvalidInput
from messaging.evaluation.analysing import CONTROL, NEW
from messaging.evaluation.extract import Extract, Floats
from messaging.evaluation.gee import design_matrix, reduction_by_gee
from messaging.evaluation.simulating import World, invent_pilot
from tests.evaluation.extracts import chance, control, extract, sms

SMALL = World(caseworkers=12, teams=2, appointments=40, rate=0.2, correlation=0.03, effect=0.25, missing=0.05)


def written_out(pilot: Extract, *, adjusted: bool) -> tuple[Floats, Floats]:
    """Coefficients and the covariance of Mancl and DeRouen (2001), Poisson variance, log link, exchangeable."""
    columns = design_matrix(pilot, pilot.known, treated=NEW, adjusted=adjusted)
    outcome = pilot.no_show[pilot.known].astype(float)
    clusters = [np.flatnonzero(pilot.cluster[pilot.known] == one) for one in np.unique(pilot.cluster[pilot.known])]

    def alpha_and_scale(beta: Floats) -> tuple[float, float]:
        residual = (outcome - np.exp(columns @ beta)) / np.exp(columns @ beta / 2)
        scale = (residual**2).sum() / (len(outcome) - columns.shape[1])
        pairs = sum(len(rows) * (len(rows) - 1) / 2 for rows in clusters)
        products = sum((residual[rows].sum() ** 2 - (residual[rows] ** 2).sum()) / 2 for rows in clusters)
        return float(products / scale / (pairs - columns.shape[1])), float(scale)

    def inverse(mean: Floats, alpha: float) -> Floats:
        likeness = np.full((len(mean), len(mean)), alpha)
        np.fill_diagonal(likeness, 1.0)
        return np.linalg.inv(np.sqrt(np.outer(mean, mean)) * likeness)

    def equations(beta: Floats) -> Floats:
        alpha, _scale = alpha_and_scale(beta)
        mean = np.exp(columns @ beta)
        parts = [
            (columns[rows] * mean[rows, None]).T @ inverse(mean[rows], alpha) @ (outcome - mean)[rows]
            for rows in clusters
        ]
        return np.sum(parts, axis=0)

    start = np.zeros(columns.shape[1])
    start[0] = np.log(outcome.mean())
    beta = optimize.fsolve(equations, start, xtol=1e-13)
    alpha, _scale = alpha_and_scale(beta)
    mean = np.exp(columns @ beta)
    slopes = [columns[rows] * mean[rows, None] for rows in clusters]
    inverses = [inverse(mean[rows], alpha) for rows in clusters]
    bread = np.linalg.inv(sum(slope.T @ inv @ slope for slope, inv in zip(slopes, inverses, strict=True)))
    meat = np.zeros_like(bread)
    for rows, slope, inv in zip(clusters, slopes, inverses, strict=True):
        leverage = slope @ bread @ slope.T @ inv
        residual = np.linalg.solve(np.eye(len(rows)) - leverage, (outcome - mean)[rows])
        score = slope.T @ inv @ residual
        meat += np.outer(score, score)
    return beta, bread @ meat @ bread


@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reduction_and_interval_are_those_of_the_equations_written_out(seed: int, *, adjusted: bool) -> None:
    pilot = invent_pilot(SMALL, chance(seed))
    beta, covariance = written_out(pilot, adjusted=adjusted)
    reach = stats.t.ppf(0.975, 12 - 2) * np.sqrt(covariance[1, 1])

    found = reduction_by_gee(pilot, treated=NEW, control=CONTROL, adjusted=adjusted)

    expected = [1 - np.exp(beta[1]), 1 - np.exp(beta[1] + reach), 1 - np.exp(beta[1] - reach)]
    assert [found.value, found.low, found.high] == pytest.approx(expected, abs=1e-6)


def test_without_a_baseline_that_differs_the_column_is_left_out() -> None:
    staff = [sms(40, 4), sms(40, 5), sms(40, 3), control(40, 6), control(40, 8), control(40, 5)]
    made = extract(staff)

    assert design_matrix(made, made.known, treated=NEW, adjusted=True).shape == (240, 2)
    assert reduction_by_gee(made, treated=NEW, control=CONTROL).value == pytest.approx(1 - 12 / 19, abs=1e-6)


@pytest.mark.parametrize(
    "staff",
    [
        [sms(40, 4), sms(40, 5), control(40, 0), control(40, 0)],
        [sms(40, 0), sms(40, 0), control(40, 5), control(40, 4)],
        [sms(40, 3), control(40, 5), control(40, 4)],
    ],
)
def test_what_cannot_be_fitted_is_refused_in_words(staff: list) -> None:
    with pytest.raises(InvalidInput, match="too few caseworkers or no-shows"):
        reduction_by_gee(extract(staff), treated=NEW, control=CONTROL)
