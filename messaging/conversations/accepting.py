"""The hot path of what goes out: accepting a message from another system, once per key, by one gated write.

Whatever is not plain (a time to wait for, a text the gate holds, a number that has changed, a key that came before, an
arm of the trial) goes the longer way, which says what is wrong, or puts it into the app where the arm wants that.
"""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from messaging.audit import trail
from messaging.conversations.arms import sort_of
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Author, Direction, Kind, Message
from messaging.conversations.segments import make_gsm, measure
from messaging.conversations.sending import (
    LIFE,
    Withheld,
    check_text,
    send_message,
    why_held,
    why_unreachable,
)
from messaging.conversations.sending_in_app import send_in_app
from messaging.database.gated_writes import GatedWrite
from messaging.database.native import native
from messaging.errors import Conflict, NotFound
from messaging.journal import recording
from messaging.journal.events import EventType
from messaging.people.acting import Act
from messaging.people.actors import Actor
from messaging.people.reaching import SMS, Reach, look_up_reach, reach
from messaging.people.visibility import NO_SUCH_CITIZEN, find_citizen, sees_all
from messaging.runtime import Runtime
from messaging.trial.capabilities import Way, way_of_itself
from messaging.trial.withholding import note_withheld
from messaging.web.idempotency import find_made, take_key
from messaging.work.lanes import Lane

