"""How citizens and staff find it, for whoever leads the trial: counts of what is closed, and codes to hand out."""

from datetime import date

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.administration.pages.doors import reader, superuser
from messaging.appointments.models import Appointment
from messaging.citizen_app.pages.qr_codes import draw_qr
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.evaluation.waiting import arms_apart
from messaging.experience import codes, figures, waves, wording
from messaging.experience.codes import Cell, in_two, month_of
from messaging.experience.models import Wave
from messaging.people.arm_models import Arm
from messaging.people.models import Role
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages
from messaging.web.shell import current_runtime

experience_pages = pages("experience", __name__)

Answer = str | Response | tuple[str, int]


@experience_pages.get("/administration/experience")
def overview() -> str:
    """Show what was answered, the days of the waves, and the forms for cards."""
    reader()
    return _overview()


@experience_pages.post("/administration/experience/waves")
def set_days() -> Answer:
    """Let staff be asked on other days."""
    runtime, actor = current_runtime(), superuser()
    try:
        with runtime.act(actor) as act:
            waves.set_days(act, wave=_wave(), first_day=_day("first_day"), last_day=_day("last_day"))
    except InvalidInput:
        told = _(
            "Runderne følger efter hinanden. En runde, der er slut, kan ikke ændres, og den nye slutter ikke før i dag."
        )
        return _overview(wrong=told), 422
    flash_once(_("Dagene er gemt."))
    return redirect(url_for("experience.overview"), code=303)


@experience_pages.post("/administration/experience/cards")
def print_cards() -> Answer:
    """Make cards with a code each, as a page to print. Another look makes others: codes are kept nowhere in clear."""
    runtime, actor = current_runtime(), superuser()
    try:
        with runtime.act(actor) as act:
            cell, number = _cell(), _number()
            drawn = codes.draw(act, cell, number=number)
            act.audit("pulse.printed", object_kind="pulse_codes", object_id=new_id(), facts={"number": number})
    except InvalidInput:
        return _overview(wrong=_("Vælg en måned, der ikke er slut, og højst 200 kort.")), 422
    public = runtime.config.public_url
    cards = [(in_two(code), draw_qr(public + url_for("pulse.ask", code=code))) for code in sorted(drawn)]
    return render_template(
        "administration/pulse_cards.html",
        cards=cards,
        cell=cell,
        arms=wording.ARMS,
        typed_at=public.partition("://")[2] + url_for("pulse.enter"),
    )


@experience_pages.post("/administration/experience/returned")
def take_back() -> Answer:
    """Note that printed cards came back unused."""
    runtime, actor = current_runtime(), superuser()
    try:
        with runtime.act(actor) as act:
            codes.take_back(act, _cell(), number=_number())
    except InvalidInput:
        return _overview(wrong=_("Så mange kort er ikke ude uden svar.")), 422
    flash_once(_("De ubrugte kort er trukket fra."))
    return redirect(url_for("experience.overview"), code=303)


def _overview(*, wrong: str | None = None) -> str:
    runtime, actor = current_runtime(), reader()
    now = runtime.clock.now()
    with runtime.database.read() as session:
        apart = arms_apart(session, at=now)
        return render_template(
            "administration/experience.html",
            apart=apart,
            pulse=figures.pulse(session, at=now, apart=apart.now),
            staff=figures.staff_waves(session, at=now, apart=apart.now),
            columns=wording.ARMS if apart.now else wording.TOGETHER,
            groups=wording.GROUPS if apart.now else wording.TOGETHER,
            days=waves.days_of_waves(session),
            meeting_types=session.scalars(
                sa.select(Appointment.meeting_type).distinct().order_by(Appointment.meeting_type)
            ).all(),
            month=month_of(now),
            arms=tuple(Arm),
            waves=tuple(Wave),
            words=wording,
            may_change=actor.role is Role.SUPERUSER,
            wrong=wrong,
        )


def _cell() -> Cell:
    form = request.form
    try:
        arm = Arm(form.get("arm", ""))
    except ValueError:
        raise InvalidInput("there is no such arm", field="arm") from None
    meeting_type = form.get("meeting_type", "").strip()
    if not meeting_type:
        raise InvalidInput("a kind of meeting is missing", field="meeting_type")
    return Cell(arm=arm, month=form.get("month", ""), meeting_type=meeting_type)


def _number() -> int:
    text = request.form.get("number", "")
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise InvalidInput("a number of cards is missing", field="number")
    return int(text)


def _wave() -> Wave:
    try:
        return Wave(request.form.get("wave", ""))
    except ValueError:
        raise InvalidInput("there is no such wave", field="wave") from None


def _day(field: str) -> date:
    try:
        return date.fromisoformat(request.form.get(field, ""))
    except ValueError:
        raise InvalidInput("the day cannot be read", field=field) from None
