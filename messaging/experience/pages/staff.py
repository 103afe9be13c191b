"""The two questions to staff: signed in, so that each answers once, and counted without her."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.clock import COPENHAGEN
from messaging.errors import InvalidInput, NotFound
from messaging.experience import answering, wording
from messaging.experience.models import StaffAnswered, Wave
from messaging.experience.pages.pulse import ratings_of
from messaging.experience.waves import open_wave
from messaging.people.actors import Actor
from messaging.people.models import Role
from messaging.runtime import Runtime
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages, signed_in
from messaging.web.shell import current_runtime

staff_pulse = pages("staff_pulse", __name__)

Answer = str | Response | tuple[str, int]


def is_asked(runtime: Runtime, actor: Actor) -> bool:
    """Whether a wave is open in which this member of staff has not answered."""
    return actor.role is Role.CASEWORKER and _wave(runtime, actor) is not None


@staff_pulse.get("/pulse")
def ask() -> str:
    """Ask, if a wave is open in which she has not answered."""
    return _draw()


@staff_pulse.post("/pulse")
def answer() -> Answer:
    """Count an answer. Raises Conflict if the wave is over or she has answered."""
    runtime, actor = current_runtime(), _caseworker()
    try:
        wave = Wave(request.form.get("wave", ""))
    except ValueError:
        raise InvalidInput("there is no such wave", field="wave") from None
    try:
        with runtime.act(actor) as act:
            answering.answer_as_staff(act, wave=wave, answers=ratings_of(request.form))
    except InvalidInput:
        return _draw(wrong=_("Vælg et svar først.")), 422
    flash_once(_("Tak for dit svar. Det er talt med, og ingen kan se, at det er dit."))
    return redirect(url_for("staff_pulse.ask"), code=303)


def _draw(*, wrong: str | None = None) -> str:
    wave = _wave(current_runtime(), _caseworker())
    return render_template(
        "experience/staff.html", wave=wave, questions=wording.STAFF, ratings=wording.RATINGS, wrong=wrong
    )


def _caseworker() -> Actor:
    actor = signed_in()
    if actor.role is not Role.CASEWORKER:
        raise NotFound("only caseworkers are asked")
    return actor


def _wave(runtime: Runtime, actor: Actor) -> Wave | None:
    """Return the wave that is open and that she has not answered in."""
    with runtime.database.read() as session:
        wave = open_wave(session, day=runtime.clock.now().astimezone(COPENHAGEN).date())
        if wave is None or session.get(StaffAnswered, (wave, actor.id)) is not None:
            return None
        return wave
