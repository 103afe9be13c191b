"""Where staff let somebody read along with a citizen, show the code for that one's phone, and end it."""

import uuid
from dataclasses import dataclass
from datetime import date

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from messaging.citizen_app import helper_access, wording
from messaging.citizen_app.models import SeenAs
from messaging.citizen_app.pages.qr_codes import draw_qr
from messaging.clock import COPENHAGEN
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.people import helper_wording, helping
from messaging.people.helper_models import Basis, HelpEndedBy, HelperKind
from messaging.people.helping import LONGEST, NewHelper
from messaging.people.identity import LONGEST_NAME
from messaging.people.queries import name_citizens
from messaging.people.reading_along import helpers_of, name_helper
from messaging.people.visibility import find_citizen
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

Answer = Response | tuple[str, int]
NOTHING: ImmutableMultiDict[str, str] = ImmutableMultiDict()

helper_desk = pages("helpers", __name__)


@helper_desk.get("/citizens/<uuid:citizen_id>/helpers")
def show(citizen_id: uuid.UUID) -> str:
    """Show who reads along, and the form that lets somebody."""
    return _draw(citizen_id)


@helper_desk.post("/citizens/<uuid:citizen_id>/helpers")
def add(citizen_id: uuid.UUID) -> Answer:
    """Let somebody read along; the same form again changes nothing."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    helper_id = form_id("helper_id")
    with runtime.database.read() as session:
        find_citizen(session, actor, citizen_id)
    try:
        new = _read(helper_id)
        with runtime.act(actor) as act:
            helping.add_helper(act, new, citizen_id=citizen_id)
    except InvalidInput as error:
        return _draw(citizen_id, form=request.form, wrong=_Wrong(field=error.field)), 422
    runtime.waker.wake(Lane.JOURNAL)
    if new.basis is Basis.CONSENT_IN_APP:
        flash_once(_("Det er forberedt. Borgeren kan sige ja i appen under Hvem kan se mine beskeder."))
    else:
        flash_once(_("Det er noteret. Vis QR-koden, når personen er hos dig."))
    return redirect(url_for("helpers.show", citizen_id=citizen_id), code=303)


@helper_desk.post("/citizens/<uuid:citizen_id>/helpers/<uuid:helper_id>/offers")
def offer(citizen_id: uuid.UUID, helper_id: uuid.UUID) -> Answer:
    """Offer to let the phone of who reads along in, after saying by what one knows who sits here."""
    runtime, actor, offer_id = current_runtime(), signed_in().on_her_own, form_id("offer_id")
    try:
        seen_as = SeenAs(request.form.get("seen_as", ""))
    except ValueError:
        with runtime.database.read() as session:
            find_citizen(session, actor, citizen_id)
            helper_access.find_reader(session, citizen_id=citizen_id, helper_id=helper_id, now=runtime.clock.now())
        return _draw(citizen_id, wrong=_Wrong(helper_id=helper_id)), 422
    with runtime.act(actor) as act:
        helper_access.offer_access(act, offer_id=offer_id, citizen_id=citizen_id, helper_id=helper_id, seen_as=seen_as)
    return redirect(
        url_for("helpers.show_offer", citizen_id=citizen_id, helper_id=helper_id, offer_id=offer_id), code=303
    )


@helper_desk.get("/citizens/<uuid:citizen_id>/helpers/<uuid:helper_id>/offers/<uuid:offer_id>")
def show_offer(citizen_id: uuid.UUID, helper_id: uuid.UUID, offer_id: uuid.UUID) -> str:
    """Show the QR code while it holds, then what became of it."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        helper = helper_access.find_reader(act.session, citizen_id=citizen_id, helper_id=helper_id, now=act.now)
        offered = helper_access.find_helper_offer(
            act.session, runtime.vault, helper_id=helper_id, offer_id=offer_id, now=act.now
        )
        name = name_helper(runtime.vault, helper)
        act.audit("helper.offer_shown", object_kind="helper", object_id=helper_id)
    address = runtime.config.public_url + url_for("helping.start", token=offered.token)
    return render_template(
        "citizen_app/helper_offer.html",
        citizen_id=citizen_id,
        name=name,
        offer=offered,
        address=address,
        picture=None if offered.is_taken or offered.is_over else draw_qr(address),
    )


