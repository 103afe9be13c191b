"""Telling a citizen that something lies in her app: a push to each of her phones, and if it stays unshown an SMS that
says to log in, at most one in a period and never after she has seen it.

A notice is written in the transaction that decides on it, and unique rows keep two processes from deciding twice.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from messaging.citizen_app import needing
from messaging.citizen_app.push_models import HOPEFUL, Notice, NoticeEnd, Push
from messaging.citizen_app.subscriptions import living_of
from messaging.conversations import templates, threads
from messaging.conversations.app_thread import lies_unread
from messaging.conversations.channel_choice import Means, MeansOf, Purpose, Way, ladder_for
from messaging.conversations.models import Author, Kind, Message, Template
from messaging.conversations.office import Office
from messaging.conversations.open_hours import OpenHours
from messaging.conversations.rendering import CONTENT_FREE, UnusableText, render
from messaging.conversations.sending import WAITING, cancel_waiting, send_message, why_unreachable
from messaging.conversations.states import MessageState
from messaging.conversations.templates import NoValidTemplate
from messaging.database.base import new_id
from messaging.database.upserts import insert_into
from messaging.people.acting import Act
from messaging.people.models import Citizen
from messaging.people.preferences import language_of
from messaging.people.reaching import Reach, reach
from messaging.trial.capabilities import Sort
from messaging.trial.queries import arms_of
from messaging.vault.errors import CannotOpen, UnknownOwner
from messaging.vault.place import Place

LOG_IN = "M9"
"""Key of the text that says to log in."""
READ_IN_APP = "read_in_app"
"""Why an SMS that had not left yet is called back."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class NoticeRules:
    """How long a message may lie unshown before the SMS, how far two SMS are apart, in which hours they leave."""

    patience: timedelta
    apart: timedelta
    hours: OpenHours


def begin_notice(act: Act, *, message_id: uuid.UUID, rules: NoticeRules, means_of: MeansOf) -> bool:
    """Begin to tell a citizen of a message that lies in her app; False if there is nothing to tell (any more)."""
    message = act.session.get(Message, message_id)
    if message is None or message.conversation_id is None:
        return False
    citizen_id = message.conversation_id
    threads.lock_thread(act.session, citizen_id)
    if not is_unread(act.session, citizen_id, message_id=message_id):
        return False
    purpose = Purpose.AUTO_REPLY if message.kind is Kind.AUTO_REPLY else Purpose.IN_APP
    means = means_of(act.session, [citizen_id]).get(citizen_id, Means())
    ladder = ladder_for(purpose, means, arm=arms_of(act.session, [citizen_id]).get(citizen_id))
    if ladder == (Way.APP,):
        return False
    due_at = None
    if Way.LOGIN_SMS in ladder or Way.LOGIN_SMS_LATER in ladder:
        patience = rules.patience if Way.LOGIN_SMS_LATER in ladder else timedelta(0)
        due_at = needing.first_moment(act.session, message, at=act.now, patience=patience, service=rules.hours)
    notice_id = act.session.execute(
        insert_into(act.session, Notice)
        .values(id=new_id(), citizen_id=citizen_id, message_id=message_id, begun_at=act.now, sms_due_at=due_at)
        .on_conflict_do_nothing()
        .returning(Notice.id)
    ).scalar()
    if notice_id is None:
        _join_open(act, citizen_id, due_at=due_at)
        return False
    if Way.PUSH in ladder:
        for row in living_of(act.session, citizen_id):
            act.session.add(Push(notice_id=notice_id, subscription_id=row.id))
    return True


def _join_open(act: Act, citizen_id: uuid.UUID, *, due_at: datetime | None) -> None:
    """Let the open notice, which a plan's hours may have put off, come as early as what belongs to it now may wait."""
    if due_at is not None:
        waits_longer = (Notice.citizen_id == citizen_id, Notice.ended_at.is_(None), Notice.sms_due_at > due_at)
        act.session.execute(sa.update(Notice).where(*waits_longer).values(sms_due_at=due_at))


def is_unread(session: Session, citizen_id: uuid.UUID, *, message_id: uuid.UUID | None = None) -> bool:
    """Whether something, or this message, lies in a citizen's app and has not been shown there."""
    there = sa.exists().where(Message.conversation_id == citizen_id, lies_unread())
    return bool(session.scalar(sa.select(there if message_id is None else there.where(Message.id == message_id))))


def _reminds(session: Session, citizen_id: uuid.UUID) -> bool:
    """Whether a reminder lies unshown: the meeting does not wait until another SMS may follow the last one."""
    there = sa.exists().where(Message.conversation_id == citizen_id, Message.kind == Kind.REMINDER, lies_unread())
    return bool(session.scalar(sa.select(there)))


def note_shown(act: Act, *, citizen_id: uuid.UUID) -> None:
    """End the open notice if nothing lies unshown any more, and call back an SMS that has not left. Thread locked."""
    if is_unread(act.session, citizen_id):
        return
    _end_open(act, citizen_id, NoticeEnd.READ)
    on_its_way = act.session.scalars(
        sa.select(Message.id)
        .join(Notice, Notice.sms_message_id == Message.id)
        .where(Notice.citizen_id == citizen_id, Message.state.in_(WAITING))
    ).all()
    if on_its_way:
        cancel_waiting(act, message_ids=on_its_way, reason=READ_IN_APP)