ACCEPTED = GatedWrite(
    postgresql=f"""
WITH gate AS (
    INSERT INTO idempotency_keys (scope, key, fingerprint, object_id, created_at)
    SELECT %(scope)s, %(key)s, %(fingerprint)s, %(id)s, %(at)s
    FROM contact_points JOIN phone_numbers ON phone_numbers.id = contact_points.number_id
    WHERE contact_points.id = %(contact_point_id)s AND standing = 'in_use' AND version = %(version)s
      AND NOT EXISTS (SELECT 1 FROM opt_outs WHERE citizen_id = %(citizen_id)s AND medium = 'sms' AND lifted_at IS NULL)
    ON CONFLICT DO NOTHING RETURNING object_id
), thread AS (
    INSERT INTO conversations (id, last_seq, waiting, waiting_since, unread, last_message_at)
    SELECT %(citizen_id)s, 1, 'settled', %(at)s, 0, %(at)s FROM gate
    ON CONFLICT (id) DO UPDATE SET
        last_seq = conversations.last_seq + 1,
        last_message_at = excluded.last_message_at
    RETURNING last_seq
), message AS (
    INSERT INTO messages (id, conversation_id, seq, direction, kind, author, author_id, medium, number_id,
        contact_point_id, body, segments, content_free, lane, state, state_since, created_at, due_at, expires_at,
        late, tries, deaths)
    SELECT %(id)s, %(citizen_id)s, last_seq, 'out', 'text', 'integration', %(author_id)s, 'sms', %(number_id)s,
        %(contact_point_id)s, %(body)s, %(segments)s, false, 'interactive', 'queued', %(at)s, %(at)s, %(at)s,
        %(expires_at)s, false, 0, 0
    FROM thread
), {recording.EVENT_POSTGRESQL.format(gate="thread")},
{trail.ENTRY_POSTGRESQL.format(gate="gate")},
change AS (
    INSERT INTO changes (kind, object_id, happened_at)
    SELECT 'message.written', object_id, clock_timestamp() FROM gate
)
SELECT count(*) FROM gate
""",  # noqa: S608 (the pieces put in are constants; every value is a parameter)
    sqlite_gate="""
    INSERT INTO idempotency_keys (scope, key, fingerprint, object_id, created_at)
    SELECT :scope, :key, :fingerprint, :id, :at
    FROM contact_points JOIN phone_numbers ON phone_numbers.id = contact_points.number_id
    WHERE contact_points.id = :contact_point_id AND standing = 'in_use' AND version = :version
      AND NOT EXISTS (SELECT 1 FROM opt_outs WHERE citizen_id = :citizen_id AND medium = 'sms' AND lifted_at IS NULL)
    ON CONFLICT DO NOTHING
""",
    sqlite_effects=(
        """
    INSERT INTO conversations (id, last_seq, waiting, waiting_since, unread, last_message_at)
    VALUES (:citizen_id, 1, 'settled', :at, 0, :at)
    ON CONFLICT (id) DO UPDATE SET
        last_seq = last_seq + 1,
        last_message_at = excluded.last_message_at
    """,
        """
    INSERT INTO messages (id, conversation_id, seq, direction, kind, author, author_id, medium, number_id,
        contact_point_id, body, segments, content_free, lane, state, state_since, created_at, due_at, expires_at,
        late, tries, deaths)
    SELECT :id, id, last_seq, 'out', 'text', 'integration', :author_id, 'sms', :number_id,
        :contact_point_id, :body, :segments, 0, 'interactive', 'queued', :at, :at, :at, :expires_at, 0, 0, 0
    FROM conversations WHERE id = :citizen_id
    """,
        *recording.EVENT_SQLITE,
        *trail.ENTRY_SQLITE,
        "INSERT INTO changes (kind, object_id) VALUES ('message.written', :id)",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Order:
    """A message another system wants sent; `scope` and `key` make repeating it safe, `fingerprint` is of its content.

    `message_id` is the caller's own choice, so that it knows the message before we answer.
    """

    message_id: uuid.UUID
    citizen_id: uuid.UUID
    text: str = field(repr=False)
    scope: str
    key: str
    fingerprint: bytes
    due_at: datetime | None = None
    expires_at: datetime | None = None


def accept(runtime: Runtime, actor: Actor, order: Order) -> uuid.UUID:
    """Accept the message once and return its id, also when the same order comes again.

    It goes by SMS, or in the app to whom the trial writes there.
    Raises NotFound for a citizen the actor may not see, NotReachable, Conflict for an id that is taken, or
    InvalidInput, also for a key that came before with another content.
    """
    plain = replace(order, text=make_gsm(order.text))
    check_text(plain.text)
    try:
        if order.due_at is None and _accept_quickly(runtime, actor, plain):
            message_id = order.message_id
        else:
            message_id = _accept_carefully(runtime, actor, order)
    except IntegrityError:
        raise Conflict("another message has this id already") from None
    except Withheld as error:
        with runtime.act(actor) as act:
            note_withheld(act, error.refusal)
        raise
    runtime.waker.wake(Lane.INTERACTIVE, Lane.JOURNAL)
    return message_id


def _accept_carefully(runtime: Runtime, actor: Actor, order: Order) -> uuid.UUID:
    """Accept whatever it is by the longer way, unless it came before."""
    with runtime.database.read() as session:
        find_citizen(session, actor, order.citizen_id)
        made = find_made(session, scope=order.scope, key=order.key, fingerprint=order.fingerprint)
        if made is not None:
            return made
    runtime.reaches.drop(order.citizen_id)
    with runtime.act(actor) as act:
        earlier = take_key(
            act.session,
            scope=order.scope,
            key=order.key,
            fingerprint=order.fingerprint,
            object_id=order.message_id,
            at=act.now,
        )
        if earlier is not None:
            return earlier
        return _write(act, order).id


def _write(act: Act, order: Order) -> Message:
    """Write it the way her arm wants; in the app it takes a sign-in, because nobody has said what it may say."""
    person, citizen_id = reach(act.session, order.citizen_id), order.citizen_id
    sort = sort_of(act.session, person, citizen_id=citizen_id, kind=Kind.TEXT, at=act.now)
    wanted: dict[str, Any] = {
        "citizen_id": citizen_id,
        "text": order.text,
        "author": Author.INTEGRATION,
        "author_id": act.actor.id,
        "due_at": order.due_at,
        "expires_at": order.expires_at,
        "message_id": order.message_id,
    }
    if person.arm is not None and way_of_itself(person.arm, sort) is Way.APP:
        return send_in_app(act, content_class=ContentClass.LOGIN_ONLY, **wanted)
    return send_message(act, person=person, **wanted)


def _accept_quickly(runtime: Runtime, actor: Actor, order: Order) -> bool:
    """Accept a plain order by the one gated statement; False if that is not possible."""
    if not sees_all(actor):
        return False
    person = runtime.reaches.get(order.citizen_id) or _look_up(runtime, order.citizen_id)
    if person.arm is not None:
        return False  # the longer way asks whether she has written lately, and says what is withheld
    if why_unreachable(person, Kind.TEXT) or why_held(order.text, person=person, content_free=False):
        return False
    return ACCEPTED.run(runtime.database, _parameters(runtime, actor, order, person))


def _look_up(runtime: Runtime, citizen_id: uuid.UUID) -> Reach:
    person = look_up_reach(runtime.database, citizen_id)
    if person is None:
        raise NotFound(NO_SUCH_CITIZEN)
    runtime.reaches.put(citizen_id, person)
    return person


def _parameters(runtime: Runtime, actor: Actor, order: Order, person: Reach) -> dict[str, Any]:
    vault, at, dialect = runtime.vault, runtime.clock.now(), runtime.database.dialect
    values = {
        "scope": order.scope,
        "key": order.key,
        "fingerprint": order.fingerprint,
        "id": order.message_id,
        "at": at,
        "citizen_id": order.citizen_id,
        "contact_point_id": person.contact_point_id,
        "number_id": person.number_id,
        "version": person.version,
        "author_id": actor.id,
        "body": vault.seal(order.text, owner=order.citizen_id, place=body_place(order.message_id)),
        "segments": measure(order.text).count,
        "expires_at": order.expires_at or at + LIFE,
    }
    event = recording.NewEvent(
        stream_id=order.citizen_id,
        type=EventType.MESSAGE_QUEUED,
        subject_id=order.message_id,
        occurred_at=at,
        facts={
            "direction": Direction.OUT,
            "channel": SMS,
            "kind": Kind.TEXT,
            "author": Author.INTEGRATION,
            "author_id": str(actor.id),
            "text": order.text,
            "template": None,
            "due_at": at.isoformat(),
        },
    )
    return {
        **native(values, dialect=dialect),
        **recording.event_parameters(vault, event, dialect=dialect),
        **trail.entry_parameters(
            vault,
            at=at,
            actor=actor,
            action="message.written",
            object_kind="message",
            object_id=order.message_id,
            facts={"state": "queued"},
            dialect=dialect,
        ),
    }