@helper_desk.post("/citizens/<uuid:citizen_id>/helpers/<uuid:helper_id>/sign-out")
def shut_out(citizen_id: uuid.UUID, helper_id: uuid.UUID) -> Response:
    """Sign the phone of who reads along out, for it may be lost. Raises NotFound."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        helper_access.find_reader(act.session, citizen_id=citizen_id, helper_id=helper_id, now=act.now)
        helper_access.shut_out(act, helper_id=helper_id)
    flash_once(_("Telefonen er lukket. En ny QR-kode kan åbne en anden."))
    return redirect(url_for("helpers.show", citizen_id=citizen_id), code=303)


@helper_desk.post("/citizens/<uuid:citizen_id>/helpers/<uuid:helper_id>/end")
def end(citizen_id: uuid.UUID, helper_id: uuid.UUID) -> Response:
    """Let somebody read along no more. Raises NotFound."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        helping.end_helper(act, citizen_id=citizen_id, helper_id=helper_id, ended_by=HelpEndedBy.STAFF)
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Det er slut. Personen kan ikke læse borgerens beskeder mere."))
    return redirect(url_for("helpers.show", citizen_id=citizen_id), code=303)


@dataclass(frozen=True, kw_only=True)
class _Wrong:
    """What is wrong: a field of the form that adds somebody, or that the form of one who reads along lacks a choice."""

    field: str | None = None
    helper_id: uuid.UUID | None = None

    @property
    def sentence(self) -> str:
        """In words."""
        if self.helper_id is not None:
            return _("Vælg, hvordan du ved, hvem der sidder hos dig.")
        return helper_wording.WRONG[self.field]


def _read(helper_id: uuid.UUID) -> NewHelper:
    """Return what the form says. Raises InvalidInput for what it does not offer."""
    form = request.form
    until = form.get("until", "").strip()
    try:
        kind = HelperKind(form.get("kind", ""))
    except ValueError:
        raise InvalidInput("there is no such kind", field="kind") from None
    try:
        basis = Basis(form.get("basis", ""))
    except ValueError:
        raise InvalidInput("there is no such basis", field="basis") from None
    try:
        last = date.fromisoformat(until) if until else None
    except ValueError:
        raise InvalidInput("this is no day", field="until") from None
    return NewHelper(
        id=helper_id,
        kind=kind,
        name=" ".join(form.get("name", "").split()),
        basis=basis,
        words=form.get("words", "").strip(),
        sees_login_only=form.get("sees_login_only") == "yes",
        until=last,
    )


def _draw(citizen_id: uuid.UUID, *, form: ImmutableMultiDict[str, str] = NOTHING, wrong: _Wrong | None = None) -> str:
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        citizen = find_citizen(act.session, actor, citizen_id)
        name = name_citizens(act.session, runtime.vault, [citizen_id])[citizen_id]
        helpers = helpers_of(act.session, runtime.vault, citizen_id=citizen_id, now=act.now, also_past=True)
        phones = helper_access.sessions_of(act.session, [helper.id for helper in helpers])
        under_age = helping.is_in_custody(act, citizen)
        act.audit("helper.listed", object_kind="citizen", object_id=citizen_id)
    return render_template(
        "citizen_app/helpers.html",
        citizen_id=citizen_id,
        name=name,
        helpers=helpers,
        phones=phones,
        under_age=under_age,
        helper_id=new_id(),
        offer_id=new_id(),
        form=form,
        wrong=wrong,
        words=helper_wording,
        seen=wording.HELPER_SEEN_AS,
        today=runtime.clock.now().astimezone(COPENHAGEN).date(),
        longest=LONGEST,
        longest_name=LONGEST_NAME,
    )
