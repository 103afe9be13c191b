"""Where a caseworker shows a code after a meeting: the citizen scans it, and nothing of it is kept with the meeting."""

import uuid
from datetime import timedelta

import sqlalchemy as sa
from flask import render_template, url_for
from markupsafe import Markup

from messaging.appointments.models import Appointment
from messaging.appointments.queries import find_appointment
from messaging.appointments.states import CANCELLED, AppointmentState
from messaging.citizen_app.pages.qr_codes import draw_qr
from messaging.errors import NotFound
from messaging.experience.codes import Cell, draw, in_two, is_open, month_of
from messaging.people.actors import Actor
from messaging.runtime import Runtime
from messaging.trial.queries import arms_of
from messaging.web.pages import pages, signed_in
from messaging.web.shell import current_runtime

SHOWN_FOR = timedelta(days=3)
"""How long after its beginning a meeting is still asked about."""
NOT_HELD = frozenset({*CANCELLED, AppointmentState.NO_SHOW})

desk_pages = pages("pulse_desk", __name__)


def panel(runtime: Runtime, actor: Actor, citizen_id: uuid.UUID) -> Markup:
    """Draw the button beside the thread of a citizen in the trial who has just been here."""
    now = runtime.clock.now()
    if citizen_id in actor.covered:
        return Markup("")
    with runtime.database.read() as session:
        if not arms_of(session, [citizen_id]):
            return Markup("")
        chosen = sa.select(Appointment.id, Appointment.starts_at).where(
            Appointment.citizen_id == citizen_id,
            Appointment.starts_at <= now,
            Appointment.starts_at > now - SHOWN_FOR,
            Appointment.state.not_in(NOT_HELD),
        )
        meetings = session.execute(chosen.order_by(Appointment.starts_at.desc()).limit(1)).all()
    html = render_template("experience/panel.html", meetings=meetings)
    return Markup(html)  # noqa: S704  our own template, already escaped


@desk_pages.post("/appointments/<uuid:appointment_id>/pulse")
def show(appointment_id: uuid.UUID) -> str:
    """Show a fresh code. Raises NotFound for a meeting whose citizen is in no arm, or that is not to be asked about."""
    runtime, actor = current_runtime(), signed_in()
    with runtime.act(actor) as act:
        meeting = find_appointment(act.session, actor, appointment_id)
        arm = arms_of(act.session, [meeting.citizen_id]).get(meeting.citizen_id)
        month = month_of(meeting.starts_at)
        if arm is None or meeting.starts_at > act.now or not is_open(month, at=act.now):
            raise NotFound("nobody is asked about this meeting")
        (code,) = draw(act, Cell(arm=arm, month=month, meeting_type=meeting.meeting_type))
        citizen_id = meeting.citizen_id
    address = runtime.config.public_url + url_for("pulse.ask", code=code)
    return render_template(
        "experience/desk.html",
        citizen_id=citizen_id,
        picture=draw_qr(address),
        address=address,
        typed_at=runtime.config.public_url.partition("://")[2] + url_for("pulse.enter"),
        code=in_two(code),
    )
