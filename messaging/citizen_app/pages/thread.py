"""The citizen's one thread with us, as her phone shows it: read and written."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app import data_use
from messaging.citizen_app.pages import help_now
from messaging.citizen_app.pages.above_thread import above
from messaging.citizen_app.pages.doors import app_pages, citizen_here
from messaging.citizen_app.pages.who_reads import who_reads
from messaging.citizen_app.reading import is_anything_new, open_thread, read_thread
from messaging.conversations import receiving_app
from messaging.conversations.app_thread import AppPage
from messaging.conversations.sending_in_app import LONGEST
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.language import now as _
from messaging.web.pages import form_id, looks_by_itself
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

LISTING = "app thread"
HIGHEST_SEQ = 2**31 - 1

app_thread = app_pages("app_thread", __name__)


@app_thread.get("")
def show() -> str:
    """Show the thread, the newest message last, with the form that answers it."""
    return _draw()


@app_thread.post("/messages")
def write() -> Response | tuple[str, int]:
    """Take in what she wrote; the same form again changes nothing."""
    runtime, here, text = current_runtime(), citizen_here(), request.form.get("text", "")
    message_id = form_id("message_id")
    try:
        with runtime.act(here.actor) as act:
            receiving_app.store_from_app(
                act,
                citizen_id=here.citizen_id,
                message_id=message_id,
                text=text,
                content_class=here.class_of_own,
            )
    except InvalidInput:
        wrong = _("Skriv din besked først.") if not text.strip() else _("Beskeden er for lang. Del den i to.")
        return _draw(text=text, wrong=wrong), 422
    runtime.waker.wake(Lane.JOURNAL, Lane.UPKEEP)
    return redirect(url_for("app_thread.show", _anchor="newest"), code=303)


def _draw(*, text: str = "", wrong: str | None = None) -> str:
    runtime, here = current_runtime(), citizen_here()
    kept: Any = read_cursor(
        runtime.vault, request.args.get("before"), listing=f"{LISTING} {here.citizen_id}", kinds=(int,)
    )
    before = min(kept[0], HIGHEST_SEQ) if kept else None
    page = _open(before)
    with runtime.database.read() as session:
        tells_of_data = not data_use.is_shown(session, here.citizen_id)
        numbers = help_now.offer(session, here)
    return render_template(
        "citizen_app/thread.html",
        **({} if before or looks_by_itself() else above(runtime, here)),
        **who_reads(runtime, here, page),
        page=page,
        earlier=cursor_of(page.entries[0].seq) if page.has_earlier and page.entries else None,
        message_id=new_id(),
        text=text,
        wrong=wrong,
        longest=LONGEST,
        tells_of_data=tells_of_data,
        numbers=numbers,
    )


def _open(before: int | None) -> AppPage:
    """Open the thread. A page that looks by itself opens it anew only where something new is shown."""
    runtime, here = current_runtime(), citizen_here()
    if looks_by_itself():
        with runtime.database.read() as session:
            page = read_thread(session, runtime.vault, here, before=before)
        if not is_anything_new(page):
            return page
    with runtime.act(here.actor) as act:
        page = open_thread(act, here, before=before)
    runtime.waker.wake(Lane.JOURNAL)
    return page


def cursor_of(seq: int) -> str:
    """Return where the page begins that ends before this place in her thread."""
    here = citizen_here()
    return write_cursor(current_runtime().vault, listing=f"{LISTING} {here.citizen_id}", key=(seq,))
