"""The form under a thread, as it is drawn: what stands in it, to whom it goes, and what is wrong with it."""

import uuid
from dataclasses import dataclass, field

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from messaging.conversations import sending, wording
from messaging.conversations.models import Kind
from messaging.conversations.segments import Segments
from messaging.database.base import new_id
from messaging.people.numbers import last_digits
from messaging.people.queries import CitizenView
from messaging.people.reaching import reach


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
    size: Segments | None = None
    wrong: str | None = None


def draw_composer(session: Session, citizen: CitizenView, draft: Draft, *, seen: int) -> Markup:
    """Draw the form; `seen` is the place up to which the page shows the thread."""
    obstacle = sending.why_unreachable(reach(session, citizen.id), Kind.TEXT)
    html = render_template(
        "conversations/composer.html",
        citizen=citizen,
        draft=draft,
        seen=seen,
        digits=last_digits(citizen.number_in_use.number) if citizen.number_in_use else None,
        obstacle=wording.REASONS[obstacle] if obstacle else None,
        longest=sending.LONGEST,
    )
    return Markup(html)  # noqa: S704  our own template, already escaped
