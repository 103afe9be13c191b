"""Papers of a citizen, for staff: what we have asked her for, what came, what we sent her."""

import uuid

from flask import Response as File
from flask import redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from messaging.database.base import new_id
from messaging.documents import asking, keeping, wording
from messaging.documents.arms import WithheldByArm
from messaging.documents.kinds import ACCEPT
from messaging.documents.models import Origin
from messaging.documents.opening import open_document
from messaging.documents.pages.forms import LARGEST_FORM, files_of_form, hand_out
from messaging.documents.queries import asked_of, documents_of
from messaging.documents.receiving import finish_upload
from messaging.documents.whole_files import Handed, take_whole
from messaging.errors import Conflict, InvalidInput
from messaging.people.actors import Actor
from messaging.people.queries import name_citizens
from messaging.people.visibility import find_citizen
from messaging.runtime import Runtime
from messaging.trial.withholding import note_withheld
from messaging.web.idempotency import fingerprint_of, take_key
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages, signed_in, staff_let_in, takes_files
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

RECENT = 3
"""Documents shown beside the thread."""

papers = pages("papers", __name__)


def panel(runtime: Runtime, actor: Actor, citizen_id: uuid.UUID) -> Markup:
    """Draw what is missing and what came last, beside a thread; reading the thread is noted, and so is this."""
    with runtime.database.read() as session:
        find_citizen(session, actor, citizen_id)
        documents = documents_of(session, runtime.vault, citizen_id=citizen_id)
        asked = asked_of(session, runtime.vault, citizen_id=citizen_id, documents=documents)
    return Markup(  # noqa: S704
        render_template(
            "documents/panel.html",
            citizen_id=citizen_id,
            missing=[one for one in asked if one.met_by is None],
            documents=documents[:RECENT],
            more=len(documents) - RECENT,
            words=wording,
        )
    )


@papers.get("/citizens/<uuid:citizen_id>/documents")
def show(citizen_id: uuid.UUID) -> str:
    """Show all papers of a citizen."""
    return _draw(citizen_id)


@papers.post("/citizens/<uuid:citizen_id>/documents/asked")
def ask(citizen_id: uuid.UUID) -> Response | tuple[str, int]:
    """Put documents on the citizen's list; the form sent twice asks once."""
    runtime, actor, text = current_runtime(), signed_in(), request.form.get("words", "")
    ask_id = form_id("ask_id")
    try:
        words = asking.read_words(text)
        with runtime.act(actor) as act:
            find_citizen(act.session, actor, citizen_id)
            asked_before = take_key(
                act.session,
                scope=f"documents asked by {actor.id}",
                key=str(ask_id),
                fingerprint=fingerprint_of(act.vault, str(citizen_id), text),
                object_id=ask_id,
                at=act.now,
            )
            if asked_before is None:
                asking.ask_for(act, citizen_id=citizen_id, words=words)
    except WithheldByArm as error:
        _note(error)
        wrong = _("Borgeren er i forsøgets kontrolgruppe. Bed om papirerne, som I plejer.")
        return _draw(citizen_id, asked=text, wrong=wrong), 409
    except InvalidInput:
        with runtime.database.read() as session:
            find_citizen(session, actor, citizen_id)
        return _draw(citizen_id, asked=text, wrong=_("Skriv, hvad vi mangler. Højst 20 papirer ad gangen.")), 422
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Listen er gemt. Borgeren ser den i appen. Der er ikke sendt en besked om det."))
    return redirect(url_for("papers.show", citizen_id=citizen_id), code=303)


@papers.post("/citizens/<uuid:citizen_id>/documents/asked/<uuid:asked_id>/withdraw")
def withdraw(citizen_id: uuid.UUID, asked_id: uuid.UUID) -> Response:
    """Take something off the list."""
    runtime = current_runtime()
    with runtime.act(signed_in()) as act:
        asking.withdraw(act, citizen_id=citizen_id, asked_id=asked_id)
    runtime.waker.wake(Lane.JOURNAL)
    return redirect(url_for("papers.show", citizen_id=citizen_id), code=303)


