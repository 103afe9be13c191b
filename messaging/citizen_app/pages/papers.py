"""The citizen's papers: what is missing, what she has sent and what we have sent her.

A form sends files whole; a telephone with scripts sends the same files in pieces and goes on where its line dropped.
"""

import uuid
from typing import Any

from flask import Response as File
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app.handing_in import hand_in
from messaging.citizen_app.pages.doors import app_pages, citizen_here, find_here
from messaging.citizen_app.sessions import CitizenHere
from messaging.conversations.content_gate import ContentClass
from messaging.database.base import new_id
from messaging.documents import wording
from messaging.documents.kinds import ACCEPT, PHOTOS_TYPE
from messaging.documents.limits import LARGEST, MOST_PHOTOS, PIECE_BYTES
from messaging.documents.models import Origin
from messaging.documents.opening import open_document
from messaging.documents.pages.forms import LARGEST_FORM, asked_of_form, files_of_form, hand_out
from messaging.documents.queries import asked_of, documents_of
from messaging.documents.receiving import NO_SUCH_DOCUMENT, NewDocument, add_piece, begin_upload
from messaging.documents.whole_files import Handed, declare, take_whole
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, takes_files
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

app_papers = app_pages("app_papers", __name__)

Told = tuple[dict[str, Any], int]


@app_papers.get("/papers")
def show() -> str:
    """Show her papers, and the form that sends one."""
    return _draw()


@app_papers.post("/papers")
@takes_files(LARGEST_FORM, let_in=lambda: find_here() is not None)
def send() -> Response | tuple[str, int]:
    """Take in what a form brings whole."""
    runtime, here, document_id = current_runtime(), citizen_here(), form_id("document_id")
    try:
        handed = Handed(
            id=document_id,
            citizen_id=here.citizen_id,
            origin=Origin.CITIZEN,
            asked_id=asked_of_form(),
            files=files_of_form(),
        )
        take_whole(lambda: runtime.act(here.actor), handed)
        return redirect(_finish(here, document_id), code=303)
    except (InvalidInput, Conflict) as error:
        return _draw(wrong=wording.why_not(error)), 422


@app_papers.post("/papers/<uuid:document_id>/begin")
def begin(document_id: uuid.UUID) -> Told:
    """Begin a document, or go on with it: tell which pieces are missing."""
    here, name, size = citizen_here(), request.form.get("name", ""), request.form.get("size", type=int)
    try:
        new = NewDocument(
            id=document_id,
            citizen_id=here.citizen_id,
            name=name,
            declared=declare(request.form.get("type", ""), name=name),
            size=size or 0,
            origin=Origin.CITIZEN,
            asked_id=asked_of_form(),
        )
        with current_runtime().act(here.actor) as act:
            missing = begin_upload(act, new)
    except (InvalidInput, Conflict) as error:
        return {"why": wording.why_not(error)}, 422
    return {"missing": missing, "piece": PIECE_BYTES}, 200


@app_papers.post("/papers/<uuid:document_id>/pieces/<int:number>")
def piece(document_id: uuid.UUID, number: int) -> Told:
    """Take one piece; the same piece again changes nothing."""
    here = citizen_here()
    content = request.get_data(cache=False) if (request.content_length or 0) <= PIECE_BYTES else b""
    try:
        with current_runtime().act(here.actor) as act:
            add_piece(act, citizen_id=here.citizen_id, document_id=document_id, number=number, content=content)
    except (InvalidInput, Conflict) as error:
        return {"why": wording.why_not(error)}, 422
    return {}, 200


@app_papers.post("/papers/<uuid:document_id>/finish")
def finish(document_id: uuid.UUID) -> Told:
    """Close the document; done again, it changes nothing."""
    try:
        return {"to": _finish(citizen_here(), document_id)}, 200
    except (InvalidInput, Conflict) as error:
        return {"why": wording.why_not(error)}, 422


@app_papers.get("/papers/<uuid:document_id>")
def download(document_id: uuid.UUID) -> File:
    """Hand out one of her documents, if the way she came in opens them. Raises NotFound."""
    here = citizen_here()
    if not _may_see(here):
        raise NotFound(NO_SUCH_DOCUMENT)
    with current_runtime().act(here.actor) as act:
        opened = open_document(act, document_id=document_id, citizen_id=here.citizen_id)
    return hand_out(opened)


def _finish(here: CitizenHere, document_id: uuid.UUID) -> str:
    """Hand the document in and return where to go from here."""
    runtime = current_runtime()
    with runtime.act(here.actor) as act:
        hand_in(act, here, document_id=document_id)
    runtime.waker.wake(Lane.UPKEEP, Lane.JOURNAL)
    flash_once(_("Tak. Vi har fået dit papir."))
    return url_for("app_papers.show")


def _may_see(here: CitizenHere) -> bool:
    """Whether she sees earlier documents and what we have asked for: a code by SMS opens neither."""
    return ContentClass.LOGIN_ONLY in here.may_see


def _draw(*, wrong: str | None = None) -> str:
    runtime, here = current_runtime(), citizen_here()
    documents, asked = [], []
    with runtime.act(here.actor) as act:
        if _may_see(here):
            documents = documents_of(act.session, runtime.vault, citizen_id=here.citizen_id)
            asked = asked_of(act.session, runtime.vault, citizen_id=here.citizen_id, documents=documents)
        act.audit("app.papers_opened", object_kind="citizen", object_id=here.citizen_id)
    return render_template(
        "citizen_app/papers.html",
        may_see=_may_see(here),
        asked=asked,
        mine=[document for document in documents if document.origin is not Origin.STAFF],
        from_us=[document for document in documents if document.origin is Origin.STAFF and document.is_open],
        wrong=wrong,
        words=wording,
        accept=ACCEPT,
        photos_type=PHOTOS_TYPE,
        most_photos=MOST_PHOTOS,
        largest=LARGEST,
        document_id=new_id(),
    )
