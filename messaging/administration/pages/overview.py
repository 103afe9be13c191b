"""The first page of the administration: what there is, and a sentence on how it stands."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import render_template
from sqlalchemy.orm import Session

from messaging.administration import health, texts
from messaging.administration.pages.doors import reader
from messaging.appointments import guiding, plan_overview, plan_texts, words_overview
from messaging.attendance.queries import without_outcome
from messaging.conversations.stopping import standing_stop
from messaging.journal import overseeing
from messaging.people.api_keys import list_keys
from messaging.people.models import Role
from messaging.runtime import Runtime
from messaging.trial import group_overview
from messaging.web.language import later, many
from messaging.web.language import now as _
from messaging.web.pages import pages
from messaging.web.shell import current_runtime

BOTH = frozenset({Role.SUPERUSER, Role.AUDITOR})
SUPERUSER = frozenset({Role.SUPERUSER})
AUDITOR = frozenset({Role.AUDITOR})

administration = pages("administration", __name__)


@dataclass(frozen=True, kw_only=True)
class Told:
    """How something stands in a few words, and whether it asks for somebody."""

    words: str
    alarming: bool = False


@dataclass(frozen=True, kw_only=True)
class Card:
    """One entry of the page: where it leads, who sees it, and what is told of it."""

    title: str
    endpoint: str
    roles: frozenset[Role]
    says: str = ""
    """What is found there, where nothing is told."""
    tell: Callable[[Session, Runtime], Told | None] = lambda _session, _runtime: None


@administration.get("/administration")
def overview() -> str:
    """Show what the administration consists of, as far as this actor may see it."""
    runtime, actor = current_runtime(), reader()
    with runtime.database.read() as session:
        cards = [(card, card.tell(session, runtime)) for card in CARDS if actor.role in card.roles]
    return render_template("administration/overview.html", cards=cards)


def _texts(session: Session, _runtime: Runtime) -> Told | None:
    waiting = texts.count_waiting(session)
    return Told(words=many("%(num)s udkast venter", "%(num)s udkast venter", waiting)) if waiting else None


def _meeting_words(session: Session, runtime: Runtime) -> Told | None:
    missing = len(words_overview.places_without_words(session, at=runtime.clock.now()))
    if missing:
        return Told(words=many("%(num)s sted mangler ord", "%(num)s steder mangler ord", missing), alarming=True)
    waiting = len(words_overview.list_waiting(session)) + len(guiding.list_drafts(session))
    return Told(words=many("%(num)s udkast venter", "%(num)s udkast venter", waiting)) if waiting else None


def _plans(session: Session, runtime: Runtime) -> Told | None:
    now = runtime.clock.now()
    if unsent := plan_texts.count_unsent(session, at=now):
        words = many(
            "%(num)s påmindelse blev ikke sendt: teksten manglede",
            "%(num)s påmindelser blev ikke sendt: teksten manglede",
            unsent,
        )
        return Told(words=words, alarming=True)
    if missing := len(plan_texts.texts_missing(session, at=now)):
        words = many("%(num)s tekst mangler eller udløber", "%(num)s tekster mangler eller udløber", missing)
        return Told(words=words, alarming=True)
    waiting = plan_overview.count_waiting(session)
    return Told(words=many("%(num)s plan venter", "%(num)s planer venter", waiting)) if waiting else None


def _groups(session: Session, _runtime: Runtime) -> Told | None:
    waiting = group_overview.count_waiting(session)
    words = many("%(num)s ændring venter på underskrift", "%(num)s ændringer venter på underskrift", waiting)
    return Told(words=words) if waiting else None


def _channels(session: Session, runtime: Runtime) -> Told:
    if standing_stop(session, channel=runtime.channel.name) is not None:
        return Told(words=_("Afsendelse er slået fra"), alarming=True)
    return Told(words=_("Afsendelse er slået til"))


def _journal(session: Session, _runtime: Runtime) -> Told:
    stuck, oldest = health.count_stuck(session), overseeing.oldest_open(session)
    overdue = oldest is not None and oldest > overseeing.ALARMS[-1][1]
    if number := sum(stuck.values()):
        return Told(words=many("%(num)s venter på et menneske", "%(num)s venter på et menneske", number), alarming=True)
    if overdue:
        return Told(words=_("Noget har ventet over en time på kvittering"), alarming=True)
    return Told(words=_("Alt er journaliseret eller på vej"))


def _background(session: Session, _runtime: Runtime) -> Told:
    beats = health.heartbeats(session)
    if not beats or all(silent for _beat, silent in beats):
        return Told(words=_("Arbejdsprocessen er tavs: intet sendes eller journaliseres"), alarming=True)
    failing = sum(silent or beat.errors > 0 for beat, silent in beats)
    if failing:
        return Told(words=many("%(num)s opgave fejler", "%(num)s opgaver fejler", failing), alarming=True)
    return Told(words=_("Arbejdsprocessen lever"))


def _missing_outcomes(session: Session, runtime: Runtime) -> Told:
    missing = without_outcome(session, at=runtime.clock.now())
    if missing:
        return Told(words=many("%(num)s møde mangler et udfald", "%(num)s møder mangler et udfald", missing))
    return Told(words=_("Alle har et udfald"))


def _keys(session: Session, _runtime: Runtime) -> Told:
    live = sum(key.revoked_at is None for key in list_keys(session))
    return Told(words=many("%(num)s nøgle i brug", "%(num)s nøgler i brug", live))


CARDS = (
    Card(
        title=later("Tekster"),
        endpoint="texts.overview",
        roles=BOTH,
        says=later("Det, tjenesten og sagsbehandlerne sender: versioner, sprog og godkendelse"),
        tell=_texts,
    ),
    Card(
        title=later("Ord om møder"),
        endpoint="meeting_words.overview",
        roles=BOTH,
        says=later("Hvad borgeren læser om steder og møder i sms og i appen"),
        tell=_meeting_words,
    ),
    Card(
        title=later("Påmindelser"),
        endpoint="reminder_plans.overview",
        roles=BOTH,
        says=later("Hvornår borgeren bliver mindet om sit møde, og med hvilken tekst"),
        tell=_plans,
    ),
    Card(
        title=later("Medarbejdere og enheder"),
        endpoint="staff.overview",
        roles=BOTH,
        says=later("Hvem der arbejder her, i hvilken rolle, og hvem der er stoppet"),
    ),
    Card(
        title=later("Åbningstider og lukkedage"),
        endpoint="hours.overview",
        roles=BOTH,
        says=later("Hvornår vi svarer, og hvornår påmindelser sendes"),
    ),
    Card(
        title=later("Enhedens navn"),
        endpoint="unit_names.overview",
        roles=BOTH,
        says=later("Hvad beskeder er underskrevet med, og fra hvornår"),
    ),
    Card(
        title=later("Målgrupper"),
        endpoint="target_groups.overview",
        roles=BOTH,
        says=later("Hvilke der er, fra hvornår, og hvilke der er med i forsøget"),
        tell=_groups,
    ),
    Card(
        title=later("Forsøget"),
        endpoint="trial_pages.overview",
        roles=BOTH,
        says=later("Gruppernes størrelse, hvem der er kommet til, og hvad der slører forskellen"),
    ),
    Card(
        title=later("Evaluering"),
        endpoint="evaluation_pages.overview",
        roles=BOTH,
        says=later("Hvad forsøget viser, når det er slut, og hvor gode tallene er undervejs"),
    ),
    Card(
        title=later("Møder uden udfald"),
        endpoint="missing_outcomes.overview",
        roles=BOTH,
        tell=_missing_outcomes,
    ),
    Card(
        title=later("Læste svar"),
        endpoint="reply_rules.overview",
        roles=BOTH,
        says=later("Hvordan reglerne har læst borgernes svar, og hvor tit de er rettet"),
    ),
    Card(
        title=later("Oplevelsen"),
        endpoint="experience.overview",
        roles=BOTH,
        says=later("Hvad borgere og medarbejdere svarer på to spørgsmål, og kort til at svare med"),
    ),
    Card(
        title=later("Interviews"),
        endpoint="interviews.overview",
        roles=BOTH,
        says=later("Hvad der er holdt og mangler, og hvilke temaer der kom op"),
    ),
    Card(
        title=later("Opkald, svartider og påmindelser"),
        endpoint="volumes.overview",
        roles=BOTH,
        says=later("Hvor ofte der ringes, hvor længe svar varer, og hvem der ellers minder om møder"),
    ),
    Card(title=later("Kanaler"), endpoint="channels.overview", roles=BOTH, tell=_channels),
    Card(title=later("Journalisering"), endpoint="journal_health.overview", roles=BOTH, tell=_journal),
    Card(title=later("Arbejde i baggrunden"), endpoint="background.overview", roles=BOTH, tell=_background),
    Card(title=later("API-nøgler"), endpoint="key_pages.overview", roles=SUPERUSER, tell=_keys),
    Card(
        title=later("Revisionsspor"),
        endpoint="audit_trail.overview",
        roles=AUDITOR,
        says=later("Hvem gjorde hvad, og hvornår"),
    ),
)
