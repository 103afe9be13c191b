"""The contact ledger of a citizen, and the copies one may take of it and of the thread."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Response, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from messaging.conversations import wording as message_wording
from messaging.conversations.content_gate import mask_cpr
from messaging.ledger import opening, wording
from messaging.ledger.cells import write_table
from messaging.ledger.contact_attempts import LISTING_KINDS, list_attempts
from messaging.ledger.lines import Line, line_of, line_of_note, period_in_words, write_text
from messaging.ledger.opening import Copy
from messaging.ledger.periods import NoSuchDay, Period, read_period
from messaging.ledger.printing import CannotPrint, print_pdf
from messaging.ledger.transcripts import TooLong, read_notes, read_transcript
from messaging.people.actors import Actor
from messaging.people.queries import name_citizens
from messaging.people.visibility import find_citizen
from messaging.runtime import Runtime
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.dates import dated
from messaging.web.language import now as _
from messaging.web.pages import pages, signed_in
from messaging.web.shell import current_runtime

PAGE = 30
MOST_ROWS = 5000
MOST_PRINTED = 1000
MOST_WRITTEN = 10_000
"""Messages in a printed transcript, and in one that is text."""

ledger_pages = pages("ledger", __name__)

Make = Callable[[uuid.UUID, Period], Response]
"""Makes a copy of a period."""


def panel(_runtime: Runtime, actor: Actor, citizen_id: uuid.UUID) -> Markup:
    """Draw the way to the ledger, for those who may open it."""
    html = "" if citizen_id in actor.covered else render_template("ledger/panel.html", citizen_id=citizen_id)
    return Markup(html)  # noqa: S704  our own template, already escaped


@ledger_pages.get("/citizens/<uuid:citizen_id>/ledger")
def overview(citizen_id: uuid.UUID) -> str | tuple[str, int]:
    """Show what was done to reach a citizen, newest first."""
    try:
        return _page(citizen_id, read_period(request.args))
    except NoSuchDay:
        return _page(citizen_id, Period(), wrong=wording.NO_SUCH_DAY), 422


@ledger_pages.get("/citizens/<uuid:citizen_id>/ledger.csv")
def table(citizen_id: uuid.UUID) -> Response | tuple[str, int]:
    """Give the ledger as a table for a spreadsheet."""
    return _give(citizen_id, _table)


@ledger_pages.get("/citizens/<uuid:citizen_id>/transcript.pdf")
def printed(citizen_id: uuid.UUID) -> Response | tuple[str, int]:
    """Give the thread on paper."""
    return _give(citizen_id, _printed)


@ledger_pages.get("/citizens/<uuid:citizen_id>/transcript.txt")
def written(citizen_id: uuid.UUID) -> Response | tuple[str, int]:
    """Give the thread as text."""
    return _give(citizen_id, _written)


def _page(citizen_id: uuid.UUID, period: Period, *, wrong: str | None = None) -> str:
    runtime, actor = current_runtime(), signed_in()
    listing = f"ledger of {citizen_id}"
    before: Any = read_cursor(runtime.vault, request.args.get("cursor"), listing=listing, kinds=LISTING_KINDS)
    with runtime.act(actor) as act:
        opening.open_ledger(act, citizen_id=citizen_id, period=period)
    now = runtime.clock.now()
    with runtime.database.read() as session:
        citizen = find_citizen(session, actor.on_her_own, citizen_id)
        attempts = list_attempts(session, runtime.vault, citizen, period=period, now=now, before=before, limit=PAGE + 1)
        name = _name(session, runtime, citizen_id)
    return render_template(
        "ledger/ledger.html",
        citizen_id=citizen_id,
        name=name,
        attempts=attempts[:PAGE],
        more=write_cursor(runtime.vault, listing=listing, key=attempts[PAGE - 1].key) if len(attempts) > PAGE else None,
        period=period,
        wrong=wrong,
        now=now,
        explain=_explain(runtime),
        words=wording,
    )


def _give(citizen_id: uuid.UUID, make: Make) -> Response | tuple[str, int]:
    """Make a copy, or show the ledger with a sentence that says why there is none."""
    period, status = Period(), 422
    try:
        period = read_period(request.args)
        return make(citizen_id, period)
    except NoSuchDay:
        wrong = wording.NO_SUCH_DAY
    except TooLong as error:
        wrong = _("Perioden har flere end %(most)s linjer. Vælg en kortere periode.", most=error.most)
    except CannotPrint:
        wrong, status = _("Udskriften kunne ikke laves. Prøv igen om lidt, eller hent den som tekst."), 409
    return _page(citizen_id, period, wrong=wrong), status


def _table(citizen_id: uuid.UUID, period: Period) -> Response:
    runtime, actor = current_runtime(), signed_in()
    explain, now = _explain(runtime), runtime.clock.now()
    with runtime.database.read() as session:
        citizen = find_citizen(session, actor.on_her_own, citizen_id)
        attempts = list_attempts(
            session, runtime.vault, citizen, period=period, now=now, before=None, limit=MOST_ROWS + 1
        )
    if len(attempts) > MOST_ROWS:
        raise TooLong(most=MOST_ROWS)
    shown = _with_numbers()
    with runtime.act(actor) as act:
        opening.export_ledger(act, Copy(form="csv", with_numbers=shown), citizen_id=citizen_id, period=period)
    rows = [wording.row_of(attempt, now=now, failure=explain, with_numbers=shown) for attempt in attempts]
    head = [str(column) for column in wording.HEAD]
    foot = [str(wording.NOT_SERVICE), *([] if shown else [str(wording.HIDDEN)])]
    return _file(write_table(head, rows, foot=foot).encode(), "text/csv; charset=utf-8", now, "csv")


def _printed(citizen_id: uuid.UUID, period: Period) -> Response:
    name, lines, now = _transcript(citizen_id, period, most=MOST_PRINTED)
    html = render_template(
        "ledger/transcript.html",
        name=name,
        lines=lines,
        period=period_in_words(period),
        hidden=None if _with_numbers() else wording.HIDDEN,
        now=now,
    )
    pdf = print_pdf(html)
    _note_transcript(citizen_id, period, form="pdf")
    return _file(pdf, "application/pdf", now, "pdf")


def _written(citizen_id: uuid.UUID, period: Period) -> Response:
    name, lines, now = _transcript(citizen_id, period, most=MOST_WRITTEN)
    head = (
        _("Udskrift af samtalen med %(name)s", name=name),
        f"{period_in_words(period)}.",
        _("Skrevet ud %(when)s fra Borgerdialog.", when=dated(now)),
        *([] if _with_numbers() else [str(wording.HIDDEN)]),
    )
    _note_transcript(citizen_id, period, form="txt")
    return _file(write_text(head, lines).encode(), "text/plain; charset=utf-8", now, "txt")


def _transcript(citizen_id: uuid.UUID, period: Period, *, most: int) -> tuple[str, list[Line], datetime]:
    """Return the citizen's name, the lines of the period and the present moment."""
    runtime, now = current_runtime(), current_runtime().clock.now()
    with runtime.database.read() as session:
        find_citizen(session, signed_in().on_her_own, citizen_id)
        name = _name(session, runtime, citizen_id)
    messages = read_transcript(runtime.database, runtime.vault, citizen_id, period=period, most=most)
    notes = read_notes(runtime.database, runtime.vault, citizen_id, period=period, most=most)
    lines = [line_of(message, now=now, failure=_explain(runtime)) for message in messages]
    lines += [line_of_note(note) for note in notes]
    if not _with_numbers():
        lines = [replace(line, text=mask_cpr(line.text)) for line in lines]
    return name, sorted(lines, key=lambda line: line.at), now


def _note_transcript(citizen_id: uuid.UUID, period: Period, *, form: str) -> None:
    with current_runtime().act(signed_in()) as act:
        copy = Copy(form=form, with_numbers=_with_numbers())
        opening.export_transcript(act, copy, citizen_id=citizen_id, period=period)


def _with_numbers() -> bool:
    """Whether she asked for the personal numbers to be left in the texts; what leaves the house hides them."""
    return request.args.get("numbers") == "shown"


def _name(session: Session, runtime: Runtime, citizen_id: uuid.UUID) -> str:
    return name_citizens(session, runtime.vault, [citizen_id])[citizen_id]


def _explain(runtime: Runtime) -> message_wording.Explain:
    explain: message_wording.Explain = getattr(runtime.channel, "explain", message_wording.explain)
    return explain


def _file(content: bytes, type_: str, now: datetime, ending: str) -> Response:
    """Answer with a file; its name says nothing of whose it is."""
    name = f"{'kontakt' if ending == 'csv' else 'samtale'}-{now:%Y-%m-%d}.{ending}"
    return Response(content, content_type=type_, headers={"Content-Disposition": f'attachment; filename="{name}"'})