def hasten(act: Act, notice_id: uuid.UUID, *, rules: NoticeRules) -> None:
    """Let the SMS come at once where no push can have told her: all were refused."""
    hopeful = sa.exists().where(Push.notice_id == notice_id, Push.state.in_(HOPEFUL))
    if act.session.scalar(sa.select(hopeful)):
        return
    notice = act.session.get_one(Notice, notice_id, with_for_update=True)
    if notice.ended_at is None and notice.sms_due_at is not None:
        notice.sms_due_at = min(notice.sms_due_at, rules.hours.next_open(act.now))


def next_due(session: Session, *, at: datetime) -> uuid.UUID | None:
    """Return a citizen whose SMS is due."""
    chosen = sa.select(Notice.citizen_id).where(Notice.ended_at.is_(None), Notice.sms_due_at <= at)
    return session.scalar(chosen.order_by(Notice.sms_due_at).limit(1))


def tell_by_sms(act: Act, *, citizen_id: uuid.UUID, rules: NoticeRules, office: Office) -> bool:
    """Write the SMS that is due to this citizen, put it off, or end the notice; whether one was written."""
    threads.lock_thread(act.session, citizen_id)
    notice = act.session.scalar(sa.select(Notice).filter_by(citizen_id=citizen_id, ended_at=None).with_for_update())
    if notice is None or notice.sms_due_at is None or notice.sms_due_at > act.now:
        return False
    if not needing.is_anything_needed(act.session, citizen_id, at=act.now):
        _end(act, notice, NoticeEnd.READ)
        return False
    person = reach(act.session, citizen_id)
    if person.closed or why_unreachable(person, Kind.NOTICE, sort=Sort.LOGIN_NOTICE):
        _end(act, notice, NoticeEnd.NOT_REACHABLE)
        return False
    earliest = None if _reminds(act.session, citizen_id) else _earliest(act.session, citizen_id, rules)
    after = max(act.now, earliest or act.now)
    may_leave = needing.may_leave(act.session, citizen_id, at=act.now, after=after, service=rules.hours)
    if may_leave > act.now:
        notice.sms_due_at = may_leave
        return False
    try:
        message = _write(act, citizen_id, person, office)
    except (NoValidTemplate, UnusableText, CannotOpen, UnknownOwner) as error:
        log.warning("notice.unwritable", notice=str(notice.id), code=error.code)
        _end(act, notice, NoticeEnd.UNWRITABLE)
        return False
    act.session.flush()
    notice.sms_message_id, notice.told_at = message.id, act.now
    _end(act, notice, NoticeEnd.TOLD)
    return True


def put_off(act: Act, *, citizen_id: uuid.UUID, until: datetime) -> None:
    """Leave a notice that cannot be dealt with alone for a while, so that it holds up nobody else's."""
    notice = act.session.scalar(sa.select(Notice).filter_by(citizen_id=citizen_id, ended_at=None).with_for_update())
    if notice is not None:
        notice.sms_due_at = until


def _earliest(session: Session, citizen_id: uuid.UUID, rules: NoticeRules) -> datetime | None:
    """Return when an SMS may follow the last one; one that was called back or never left does not count."""
    last = session.scalar(
        sa.select(sa.func.max(Notice.told_at))
        .join(Message, Message.id == Notice.sms_message_id)
        .where(
            Notice.citizen_id == citizen_id,
            Message.state.not_in((MessageState.CANCELLED, MessageState.EXPIRED, MessageState.FAILED)),
        )
    )
    return last + rules.apart if last is not None else None


def _write(act: Act, citizen_id: uuid.UUID, person: Reach, office: Office) -> Message:
    """Write the SMS: to a number of several without a name."""
    citizen = act.session.get_one(Citizen, citizen_id)
    name = act.vault.open(citizen.first_name, owner=citizen_id, place=Place("citizens", "first_name", citizen_id))
    is_free = person.shared or not name.strip()
    chosen = templates.in_language(
        act.session,
        LOG_IN,
        variant=CONTENT_FREE if is_free else "",
        language=language_of(act.session, citizen_id),
        at=act.now,
    )

    def filled(template: Template) -> str:
        return render(template.text, {**office.variables_in(template.language), "first_name": name})

    return send_message(
        act,
        citizen_id=citizen_id,
        text=filled(chosen.template),
        kind=Kind.NOTICE,
        author=Author.SYSTEM,
        template=templates.name_of(chosen.template),
        original=filled(chosen.original) if chosen.original else None,
        content_free=is_free,
        person=person,
        sort=Sort.LOGIN_NOTICE,
    )


def _end_open(act: Act, citizen_id: uuid.UUID, why: NoticeEnd) -> None:
    notice = act.session.scalar(sa.select(Notice).filter_by(citizen_id=citizen_id, ended_at=None).with_for_update())
    if notice is not None:
        _end(act, notice, why)


def _end(act: Act, notice: Notice, why: NoticeEnd) -> None:
    notice.ended_at, notice.ended_why = act.now, why
