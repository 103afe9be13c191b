"""The list of target groups: an entry is written by one superuser and signed by another, and holds from a day on."""

import uuid
from datetime import date

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.administration import group_wording
from messaging.administration.pages.doors import reader, superuser
from messaging.clock import COPENHAGEN
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotAllowed
from messaging.people.models import Role
from messaging.trial import group_overview, laying_groups, running
from messaging.trial.laying_groups import LONGEST_CODE, LONGEST_NAME, NewGroup
from messaging.trial.target_groups import read_list
from messaging.web.language import danish
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages
from messaging.web.shell import current_runtime

group_pages = pages("target_groups", __name__)

Answer = str | Response | tuple[str, int]


@group_pages.get("/administration/target-groups")
def overview() -> str:
    """Show the groups there are, what comes, what waits to be signed, and what was."""
    return _overview()


@group_pages.post("/administration/target-groups")
def write() -> Answer:
    """Write a group from a day on; it waits for somebody else to sign it."""
    actor, form = superuser(), request.form
    try:
        new = NewGroup(
            id=form_id("entry_id"),
            code=form.get("code", ""),
            name=form.get("name", ""),
            takes_part=form.get("takes_part") == "yes",
            first_day=_day("first_day"),
            last_day=_day("last_day") if form.get("last_day") else None,
        )
        with current_runtime().act(actor) as act:
            laying_groups.write_group(act, new)
    except InvalidInput as error:
        return _overview(wrong=str(group_wording.WRONG.get(error.field or "", group_wording.WRONG["code"]))), 422
    return _done(_("Målgruppen er skrevet. Den gælder, når en anden superbruger har skrevet under."))


@group_pages.post("/administration/target-groups/end")
def end() -> Answer:
    """Write that a group ends; that too waits for somebody else to sign it."""
    actor, code = superuser(), request.form.get("ended", "")
    try:
        entry_id, first_day = form_id("entry_id"), _day("ends_on")
        with current_runtime().act(actor) as act:
            known = read_list(act.session).name_of(code, day=first_day)
            with danish():  # whoever reads it later may read in another language than who writes it
                name = group_wording.group_in_words(code, name=known)
            laying_groups.write_end(act, entry_id=entry_id, code=code, name=name, first_day=first_day)
    except InvalidInput as error:
        wrong = group_wording.WRONG_END.get(error.field or "", group_wording.WRONG_END["first_day"])
        return _overview(wrong=str(wrong)), 422
    return _done(_("Det er skrevet. Målgruppen slutter, når en anden superbruger har skrevet under."))


@group_pages.post("/administration/target-groups/<uuid:group_id>/sign")
def sign(group_id: uuid.UUID) -> Answer:
    """Let an entry hold."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            laying_groups.sign_entry(act, entry_id=group_id)
    except (Conflict, NotAllowed) as error:
        return _overview(wrong=str(group_wording.NOT_DONE[error.code])), 409
    return _done(_("Der er skrevet under."))


@group_pages.post("/administration/target-groups/<uuid:group_id>/withdraw")
def withdraw(group_id: uuid.UUID) -> Answer:
    """Let an entry that nobody has signed wait no longer."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            laying_groups.withdraw_entry(act, entry_id=group_id)
    except Conflict as error:
        return _overview(wrong=str(group_wording.NOT_DONE[error.code])), 409
    return _done(_("Det er trukket tilbage."))


def _overview(*, wrong: str | None = None) -> str:
    actor, runtime = reader(), current_runtime()
    today = runtime.clock.now().astimezone(COPENHAGEN).date()
    with runtime.database.read() as session:
        found = group_overview.overview(session, today=today)
        trial = running.under_way(session)
    standing = {one.group.code: one for one in found.standing}
    return render_template(
        "administration/target_groups.html",
        found=found,
        standing=[
            (name, standing[code])
            for code, name in group_wording.groups_in_words({code: standing[code].group for code in standing}).items()
        ],
        may_end=group_wording.groups_in_words(found.may_end),
        locked=f"{trial.locked_at.astimezone(COPENHAGEN):%d-%m-%Y}" if trial is not None else None,
        today=today,
        longest_code=LONGEST_CODE,
        longest_name=LONGEST_NAME,
        form=request.form if wrong else {},
        new_id=new_id,
        wrong=wrong,
        me=actor.id,
        may_change=actor.role is Role.SUPERUSER,
    )


def _done(sentence: str) -> Response:
    flash_once(sentence)
    return redirect(url_for("target_groups.overview"), code=303)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise InvalidInput("the form holds no such day", field=name) from None
