"""The secondary analysis: generalised estimating equations, with a covariance for few caseworkers and t with K - 2.

Log link, so that the coefficient is the relative effect itself; exchangeable correlation within a caseworker; the
covariance is that of Mancl and DeRouen, since the usual one is too small for 45 caseworkers. statsmodels does the work.
"""

import warnings
from collections.abc import Collection

import numpy as np
from scipy import stats
from statsmodels.genmod.cov_struct import Exchangeable
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_estimating_equations import GEE

from messaging.errors import InvalidInput
from messaging.evaluation.extract import Extract, Flags, Floats
from messaging.evaluation.intervals import LEVEL, Estimate
from messaging.trial.models import Arm


def design_matrix(extract: Extract, wanted: Flags, *, treated: Collection[Arm], adjusted: bool) -> Floats:
    """Return the columns constant, treated and, if `adjusted`, baseline rate about its mean; a row per appointment."""
    columns = [
        np.ones(int(wanted.sum())),
        extract.in_arms(treated)[wanted].astype(float),
    ]
    if adjusted:
        known = extract.baseline[~np.isnan(extract.baseline)]
        mean = known.mean() if len(known) else 0.0
        columns.append(np.nan_to_num(extract.baseline - mean)[extract.cluster[wanted]])
    matrix = np.column_stack(columns)
    return matrix[:, [0, 1]] if adjusted and np.ptp(matrix[:, -1]) == 0 else matrix


def reduction_by_gee(
    extract: Extract,
    *,
    treated: Collection[Arm],
    control: Collection[Arm],
    adjusted: bool = True,
    level: float = LEVEL,
) -> Estimate:
    """Return the relative reduction. Raises InvalidInput where there is nothing to fit or the equations find no
    solution.
    """
    wanted = extract.known & extract.in_arms((*treated, *control))
    matrix = design_matrix(extract, wanted, treated=treated, adjusted=adjusted)
    no_show = extract.no_show[wanted].astype(float)
    clusters = len(np.unique(extract.cluster[wanted]))
    in_treated = matrix[:, 1] == 1
    if clusters < 4 or not no_show[in_treated].any() or not no_show[~in_treated].any():
        raise InvalidInput("too few caseworkers or no-shows for estimating equations", field="outcome")
    model = GEE(no_show, matrix, groups=extract.cluster[wanted], family=Poisson(), cov_struct=Exchangeable())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fitted = model.fit(cov_type="bias_reduced")
    except (Warning, np.linalg.LinAlgError) as error:
        raise InvalidInput("the estimating equations found no solution", field="outcome") from error
    value, error_ = float(fitted.params[1]), float(fitted.bse[1])
    reach = float(stats.t.ppf((1 + level) / 2, clusters - 2)) * error_
    return Estimate(
        value=float(-np.expm1(value)),
        low=float(-np.expm1(value + reach)),
        high=float(-np.expm1(value - reach)),
        level=level,
    )
