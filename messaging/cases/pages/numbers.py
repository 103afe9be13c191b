"""What is done about a citizen's numbers while she stands at the desk or is on the telephone."""

import uuid

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from messaging.cases import renumbering, wording
from messaging.cases.pages.card import Answer, back_to_card, draw_card
from messaging.errors import InvalidInput
from messaging.people import preferring
from messaging.people import wording as people_wording
from messaging.people.numbers import read_mobile
from messaging.people.queries import find_point, find_proposed
from messaging.people.registering import NumberInUse
from messaging.people.visibility import find_citizen
from messaging.web.language import many as _n
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages, signed_in
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

number_pages = pages("numbers", __name__)


@number_pages.post("/citizens/<uuid:citizen_id>/numbers")
def enter(citizen_id: uuid.UUID) -> Answer:
    """Use another number from now on."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.database.read() as session:
        find_citizen(session, actor, citizen_id)
    read, source = read_mobile(request.form.get("number", "")), request.form.get("source", "")
    if read.e164 is None:
        return draw_card(citizen_id, wrong=wording.UNREADABLE[read.reason or "not_a_number"], form=request.form), 422
    if source not in people_wording.SOURCES:
        return draw_card(citizen_id, wrong=wording.NO_SOURCE, form=request.form), 422
    try:
        with runtime.act(actor) as act:
            called_back = renumbering.enter_number(
                act,
                citizen_id=citizen_id,
                e164=read.e164,
                source=source,
                shared=request.form.get("shared") == "yes",
                seen=_seen(),
            )
    except renumbering.NumberMoved:
        return draw_card(citizen_id, wrong=wording.MOVED, form=request.form), 409
    except renumbering.NothingNew:
        return draw_card(citizen_id, wrong=wording.NOTHING_NEW), 409
    except NumberInUse:
        return draw_card(citizen_id, wrong=wording.ANOTHERS, form=request.form), 409
    runtime.waker.wake(Lane.JOURNAL)
    return back_to_card(
        citizen_id, _("Nummeret bruges fra nu af. Ring det op, mens borgeren er her.") + _told(called_back)
    )


@number_pages.post("/citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/accept")
def accept(citizen_id: uuid.UUID, point_id: uuid.UUID) -> Response:
    """Use a number that somebody proposed."""
    runtime = current_runtime()
    try:
        with runtime.act(signed_in()) as act:
            point = find_proposed(act.session, act.actor, citizen_id=citizen_id, point_id=point_id)
            called_back = renumbering.use_number(act, point=point)
    except NumberInUse:
        sentence = str(people_wording.ANOTHERS)
    else:
        runtime.waker.wake(Lane.JOURNAL)
        sentence = _("Nummeret bruges fra nu af.") + _told(called_back)
    flash_once(sentence)
    return redirect(url_for("conversations.thread", citizen_id=citizen_id), code=303)


@number_pages.post("/citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/verified")
def verify(citizen_id: uuid.UUID, point_id: uuid.UUID) -> Answer:
    """Note that the citizen's phone rang."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        point = find_point(act.session, actor, citizen_id=citizen_id, point_id=point_id)
        if request.form.get("rang") == "yes":
            renumbering.note_ringing(act, point=point)
    if request.form.get("rang") != "yes":
        return draw_card(citizen_id, wrong=wording.DID_NOT_RING), 422
    runtime.waker.wake(Lane.JOURNAL)
    return back_to_card(citizen_id, _("Det er noteret, at telefonen ringede."))


@number_pages.post("/citizens/<uuid:citizen_id>/numbers/<uuid:point_id>/end")
def end(citizen_id: uuid.UUID, point_id: uuid.UUID) -> Response:
    """Use a number no more."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        point = find_point(act.session, actor, citizen_id=citizen_id, point_id=point_id)
        called_back = renumbering.end_number(act, point=point, has_none=request.form.get("has_none") == "yes")
    runtime.waker.wake(Lane.JOURNAL)
    return back_to_card(citizen_id, _("Nummeret bruges ikke mere.") + _told(called_back))


@number_pages.post("/citizens/<uuid:citizen_id>/no-number")
def note_none(citizen_id: uuid.UUID) -> Answer:
    """Note that the citizen was asked and has no number."""
    runtime, actor = current_runtime(), signed_in().on_her_own
    with runtime.act(actor) as act:
        find_citizen(act.session, actor, citizen_id)
        has_one = renumbering.point_in_use(act, citizen_id) is not None
        if not has_one:
            preferring.note_no_number(act, citizen_id=citizen_id, has_none=True)
    if has_one:
        return draw_card(citizen_id, wrong=wording.MOVED), 409
    runtime.waker.wake(Lane.JOURNAL)
    return back_to_card(citizen_id, _("Det er noteret, at borgeren ikke har et nummer."))


def _told(called_back: int) -> str:
    if called_back == 0:
        return ""
    return " " + _n(
        "%(num)s besked til det gamle nummer er trukket tilbage.",
        "%(num)s beskeder til det gamle nummer er trukket tilbage.",
        called_back,
    )


def _seen() -> uuid.UUID | None:
    """Return which number the page showed as in use; none if there was none. Raises InvalidInput."""
    word = request.form.get("seen", "")
    try:
        return uuid.UUID(word) if word else None
    except ValueError:
        raise InvalidInput("the form holds no such id", field="seen") from None
