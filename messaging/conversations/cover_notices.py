"""Telling a citizen who answers while her caseworker is away: once in an absence, before the deputy's first answer."""

import uuid

from messaging.conversations import templates
from messaging.conversations.models import Author, Kind
from messaging.conversations.office import Office
from messaging.conversations.rendering import CONTENT_FREE, render
from messaging.conversations.sending import send_message
from messaging.people.acting import Act
from messaging.people.covering import take_notice
from messaging.people.models import Citizen
from messaging.people.preferences import language_of
from messaging.people.reaching import reach
from messaging.vault.place import Place

COVER = "cover"


def tell_who_answers(act: Act, *, citizen_id: uuid.UUID, office: Office) -> None:
    """Write, ahead of a deputy's answer, that she answers; nothing for one's own citizen. Raises NotReachable."""
    names = take_notice(act, citizen_id=citizen_id)
    if names is None:
        return
    person, (deputy, caseworker) = reach(act.session, citizen_id), names
    language, variant = language_of(act.session, citizen_id), CONTENT_FREE if person.shared else ""
    chosen = templates.in_language(act.session, COVER, variant=variant, language=language, at=act.now)
    variables = {"first_name": _first_name(act, citizen_id), "deputy": deputy, "caseworker": caseworker}
    send_message(
        act,
        citizen_id=citizen_id,
        text=render(chosen.template.text, {**office.variables, **variables}),
        kind=Kind.NOTICE,
        author=Author.SYSTEM,
        template=templates.name_of(chosen.template),
        original=render(chosen.original.text, {**office.variables, **variables}) if chosen.original else None,
        content_free=person.shared,
        person=person,
    )


def _first_name(act: Act, citizen_id: uuid.UUID) -> str:
    citizen = act.session.get_one(Citizen, citizen_id)
    return act.vault.open(citizen.first_name, owner=citizen_id, place=Place("citizens", "first_name", citizen_id))
