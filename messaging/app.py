"""The web application: the shell, with the rooms' pages and routes put into it. Nothing here but wiring."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from flask import Flask, Response, request
from sqlalchemy.orm import Session

from messaging.administration.pages.all_pages import ALL_PAGES as ADMINISTRATION
from messaging.appointments import api as appointments_api
from messaging.appointments import covering, external_id_api, free_time_api, gatherings, words_by_hand
from messaging.appointments import queries as appointment_queries
from messaging.appointments.pages import contacts as contact_pages
from messaging.appointments.pages import day as day_pages
from messaging.appointments.pages import handover as handover_pages
from messaging.appointments.pages import meetings as meeting_pages
from messaging.appointments.pages import morning as morning_pages
from messaging.appointments.pages import personal as personal_pages
from messaging.appointments.pages import readings as reading_pages
from messaging.cases.pages import card as card_pages
from messaging.cases.pages import numbers as number_pages
from messaging.cases.pages import team as team_pages
from messaging.citizen_app.devices import has_app
from messaging.citizen_app.pages import doors as app_doors
from messaging.citizen_app.pages import mitid as app_mitid_pages
from messaging.citizen_app.pages import outbox as app_outbox_pages
from messaging.citizen_app.pages import passkeys as app_passkey_pages
from messaging.citizen_app.pages import phones as phone_pages
from messaging.citizen_app.pages.all_pages import ALL_PAGES as CITIZEN_APP
from messaging.citizen_app.subscriptions import apps_with, means_with
from messaging.composing import compose
from messaging.config import Config
from messaging.conversations import api as conversations_api
from messaging.conversations import hooks
from messaging.conversations import queries as conversation_queries
from messaging.conversations.content_gate import mask_cpr
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.conversations.pages import batches as batch_pages
from messaging.conversations.pages import editing as editing_pages
from messaging.conversations.pages import notes as note_pages
from messaging.conversations.pages import overview as overview_pages
from messaging.conversations.pages import resending as resending_pages
from messaging.conversations.pages import search as search_pages
from messaging.conversations.pages import thread as thread_pages
from messaging.conversations.pages import threats as threat_pages
from messaging.conversations.pages import triage as triage_pages
from messaging.conversations.pages import writing as writing_pages
from messaging.database.changes import SeenChange
from messaging.documents import api as documents_api
from messaging.documents import queries as document_queries
from messaging.documents.pages import papers as paper_pages
from messaging.experience.pages import desk as desk_pages
from messaging.experience.pages import staff as staff_pages
from messaging.experience.pages.pulse import pulse_pages
from messaging.ledger.pages import ledger as ledger_pages
from messaging.people import api as people_api
from messaging.people import key_api
from messaging.people import queries as people_queries
from messaging.people.actors import Actor
from messaging.people.api_keys import KeyHolders
from messaging.people.covering import whose_lists_changed
from messaging.people.models import Role
from messaging.people.pages import absence as absence_pages
from messaging.people.pages import citizens as citizen_pages
from messaging.people.pages import sign_in as sign_in_pages
from messaging.people.visibility import ReasonMissing, staff_of
from messaging.readiness import readiness_checks
from messaging.runtime import Runtime
from messaging.trial import api as trial_api
from messaging.web.api import ApiBlueprint, OrjsonProvider, create_api
from messaging.web.choosing_language import language_pages
from messaging.web.edge import ROUTE, Edge, json_log
from messaging.web.headers import security_headers
from messaging.web.health import health
from messaging.web.language import later as _
from messaging.web.live import ANYBODY, HUB, Hub, live_pages, most_listeners
from messaging.web.metrics import Metrics
from messaging.web.pages import set_up_pages
from messaging.web.problems import handle_errors
from messaging.web.shell import EXTENSION, NavigationEntry, Shell
from messaging.web.static_files import StaticFiles
from messaging.web.webhooks import Door

LARGEST_REQUEST = 1024 * 1024
MOST_FORM_PARTS = 100
LOCAL_HOSTS = ("localhost", "127.0.0.1")
NOBODY: frozenset[uuid.UUID] = frozenset()

APIS: tuple[ApiBlueprint, ...] = (
    people_api.citizens,
    conversations_api.conversations,
    conversations_api.messages,
    appointments_api.appointments,
    external_id_api.by_external_id,
    free_time_api.free_times,
    conversations_api.texts,
    documents_api.documents,
    trial_api.trial_api,
    key_api.keys,
)

PAGES = (
    overview_pages.inbox,
    thread_pages.conversations,
    writing_pages.writing,
    note_pages.notes,
    paper_pages.papers,
    editing_pages.editing,
    resending_pages.again,
    batch_pages.batch_pages,
    threat_pages.threats,
    triage_pages.triage_pages,
    search_pages.search_pages,
    citizen_pages.citizens,
    card_pages.card_pages,
    number_pages.number_pages,
    team_pages.team_pages,
    meeting_pages.appointments,
    reading_pages.reading_pages,
    contact_pages.contacts,
    day_pages.meetings,
    personal_pages.personal_lines,
    ledger_pages.ledger_pages,
    absence_pages.absence,
    handover_pages.handover,
    morning_pages.morning,
    desk_pages.desk_pages,
    staff_pages.staff_pulse,
    *ADMINISTRATION,
    *CITIZEN_APP,
)


class Application(StaticFiles):
    """Flask for views that are plain functions, as all of ours are, with orjson for what they answer."""

    json_provider_class = OrjsonProvider

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Ask nothing: it would be asked of every function on every request's way."""
        return func


