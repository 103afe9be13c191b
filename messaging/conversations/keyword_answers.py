"""What STOP, START and HJÆLP do, in the receiving transaction: the wish, what it calls back, and the one answer.

Where the provider's own keyword handling has acted, an answer would be refused: the number is shown as blocked at the
provider until the citizen sends START. A word that only the provider takes for a stop is shown to a human.
"""

import uuid

import structlog

from messaging.conversations import templates, threads
from messaging.conversations.keywords import Keyword
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.rendering import render
from messaging.conversations.sending import AFTER_STOP, NotReachable, cancel_waiting, send_message
from messaging.conversations.templates import NoValidTemplate
from messaging.people import wishes
from messaging.people.acting import Act
from messaging.people.preferences import language_of
from messaging.people.reaching import SMS
from messaging.trial.capabilities import Sort

log = structlog.get_logger()

ANSWERS = {Keyword.STOP: "M8", Keyword.START: "start", Keyword.HELP: "help"}
"""Key of the template with which each keyword is answered."""


def act_on_keyword(act: Act, message: Message, *, keyword: Keyword | None, provider_opt_out: str | None) -> None:
    """Do what a bare keyword from one person's number asks for."""
    citizen_id, number_id = message.conversation_id, message.number_id
    if citizen_id is None or number_id is None:
        raise ValueError("keywords are acted on in a thread")
    blocked = note_block(act, number_id, provider_opt_out=provider_opt_out, keyword=keyword)
    if keyword is None:
        threads.citizen_waits(act, citizen_id, danger=message.danger is not None)
        return
    wanted = True
    if keyword is Keyword.STOP:
        wanted = wishes.opt_out(act, citizen_id=citizen_id)  # who says it again has had the answer
        cancel_waiting(act, citizen_id=citizen_id, reason="opted_out", medium=SMS, spare=AFTER_STOP)
    elif keyword is Keyword.START:
        wishes.opt_in(act, citizen_id=citizen_id)
        wishes.release_after_stop(act, number_id=number_id)
    if wanted and not blocked:
        _answer(act, citizen_id, keyword)


def note_block(act: Act, number_id: uuid.UUID, *, provider_opt_out: str | None, keyword: Keyword | None) -> bool:
    """Keep what the provider's own keyword handling did; whether it now refuses to send to the number.

    A provider lifts its block by START, but does not always say so with the message. Should it still refuse, the next
    message finds that out.
    """
    if provider_opt_out == "STOP":
        wishes.block_number(act, number_id=number_id)
    elif provider_opt_out == "START" or keyword is Keyword.START:
        wishes.unblock_number(act, number_id=number_id)
    return provider_opt_out == "STOP"


def _answer(act: Act, citizen_id: uuid.UUID, keyword: Keyword) -> None:
    """Answer, if that can be done; the wish stands whether or not."""
    try:
        language = language_of(act.session, citizen_id)
        chosen = templates.in_language(act.session, ANSWERS[keyword], language=language, at=act.now)
        send_message(
            act,
            citizen_id=citizen_id,
            text=render(chosen.template.text, {}),
            kind=Kind.STOP_ANSWER if keyword is Keyword.STOP else Kind.AUTO_REPLY,
            author=Author.SYSTEM,
            template=templates.name_of(chosen.template),
            original=render(chosen.original.text, {}) if chosen.original else None,
            content_free=True,
            sort=Sort.KEYWORD_ANSWER,
        )
    except (NotReachable, NoValidTemplate) as error:
        log.warning("keyword.unanswered", keyword=keyword, code=error.code)
