"""Telling a citizen who writes when nobody reads when somebody does: once in each closed period, and never twice.

A closed period is a night or a weekend of the office, a time outside a caseworker's own hours, or an absence in which
nobody covers for her. Whoever wants to answer by itself in a closed period must get the period first. So an
acknowledgement that names the hours and this reply can never both go out. A telephone that answers by itself gets
nothing: two machines would talk.
"""

import uuid

from messaging.conversations import templates
from messaging.conversations.automatic_models import AutoReply
from messaging.conversations.models import Message, Template
from messaging.conversations.office import Office
from messaging.conversations.opening import open_text
from messaging.conversations.phrases import compile_phrase, plain_words
from messaging.conversations.reading_times import NotRead, not_read
from messaging.conversations.rendering import CONTENT_FREE, render
from messaging.conversations.replying import goes_in_app, may_be_seen_by_others, reply_by_itself, why_no_reply
from messaging.database.upserts import insert_into
from messaging.people.acting import Act
from messaging.people.preferences import language_of
from messaging.people.reaching import APP, reach
from messaging.trial.capabilities import Sort

OUT_OF_HOURS = "M11"
AWAY = "away"
DANGER = "danger"
IN_APP = "app"
"""The variant that does not speak of an SMS."""

AUTOMATIC = tuple(
    map(
        compile_phrase,
        (
            "(autosvar|autosvaret|autobesked|autoreply)",
            "(auto|automatisk|automatic|automated) (svar|svarbesked|besked|reply|response|message)",
            "(out of office|away from my phone)",
            "(jeg kører|kører bil|im driving|i am driving)",
            "kan [desværre] ikke (tage|svare) [på] [min] (telefonen|telefon)",
            "ringer [dig] tilbage",
            "(call|text) you [back] later",
        ),
    )
)
"""What telephones and mailboxes write by themselves. Who means it herself only misses hearing when we read."""


def take_period(act: Act, *, message: Message, office: Office) -> bool:
    """Get the right to answer this message by itself now; True once per citizen and closed period, never when open."""
    if message.conversation_id is None:
        return False
    closed = not_read(act.session, message.conversation_id, now=act.now, office=office)
    return closed is not None and _take(act, message.conversation_id, closed, message=message)


def _take(act: Act, citizen_id: uuid.UUID, closed: NotRead, *, message: Message) -> bool:
    taken = act.session.execute(
        insert_into(act.session, AutoReply)
        .values(citizen_id=citizen_id, period=closed.period, message_id=message.id)
        .on_conflict_do_nothing()
        .returning(AutoReply.period)
    ).scalar()
    return taken is not None


def is_automatic(text: str) -> bool:
    """Whether a telephone or a mailbox seems to have written this, and nobody waits for an answer."""
    words = plain_words(text)
    return any(phrase.search(words) for phrase in AUTOMATIC)


def is_from_a_machine(act: Act, message: Message) -> bool:
    """Whether nobody waits for an answer to this message of a thread. A sign of danger is always a person's.

    In the app no telephone answers by itself.
    """
    if message.conversation_id is None or message.danger is not None or message.medium == APP:
        return False
    return is_automatic(open_text(act.vault, message, owner=message.conversation_id))


def reply_outside_hours(act: Act, *, message: Message, office: Office) -> uuid.UUID | None:
    """Tell the citizen when somebody reads, if nobody does now and we have not said so; return the reply's id.

    A message with a sign of danger gets the numbers that answer at night, and no promise that we have understood.
    """
    citizen_id = message.conversation_id
    if citizen_id is None or is_from_a_machine(act, message):
        return None
    person, closed = reach(act.session, citizen_id), not_read(act.session, citizen_id, now=act.now, office=office)
    if closed is None:
        return None
    key = DANGER if message.danger else OUT_OF_HOURS if closed.is_office else AWAY
    sort = Sort.SAFETY if key == DANGER else Sort.RECEIPT
    if why_no_reply(message, person, sort=sort) or not _take(act, citizen_id, closed, message=message):
        return None
    shared = may_be_seen_by_others(message, person, sort=sort)
    variant = IN_APP if goes_in_app(message, person, sort=sort) else CONTENT_FREE if shared and key != DANGER else ""
    chosen = templates.in_language(
        act.session, key, variant=variant, language=language_of(act.session, citizen_id), at=act.now
    )

    def filled(template: Template) -> str:
        spoken = template.language
        return render(template.text, {**office.variables_in(spoken), **closed.variables(now=act.now, language=spoken)})

    return reply_by_itself(
        act,
        message,
        citizen_id=citizen_id,
        person=person,
        text=filled(chosen.template),
        template=templates.name_of(chosen.template),
        original=filled(chosen.original) if chosen.original else None,
        content_free=shared,
        sort=sort,
    ).id
