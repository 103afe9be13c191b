"""What staff tapped and citizens answered, beside the employment system's word: of all arms together."""

import sqlalchemy as sa

from messaging.appointments.last_answers import AtItsTime, Said
from messaging.attendance.comparing import answers_compared, compared
from messaging.attendance.models import OfficialWord
from messaging.evaluation.document import Table
from messaging.evaluation.given import Given
from messaging.evaluation.models import EvaluationLine, LineLink
from messaging.evaluation.numbers_in_words import count, hidden
from messaging.evaluation.rates import FEWEST_SHOWN, shown

ANSWERS = {Said.CONFIRMED: "Kommer", Said.NEW_TIME: "Vil have en anden tid eller kan ikke", Said.SICK: "Er syg"}
OUTCOMES = {
    OfficialWord.HELD: "Afholdt",
    OfficialWord.NO_SHOW: "Udeblev",
    OfficialWord.CANCELLED_BY_CITIZEN: "Afbud",
    OfficialWord.CANCELLED_BY_US: "Aflyst af os",
    None: "Uden kendt udfald",
}


def disagreement(given: Given) -> tuple[str, ...]:
    """Say of how many meetings staff have tapped what the employment system contradicts."""
    told = compared(given.session, since=given.trial.locked_at, until=given.trial.ends_at, among=_counted(given))
    both = sum(told.values())
    if both < FEWEST_SHOWN:
        return ()
    apart = sum(number for (official, staff), number in told.items() if official.value != staff.value)
    few = "færre end fem" if apart < FEWEST_SHOWN else "alle eller næsten alle"
    said = count(apart) if shown(both, apart) else few
    return (
        (
            f"Medarbejderne har selv noteret udfaldet af {count(both)} af samtalerne. For {said} af dem siger "
            "beskæftigelsessystemet noget andet; her tæller dets ord."
        ),
    )


def answers(given: Given) -> tuple[Table, ...]:
    """Count the meetings by what their citizens last answered and by what became of them; few are hidden."""
    days = (given.trial.locked_at, given.trial.ends_at)
    told = answers_compared(given.session, since=days[0], until=days[1], among=_counted(given))
    if sum(told.values()) < FEWEST_SHOWN:
        return ()
    rows = tuple(
        (
            name,
            *(_shown(told.get((said, word), 0)) for word in OUTCOMES),
        )
        for said, name in ANSWERS.items()
    )
    return (
        Table(
            caption="Det sidste, borgerne svarede før samtalen, og hvad der blev af den",
            head=("Borgerens svar", *OUTCOMES.values()),
            rows=rows,
        ),
    )


def _shown(meetings: int) -> str:
    return count(meetings) if meetings >= FEWEST_SHOWN else hidden


def _counted(given: Given) -> set[AtItsTime]:
    """Return the meetings of the trial that are reported."""
    lines = (
        sa.select(LineLink.appointment_id, LineLink.planned_for)
        .join(EvaluationLine, EvaluationLine.id == LineLink.line_id)
        .where(LineLink.trial_id == given.trial.id)
    )
    if given.through is not None:
        lines = lines.where(EvaluationLine.month <= given.through)
    return {(appointment_id, planned_for) for appointment_id, planned_for in given.session.execute(lines)}
