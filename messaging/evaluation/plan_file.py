"""The plan as a file that is fixed before the trial: written here, locked with the trial, and held to afterwards.

What the file says in words is what this version does; only its settings can be chosen. The file's SHA-256 goes into the
audit trail at the lock, so that neither the file nor the row can be changed later without its showing.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from importlib import resources
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.audit.models import AuditEntry
from messaging.audit.trail import digest_of
from messaging.errors import Conflict, InvalidInput
from messaging.evaluation.plan import Plan
from messaging.trial.models import Trial
from messaging.trial.running import PLAN_LOCKED, plan_facts
from messaging.vault.vault import Vault

WORDS: dict[str, Any] = {
    "maal": "Relativ reduktion af det uvægtede gennemsnit af sagsbehandlernes andel af udeblivelser, sms og app "
    "tilsammen mod kontrol.",
    "naevner": "Samtaler, der stod aftalt fire dage før, eller da de blev aftalt, hvis det var senere; uden dem, vi "
    "selv aflyste.",
    "udfald": "Beskæftigelsessystemets ord efter én regel for alle grupper: afbud i tide er ikke en udeblivelse.",
    "grupper": "Borgerne tæller i den gruppe, de blev trukket til, uanset hvad de fik.",
    "proeve": "Ny lodtrækning i de samme dele og størrelser, justeret for udeblivelsen før forsøget; 95 %-interval ved "
    "samme prøve under en multiplikativ virkning.",
    "raekkefoelge": [
        "Sms og app tilsammen mod kontrol på 5 %",
        "Kun hvis den viser en forskel: sms og app hver for sig mod kontrol efter Holm",
        "Sms mod app, samtaletyper og målgrupper som intervaller uden konklusion",
    ],
    "sekundaer": "Generaliserede estimationsligninger med kovarians efter Mancl og DeRouen og t med K − 2.",
    "foer_tid": "Indtil slutdatoen plus 14 dage vises kun måneder og datakvalitet.",
}
STATISTICS = ("analysing.py", "correlation.py", "extract.py", "gee.py", "intervals.py", "permutation.py", "rates.py",
              "together.py", "units.py", "verdict.py")  # fmt: skip
"""The modules that make the figures."""

MISSING = (
    "ADVARSEL: Der blev ikke låst en plan for analysen, før forsøget begyndte. Tallene er regnet efter tjenestens egne "
    "indstillinger."
)
CHANGED = (
    "ADVARSEL: Beregningerne er ændret, siden planen blev låst. Hvad der er ændret, står i tjenestens ændringslog."
)


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """The plan that the trial is held to: `about` says so in a sentence, `warning` if something is wrong with it."""

    plan: Plan
    about: str
    warning: str | None


def write_plan(plan: Plan) -> str:
    """Return the file of this plan."""
    told = {**WORDS, "indstillinger": asdict(plan), "beregninger_sha256": statistics_digest()}
    return json.dumps(told, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def read_plan(text: str) -> Plan:
    """Return what a file says. Raises InvalidInput unless it is a plan that this version can hold to."""
    try:
        told = json.loads(text)
        settings = told["indstillinger"]
        same = {name: told[name] for name in WORDS} == WORDS
    except (ValueError, TypeError, KeyError):
        raise InvalidInput("this file is no plan of an analysis; evaluate plan writes one", field="plan") from None
    if not same:
        raise InvalidInput("the plan says in words what this version does not do", field="plan")
    kinds = {one.name: type(getattr(Plan(), one.name)) for one in fields(Plan)}
    if set(settings) != set(kinds) or any(type(settings[name]) is not kind for name, kind in kinds.items()):
        raise InvalidInput("the plan's settings are not those of an analysis", field="plan")
    plan = Plan(**settings)
    if not (plan.permutations >= 1 and all(0 < one < 1 for one in (plan.target, plan.most_unknown, plan.most_apart))):
        raise InvalidInput("a setting of the plan is out of bounds", field="plan")
    return plan


def statistics_digest() -> str:
    """Return the SHA-256 of the code that makes the figures."""
    whole = hashlib.sha256()
    for name in STATISTICS:
        whole.update(resources.files("messaging.evaluation").joinpath(name).read_bytes())
    return whole.hexdigest()


def fixed_plan(session: Session, vault: Vault, trial: Trial, *, given: str | None = None) -> Fixed:
    """Return the plan of a trial; `given` is a file that must be the one that was locked.

    Raises Conflict if it is another, or if the locked one is not what the audit trail says it was.
    """
    if trial.plan is None:
        if given is not None:
            raise Conflict("no plan was locked with this trial: none can be taken up now")
        return Fixed(plan=Plan(), about=MISSING, warning=MISSING)
    sha256 = plan_facts(trial.plan)["sha256"]
    if given is not None and given != trial.plan:
        raise Conflict(f"this plan is not the one that was locked, whose SHA-256 is {sha256}")
    known = sa.exists().where(
        AuditEntry.action == PLAN_LOCKED,
        AuditEntry.object_id == trial.id,
        AuditEntry.digest == digest_of(vault, plan_facts(trial.plan)),
    )
    if not session.scalar(sa.select(known)):
        raise Conflict("the plan is not the one of which the audit trail knows: nothing is made of it")
    changed = json.loads(trial.plan).get("beregninger_sha256") != statistics_digest()
    return Fixed(
        plan=read_plan(trial.plan),
        about=f"Analysen følger den plan, der blev låst med forsøget (SHA-256 {sha256}).",
        warning=CHANGED if changed else None,
    )
