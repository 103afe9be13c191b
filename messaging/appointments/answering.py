"""Reading what citizens write: each message once, by the table of rules, and what follows without a human.

This is the one place that decides which single answer goes out by itself: an acknowledgement, the reply outside hours,
or none. An answer never cancels a meeting, and whatever is not clear waits for a human.
"""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from messaging.appointments.acknowledging import acknowledge, answer_choice
from messaging.appointments.attributing import answered_appointment, answered_together
from messaging.appointments.free_time_models import OfferedTime
from messaging.appointments.free_times import chosen_time, let_go, wish
from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment, ReplyReading
from messaging.appointments.reply_rules import Label
from messaging.appointments.states import NEEDS_NOBODY, Action, AppointmentState
from messaging.appointments.understanding import Understanding, is_nod, understand
from messaging.clock import COPENHAGEN
from messaging.conversations.auto_replying import reply_outside_hours
from messaging.conversations.incoming import body_place
from messaging.conversations.keywords import Keyword, bare_keyword
from messaging.conversations.models import Conversation, Direction, Message
from messaging.conversations.office import Office
from messaging.conversations.sending import cancel_waiting
from messaging.conversations.settling import settle
from messaging.conversations.states import Waiting
from messaging.conversations.threads import lock_thread
from messaging.database.upserts import insert_into
from messaging.journal.events import EventType
from messaging.people.acting import Act
from messaging.people.models import PauseReason
from messaging.people.reaching import APP
from messaging.people.wishes import pause_number
from messaging.vault.vault import TRIAGE

BY_NUMBER = "free time"
"""By what a chosen time was understood: the message is its number."""


UNREADABLE = "unreadable"
"""Label of a message that could not be read at all; a human sees why."""


ONLY_TOLD = frozenset({Label.LATE, Label.QUESTION})
"""What stands at the meeting it is about and changes nothing of it: a human has to read it."""
ABOUT_A_MEETING = frozenset({Label.CONFIRM, Label.NEW_TIME, Label.SICK}) | ONLY_TOLD


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a message is understood, which meeting it is about if that is certain, and what is to be done with it."""

    label: str
    rule: str | None = None
    whole_text: bool = False
    suggestion: str | None = None
    appointment: Appointment | None = None
    also: tuple[Appointment, ...] = ()
    """Further meetings that one text spoke of together with this one: a confirmation is of all."""
    action: Action = Action.TO_HUMAN
    chosen: OfferedTime | None = None
    """The free time she names."""


def read_message(act: Act, message: Message, *, office: Office) -> Reading | None:
    """Read one message and do what follows from it; None if it was read before."""
    if message.conversation_id is not None:
        lock_thread(act.session, message.conversation_id)
    reading = _understand(act, message)
    return reading if carry_out(act, message, reading, office=office) else None


def carry_out(act: Act, message: Message, reading: Reading, *, office: Office) -> bool:
    """Note how a message is read and do what follows; False if that has been done. Its thread is locked."""
    if not note(act, message, reading):
        return False
    if message.number_id is not None and reading.action is Action.NUMBER_PAUSED:
        pause_number(act, number_id=message.number_id, reason=PauseReason.WRONG_NUMBER)
        cancel_waiting(act, number_id=message.number_id, reason=PauseReason.WRONG_NUMBER)
    elif message.conversation_id is not None:
        _follow(act, message, reading, office=office)
    return True


def note(act: Act, message: Message, reading: Reading) -> bool:
    """Write down how a message was read; False if that has been done, and then nothing else may follow from it."""
    appointment_id = reading.appointment.id if reading.appointment else None
    written = act.session.execute(
        insert_into(act.session, ReplyReading)
        .values(
            message_id=message.id,
            label=reading.label,
            rule=reading.rule,
            whole_text=reading.whole_text,
            suggestion=reading.suggestion,
            appointment_id=appointment_id,
            action=reading.action,
            read_at=act.now,
        )
        .on_conflict_do_nothing()
        .returning(ReplyReading.message_id)
    ).scalar()
    if written is None:
        return False
    act.journal(
        EventType.REPLY_UNDERSTOOD,
        stream=message.conversation_id or TRIAGE,
        subject=message.id,
        facts={
            "label": reading.label,
            "rule": reading.rule,
            "whole_text": reading.whole_text,
            "action": reading.action,
            "appointment": str(appointment_id) if appointment_id else None,
        },
    )
    act.audit(EventType.REPLY_UNDERSTOOD, object_kind="message", object_id=message.id, facts={"action": reading.action})
    act.announce(EventType.REPLY_UNDERSTOOD, object_id=message.id)
    return True


def _understand(act: Act, message: Message) -> Reading:
    text = act.vault.open(message.body, owner=message.conversation_id or TRIAGE, place=body_place(message.id))
    keyword = bare_keyword(text)
    if keyword is not None:
        return _keyword_reading(message, keyword)
    chosen = chosen_time(act.session, message, text)
    if chosen is not None:
        return Reading(
            label=Label.NEW_TIME,
            rule=BY_NUMBER,
            whole_text=True,
            appointment=lock_appointment(act, chosen.appointment_id),
            action=Action.NEW_TIME_ASKED,
            chosen=chosen,
        )
    understood = understand(text, on=act.now.astimezone(COPENHAGEN).date())
    appointment = None
    if message.conversation_id is not None and understood.label in ABOUT_A_MEETING:
        appointment = answered_appointment(act.session, message, lasting=understood.label is Label.LATE)
    also: tuple[Appointment, ...] = ()
    if appointment is None and message.conversation_id is not None and understood.label is Label.CONFIRM:
        appointment, also = _first_and_rest(answered_together(act.session, message))
    if appointment is None and understood.label is Label.CONFIRM and is_nod(text):
        understood = replace(understood, label=Label.THANKS)
    return Reading(
        label=understood.label,
        rule=understood.rule,
        whole_text=understood.whole_text,
        suggestion=understood.suggestion,
        appointment=appointment,
        also=also,
        action=action_for(message, understood, appointment, *also),
    )


def _first_and_rest(together: list[Appointment]) -> tuple[Appointment | None, tuple[Appointment, ...]]:
    return (together[0], tuple(together[1:])) if together else (None, ())


def _keyword_reading(message: Message, keyword: Keyword) -> Reading:
    """A keyword from one person's number was acted on when it came; in triage, or in the app, a human has to look."""
    acted_on = message.conversation_id is not None and message.medium != APP
    action = Action.KEYWORD if acted_on else Action.TO_HUMAN
    rule = "keyword in the app" if message.medium == APP else "keyword"
    return Reading(label=keyword, rule=rule, whole_text=True, action=action)


