"""Internal notes under a thread: a form of its own, whose button can send nothing."""

import uuid

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from messaging.conversations import noting, opening
from messaging.conversations.note_models import NoteKind
from messaging.conversations.pages.composer import Draft
from messaging.conversations.pages.shown_once import go_and_show
from messaging.conversations.pages.thread import show_thread
from messaging.errors import InvalidInput
from messaging.people.visibility import find_citizen
from messaging.web.idempotency import fingerprint_of, take_key
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

notes = pages("notes", __name__)


@notes.post("/conversations/<uuid:citizen_id>/notes")
def write(citizen_id: uuid.UUID) -> Response | tuple[str, int]:
    """Keep an internal note; the form sent twice is one note."""
    runtime, actor = current_runtime(), signed_in()
    new = noting.NewNote(id=form_id("note_id"), kind=NoteKind.INTERNAL, text=request.form.get("note", ""))
    try:
        with runtime.act(actor) as act:
            find_citizen(act.session, actor, citizen_id)
            written_before = take_key(
                act.session,
                scope=f"notes of {actor.id}",
                key=str(new.id),
                fingerprint=fingerprint_of(act.vault, str(citizen_id), new.text),
                object_id=new.id,
                at=act.now,
            )
            if written_before is None:
                noting.write_note(act, new, citizen_id=citizen_id)
    except InvalidInput:
        wrong = _("Ikke gemt. Skriv en note på højst %(most)s tegn.", most=noting.LONGEST)
        return show_thread(citizen_id, Draft(), note=new.text, note_wrong=wrong), 422
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Noten er gemt. Den er ikke sendt til nogen."))
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


@notes.post("/conversations/<uuid:citizen_id>/notes/<uuid:note_id>/number")
def show_number(citizen_id: uuid.UUID, note_id: uuid.UUID) -> Response:
    """Show the thread once with one note as it was written, the personal number in it too."""
    with current_runtime().act(signed_in()) as act:
        opening.show_number_in_note(act, citizen_id=citizen_id, note_id=note_id)
    return go_and_show(citizen_id, note_id, anchor="note")
