"""Appointments beside the thread: what is agreed, what was reminded of, and the outcome with one tap."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from flask import redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from messaging.appointments import cancelling, in_threads, outcomes, queries, tapping, wording
from messaging.appointments.free_times import wishes_of
from messaging.appointments.guiding import Guide
from messaging.appointments.pages.readings import readings
from messaging.appointments.queries import AppointmentView
from messaging.appointments.states import OPEN, OutcomeWord
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.errors import InvalidInput
from messaging.people.actors import Actor
from messaging.runtime import Runtime
from messaging.web.language import many as _n
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

SHOWN = 20
LONGEST_REASON = 1000

appointments = pages("appointments", __name__)


def panel(runtime: Runtime, actor: Actor, citizen_id: uuid.UUID) -> Markup:
    """Draw the meetings of a citizen: those to come first, then the last ones."""
    now = runtime.clock.now()
    with runtime.database.read() as session:
        rows = queries.latest_appointments(session, runtime.vault, actor, citizen_id=citizen_id, limit=SHOWN)
        wishes = wishes_of(session, [row.id for row in rows])
        taps = tapping.taps_of(session, [row.id for row in rows])
        purposes = in_threads.list_purposes(session, [row for row in rows if row.starts_at >= now])
        guide = Guide(session, at=now)
    coming = [row for row in rows if row.starts_at >= now][::-1]
    past = [row for row in rows if row.starts_at < now]
    html = render_template(
        "appointments/panel.html",
        coming=coming,
        past=past,
        taps=taps,
        purposes=purposes,
        wishes=wishes,
        guidance={row.id: guide.of(row) for row in coming},
        words=wording,
        is_open=_is_open,
    )
    return Markup(html)  # noqa: S704  our own template, already escaped


def notes(runtime: Runtime, message_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Say beside each message how it was understood and what was done about it, or of which meeting it reminded."""
    with runtime.database.read() as session:
        reminded = in_threads.list_reminded(session, message_ids)
    return readings(runtime, message_ids) | {one.message_id: wording.reminder_of(one) for one in reminded}


@appointments.post("/appointments/<uuid:appointment_id>/outcome")
def record(appointment_id: uuid.UUID) -> Response:
    """Note what became of a meeting, to be recorded when it can no longer be undone, or correct it with a reason."""
    runtime, actor = current_runtime(), signed_in()
    outcome, reason = _outcome(request.form.get("outcome", "")), _reason()
    with runtime.act(actor) as act:
        appointment = queries.find_appointment(act.session, actor, appointment_id)
        tapped = appointment.state in OPEN and not reason and appointment.starts_at <= act.now
        if tapped:
            undo_for = timedelta(seconds=runtime.config.waits.undo)
            tapping.tap_outcome(act, appointment_id=appointment_id, outcome=outcome, undo_for=undo_for)
        elif appointment.state in OPEN:
            outcomes.record_outcome(act, appointment_id=appointment_id, outcome=outcome, reason=reason or None)
            tapping.forget_tap(act, appointment_id=appointment_id)
        else:
            outcomes.correct_outcome(act, appointment_id=appointment_id, outcome=outcome, reason=reason)
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_tapped(runtime.config.waits.undo) if tapped else _("Udfaldet er noteret."))
    return _back(appointment.citizen_id, appointment_id)


@appointments.post("/appointments/<uuid:appointment_id>/outcome/undo")
def undo(appointment_id: uuid.UUID) -> Response:
    """Take the outcome back that was just tapped; once it is recorded, say how it is corrected."""
    runtime, actor = current_runtime(), signed_in()
    try:
        with runtime.act(actor) as act:
            citizen_id = queries.find_appointment(act.session, actor, appointment_id).citizen_id
            tapping.undo_tap(act, appointment_id=appointment_id)
    except tapping.TooLateToUndo:
        flash_once(_("Det er for sent at fortryde: udfaldet er noteret. Er det forkert, så ret det her med en grund."))
        return redirect(url_for("conversations.thread", citizen_id=citizen_id), code=303)
    flash_once(_("Udfaldet er fortrudt. Intet er skrevet i journalen."))
    return _back(citizen_id, appointment_id)


@appointments.post("/appointments/<uuid:appointment_id>/cancel")
def cancel(appointment_id: uuid.UUID) -> Response:
    """Cancel a meeting from our side; the citizen hears of it at once."""
    runtime, actor = current_runtime(), signed_in()
    with runtime.act(actor) as act:
        citizen_id = queries.find_appointment(act.session, actor, appointment_id).citizen_id
        done = cancelling.cancel_by_us(
            act,
            appointment_id=appointment_id,
            reason=_reason() or None,
            office=Office.from_config(settings_now(runtime)),
        )
    for lane in (Lane.URGENT, Lane.JOURNAL):
        runtime.waker.wake(lane)
    flash_once(wording.TOLD if done.unreachable is None else wording.NOT_TOLD)
    return redirect(url_for("conversations.thread", citizen_id=citizen_id), code=303)


def _back(citizen_id: uuid.UUID, appointment_id: uuid.UUID) -> Response:
    """Lead back to where the meeting stands, so that by keyboard too the next thing is to take the outcome back."""
    if request.form.get("back") == "meetings":
        return redirect(url_for("meetings.overview", _anchor=f"row-{appointment_id}"), code=303)
    return redirect(
        url_for("conversations.thread", citizen_id=citizen_id, _anchor=f"meeting-{appointment_id}"), code=303
    )


def _tapped(seconds: float) -> str:
    return _n(
        "Udfaldet noteres om lidt. Du kan fortryde i %(num)s sekund.",
        "Udfaldet noteres om lidt. Du kan fortryde i %(num)s sekunder.",
        max(1, round(seconds)),
    )


def _is_open(appointment: AppointmentView) -> bool:
    return appointment.state in OPEN


def _outcome(word: str) -> OutcomeWord:
    try:
        return OutcomeWord(word)
    except ValueError:
        raise InvalidInput("there is no such outcome", field="outcome") from None


def _reason() -> str:
    return request.form.get("reason", "").strip()[:LONGEST_REASON]
