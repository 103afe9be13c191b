"""Chapters that compare nothing: rates by month, how good the data are, who joined, what blurred the difference."""

import sqlalchemy as sa

from messaging.attendance.across import meetings_across
from messaging.evaluation.beside_the_outcomes import answers, disagreement
from messaging.evaluation.document import Plot, Section, Table
from messaging.evaluation.drawing import Line, draw_lines
from messaging.evaluation.given import Given
from messaging.evaluation.loading import Got
from messaging.evaluation.models import CitizenLink
from messaging.evaluation.moments_in_words import month
from messaging.evaluation.numbers_in_words import ARMS_IN_TABLES, WHY_HIDDEN, count, hidden, p_value, percent
from messaging.evaluation.rates import FEWEST_SHOWN, shown, unknown_shares
from messaging.evaluation.together import Measure, Month, months_of_arms
from messaging.evaluation.verdict_chapters import MEASURES
from messaging.people.discretion import FEWEST_CASEWORKERS
from messaging.trial.figures import standing
from messaging.trial.models import Arm, Design, TrialArm

NOT_PROOF = (
    "Andele af de samtaler, hvis udfald er kendt. De siger ikke, om sms og app virker: forskelle mellem enkelte "
    "måneder er mest tilfældige."
)
PLANNED = (
    "En samtale er planlagt, hvis den stod aftalt fire dage før, eller da den blev aftalt, hvis det var senere. Dem, "
    "vi selv aflyste, er taget ud."
)


def months(given: Given) -> Section:
    """The three shares of every month and arm."""
    if given.loaded.extract is None:
        return Section(
            key="months", title="Måned for måned", sentences=("Der er endnu ingen planlagte samtaler at tælle.",)
        )
    told = months_of_arms(given.loaded.extract)
    codes = given.loaded.extract.labels.months
    rows = tuple(_month_row(one) for code in codes for one in told if one.month == code)
    head = ("Måned", "Gruppe", "Samtaler", *MEASURES.values())
    caption = "Udeblivelser måned for måned"
    lines = [
        Line(name=ARMS_IN_TABLES[arm], values=[one.shares[Measure.NO_SHOW] for one in told if one.arm is arm])
        for arm in Arm
        if any(one.arm is arm and one.appointments is not None for one in told)
    ]
    plots: tuple[Plot, ...] = ()
    if lines:
        drawn = draw_lines(
            "months",
            title=caption,
            description="Andelen af samtaler, som borgeren udeblev fra, for hver gruppe og måned.",
            labels=[month(code).replace(" ", "\n") for code in codes],
            lines=lines,
        )
        shares = tuple(
            (month(code), *(_share(line.values[place]) for line in lines)) for place, code in enumerate(codes)
        )
        data = Table(caption=caption, head=("Måned", *(line.name for line in lines)), rows=shares)
        plots = (Plot(svg=drawn, table=data),)
    return Section(
        key="months",
        title="Måned for måned",
        sentences=(
            NOT_PROOF,
            WHY_HIDDEN,
        ),
        tables=(Table(caption="Tre andele, der hører sammen, måned for måned", head=head, rows=rows),),
        plots=plots,
    )


def data_quality(given: Given) -> Section:
    """How much is known, and what left the count."""
    loaded = given.loaded
    unknown = unknown_shares(loaded.extract) if loaded.extract is not None else {}
    rows = tuple(
        (
            ARMS_IN_TABLES[arm],
            count(loaded.got[arm].meetings - loaded.cancelled_by_us[arm]),
            percent(unknown[arm]) if arm in unknown else hidden,
            count(loaded.cancelled_by_us[arm]),
        )
        for arm in Arm
    )
    head = ("Gruppe", "Planlagte samtaler", "Uden kendt udfald", "Aflyst af os")
    said = answers(given)
    return Section(
        key="data",
        title="Hvor gode tallene er",
        sentences=(
            PLANNED,
            *disagreement(given),
            *((WHY_HIDDEN,) if said else ()),
            *_without_a_place(given),
        ),
        tables=(Table(caption="Planlagte samtaler og deres udfald", head=head, rows=rows), *said),
    )


