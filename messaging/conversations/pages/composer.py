"""The form under a thread, as it is drawn: what stands in it, to whom it goes, and what is wrong with it."""

import uuid
from dataclasses import dataclass, field

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from messaging.conversations import content_gate, sending, sending_in_app, wording, writing_wording
from messaging.conversations.arms import sort_of
from messaging.conversations.by_hand import Shelf
from messaging.conversations.contact import LastContact, Spoken
from messaging.conversations.list_wording import STEPS_TO_REACH
from messaging.conversations.models import Kind
from messaging.conversations.readability import read
from messaging.conversations.segments import EMOJI, measure
from messaging.conversations.stopping import standing_stop
from messaging.database.base import new_id
from messaging.people.arm_models import Arm
from messaging.people.helper_wording import KINDS as HELPER_KINDS
from messaging.people.numbers import last_digits
from messaging.people.queries import CitizenView
from messaging.people.reaching import Reach
from messaging.people.reading_along import readers_now
from messaging.trial.capabilities import REASONS, rule_for
from messaging.trial.queries import arms_of
from messaging.trial.withholding import LONGEST as LONGEST_REASON
from messaging.web.shell import current_runtime, current_shell


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What stands in the reply form. `id` makes a form that is sent twice one message.

    `seen` is the place in the thread up to which its writer has seen it; None where this page shows her all.
    """

    id: uuid.UUID = field(default_factory=new_id)
    seen: int | None = None
    text: str = field(default="", repr=False)
    later: str = ""
    """When it is to be sent, as the form says it; empty for now."""
    sensitive: bool = False
    """In the app it may be read only after signing in with MitID."""
    template: str = ""
    """The key of the approved text that was chosen."""
    asks_once_more: bool = False
    """The number has not proved right yet, and its writer is asked whether it is."""
    held: str | None = None
    """Why the text may not leave by SMS."""
    wrong: str | None = None
    override: str = field(default="", repr=False)
    """Why it is sent in spite of the citizen's arm of the trial."""


def draw_composer(
    session: Session,
    citizen: CitizenView,
    draft: Draft,
    *,
    seen: int,
    person: Reach,
    app: bool,
    contact: LastContact | None,
    spoken: Spoken | None,
) -> Markup:
    """Draw the form; `seen` is the place up to which the page shows the thread; `app`: she may be written to there.

    Where nothing may be sent, why and what to do stand in its place, unless somebody has written in it already.
    """
    runtime = current_runtime()
    sort = sort_of(session, person, citizen_id=citizen.id, kind=Kind.TEXT, at=runtime.clock.now())
    rule = rule_for(person.arm, sort)
    if rule.override:
        obstacle = sending.why_no_sms(person, Kind.TEXT)
    else:
        obstacle = sending.why_unreachable(person, Kind.TEXT, sort=sort)
    html = render_template(
        "conversations/composer.html",
        citizen=citizen,
        draft=draft,
        seen=seen,
        digits=last_digits(citizen.number_in_use.number) if citizen.number_in_use else None,
        contact=contact,
        spoken=spoken,
        kinds=wording.NOTES,
        readers=readers_now(session, runtime.vault, citizen_id=citizen.id, now=runtime.clock.now()),
        kinds_of_helpers=HELPER_KINDS,
        point_id=person.contact_point_id,
        obstacle=wording.REASONS[obstacle] if obstacle else None,
        step=STEPS_TO_REACH.get(obstacle) if obstacle else None,
        stopped=standing_stop(session, channel=runtime.channel.name) is not None,
        templates=Shelf(session, at=runtime.clock.now()).keys(shared=person.shared),
        size=draw_size(draft.text) if draft.text else "",
        held=draw_hold(citizen.id, draft.held, app=app) if draft.held else "",
        title_of=writing_wording.title_of,
        app=app,
        has_app=person.arm is not Arm.APP,
        arm=wording.REASONS[REASONS[person.arm]] if person.arm and rule.override else None,
        longest_reason=LONGEST_REASON,
        longest=sending_in_app.LONGEST if app else sending.LONGEST,
    )
    return Markup(html)  # noqa: S704  our own template, already escaped


def may_write_in_app(session: Session, citizen_id: uuid.UUID, person: Reach) -> bool:
    """Whether a message may be put into this citizen's app: she has it or is led to it, and her case is open."""
    return sending_in_app.why_not_in_app(person, Kind.TEXT) is None and _has_app(session, citizen_id, person.arm)


def require_app(session: Session, citizen_id: uuid.UUID) -> None:
    """Refuse to put a message where nobody reads it: she has ended the app meanwhile. Raises NotReachable."""
    if not _has_app(session, citizen_id, arms_of(session, [citizen_id]).get(citizen_id)):
        raise sending.NotReachable("no_app", way="in the app")


def _has_app(session: Session, citizen_id: uuid.UUID, arm: Arm | None) -> bool:
    """Whether she can read it: the app's arm of the trial is led to log in, also without a phone that is let in."""
    return arm is Arm.APP or current_shell().has_app(session, citizen_id)


def draw_size(text: str) -> Markup:
    """Draw how much a text fills, costs and asks of its reader, and what in it may not be sent."""
    size = measure(text)
    emoji = [character for character in size.offending if EMOJI.fullmatch(character)]
    ore = current_runtime().config.sms_price
    holds = content_gate.examine(text)
    html = render_template(
        "conversations/size.html",
        size=size,
        emoji=emoji,
        letters=[character for character in size.offending if character not in emoji],
        price=writing_wording.price(size.count, ore) if ore else "",
        reading=read(text),
        difficulties=writing_wording.DIFFICULTIES,
        hold=wording.REASONS[holds[0].reason] if holds else None,
    )
    return Markup(html)  # noqa: S704  our own template, already escaped


def draw_hold(citizen_id: uuid.UUID, reason: str, *, app: bool = False) -> Markup:
    """Draw why a text may not leave by SMS, and what to do: mend it, or say it another way.

    With `app` it stands in a form by which its text can go there.
    """
    other = current_shell().other_channel
    html = render_template(
        "conversations/hold.html",
        why=wording.REASONS[reason],
        mending=writing_wording.MENDING.get(reason, ""),
        other=other(current_runtime(), citizen_id) if other else None,
        ring=writing_wording.RING_INSTEAD,
        app=app,
    )
    return Markup(html)  # noqa: S704  our own template, already escaped
