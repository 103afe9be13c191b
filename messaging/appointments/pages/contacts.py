"""The form of a call, a visit or a talk at the desk."""

import uuid
from datetime import UTC, datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from messaging.appointments import contacts as noted
from messaging.appointments import queries, wording
from messaging.appointments.states import OPEN
from messaging.clock import COPENHAGEN
from messaging.conversations import noting
from messaging.conversations import wording as conversation_wording
from messaging.conversations.note_models import OF_CONTACT, OURS_TO_TRY, NoteKind
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput
from messaging.people.actors import Actor
from messaging.people.queries import name_citizens
from messaging.people.visibility import find_citizen
from messaging.runtime import Runtime
from messaging.web.idempotency import fingerprint_of, take_key
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

MEETINGS = 20
FIELDS = ("kind", "reached", "occurred_at", "text", "settles", "appointment_id", "said")

contacts = pages("contacts", __name__)

Answer = str | Response | tuple[str, int]


def panel(runtime: Runtime, actor: Actor, citizen_id: uuid.UUID) -> Markup:  # noqa: ARG001
    """Draw the button that leads from a thread to the form."""
    return Markup(render_template("appointments/contact_panel.html", citizen_id=citizen_id))  # noqa: S704


@contacts.get("/citizens/<uuid:citizen_id>/contacts/new")
def ask(citizen_id: uuid.UUID) -> Answer:
    """Show the form."""
    return _show(citizen_id, {"kind": NoteKind.CALL_OUT, "note_id": str(new_id()), "settles": "yes"})


@contacts.post("/citizens/<uuid:citizen_id>/contacts")
def write(citizen_id: uuid.UUID) -> Answer:
    """Note the contact; the form sent twice is one note."""
    runtime, actor = current_runtime(), signed_in()
    note_id, form = form_id("note_id"), {name: request.form.get(name, "") for name in FIELDS}
    try:
        with runtime.act(actor) as act:
            find_citizen(act.session, actor, citizen_id)
            written_before = take_key(
                act.session,
                scope=f"contacts of {actor.id}",
                key=str(note_id),
                fingerprint=fingerprint_of(act.vault, str(citizen_id), form),
                object_id=note_id,
                at=act.now,
            )
            if written_before is None:
                noted.note_contact(
                    act,
                    _new_note(note_id, form),
                    citizen_id=citizen_id,
                    settles=form["settles"] == "yes",
                    appointment_id=_id(form["appointment_id"]),
                    said=_said(form["said"]),
                )
    except (InvalidInput, Conflict) as error:
        return _show(citizen_id, {**form, "note_id": str(note_id)}, wrong=_why(error)), 422
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Noten er gemt og på vej i journalen. Den er ikke sendt til borgeren."))
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor="newest"), code=303)


def _show(citizen_id: uuid.UUID, form: dict[str, Any], *, wrong: str | None = None) -> str:
    runtime, actor = current_runtime(), signed_in()
    now = runtime.clock.now()
    with runtime.database.read() as session:
        find_citizen(session, actor, citizen_id)
        name = name_citizens(session, runtime.vault, [citizen_id])[citizen_id]
        coming = queries.list_appointments(
            session, runtime.vault, actor, citizen_id=citizen_id, since=now, limit=MEETINGS
        )
    return render_template(
        "appointments/contact.html",
        citizen_id=citizen_id,
        name=name,
        form=form,
        wrong=wrong,
        kinds={kind: word for kind, word in conversation_wording.NOTES.items() if kind in OF_CONTACT},
        tries=OURS_TO_TRY,
        meetings=[meeting for meeting in coming if meeting.state in OPEN],
        said=wording.SAID,
        longest=noting.LONGEST,
        local_now=f"{now.astimezone(COPENHAGEN):%Y-%m-%dT%H:%M}",
    )


def _new_note(note_id: uuid.UUID, form: dict[str, str]) -> noting.NewNote:
    if form["kind"] not in OF_CONTACT:
        raise InvalidInput("this is no kind of contact", field="kind")
    return noting.NewNote(
        id=note_id,
        kind=NoteKind(form["kind"]),
        text=form["text"],
        reached={"yes": True, "no": False}.get(form["reached"]),
        occurred_at=_moment(form["occurred_at"]),
    )


def _moment(words: str) -> datetime | None:
    if not words:
        return None
    try:
        return datetime.fromisoformat(words).replace(tzinfo=COPENHAGEN).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput("this is no time", field="occurred_at") from None


def _id(word: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(word) if word else None
    except ValueError:
        raise InvalidInput("this names no meeting", field="appointment_id") from None


def _said(word: str) -> noted.Said | None:
    if word and word not in set(noted.Said):
        raise InvalidInput("nothing of that sort is noted", field="said")
    return noted.Said(word) if word else None


def _why(error: InvalidInput | Conflict) -> str:
    if isinstance(error, Conflict):
        return str(wording.MEETING_OVER)
    return str(wording.NOT_NOTED.get(error.field or "", wording.NOT_NOTED["text"]))
