"""What a citizen says of a meeting by a button of her app. It goes the way of an answer to a reminder by SMS.

It stands in the thread in her name, confirms the meeting or notes the wish, and is acknowledged as an SMS would be, but
in the app. Nothing she says cancels a meeting; a human does that.
"""

import enum
import uuid
from dataclasses import dataclass, field

from messaging.appointments.answering import Reading, action_for, carry_out
from messaging.appointments.free_time_models import OfferedTime
from messaging.appointments.locking import lock_appointment
from messaging.appointments.meeting_texts import app_text
from messaging.appointments.models import Appointment, Form
from messaging.appointments.own_meetings import ends_at
from messaging.appointments.reply_rules import Label
from messaging.appointments.states import CANCELLED, OPEN, AppointmentState
from messaging.appointments.understanding import Understanding
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Message
from messaging.conversations.office import Office
from messaging.conversations.receiving_app import store_from_app
from messaging.conversations.rendering import short_day, wall_clock
from messaging.conversations.templates import DANISH
from messaging.conversations.threads import lock_thread_to_be
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.acting import Act

LONGEST_WHY = 300
"""Characters."""

RULE = "app"
"""By what her answer was understood: she pressed a button."""


class Answer(enum.StrEnum):
    """What she says."""

    COMES = "comes"
    NEW_TIME = "new_time"
    LATE = "late"


LABELS = {Answer.COMES: Label.CONFIRM, Answer.NEW_TIME: Label.NEW_TIME, Answer.LATE: Label.LATE}


class MeetingMoved(Conflict):
    """The meeting has another time, place or form than the one she answered about."""

    code = "meeting_moved"


class MeetingCancelled(Conflict):
    """The meeting will not be held."""

    code = "meeting_cancelled"


class NotOffered(Conflict):
    """The time that she chooses is none of those offered for the meeting, or no other time is asked for any more."""

    code = "not_offered"


class MeetingBegun(Conflict):
    """The meeting has begun, or is over."""

    code = "meeting_begun"


@dataclass(frozen=True, kw_only=True)
class AppAnswer:
    """An answer, by the id her phone gave it, about the revision of the meeting that she saw."""

    id: uuid.UUID
    appointment_id: uuid.UUID
    revision: int
    answer: Answer
    number: int | None = None
    """Of the offered time that she chooses; the answer is then NEW_TIME."""
    why: str = field(default="", repr=False)
    language: str = DANISH
    content_class: ContentClass = ContentClass.SMS_OK
    """Of the reason she adds."""


def answer_meeting(act: Act, given: AppAnswer, *, citizen_id: uuid.UUID, office: Office) -> bool:
    """Take in what she says of a meeting; False, with nothing changed, if it came before.

    Raises NotFound for a meeting that is not hers; MeetingMoved, MeetingCancelled, MeetingBegun or NotOffered where it
    is too late for this answer; InvalidInput for a reason that is too long; Conflict where something else has the id.
    """
    lock_thread_to_be(act.session, citizen_id)
    appointment = lock_appointment(act, given.appointment_id)
    if appointment.citizen_id != citizen_id:
        raise NotFound("there is no such meeting")
    if _came_before(act, given, citizen_id=citizen_id):
        return False
    _check(act, appointment, given)
    chosen = _chosen(act, appointment, given)
    text = _text(appointment, given, chosen)
    store_from_app(act, citizen_id=citizen_id, message_id=given.id, text=text, content_class=_class_of(given))
    message = act.session.get_one(Message, given.id)
    carry_out(act, message, _reading(message, appointment, given, chosen), office=office)
    return True


def _class_of(given: AppAnswer) -> ContentClass:
    """What the button says an SMS might say; what she adds is hers."""
    return given.content_class if given.why.strip() else ContentClass.SMS_OK


def _came_before(act: Act, given: AppAnswer, *, citizen_id: uuid.UUID) -> bool:
    """Whether it is there already. An id that something else has is refused by who stores it."""
    earlier = act.session.get(Message, given.id)
    return earlier is not None and earlier.conversation_id == citizen_id


def _check(act: Act, appointment: Appointment, given: AppAnswer) -> None:
    if appointment.state in CANCELLED:
        raise MeetingCancelled("the meeting will not be held")
    if appointment.revision != given.revision:
        raise MeetingMoved("the meeting has been moved since")
    last = ends_at(appointment) if given.answer is Answer.LATE else appointment.starts_at
    if appointment.state not in OPEN or last <= act.now:
        raise MeetingBegun("the meeting has begun, or is over")


def _chosen(act: Act, appointment: Appointment, given: AppAnswer) -> OfferedTime | None:
    """Return the time that she chooses, if she does; whether it is still free is found out when it is held for her."""
    if given.number is None:
        return None
    chosen = act.session.get(OfferedTime, (appointment.id, appointment.revision, given.number))
    if chosen is None or appointment.state is not AppointmentState.NEW_TIME_ASKED:
        raise NotOffered("this time is not offered any more")
    return chosen


def _reading(message: Message, appointment: Appointment, given: AppAnswer, chosen: OfferedTime | None) -> Reading:
    label = LABELS[given.answer]
    understood = Understanding(label=label, rule=RULE, whole_text=not given.why, unsure=False, suggestion=None)
    return Reading(
        label=label,
        rule=RULE,
        whole_text=understood.whole_text,
        appointment=appointment,
        action=action_for(message, understood, appointment),
        chosen=chosen,
    )


def _text(appointment: Appointment, given: AppAnswer, chosen: OfferedTime | None) -> str:
    """Return what stands in the thread. Raises InvalidInput for too long a reason."""
    why = given.why.strip()
    if len(why) > LONGEST_WHY:
        raise InvalidInput(f"a reason has at most {LONGEST_WHY} characters", field="why")
    language = given.language
    at_a_distance = given.answer is Answer.COMES and appointment.form is not Form.IN_PERSON
    name = "chosen" if chosen else "fits" if at_a_distance else given.answer
    at = (chosen or appointment).starts_at
    said = app_text(name, language=language, day=short_day(at, language=language), time=wall_clock(at))
    return f"{said}\n{why}" if why else said
