"""A report that was made some time ago, with everything that one can have: kept as the worker keeps it."""

from datetime import UTC, datetime

from messaging.evaluation import asking
from messaging.evaluation.document import Plot, Report, Section, Table
from messaging.evaluation.drawing import Bar, Line, draw_intervals, draw_lines
from messaging.evaluation.intervals import Estimate
from messaging.people.actors import SYSTEM
from messaging.runtime import Runtime

MONTHS = Table(
    caption="Udeblivelser måned for måned",
    head=("Måned", "SMS"),
    rows=(("oktober 2027", "8,1 %"), ("november 2027", "–")),
)
EFFECTS = Table(caption="Færre udeblivelser", head=("Gruppe", "Anslået"), rows=(("SMS og app", "21 % færre"),))


def a_report() -> Report:
    """A report that compares, with a warning, a table and both kinds of plot."""
    lines = [Line(name="SMS", values=[0.081, None])]
    bars = [Bar(name="SMS og app", estimate=Estimate(value=0.21, low=0.08, high=0.33))]
    effects = draw_intervals("effects", title="Færre", description="21 % færre", bars=bars, target=0.2)
    months = draw_lines("months", title="Måneder", description="Måned for måned", labels=["okt", "nov"], lines=lines)
    return Report(
        title="Evaluering af forsøget med sms og app",
        about=("Der er trukket lod blandt sagsbehandlerne.",),
        warnings=("ADVARSEL: Der blev ikke låst en plan.",),
        made_at=datetime(2028, 4, 20, 8, tzinfo=UTC),
        compares=True,
        sections=(
            Section(
                key="verdict",
                title="Resultat",
                sentences=("Færre udeblev: 21 % færre (95 %-interval 8–33). Målet på 20 % kan ikke afgøres.",),
                tables=(EFFECTS,),
                plots=(Plot(svg=effects, table=EFFECTS),),
            ),
            Section(key="months", title="Måned for måned", plots=(Plot(svg=months, table=MONTHS),)),
        ),
    )


def keep_report(runtime: Runtime) -> Report:
    """Keep it as one that was asked for and made."""
    report = a_report()
    with runtime.act(SYSTEM) as act:
        asking.ask(act)
        run_id = asking.begin(act)
        assert run_id
        asking.finish(act, run_id, report)
    return report
