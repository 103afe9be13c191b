"""Reminder plans in plain Danish."""

from messaging.appointments.plan_overview import ListedPlan
from messaging.appointments.timing import Step
from messaging.web.language import later, many
from messaging.web.language import now as _

GROUPS = {
    "uddannelsesparat": later("Uddannelsesparate"),
    "aabenlyst_uddannelsesparat": later("Åbenlyst uddannelsesparate"),
    "aktivitetsparat": later("Aktivitetsparate"),
    "jobparat": later("Jobparate"),
    "ressourceforloeb": later("I ressourceforløb"),
    "sygedagpenge": later("På sygedagpenge"),
}
"""Target groups by their codes; one that is not here stands by its code."""

WRONG = {
    "unit": later("Vælg en enhed, der findes. Intet er gemt."),
    "target_group": later("Målgruppen findes ikke den dag, planen begynder. Intet er gemt."),
    "first_day": later("Vælg en første dag fra i dag og højst to år frem. Intet er gemt."),
    "last_day": later("Den sidste dag skal ligge efter den første og ikke være forbi. Intet er gemt."),
    "most_per_day": later("Et loft er fra 1 til 9. Lad feltet være tomt, hvis der intet loft er. Intet er gemt."),
    "most_per_meeting": later("Et loft er fra 1 til 9. Lad feltet være tomt, hvis der intet loft er. Intet er gemt."),
    "steps": later(
        "Skriv mindst én påmindelse: hvor mange dage før mødet, fra 0 til 60. På selve dagen skal der stå en time. "
        "To påmindelser kan ikke ligge på samme tid. Intet er gemt."
    ),
    "texts": later("Vælg tekster fra listen. De skal være godkendt for alle slags møder. Intet er gemt."),
}
NOT_DONE = {
    "own_draft": later("Du har selv skrevet planen. En anden superbruger skal skrive under."),
    "no_longer_waiting": later("Planen er allerede afgjort, eller dens sidste dag er forbi. Se listen igen."),
    "invalid_input": later("En af planens tekster er udløbet eller ikke godkendt. Planen er ikke skrevet under."),
}


def group_in_words(code: str) -> str:
    """Return what a target group is called."""
    return str(GROUPS.get(code, code))


def scope_in_words(plan: ListedPlan) -> str:
    """Say whose meetings a plan is for."""
    row = plan.row
    named = [
        row.meeting_type,
        group_in_words(row.target_group) if row.target_group else None,
        plan.unit,
    ]
    return ", ".join(name for name in named if name) or _("Alle møder")


def step_in_words(step: Step) -> str:
    """Say when a step is due."""
    if step.days == 0:
        return _("Samme dag kl. %(hour)s", hour=step.hour)
    if step.hour is None:
        return many("%(num)s dag før, på mødets klokkeslæt", "%(num)s dage før, på mødets klokkeslæt", step.days)
    return many("%(num)s dag før kl. %(hour)s", "%(num)s dage før kl. %(hour)s", step.days, hour=step.hour)
