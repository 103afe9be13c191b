"""The name that messages are signed with: written by one superuser, signed by another, from a day on."""

import uuid
from datetime import date

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.administration.pages.doors import reader, superuser
from messaging.clock import COPENHAGEN
from messaging.conversations import unit_names
from messaging.conversations.opening_times import settings_at
from messaging.conversations.unit_names import LONGEST, NewName
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotAllowed
from messaging.people.models import Role
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages
from messaging.web.shell import current_runtime

unit_name_pages = pages("unit_names", __name__)

Answer = str | Response | tuple[str, int]


@unit_name_pages.get("/administration/unit-names")
def overview() -> str:
    """Show the name that signs now, those to come, and those that wait to be signed."""
    return _overview()


@unit_name_pages.post("/administration/unit-names")
def write() -> Answer:
    """Write a name; it waits for somebody else to sign it."""
    actor = superuser()
    try:
        words = request.form.get("words", "")
        last_day = _day("last_day") if request.form.get("last_day") else None
        new = NewName(id=form_id("name_id"), words=words, first_day=_day("first_day"), last_day=last_day)
        with current_runtime().act(actor) as act:
            unit_names.write_name(act, new)
    except InvalidInput as error:
        return _overview(wrong=_wrong(error)), 422
    return _done(_("Navnet er skrevet. Det gælder, når en anden superbruger har skrevet under."))


@unit_name_pages.post("/administration/unit-names/<uuid:name_id>/sign")
def sign(name_id: uuid.UUID) -> Answer:
    """Let a name hold on its days."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            unit_names.sign_name(act, name_id=name_id)
    except (Conflict, NotAllowed) as error:
        return _overview(wrong=_not_done(error)), 409
    return _done(_("Der er skrevet under. Beskeder får navnet fra dets første dag."))


@unit_name_pages.post("/administration/unit-names/<uuid:name_id>/withdraw")
def withdraw(name_id: uuid.UUID) -> Answer:
    """Let a name that nobody has signed wait no longer."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            unit_names.withdraw_name(act, name_id=name_id)
    except Conflict as error:
        return _overview(wrong=_not_done(error)), 409
    return _done(_("Navnet er trukket tilbage."))


def _overview(*, wrong: str | None = None) -> str:
    actor, runtime = reader(), current_runtime()
    now = runtime.clock.now()
    today = now.astimezone(COPENHAGEN).date()
    with runtime.database.read() as session:
        present = settings_at(session, runtime.config, at=now).unit_name
        names = unit_names.list_names(session)
    return render_template(
        "administration/unit_names.html",
        present=present,
        coming=[row for row in names if row.signed_at is not None and row.first_day > today],
        waiting=[row for row in names if row.signed_at is None],
        today=today,
        longest=LONGEST,
        new_id=new_id,
        wrong=wrong,
        me=actor.id,
        may_change=actor.role is Role.SUPERUSER,
    )


def _done(sentence: str) -> Response:
    current_runtime().settings.drop("now")
    flash_once(sentence)
    return redirect(url_for("unit_names.overview"), code=303)


def _wrong(error: InvalidInput) -> str:
    if error.field == "words":
        return _("Navnet har 2 til %(most)s almindelige tegn, uden link og numre. Intet er gemt.", most=LONGEST)
    if error.field == "last_day":
        return _("Den sidste dag er en dag efter den første, eller feltet er tomt. Intet er gemt.")
    return _("Vælg en første dag fra i dag og højst to år frem. Intet er gemt.")


def _not_done(error: Conflict | NotAllowed) -> str:
    if error.code == "own_draft":
        return _("Du har selv skrevet navnet. En anden superbruger skal skrive under.")
    return _("Navnet er allerede afgjort, eller dets sidste dag er forbi. Se listen igen.")


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise InvalidInput("the form holds no such day", field=name) from None
