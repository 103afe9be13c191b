"""Chapters that compare the arms: the verdict and what stands beside it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from messaging.errors import InvalidInput
from messaging.evaluation.analysing import ARM_WORDS, CONTROL, NEW
from messaging.evaluation.document import Plot, Section, Table
from messaging.evaluation.drawing import Bar, draw_intervals
from messaging.evaluation.extract import Extract
from messaging.evaluation.given import Given
from messaging.evaluation.intervals import Estimate
from messaging.evaluation.numbers_in_words import change, hidden, p_value, percent, points, reduction
from messaging.evaluation.power import PERSISTENCE, Size, smallest_effect
from messaging.evaluation.results import Comparison, Unknown
from messaging.evaluation.together import Measure, Together
from messaging.evaluation.verdict import Finding
from messaging.trial.models import Design

MEASURES = {
    Measure.NO_SHOW: "Udeblev",
    Measure.NOT_HELD: "Ikke afholdt til tiden",
    Measure.HELD_WITHIN: "Afholdt inden 14 dage",
}
NOT_SHOWN = (
    "Sms og app vurderes kun hver for sig, hvis de tilsammen viser en forskel. Det gør de ikke, så tallene her er uden "
    "konklusion."
)
UNJUDGED = "Forsøget kan ikke bedømmes, så tallene her er uden konklusion."
MISSING = "{} står her ikke for sig: der er færre end tre sagsbehandlere med samtaler, eller der kan ikke regnes."
ALIKE = (
    "Samtaler hos samme sagsbehandler ligner hinanden. Jo mere de gør det, jo større skal en forskel være, før "
    "forsøget kan se den."
)


def verdict(given: Given) -> Section:
    """The verdict first, then the three shares in one sentence, then how it would stand with the unknown outcomes."""
    judged = given.judged
    analysis = judged.analysis
    sentences = [judged.verdict.sentence]
    if analysis is None:
        return Section(key="verdict", title="Resultat", sentences=tuple(sentences))
    sentences += [_shares(judged.together), _unknown(analysis.unknown)]
    tables = [_shares_table(judged.together)]
    plots = []
    if analysis.pooled is not None:
        tables.append(_ways(analysis.pooled, tested=judged.verdict.finding is not Finding.NO_VERDICT))
        compared = [analysis.pooled, *analysis.arms]
        plots.append(_plot(compared, target=given.plan.target))
    return Section(
        key="verdict", title="Resultat", sentences=tuple(sentences), tables=tuple(tables), plots=tuple(plots)
    )


def each_arm(given: Given) -> Section | None:
    """SMS and app each by themselves, judged only if both together have shown a difference."""
    analysis = given.judged.analysis
    if analysis is None or not analysis.arms:
        return None
    judged = [arm for arm in analysis.arms if arm.verdict is not None]
    told = [f"{_capital(arm.name)}: {_with_extremes(arm)}" for arm in judged]
    if not judged:
        told = [UNJUDGED if given.judged.verdict.finding is Finding.NO_VERDICT else NOT_SHOWN]
    there = {arm.treated for arm in analysis.arms}
    told += [MISSING.format(_capital(ARM_WORDS[arm])) for arm in NEW if (arm,) not in there]
    rows = tuple(
        (
            _capital(arm.name),
            reduction(arm.reduction),
            reduction(arm.by_appointment),
            points(arm.difference),
            *([p_value(arm.p_value)] if judged else []),
        )
        for arm in analysis.arms
    )
    # What the fixed order does not test has no p-value that somebody might take for a finding.
    head = ("Gruppe", "Færre udeblivelser", "Alle samtaler lige", "Forskel", *(["Test"] if judged else []))
    table = Table(caption="Sms og app hver for sig mod kontrolgruppen", head=head, rows=rows)
    return Section(key="arms", title="Sms og app hver for sig", sentences=tuple(told), tables=(table,))


def other_ways(given: Given) -> Section | None:
    """The secondary analysis."""
    analysis = given.judged.analysis
    if analysis is None:
        return None
    if analysis.secondary is None:
        told = "Den anden beregning (GEE) kunne ikke laves på disse tal."
    else:
        told = f"En anden beregning (GEE, med små-stikprøve-korrektion) giver {reduction(analysis.secondary)}."
    return Section(
        key="secondary",
        title="En anden beregning",
        sentences=(told, "Den ændrer ikke konklusionen. Den står her, så man kan se, om metoden betyder noget."),
    )


def explored(given: Given) -> Section | None:
    """Intervals without a verdict."""
    analysis = given.judged.analysis
    if analysis is None or not analysis.explored:
        return None
    rows = tuple(
        (_capital(one.name) or "Ingen målgruppe", hidden if one.reduction is None else reduction(one.reduction))
        for one in analysis.explored
    )
    table = Table(caption="Udforskende sammenligninger", head=("Del", "Færre udeblivelser"), rows=rows)
    return Section(
        key="explored",
        title="Udforskende",
        sentences=(
            "Tallene her er udforskende og uden konklusion: blandt så mange er der altid nogle, der ser store ud.",
            f"{hidden} står, hvor en gruppe har færre end fem, eller hvor der ikke kan regnes.",
        ),
        tables=(table,),
    )


def smallest_effect_of(size: Size) -> str:
    """Return in words how small a reduction the trial would see in four of five cases."""
    found = smallest_effect(size)
    return "ingen, uanset hvor stor" if found is None else f"{percent(found)} færre"


def smallest_effect_section(size: Size, correlation: Estimate, *, key: str) -> Section:
    """Return how small an effect would be seen, at the estimated correlation and at both ends of its interval."""
    rows = tuple(
        (name, f"{value:.4f}".replace(".", ","), smallest_effect_of(_with(size, value)))
        for name, value in (
            ("Anslået", correlation.value),
            ("Laveste ende", correlation.low),
            ("Højeste ende", correlation.high),
        )
    )
    return Section(
        key=key,
        title="Hvor lille en forskel forsøget kan se",
        sentences=(
            ALIKE,
            "Tallet er den mindste forskel, som et forsøg af denne størrelse ser i fire af fem tilfælde.",
        ),
        tables=(
            Table(
                caption="Mindste forskel, der kan ses",
                head=("Korrelation", "Værdi", "Mindste forskel"),
                rows=rows,
            ),
        ),
    )


def smallest_seen(given: Given) -> Section | None:
    """The smallest detectable effect of the trial as it was."""
    analysis = given.judged.analysis
    extract = given.loaded.extract
    if analysis is None or extract is None or analysis.correlation is None:
        return None
    try:
        size = _size(extract)
    except InvalidInput:
        return None
    return smallest_effect_section(size, analysis.correlation, key="smallest_effect")


def _size(extract: Extract) -> Size:
    """Return the size of the trial that was held."""
    treated, control, all_ = (
        len(np.unique(extract.cluster[extract.known & extract.in_arms(arms)]))
        for arms in (NEW, CONTROL, (*NEW, *CONTROL))
    )
    if extract.design is Design.CITIZEN:
        # Every caseworker has all arms: two thirds of the places stand for the two thirds of her citizens.
        treated = max(1, round(all_ * 2 / 3))
        control = max(1, all_ - treated)
    in_control = extract.known & extract.in_arms(CONTROL)
    return Size(
        treated=treated,
        control=control,
        appointments=float(extract.known.sum()) / max(1, all_),
        citizens=max(1, round(len(np.unique(extract.citizen[extract.known])) / max(1, all_))),
        rate=float(extract.no_show[in_control].mean()) if in_control.any() else 0.0,
        persistence=PERSISTENCE if (~np.isnan(extract.baseline)).any() else 0.0,
        design=extract.design,
    )


def _with(size: Size, correlation: float) -> Size:
    return replace(size, correlation=min(correlation, 0.99))


def _with_extremes(arm: Comparison) -> str:
    sentence = arm.verdict.sentence if arm.verdict else ""
    return f"{sentence} {_extremes(arm.best, arm.worst)}".strip()


def _shares(shares: Sequence[Together]) -> str:
    said = {one.measure: f"{percent(one.treated)} mod {percent(one.control)}" for one in shares}
    return (
        f"Med sms og app mod kontrolgruppen: {said[Measure.NO_SHOW]} udeblev, {said[Measure.NOT_HELD]} af samtalerne "
        f"blev ikke afholdt til tiden, og {said[Measure.HELD_WITHIN]} blev afholdt inden 14 dage."
    )


def _shares_table(shares: Sequence[Together]) -> Table:
    return Table(
        caption="Tre andele, der hører sammen (sagsbehandlernes gennemsnit; forskellen er justeret efter planen)",
        head=("Andel af samtalerne", "Sms og app", "Kontrol", "Forskel (95 %-interval)"),
        rows=tuple(
            (MEASURES[one.measure], percent(one.treated), percent(one.control), points(one.difference))
            for one in shares
        ),
    )


def _ways(pooled: Comparison, *, tested: bool) -> Table:
    tests = [("Test ved ny lodtrækning", p_value(pooled.p_value))] if tested else []
    return Table(
        caption="Forskellen i udeblivelser, regnet på tre måder",
        head=("Måde", "Sms og app mod kontrol"),
        rows=(
            ("Hver sagsbehandler tæller lige (hovedresultatet)", reduction(pooled.reduction)),
            ("Hver samtale tæller lige", reduction(pooled.by_appointment)),
            ("Forskel i procentpoint", points(pooled.difference)),
            *tests,
        ),
    )


def _plot(compared: Sequence[Comparison], *, target: float) -> Plot:
    bars = [Bar(name=_capital(one.name), estimate=one.reduction) for one in compared]
    described = ". ".join(f"{bar.name}: {reduction(bar.estimate)}" for bar in bars)
    caption = "Færre udeblivelser end i kontrolgruppen"
    rows = tuple(
        (bar.name, change(bar.estimate.value), change(bar.estimate.low), change(bar.estimate.high)) for bar in bars
    )
    svg = draw_intervals("effects", title=caption, description=f"{described}.", bars=bars, target=target)
    return Plot(svg=svg, table=Table(caption=caption, head=("Gruppe", "Anslået", "Mindst", "Højst"), rows=rows))


def _unknown(unknown: Unknown) -> str:
    if unknown.share == 0:
        return "Udfaldet er kendt for alle samtaler."
    return (
        f"Udfaldet mangler for {percent(unknown.share)} af samtalerne. {_extremes(unknown.best, unknown.worst)}".strip()
    )


def _extremes(best: Estimate | None, worst: Estimate | None) -> str:
    if best is None or worst is None:
        return ""
    return (
        f"Hvis alle de manglende talte for sms og app, var det {reduction(best)}; talte de alle imod, var det "
        f"{reduction(worst)}."
    )


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
