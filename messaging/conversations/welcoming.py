"""The first SMS ever to a person says who writes, why, and what becomes of her data: the welcome, once per citizen.

It is written when the first ordinary message is about to leave, however that came about, and goes ahead of it: in a
lane above, so that what waits in the thread keeps its place. What is urgent does not wait for it.
"""

import structlog

from messaging.conversations import templates
from messaging.conversations.automatic_models import Welcome
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.rendering import UnusableText, render
from messaging.conversations.sending import send_message, why_unreachable
from messaging.conversations.templates import NoValidTemplate
from messaging.people.acting import Act
from messaging.people.models import Citizen
from messaging.people.preferences import language_of
from messaging.people.reaching import reach
from messaging.trial.capabilities import Sort
from messaging.vault.place import Place
from messaging.work.lanes import Lane

WELCOME = "M7"
ORDINARY = frozenset({Kind.TEXT, Kind.REMINDER})
AHEAD = {Lane.BULK: Lane.INTERACTIVE, Lane.INTERACTIVE: Lane.URGENT}
"""The lane in which a welcome is sure to leave before a message of the other."""

log = structlog.get_logger()


def welcome_first(act: Act, message: Message, *, office: Office) -> bool:
    """Write the welcome if it must go before this message, which may leave now; False if nothing need go first.

    A number that several use gets none: it would say whose number it is. The thread is locked.
    """
    citizen_id, lane = message.conversation_id, AHEAD.get(message.lane)
    if citizen_id is None or lane is None or message.kind not in ORDINARY or message.content_free:
        return False
    if act.session.get(Welcome, citizen_id) is not None:
        return False
    person = reach(act.session, citizen_id)
    if why_unreachable(person, Kind.NOTICE, sort=Sort.WELCOME):
        return False
    citizen = act.session.get_one(Citizen, citizen_id)
    name = act.vault.open(citizen.first_name, owner=citizen_id, place=Place("citizens", "first_name", citizen_id))
    try:
        chosen = templates.in_language(act.session, WELCOME, language=language_of(act.session, citizen_id), at=act.now)
        variables = {**office.variables, "first_name": name}
        text = render(chosen.template.text, variables)
        original = render(chosen.original.text, variables) if chosen.original else None
    except (NoValidTemplate, UnusableText) as error:
        log.warning("welcome.unwritable", message=str(message.id), code=error.code)
        return False
    welcome = send_message(
        act,
        citizen_id=citizen_id,
        text=text,
        kind=Kind.NOTICE,
        lane=lane,
        author=Author.SYSTEM,
        template=templates.name_of(chosen.template),
        original=original,
        person=person,
        sort=Sort.WELCOME,
    )
    act.session.flush()
    act.session.add(
        Welcome(citizen_id=citizen_id, message_id=welcome.id, template=templates.name_of(chosen.template), at=act.now)
    )
    act.audit("citizen.welcomed", object_kind="citizen", object_id=citizen_id)
    return True
