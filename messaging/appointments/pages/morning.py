"""The page of a bad morning: an absent caseworker's meetings today, a stand-in or a cancellation, and whom to ring."""

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.appointments import mornings, standing_in, wording
from messaging.appointments.models import Decision
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.errors import InvalidInput, NotFound
from messaging.people import absences
from messaging.people.actors import Actor
from messaging.people.models import Role
from messaging.web.language import many as _n
from messaging.web.language import now as _
from messaging.web.pages import flash_once, form_answer, form_id, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

morning = pages("morning", __name__)

Answer = Response | tuple[str, int]


@morning.get("/absences/<uuid:absence_id>/day")
def overview(absence_id: uuid.UUID) -> str:
    """Show what the absent one's day holds and what has been done about it."""
    return _overview(absence_id)


@morning.post("/absences/<uuid:absence_id>/day")
def rearrange(absence_id: uuid.UUID) -> Answer:
    """Cancel the chosen meetings, or let a stand-in hold them; the citizens are told at once."""
    chosen = _chosen()
    if not chosen:
        return _overview(absence_id, wrong=_("Vælg mindst ét møde. Intet er ændret.")), 422
    try:
        done = _rearrange(absence_id, chosen)
    except standing_in.NotAway:
        return _overview(absence_id, wrong=_("Fraværet gælder ikke nu, så møderne er ikke ændret.")), 409
    except InvalidInput:
        return _overview(absence_id, wrong=_("Vælg en vikar, der er her i dag. Intet er ændret.")), 422
    current_runtime().waker.wake(Lane.URGENT, Lane.JOURNAL)
    flash_once(_told(done, of=len(chosen)))
    return redirect(url_for("morning.overview", absence_id=absence_id), code=303)


@morning.post("/absences/<uuid:absence_id>/numbers")
def show_numbers(absence_id: uuid.UUID) -> Response:
    """Open the numbers of those to be rung; each opening is in the audit trail."""
    with current_runtime().act(_mover()) as act:
        standing_in.show_numbers(act, absence_id=absence_id, appointment_ids=_chosen())
    return redirect(url_for("morning.overview", absence_id=absence_id, _anchor="ring"), code=303)


@morning.post("/absences/<uuid:absence_id>/calls")
def note_call(absence_id: uuid.UUID) -> Response:
    """Note that a citizen has been rung, and tick off whom somebody reached."""
    runtime, reached = current_runtime(), form_answer("reached")
    with runtime.act(_mover()) as act:
        standing_in.note_call(act, absence_id=absence_id, appointment_id=form_id("appointment"), reached=reached)
    runtime.waker.wake(Lane.JOURNAL)
    flash_once(_("Samtalen er noteret.") if reached else _("Forsøget er noteret. Borgeren bliver på ringelisten."))
    return redirect(url_for("morning.overview", absence_id=absence_id, _anchor="ring"), code=303)


def _rearrange(absence_id: uuid.UUID, chosen: list[uuid.UUID]) -> int:
    runtime, decision = current_runtime(), request.form.get("decision")
    office = Office.from_config(settings_now(runtime))
    with runtime.act(_mover()) as act:
        if decision == Decision.CANCELLED:
            return standing_in.cancel_meetings(act, absence_id=absence_id, appointment_ids=chosen, office=office)
        absences.find_absence(act.session, act.actor, absence_id)
        return standing_in.let_stand_in(
            act, absence_id=absence_id, appointment_ids=chosen, stand_in_id=form_id("stand_in"), office=office
        )


def _overview(absence_id: uuid.UUID, *, wrong: str | None = None) -> str:
    runtime, actor = current_runtime(), _mover()
    now = runtime.clock.now()
    with runtime.database.read() as session:
        absence = absences.find_absence(session, actor, absence_id)
        meetings = mornings.morning(session, runtime.vault, actor, absence, now=now)
        unknown = mornings.count_unknown(session, actor, absence, now=now)
        absent = absences.name_of(session, absence.caseworker_id)
        stand_ins = absences.list_stand_ins(session, absence, now=now)
    return render_template(
        "appointments/morning.html",
        absence=absence,
        absent=absent,
        undecided=[meeting for meeting in meetings if meeting.is_open and meeting.decision is None],
        decided=[meeting for meeting in meetings if meeting.decision is not None],
        ring=mornings.to_ring(meetings),
        unknown=unknown,
        stand_ins=stand_ins,
        now=now,
        wrong=wrong,
        words=wording,
        chosen=set(request.form.getlist("appointment")),
    )


def _mover() -> Actor:
    actor = signed_in()
    if actor.role not in {Role.CASEWORKER, Role.TEAM_LEADER}:
        raise NotFound("nobody else moves meetings")
    return actor.on_her_own


def _chosen() -> list[uuid.UUID]:
    try:
        return sorted({uuid.UUID(word) for word in request.form.getlist("appointment")})
    except ValueError:
        raise InvalidInput("the form holds no such id", field="appointment") from None


def _told(done: int, *, of: int) -> str:
    if done == 0:
        return _("Der var intet nyt at gøre: møderne er begyndt, eller det var gjort allerede.")
    told = _n("%(num)s møde er ordnet.", "%(num)s møder er ordnet.", done)
    return told if done == of else f"{told} {_('Resten er begyndt eller var ordnet allerede.')}"
