"""Reminder plans in plain Danish."""

from collections.abc import Mapping
from datetime import time

from messaging.administration.group_wording import group_in_words
from messaging.appointments.plan_overview import ListedPlan
from messaging.appointments.plans import Plan
from messaging.appointments.timing import Step
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.open_hours import OpenHours, Span
from messaging.people.arm_models import Arm
from messaging.trial.capabilities import Sort, rule_for
from messaging.web.language import later, many
from messaging.web.language import now as _

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
    "hours": later(
        "Skriv både fra og til som hele timer fra 0 til 24, eller lad begge felter være tomme. Intet er gemt."
    ),
    "step_hours": later("En påmindelses time skal ligge inden for planens egne timer. Intet er gemt."),
    "ways": later("Vælg en vej fra listen. Intet er gemt."),
    "texts": later("Vælg tekster fra listen. De skal være godkendt for alle slags møder. Intet er gemt."),
}
NOT_DONE = {
    "own_draft": later("Du har selv skrevet planen. En anden superbruger skal skrive under."),
    "no_longer_waiting": later("Planen er allerede afgjort, eller dens sidste dag er forbi. Se listen igen."),
    "invalid_input": later("En af planens tekster er udløbet eller ikke godkendt. Planen er ikke skrevet under."),
}
KEPT_FROM_SMS = {
    ContentClass.LOGIN_ONLY: later("%(key)s må kun læses efter login"),
    ContentClass.SENSITIVE: later("%(key)s er følsom og må kun læses efter login med MitID"),
}

WAYS = {
    "": later("Som tjenesten"),
    "app sms": later("Appen, ellers sms"),
    "sms app": later("Sms, ellers appen"),
    "app": later("Kun appen"),
    "sms": later("Kun sms"),
}
"""What a plan may say of its ways, as it is kept."""
WAYS_IN_FULL = {
    "": later("I appen til dem, der har den og ikke ønsker sms. Til alle andre som sms."),
    "app sms": later("I appen til dem, der har den, undtagen dem, der selv ønsker sms. Til alle andre som sms."),
    "sms app": later("Som sms. I appen til dem, der selv ønsker det, og til dem, der har den og ikke kan få sms."),
    "app": later("Kun i appen. En sms siger højst, at borgeren skal logge ind."),
    "sms": later("Kun som sms, også til dem, der har appen."),
}
ARMS = {Arm.SMS: later("sms-gruppen"), Arm.APP: later("app-gruppen"), Arm.CONTROL: later("kontrolgruppen")}


def hours_in_words(plan: Plan | None, service: OpenHours) -> str:
    """Say in which hours the reminders of a plan leave as things are, or those that no plan holds for."""
    hours = plan.hours_within(service) if plan is not None else service
    said = _weekly(hours)
    if plan is None or plan.hours is None or plan.hours.can_be_kept(service):
        return said
    return _("%(said)s Det er tjenestens timer, for planens egne ligger uden for dem.", said=said)


def outside_hours(service: Span | None) -> str:
    """Say that a plan's hours go beyond the service's."""
    opens, closes = _of(service) if service else (0, 0)
    return _(
        "Planens timer skal ligge inden for tjenestens: på hverdage kl. %(opens)s–%(closes)s. Intet er gemt.",
        opens=opens,
        closes=closes,
    )


def ways_in_words(plan: Plan) -> str:
    """Say by which ways the reminders of a plan go, and which arms of a trial they do not reach by them."""
    said = str(WAYS_IN_FULL[" ".join(plan.ways or ())])
    allowed = {arm: rule_for(arm, Sort.REMINDER).ways for arm in Arm}
    left_out = [arm for arm, ways in allowed.items() if plan.ways and ways and not {*ways} & {*plan.ways}]
    if not left_out:
        return said
    arms = ", ".join(str(ARMS[arm]) for arm in left_out)
    return _("%(said)s I et forsøg får %(arms)s ingen påmindelser efter denne plan.", said=said, arms=arms)


def _weekly(hours: OpenHours) -> str:
    opens, closes = _of(hours.weekday) if hours.weekday else (0, 0)
    if hours.weekend is None:
        return _(
            "Sendes på hverdage kl. %(a)s–%(b)s, aldrig i weekender eller på helligdage og lukkedage.",
            a=opens,
            b=closes,
        )
    begins, ends = _of(hours.weekend)
    return _(
        "Sendes på hverdage kl. %(a)s–%(b)s og i weekender kl. %(c)s–%(d)s, aldrig på helligdage og lukkedage.",
        a=opens,
        b=closes,
        c=begins,
        d=ends,
    )


def _of(span: Span) -> tuple[int, int]:
    return span.opens.hour, 24 if span.closes == time.max else span.closes.hour


def kept_from_sms(texts: Mapping[str, ContentClass]) -> str:
    """Say which texts of a plan may not leave by SMS, and why."""
    named = ", ".join(str(KEPT_FROM_SMS[texts[key]]) % {"key": key} for key in sorted(texts))
    return _("En påmindelse skal kunne sendes som sms. %(named)s. Intet er gemt.", named=named)


def scope_in_words(plan: ListedPlan) -> str:
    """Say whose meetings a plan is for."""
    row = plan.row
    named = [
        row.meeting_type,
        group_in_words(row.target_group, name=plan.group) if row.target_group else None,
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