def create_wsgi() -> Flask:
    """Build the application of a web process from the environment."""
    return create_app(compose(Config.from_environment()))


def create_app(runtime: Runtime, *, log_file: BinaryIO | None = None) -> Flask:
    """Build the application on a runtime; its log goes to `log_file`, or to the standard output."""
    app = Application("messaging.web", template_folder="html")
    log, metrics = json_log(log_file), Metrics(key_cache=runtime.vault.cache_statistics)
    app.config.from_mapping(_settings(runtime))
    app.extensions[EXTENSION] = _shell(runtime)
    handle_errors(app, log=log)
    protection = set_up_pages(app, runtime.config)
    app.jinja_env.filters["masked"] = mask_cpr
    app.context_processor(app_doors.layout)
    api = create_api(app)
    for blueprint in APIS:
        api.register_blueprint(blueprint)  # type: ignore[no-untyped-call]
        protection.exempt(blueprint)  # type: ignore[no-untyped-call]
    protection.exempt(app_outbox_pages.outbox_pages)  # type: ignore[no-untyped-call]
    pulse = pulse_pages()
    protection.exempt(pulse)  # type: ignore[no-untyped-call]  # there is no cookie; the one-use code is the proof
    hub = app.extensions[HUB] = Hub(
        runtime.database, concerned=partial(_concerned, runtime), most=most_listeners(runtime.config.web_threads)
    )
    doors = (sign_in_pages.sign_in_pages(), app_mitid_pages.mitid_pages(), app_passkey_pages.passkey_door(), pulse)
    for pages in (health(metrics), *doors, live_pages(hub), language_pages, *PAGES):
        app.register_blueprint(pages)
    app.register_error_handler(ReasonMissing, citizen_pages.ask_first)
    app.after_request(_note_route)
    door = Door(app.wsgi_app, runtime=runtime, take=hooks.take, log=log)
    app.wsgi_app = Edge(  # type: ignore[method-assign]
        door, headers=security_headers(runtime.config), log=log, metrics=metrics
    )
    return app


def _settings(runtime: Runtime) -> Mapping[str, Any]:
    public = urlsplit(runtime.config.public_url)
    return {
        "SECRET_KEY": runtime.vault.branch("forms"),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": LARGEST_REQUEST,
        "MAX_FORM_PARTS": MOST_FORM_PARTS,
        "TRUSTED_HOSTS": [public.hostname, *LOCAL_HOSTS],
        "SESSION_COOKIE_NAME": "__Host-forms" if public.scheme == "https" else "forms",
        "SESSION_COOKIE_SECURE": public.scheme == "https",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=1),
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: nobody loses a long answer
    }


