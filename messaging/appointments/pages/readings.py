"""How answers were read, said below each in the thread, with the one tap that says it was wrong."""

import uuid
from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from messaging.appointments import queries
from messaging.appointments.correcting import MEANINGS, correct_reading, latest_corrections, may_be_corrected
from messaging.appointments.models import ReadingCorrection, ReplyReading
from messaging.appointments.reading_wording import MEANINGS as WORDS
from messaging.appointments.reading_wording import reading_of
from messaging.appointments.reply_rules import Label
from messaging.errors import InvalidInput, NotFound
from messaging.people.visibility import find_citizen
from messaging.runtime import Runtime
from messaging.web.pages import pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

reading_pages = pages("readings", __name__)


def readings(runtime: Runtime, message_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Draw below each message how it was read, why, and how to say that it means something else."""
    with runtime.database.read() as session:
        rows = queries.list_readings(session, message_ids)
        ids = [row.message_id for row in rows]
        corrected, threads = latest_corrections(session, ids), queries.threads_of(session, ids)
    drawn = {row.message_id: _draw(row, corrected.get(row.message_id), threads[row.message_id]) for row in rows}
    return {message_id: html for message_id, html in drawn.items() if html}


@reading_pages.post("/conversations/<uuid:citizen_id>/messages/<uuid:message_id>/meaning")
def correct(citizen_id: uuid.UUID, message_id: uuid.UUID) -> Response:
    """Note what an answer means in truth."""
    runtime, actor = current_runtime(), signed_in()
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        if queries.threads_of(act.session, [message_id]).get(message_id) != citizen_id:
            raise NotFound("there is no such message")
        correct_reading(act, message_id=message_id, label=_label(request.form.get("label", "")))
    runtime.waker.wake(Lane.JOURNAL)
    return redirect(url_for("conversations.thread", citizen_id=citizen_id, _anchor=f"message-{message_id}"), code=303)


def _draw(reading: ReplyReading, corrected: ReadingCorrection | None, citizen_id: uuid.UUID | None) -> str | None:
    sentence = reading_of(reading, corrected)
    if sentence is None or citizen_id is None or not may_be_corrected(reading):
        return sentence
    html = render_template(
        "appointments/reading.html",
        sentence=sentence,
        citizen_id=citizen_id,
        message_id=reading.message_id,
        meanings=_offered(reading, corrected),
        is_known=corrected is not None and corrected.label != Label.OTHER,
    )
    return Markup(html)  # noqa: S704  our own template, already escaped


def _offered(reading: ReplyReading, corrected: ReadingCorrection | None) -> dict[str, str]:
    """Return what may be tapped: that it is wrong; once that is said, what it means; whether a guess is right."""
    if corrected is not None:
        return {label: WORDS[label] for label in MEANINGS if label not in {corrected.label, Label.OTHER}}
    return {reading.suggestion: ""} if reading.suggestion in MEANINGS else {Label.OTHER: ""}


def _label(word: str) -> Label:
    try:
        return Label(word)
    except ValueError:
        raise InvalidInput("there is no such meaning", field="label") from None