@papers.post("/citizens/<uuid:citizen_id>/documents")
@takes_files(LARGEST_FORM, let_in=staff_let_in)
def send(citizen_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take in a file for the citizen; she can open it once it has been inspected."""
    runtime, actor, document_id = current_runtime(), signed_in(), form_id("document_id")
    with runtime.database.read() as session:
        find_citizen(session, actor, citizen_id)
    handed = Handed(id=document_id, citizen_id=citizen_id, origin=Origin.STAFF, asked_id=None, files=files_of_form())
    try:
        take_whole(lambda: runtime.act(actor), handed)
        with runtime.act(actor) as act:
            finish_upload(act, citizen_id=citizen_id, document_id=document_id)
    except WithheldByArm as error:
        _note(error)
        wrong = _("Borgeren er i forsøgets kontrolgruppe. Send papiret, som I plejer.")
        return _draw(citizen_id, wrong=wrong), 409
    except (InvalidInput, Conflict) as error:
        return _draw(citizen_id, wrong=wording.why_not(error)), 422
    runtime.waker.wake(Lane.UPKEEP)
    flash_once(_("Filen bliver undersøgt. Borgeren kan åbne den i appen om lidt."))
    return redirect(url_for("papers.show", citizen_id=citizen_id), code=303)


@papers.post("/citizens/<uuid:citizen_id>/documents/<uuid:document_id>/again")
def retry(citizen_id: uuid.UUID, document_id: uuid.UUID) -> Response:
    """Have a document inspected that a technical fault has kept from it; pressed too late, nothing happens."""
    runtime, actor = current_runtime(), signed_in()
    try:
        with runtime.act(actor) as act:
            find_citizen(act.session, actor, citizen_id)
            keeping.try_again(act, document_id=document_id, citizen_id=citizen_id)
    except Conflict:
        flash_once(_("Filen er undersøgt i mellemtiden, eller den bliver det nu."))
    else:
        runtime.waker.wake(Lane.UPKEEP)
        flash_once(_("Filen bliver undersøgt igen. Lykkes det ikke, så bed driften om hjælp."))
    return redirect(url_for("papers.show", citizen_id=citizen_id), code=303)


@papers.get("/citizens/<uuid:citizen_id>/documents/<uuid:document_id>")
def download(citizen_id: uuid.UUID, document_id: uuid.UUID) -> File:
    """Hand out a document."""
    with current_runtime().act(signed_in()) as act:
        opened = open_document(act, document_id=document_id, citizen_id=citizen_id)
    return hand_out(opened)


def _note(error: WithheldByArm) -> None:
    runtime = current_runtime()
    with runtime.act(signed_in()) as act:
        note_withheld(act, error.refusal)
    runtime.waker.wake(Lane.JOURNAL)


def _draw(citizen_id: uuid.UUID, *, asked: str = "", wrong: str | None = None) -> str:
    runtime, actor = current_runtime(), signed_in()
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        documents = documents_of(act.session, runtime.vault, citizen_id=citizen_id)
        list_ = asked_of(act.session, runtime.vault, citizen_id=citizen_id, documents=documents)
        name = name_citizens(act.session, runtime.vault, [citizen_id])[citizen_id]
        act.audit("documents.listed", object_kind="citizen", object_id=citizen_id)
    return render_template(
        "documents/papers.html",
        citizen_id=citizen_id,
        name=name,
        asked_for=list_,
        received=[document for document in documents if document.origin is not Origin.STAFF],
        sent=[document for document in documents if document.origin is Origin.STAFF],
        asked=asked,
        wrong=wrong,
        words=wording,
        accept=ACCEPT,
        ask_id=new_id(),
        document_id=new_id(),
    )