def _shell(runtime: Runtime) -> Shell:
    return Shell(
        runtime=runtime,
        actor_of_key=KeyHolders(runtime.database, runtime.vault).find,
        actor_of_cookie=partial(sign_in_pages.actor_of_cookie, runtime, covered_by=covering.covered_by),
        home="inbox.overview",
        sign_in="sign_in.show",
        navigation=(
            NavigationEntry(label=_("Samtaler"), endpoint="inbox.overview", may_see=_has_citizens),
            NavigationEntry(label=_("Møder"), endpoint="meetings.overview", may_see=_has_caseload),
            NavigationEntry(label=_("Teamet"), endpoint="team.overview", may_see=_leads),
            NavigationEntry(label=_("Find igen"), endpoint="search.search", may_see=_has_citizens, is_search=True),
            NavigationEntry(label=_("Borgere"), endpoint="citizens.overview", may_see=_has_citizens),
            NavigationEntry(label=_("Beskeder til flere"), endpoint="batches.overview", may_see=_is_superuser),
            NavigationEntry(label=_("Fravær"), endpoint="absence.overview", may_see=_has_citizens),
            NavigationEntry(
                label=_("Ukendte afsendere"),
                endpoint="triage.overview",
                may_see=_has_caseload,
                count=lambda actor: triage_pages.count_triage(runtime, actor),
            ),
            NavigationEntry(
                label=_("Hændelser"),
                endpoint="threats.overview",
                may_see=lambda actor: actor.role is Role.TEAM_LEADER,
                count=lambda actor: threat_pages.count_unnoticed(runtime, actor),
            ),
            NavigationEntry(
                label=_("To spørgsmål"),
                endpoint="staff_pulse.ask",
                may_see=lambda actor: staff_pages.is_asked(runtime, actor),
            ),
            NavigationEntry(label=_("Administration"), endpoint="administration.overview", may_see=_administrates),
        ),
        panels=(
            meeting_pages.panel,
            contact_pages.panel,
            paper_pages.panel,
            phone_pages.panel,
            citizen_pages.numbers_panel,
            absence_pages.panel,
            ledger_pages.panel,
            desk_pages.panel,
        ),
        notes=(meeting_pages.notes,),
        meetings_of=words_by_hand.meetings_of,
        gatherings_of=gatherings.gatherings_of,
        meeting_soon=lambda citizens, now: appointment_queries.meeting_soon(
            citizens, now, hours=Office.from_config(settings_now(runtime)).hours
        ),
        has_app=has_app,
        apps_of=apps_with(means_with(push=runtime.push is not None)),
        error_page=lambda path: "citizen_app/error.html" if app_doors.is_app_page(path) else "web/error.html",
        checks=readiness_checks(runtime),
    )


def _has_caseload(actor: Actor) -> bool:
    return actor.role is Role.CASEWORKER


def _leads(actor: Actor) -> bool:
    return actor.role is Role.TEAM_LEADER


def _administrates(actor: Actor) -> bool:
    return actor.role in {Role.SUPERUSER, Role.AUDITOR}


def _is_superuser(actor: Actor) -> bool:
    return actor.role is Role.SUPERUSER


def _has_citizens(actor: Actor) -> bool:
    return actor.role in {Role.CASEWORKER, Role.TEAM_LEADER}


def _concerned(
    runtime: Runtime, session: Session, changes: Sequence[SeenChange]
) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
    """Say which citizens some changes concern, and who of the staff may know."""
    located = (
        queries.citizens_concerned(session, changes)
        for queries in (conversation_queries, appointment_queries, document_queries)
    )
    citizens = people_queries.citizens_concerned(changes).union(*located)
    now = runtime.clock.now()
    staff, deputies = staff_of(session, citizens), covering.deputies_of(session, citizens, now)
    told = {citizen_id: staff.get(citizen_id, NOBODY) | deputies.get(citizen_id, NOBODY) for citizen_id in citizens}
    return {**told, ANYBODY: whose_lists_changed(session, changes, citizens, now)}


def _note_route(response: Response) -> Response:
    if request.url_rule is not None:
        request.environ[ROUTE] = request.url_rule.rule
    return response
