"""The citizen's meetings: the next one as a purpose card with what she can answer, those after it, and those before."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from messaging.appointments import citizen_answers, own_meetings
from messaging.appointments.calendar_file import CalendarEntry, calendar_file
from messaging.appointments.citizen_answers import Answer, AppAnswer
from messaging.appointments.models import Form
from messaging.appointments.own_meetings import OwnMeeting
from messaging.citizen_app import meeting_wording
from messaging.citizen_app.pages.doors import app_pages, citizen_here
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.language import language
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_id
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

LATE_FROM = timedelta(hours=3)
"""Before a meeting: nobody knows earlier that she will be late."""

app_meetings = app_pages("app_meetings", __name__)

Answered = WerkzeugResponse | tuple[str, int]


@app_meetings.get("/meetings")
def overview() -> str:
    """Show her meetings."""
    return _draw()


@app_meetings.get("/meetings/<meeting_token>")
def show(meeting_token: str) -> str:
    """Show one meeting by itself: why, what happens, what to bring, what comes after, and how to get there."""
    runtime, here = current_runtime(), citizen_here()
    with runtime.act(here.actor) as act:
        meeting = own_meetings.one_meeting(
            act.session, act.vault, citizen_id=here.citizen_id, token=meeting_token, now=act.now, language=language()
        )
        act.audit("meeting.shown_in_app", object_kind="appointment", object_id=meeting.id)
        now = act.now
    return render_template("citizen_app/meeting.html", meeting=meeting, now=now, **_what_cards_ask())


@app_meetings.post("/meetings/<meeting_token>/answer")
def answer(meeting_token: str) -> Answered:
    """Take in what she says of a meeting; the same form again changes nothing."""
    runtime, here = current_runtime(), citizen_here()
    given, number, answer_id = _answer(), _number(), form_id("answer_id")
    whose: dict[str, Any] = {"citizen_id": here.citizen_id, "token": meeting_token}
    try:
        with runtime.act(here.actor) as act:
            citizen_answers.answer_meeting(
                act,
                AppAnswer(
                    id=answer_id,
                    appointment_id=own_meetings.find_own(act.session, act.vault, **whose),
                    revision=_revision(),
                    answer=given,
                    number=number,
                    why=request.form.get("why", ""),
                    language=language(),
                    content_class=here.class_of_own,
                ),
                citizen_id=here.citizen_id,
                office=Office.from_config(settings_now(runtime)),
            )
            meeting = own_meetings.one_meeting(act.session, act.vault, now=act.now, language=language(), **whose)
    except Conflict as error:
        return _draw(wrong=str(meeting_wording.TOO_LATE.get(error.code, meeting_wording.TOO_LATE[Conflict.code]))), 409
    except InvalidInput as error:
        if error.field != "why":
            raise
        return _draw(wrong=str(meeting_wording.TOO_LONG)), 422
    runtime.waker.wake(Lane.JOURNAL, Lane.UPKEEP, Lane.INTERACTIVE)
    flash_once(_said_back(given, number, meeting))
    if given is Answer.NEW_TIME and not meeting.times and number is None:  # the acknowledgement stands there
        return redirect(url_for("app_thread.show", _anchor="newest"), code=303)
    return redirect(url_for("app_meetings.overview"), code=303)


@app_meetings.get("/meetings/<meeting_token>/aftale.ics")
def calendar(meeting_token: str) -> Response:
    """Give a meeting as a file for the calendar of her phone."""
    runtime, here = current_runtime(), citizen_here()
    with runtime.act(here.actor) as act:
        meeting = own_meetings.one_meeting(
            act.session, act.vault, citizen_id=here.citizen_id, token=meeting_token, now=act.now, language=language()
        )
        act.audit("meeting.put_in_calendar", object_kind="appointment", object_id=meeting.id)
    entry = CalendarEntry(
        uid=f"{meeting.token}@borgerdialog",
        starts_at=meeting.starts_at,
        minutes=meeting.minutes,
        place=_place_of(meeting),
        state=meeting.state,
        revision=meeting.revision,
        changed_at=meeting.state_since,
    )
    unit = Office.from_config(settings_now(runtime)).unit
    file = calendar_file(entry, unit=unit, word=_("Aftale"), now=runtime.clock.now())
    return Response(
        file,
        mimetype="text/calendar",
        headers={"Content-Disposition": 'inline; filename="aftale.ics"', "Cache-Control": "no-store"},
    )


def _draw(*, wrong: str | None = None) -> str:
    runtime, here = current_runtime(), citizen_here()
    listing = f"past meetings of {here.citizen_id}"
    kept: Any = read_cursor(runtime.vault, request.args.get("before"), listing=listing, kinds=(datetime, uuid.UUID))
    with runtime.act(here.actor) as act:
        whose: dict[str, Any] = {"citizen_id": here.citizen_id, "now": act.now, "language": language()}
        coming = own_meetings.coming_meetings(act.session, act.vault, **whose)
        past, next_ = own_meetings.past_meetings(act.session, act.vault, before=kept, **whose)
        if coming or past:
            act.audit("meetings.shown_in_app", object_kind="citizen", object_id=here.citizen_id)
        now = act.now
    open_ones = [place for place, meeting in enumerate(coming) if not meeting.is_cancelled]
    unfolded = open_ones[0] + 1 if open_ones else len(coming)  # what is cancelled before the next one, and that
    return render_template(
        "citizen_app/meetings.html",
        first=coming[:unfolded],
        later=coming[unfolded:],
        past=past,
        older=write_cursor(runtime.vault, listing=listing, key=next_) if next_ else None,
        is_history=kept is not None,
        now=now,
        wrong=wrong,
        **_what_cards_ask(),
    )


def _what_cards_ask() -> dict[str, Any]:
    """Return what the template of a card is given besides its meeting and the time."""
    return {
        "late_from": LATE_FROM,
        "words": meeting_wording,
        "longest_why": citizen_answers.LONGEST_WHY,
        "new_id": new_id,
    }


def _place_of(meeting: OwnMeeting) -> str | None:
    if meeting.form is not Form.IN_PERSON:
        return str(meeting_wording.FORMS[meeting.form])
    return meeting.place.text if meeting.place else None


def _answer() -> Answer:
    try:
        return Answer(request.form.get("answer", ""))
    except ValueError:
        raise InvalidInput("there is no such answer", field="answer") from None


def _number() -> int | None:
    """Return the number of the offered time that she chooses, if she does."""
    number = request.form.get("number")
    if number is None:
        return None
    try:
        return int(number)
    except ValueError:
        raise InvalidInput("there is no such time", field="number") from None


def _said_back(given: Answer, number: int | None, meeting: OwnMeeting) -> str:
    if number is None:
        return str(meeting_wording.TAKEN_IN[given])
    return str(meeting_wording.CHOSEN if meeting.chosen and meeting.chosen.number == number else meeting_wording.GONE)


def _revision() -> int:
    try:
        return int(request.form.get("revision", ""))
    except ValueError:
        raise InvalidInput("the form names no revision", field="revision") from None
