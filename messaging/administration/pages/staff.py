"""Units and staff: who works here, in which role, and who has left."""

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.administration import staff as listing
from messaging.administration import staff_wording as words
from messaging.administration.pages.doors import reader, superuser
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput
from messaging.people import employing
from messaging.people.employing import Particulars
from messaging.people.models import Role
from messaging.web.pages import flash_once, form_id, pages
from messaging.web.shell import current_runtime

staff_pages = pages("staff", __name__)

Answer = str | Response | tuple[str, int]


@staff_pages.get("/administration/staff")
def overview() -> str:
    """Show everybody who works or has worked here, and the forms to add somebody or a unit."""
    reader()
    return _overview()


@staff_pages.post("/administration/staff")
def add() -> Answer:
    """Let somebody work here."""
    actor, staff_id = superuser(), form_id("staff_id")
    try:
        with current_runtime().act(actor) as act:
            employing.add_staff(act, staff_id=staff_id, particulars=_particulars())
    except (Conflict, InvalidInput) as error:
        return _overview(wrong=_sentence(error)), _status(error)
    flash_once(str(words.ADDED))
    return redirect(url_for("staff.show", staff_id=staff_id), code=303)


@staff_pages.post("/administration/units")
def add_unit() -> Answer:
    """Make a unit."""
    actor, unit_id = superuser(), form_id("unit_id")
    try:
        with current_runtime().act(actor) as act:
            employing.add_unit(act, unit_id=unit_id, name=request.form.get("name", ""))
    except (Conflict, InvalidInput) as error:
        return _overview(wrong=_sentence(error)), _status(error)
    flash_once(str(words.UNIT_ADDED))
    return redirect(url_for("staff.overview"), code=303)


@staff_pages.post("/administration/units/<uuid:unit_id>")
def rename_unit(unit_id: uuid.UUID) -> Answer:
    """Give a unit another name."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            employing.rename_unit(act, unit_id=unit_id, name=request.form.get("name", ""))
    except (Conflict, InvalidInput) as error:
        return _overview(wrong=_sentence(error)), _status(error)
    flash_once(str(words.SAVED))
    return redirect(url_for("staff.overview"), code=303)


@staff_pages.get("/administration/staff/<uuid:staff_id>")
def show(staff_id: uuid.UUID) -> str:
    """Show one member of staff, and what can be changed."""
    reader()
    return _show(staff_id)


@staff_pages.post("/administration/staff/<uuid:staff_id>")
def change(staff_id: uuid.UUID) -> Answer:
    """Bring a member of staff up to date."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            employing.change_staff(act, staff_id=staff_id, particulars=_particulars())
    except (Conflict, InvalidInput) as error:
        return _show(staff_id, wrong=_sentence(error)), _status(error)
    return _done(staff_id, words.SAVED)


@staff_pages.post("/administration/staff/<uuid:staff_id>/shut-out")
def shut_out(staff_id: uuid.UUID) -> Answer:
    """Let a member of staff sign in no more."""
    actor = superuser()
    try:
        with current_runtime().act(actor) as act:
            employing.shut_out(act, staff_id=staff_id)
    except Conflict as error:
        return _show(staff_id, wrong=_sentence(error)), 409
    return _done(staff_id, words.SHUT_OUT)


@staff_pages.post("/administration/staff/<uuid:staff_id>/let-in")
def let_in(staff_id: uuid.UUID) -> Answer:
    """Let somebody who had left sign in again."""
    with current_runtime().act(superuser()) as act:
        employing.let_in_again(act, staff_id=staff_id)
    return _done(staff_id, words.LET_IN)


@staff_pages.post("/administration/staff/<uuid:staff_id>/password")
def give_password(staff_id: uuid.UUID) -> str:
    """Give a fresh password, and show it this once."""
    with current_runtime().act(superuser()) as act:
        password = employing.give_password(act, staff_id=staff_id)
    return _show(staff_id, password=password)


def _overview(*, wrong: str | None = None) -> str:
    with current_runtime().database.read() as session:
        units, staff = listing.list_units(session), listing.list_staff(session)
    return render_template(
        "administration/staff.html",
        units=units,
        unit_names={unit.id: unit.name for unit in units},
        staff=staff,
        wrong=wrong,
        form=request.form,
        new_id=new_id,
        may_change=reader().role is Role.SUPERUSER,
        words=words,
    )


def _show(staff_id: uuid.UUID, *, wrong: str | None = None, password: str | None = None) -> str:
    with current_runtime().database.read() as session:
        units, one = listing.list_units(session), listing.find_line(session, staff_id)
    return render_template(
        "administration/one_of_staff.html",
        units=units,
        one=one,
        wrong=wrong,
        password=password,
        may_change=reader().role is Role.SUPERUSER,
        words=words,
    )


def _particulars() -> Particulars:
    """Read the form. Raises InvalidInput."""
    form = request.form
    try:
        role = Role(form.get("role", ""))
    except ValueError:
        raise InvalidInput("there is no such role", field="role") from None
    return Particulars(
        initials=form.get("initials", ""),
        name=form.get("name", ""),
        email=form.get("email") or None,
        unit_id=form_id("unit"),
        role=role,
    )


def _sentence(error: Conflict | InvalidInput) -> str:
    field = error.field if isinstance(error, InvalidInput) else None
    return str(words.NOT_DONE.get(field or error.code, words.NOT_DONE["name"]))


def _status(error: Conflict | InvalidInput) -> int:
    return 409 if isinstance(error, Conflict) else 422


def _done(staff_id: uuid.UUID, sentence: str) -> Response:
    flash_once(str(sentence))
    return redirect(url_for("staff.show", staff_id=staff_id), code=303)