def exposure(given: Given) -> Section:
    """What citizens really got, beside what their arm was to give them."""
    rows = tuple(
        (
            ARMS_IN_TABLES[arm],
            count(got.logged),
            *(_part_of(got, number) for number in (got.with_app, got.sms, got.app, got.withheld)),
        )
        for arm, got in given.loaded.got.items()
    )
    head = ("Gruppe", "Samtaler med notat", "Havde appen", "Fik sms", "Fik besked i appen", "Holdt tilbage")
    return Section(
        key="exposure",
        title="Hvad borgerne fik",
        sentences=("Borgerne tæller i den gruppe, de blev trukket til, også når de fik noget andet.", WHY_HIDDEN),
        tables=(Table(caption="Før samtalerne, som det er noteret", head=head, rows=rows),),
    )


def inflow(given: Given) -> Section:
    """Who joined in which month; how likely so uneven a month is, once the arms may be compared."""
    stands = standing(given.session, given.trial, judges=given.compares)
    arms = tuple(ARMS_IN_TABLES[arm] for arm in Arm)
    sizes = Table(
        caption="Gruppernes størrelse",
        head=("Antal", *arms),
        rows=(
            *(
                (("Sagsbehandlere", *(count(stands.caseworkers[arm]) for arm in Arm)),)
                if given.trial.design is Design.CASEWORKER
                else ()
            ),
            ("Borgere", *(count(stands.citizens[arm]) for arm in Arm)),
        ),
    )
    joined = Table(
        caption="Kommet til siden lodtrækningen",
        head=("Måned", *arms, *(("Balance",) if given.compares else ())),
        rows=tuple(
            (
                month(one.month),
                *(count(one.sizes[arm]) for arm in Arm),
                *((hidden if one.p is None else p_value(one.p),) if given.compares else ()),
            )
            for one in stands.inflow
        ),
    )
    return Section(
        key="inflow",
        title="Hvem der er med",
        sentences=("Borgere, der kommer til, får deres sagsbehandlers gruppe."
                   if given.trial.design is Design.CASEWORKER
                   else "Borgere, der kommer til, trækkes der lod om.",),
        tables=(sizes, joined) if joined.rows else (sizes,),
    )  # fmt: skip


def contamination(given: Given) -> Section:
    """What blurs the difference between the arms."""
    across = standing(given.session, given.trial).contamination
    meetings = meetings_across(given.session, given.trial)
    return Section(
        key="contamination",
        title="Det, der slører forskellen",
        sentences=("Jo mere der går på tværs af grupperne, jo mindre ser forskellen ud.",),
        tables=(
            Table(
                caption="På tværs af grupperne",
                head=("Hvad", "Gange"),
                rows=(
                    ("Borgere givet videre til en anden gruppes sagsbehandler", count(across.transfers)),
                    ("Møder aftalt med en anden gruppes sagsbehandler", count(meetings.planned)),
                    ("Møder holdt af en afløser fra en anden gruppe", count(meetings.stood_in)),
                    ("Samtaler åbnet af en afløser fra en anden gruppe", count(across.covers)),
                    ("Beskeder sendt trods gruppen, med en grund", count(across.overrides)),
                    ("Beskeder holdt tilbage, som gruppen siger", count(across.withheld)),
                ),
            ),
        ),
    )


def _month_row(one: Month) -> tuple[str, ...]:
    meetings = hidden if one.appointments is None else count(one.appointments)
    return (
        month(one.month),
        ARMS_IN_TABLES[one.arm],
        meetings,
        *(_share(one.shares[measure]) for measure in MEASURES),
    )


def _share(share: float | None) -> str:
    return hidden if share is None else percent(share)


def _part_of(got: Got, number: int) -> str:
    """Tell such a share of an arm, unless few meetings, or those of few caseworkers, are behind it."""
    if got.logged < FEWEST_SHOWN or got.caseworkers < FEWEST_CASEWORKERS:
        return hidden
    return percent(number / got.logged) if number in {0, got.logged} or shown(got.logged, number) else hidden


def _without_a_place(given: Given) -> tuple[str, ...]:
    trial = given.trial
    placed = given.session.scalar(sa.select(sa.func.count()).select_from(CitizenLink).filter_by(trial_id=trial.id))
    # Of somebody who has been erased nothing more is taken in: she is not waited for.
    erased = given.session.scalar(
        sa.select(sa.func.count())
        .select_from(TrialArm)
        .where(TrialArm.since >= trial.locked_at, TrialArm.forgotten_at.is_not(None))
    )
    everybody = sum(standing(given.session, trial).citizens.values())
    left = everybody - (placed or 0) - (erased or 0)
    return (f"{count(left)} borgere er endnu ikke taget med i udtrækket.",) if left > 0 else ()
