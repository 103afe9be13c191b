"""Telling a citizen who answers while her caseworker is away: once in an absence, before the deputy's first answer."""

import uuid

from messaging.conversations import templates
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Kind
from messaging.conversations.office import Office
from messaging.conversations.rendering import CONTENT_FREE, render
from messaging.conversations.sending import send_message
from messaging.conversations.sending_in_app import send_in_app
from messaging.people.acting import Act
from messaging.people.covering import take_notice
from messaging.people.models import Citizen
from messaging.people.preferences import language_of
from messaging.people.reaching import reach
from messaging.trial.capabilities import Sort
from messaging.vault.place import Place

COVER = "cover"


def tell_who_answers(act: Act, *, citizen_id: uuid.UUID, office: Office, in_app: bool = False) -> None:
    """Write, ahead of a deputy's answer and the same way, that she answers; nothing for one's own citizen.

    Raises NotReachable.
    """
    names = take_notice(act, citizen_id=citizen_id)
    if names is None:
        return
    person, (deputy, caseworker) = reach(act.session, citizen_id), names
    language = language_of(act.session, citizen_id)
    variant = CONTENT_FREE if person.shared and not in_app else ""
    chosen = templates.in_language(act.session, COVER, variant=variant, language=language, at=act.now)
    names_in_it = {"first_name": _first_name(act, citizen_id), "deputy": deputy, "caseworker": caseworker}
    variables = {**office.variables, **names_in_it}
    text, name = render(chosen.template.text, variables), templates.name_of(chosen.template)
    original = render(chosen.original.text, variables) if chosen.original else None
    if in_app:
        send_in_app(
            act,
            citizen_id=citizen_id,
            text=text,
            content_class=ContentClass.SMS_OK,
            kind=Kind.NOTICE,
            author=Author.SYSTEM,
            template=name,
            original=original,
            sort=Sort.ANSWER,
        )
        return
    send_message(
        act,
        citizen_id=citizen_id,
        text=text,
        kind=Kind.NOTICE,
        author=Author.SYSTEM,
        template=name,
        original=original,
        content_free=person.shared,
        person=person,
        sort=Sort.ANSWER,
    )


def _first_name(act: Act, citizen_id: uuid.UUID) -> str:
    citizen = act.session.get_one(Citizen, citizen_id)
    return act.vault.open(citizen.first_name, owner=citizen_id, place=Place("citizens", "first_name", citizen_id))