def action_for(
    message: Message, understood: Understanding, appointment: Appointment | None, *also: Appointment
) -> Action:
    """Return what is to be done with a message that is understood so and, if that is certain, about these meetings."""
    if understood.label is Label.WRONG_NUMBER:
        return Action.NUMBER_PAUSED if message.number_id is not None else Action.TO_HUMAN
    settles = understood.may_settle and message.danger is None
    if understood.label is Label.THANKS and settles:
        return Action.SETTLED
    if appointment is None or understood.label in ONLY_TOLD:
        return Action.TO_HUMAN
    if understood.label is not Label.CONFIRM:
        return Action.NEW_TIME_ASKED
    # Who asked for another time and then says yes has left us something to clear up.
    open_wish = any(meeting.state is AppointmentState.NEW_TIME_ASKED for meeting in (appointment, *also))
    return Action.SETTLED if settles and not open_wish else Action.CONFIRMED


def _follow(act: Act, message: Message, reading: Reading, *, office: Office) -> None:
    if reading.appointment is not None and reading.label == Label.CONFIRM:
        for meeting in (reading.appointment, *reading.also):
            _confirm(act, meeting, message)
    if reading.action is Action.NEW_TIME_ASKED and reading.appointment is not None:
        _ask_new_time(act, reading.appointment, message, chosen=reading.chosen, office=office)
    elif reading.action in {Action.CONFIRMED, Action.TO_HUMAN}:
        reply_outside_hours(act, message=message, office=office)
    elif reading.action is Action.SETTLED:
        _settle_if_nothing_else_waits(act, message)


def _confirm(act: Act, appointment: Appointment, message: Message) -> None:
    if appointment.state is AppointmentState.NEW_TIME_ASKED:
        let_go(act, appointment)
    if appointment.state is not AppointmentState.CONFIRMED:
        _move(act, appointment, AppointmentState.CONFIRMED, EventType.APPOINTMENT_CONFIRMED, message)


def _ask_new_time(
    act: Act, appointment: Appointment, message: Message, *, chosen: OfferedTime | None, office: Office
) -> None:
    """Note the wish and acknowledge it once, with free times if there are any to choose from.

    Who repeats it hears outside the hours when we read; who chooses a time hears whether it is still free.
    """
    if chosen is not None:
        is_hers = wish(act, chosen, citizen_id=appointment.citizen_id, message_id=message.id)
        answer_choice(act, appointment, message, chosen=chosen, is_hers=is_hers, office=office)
        return
    if appointment.state is AppointmentState.NEW_TIME_ASKED:
        reply_outside_hours(act, message=message, office=office)
        return
    _move(act, appointment, AppointmentState.NEW_TIME_ASKED, EventType.APPOINTMENT_NEW_TIME_ASKED, message)
    acknowledge(act, appointment, message, office=office)


def _move(act: Act, appointment: Appointment, state: AppointmentState, type_: EventType, message: Message) -> None:
    appointment.state, appointment.state_since = state, act.now
    facts = {"message": str(message.id), "state": state}
    act.journal(type_, stream=appointment.citizen_id, subject=appointment.id, facts={**facts})
    act.audit(type_, object_kind="appointment", object_id=appointment.id, facts={**facts})
    act.announce("appointment.changed", object_id=appointment.id)


def _settle_if_nothing_else_waits(act: Act, message: Message) -> None:
    """Settle the thread if it waits for nothing but messages that nobody needs to read.

    It began to wait with the first of them; where it did not, a human has put something else into it.
    """
    thread = act.session.get_one(Conversation, message.conversation_id, populate_existing=True)
    needs_nobody = sa.exists().where(ReplyReading.message_id == Message.id, ReplyReading.action.in_(NEEDS_NOBODY))
    since = act.session.execute(
        sa.select(Message.created_at, needs_nobody.label("needs_nobody"))
        .where(
            Message.conversation_id == thread.id,
            Message.direction == Direction.IN,
            Message.created_at >= thread.waiting_since,
        )
        .order_by(Message.created_at)
    ).all()
    began_so = bool(since) and since[0].created_at == thread.waiting_since
    if thread.waiting is Waiting.FOR_US and began_so and all(row.needs_nobody for row in since):
        settle(act, citizen_id=thread.id, automatic=True)
