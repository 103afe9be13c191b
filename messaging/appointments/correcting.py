"""A caseworker says that an answer means something else than the rules read: kept beside the reading, and measured.

The meeting follows what she says where nobody has said anything else of it since; a thread that was settled for the
wrong reading waits again. Nothing is sent, cancelled or opted out by a correction.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.attributing import answered_appointment, answered_together, told_together
from messaging.appointments.locking import lock_appointment
from messaging.appointments.models import Appointment, ReadingCorrection, ReplyReading
from messaging.appointments.reply_rules import Label
from messaging.appointments.states import OPEN, Action, AppointmentState
from messaging.conversations.models import Conversation, Message
from messaging.conversations.states import Waiting
from messaging.conversations.threads import lock_thread, stand
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.journal.events import EventType
from messaging.people.acting import Act

MEANINGS = (
    Label.CONFIRM,
    Label.NEW_TIME,
    Label.SICK,
    Label.LATE,
    Label.QUESTION,
    Label.WHO_IS_THIS,
    Label.THANKS,
    Label.OTHER,
)
"""What a reading may be corrected to. Stopping and numbers have ways of their own, which also do what they say."""

CLEAR = frozenset({"keyword", "keyword in the app", "app", "free time"})
"""Rules that read no words: a bare keyword, a button, the number of a time. They cannot be wrong."""

STATE_OF = {
    Label.CONFIRM: AppointmentState.CONFIRMED,
    Label.NEW_TIME: AppointmentState.NEW_TIME_ASKED,
    Label.SICK: AppointmentState.NEW_TIME_ASKED,
}
_NEEDS_NOBODY = frozenset({Label.CONFIRM, Label.THANKS})


class NothingToCorrect(Conflict):
    """The message was read by no rule that can be wrong."""

    code = "nothing_to_correct"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How one rule did. `corrected_to`: label → readings, of those whose last correction says something else.

    `rule` is None for what was left to a human; `label` is what the rule read.
    """

    rule: str | None
    label: str
    readings: int
    corrected_to: Mapping[str, int]

    @property
    def corrections(self) -> int:
        """How many readings somebody says were wrong."""
        return sum(self.corrected_to.values())

    @property
    def precision(self) -> float:
        """The share of readings that nobody says were wrong."""
        return 1 - self.corrections / self.readings


def may_be_corrected(reading: ReplyReading) -> bool:
    """Whether a caseworker may say that this was read wrongly."""
    return reading.rule not in CLEAR and (reading.label in set(Label) - {Label.OTHER} or reading.suggestion is not None)


def correct_reading(act: Act, *, message_id: uuid.UUID, label: Label) -> bool:
    """Note what a message means in truth; False if that is what is known of it already.

    Raises NotFound, NothingToCorrect, or InvalidInput for a meaning that is none of MEANINGS.
    """
    if label not in MEANINGS:
        raise InvalidInput("an answer cannot be corrected to this", field="label")
    message = act.session.get(Message, message_id)
    if message is None or message.conversation_id is None:
        raise NotFound("there is no such message")
    lock_thread(act.session, message.conversation_id)
    reading = act.session.get(ReplyReading, message_id)
    if reading is None or not may_be_corrected(reading):
        raise NothingToCorrect("no rule that can be wrong has read this")
    latest = latest_corrections(act.session, [message_id]).get(message_id)
    before = Label(latest.label if latest else reading.label)
    if before is label:
        return False
    known_at = latest.corrected_at if latest else reading.read_at
    meetings = _meetings(act, reading, message, label, known_at=known_at)
    states = _follow(act, meetings, before=before, label=label, known_at=known_at)
    act.session.add(
        ReadingCorrection(message_id=message_id, label=label, corrected_by=act.actor.id, corrected_at=act.now)
    )
    for meeting_id, state in states.items() or [(None, None)]:
        act.journal(
            EventType.REPLY_CORRECTED,
            stream=message.conversation_id,
            subject=message_id,
            facts={
                "label": label,
                "rule": reading.rule,
                "by": str(act.actor.id),
                "appointment": str(meeting_id) if meeting_id else None,
                "state": state,
            },
        )
    act.audit(EventType.REPLY_CORRECTED, object_kind="message", object_id=message_id, facts={"label": label})
    act.announce(EventType.REPLY_CORRECTED, object_id=message_id)
    if reading.action is Action.SETTLED and label not in _NEEDS_NOBODY:
        _wait_again(act, message.conversation_id)
    return True


def latest_corrections(session: Session, message_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, ReadingCorrection]:
    """Return the last correction of each of these messages that has one."""
    chosen = sa.select(ReadingCorrection).where(ReadingCorrection.message_id.in_(message_ids))
    return {row.message_id: row for row in session.scalars(chosen.order_by(ReadingCorrection.id))}


def measure(session: Session, *, since: datetime | None = None) -> list[Measured]:
    """Return how each rule did on what was read since then, those with most corrections first."""
    read = sa.true() if since is None else ReplyReading.read_at >= since
    counts = session.execute(
        sa.select(ReplyReading.rule, ReplyReading.label, sa.func.count())
        .where(read)
        .group_by(ReplyReading.rule, ReplyReading.label)
    )
    told = session.execute(
        sa.select(ReplyReading.message_id, ReplyReading.rule, ReplyReading.label, ReadingCorrection.label)
        .join(ReadingCorrection, ReadingCorrection.message_id == ReplyReading.message_id)
        .where(read)
        .order_by(ReadingCorrection.id)
    )
    last = {message_id: (rule, label, meant) for message_id, rule, label, meant in told}
    corrected: defaultdict[tuple[str | None, str], Counter[str]] = defaultdict(Counter)
    for rule, label, meant in last.values():
        corrected[rule, label][meant] += meant != label
    measured = [
        Measured(rule=rule, label=label, readings=readings, corrected_to=dict(+corrected[rule, label]))
        for rule, label, readings in counts
    ]
    return sorted(measured, key=lambda one: (-one.corrections, -one.readings, one.rule or "", one.label))


def _meetings(
    act: Act, reading: ReplyReading, message: Message, label: Label, *, known_at: datetime
) -> Sequence[Appointment]:
    """Return the meetings the answer is about, locked, as far as that is certain.

    One text may have spoken of several, and what was read then was of all of them. Of those that the reading does not
    name it is known by their state: it is of the moment of the reading, or of the last correction.
    """
    if reading.appointment_id is not None:
        first = lock_appointment(act, reading.appointment_id)
        told = told_together(act.session, message)
        if first not in told:
            return [first]
        return [first, *(one for one in told if one is not first and one.state_since == known_at)]
    if label not in STATE_OF:
        return []
    only = answered_appointment(act.session, message)
    if only is not None:
        return [only]
    return answered_together(act.session, message) if label is Label.CONFIRM else []


def _follow(
    act: Act, meetings: Sequence[Appointment], *, before: Label, label: Label, known_at: datetime
) -> Mapping[uuid.UUID, AppointmentState | None]:
    """Let meetings stand as the answer says in truth; return the new state of each, None if it is left as it is.

    Which of several is to be at another time nobody knows; none of them is confirmed then.
    """
    named = STATE_OF.get(label)
    if len(meetings) > 1 and named is AppointmentState.NEW_TIME_ASKED:
        named = None
    states: dict[uuid.UUID, AppointmentState | None] = {}
    for meeting in meetings:
        states[meeting.id] = None
        if meeting.state not in OPEN or meeting.starts_at <= act.now or meeting.state_since > known_at:
            continue
        taken_back = AppointmentState.BOOKED if STATE_OF.get(before) is meeting.state else None
        state = named or taken_back
        if state is not None and state is not meeting.state:
            _stand(act, meeting, state)
            states[meeting.id] = state
    return states


def _stand(act: Act, meeting: Appointment, state: AppointmentState) -> None:
    meeting.state, meeting.state_since = state, act.now
    act.audit("appointment.state_corrected", object_kind="appointment", object_id=meeting.id, facts={"state": state})
    act.announce("appointment.changed", object_id=meeting.id)


def _wait_again(act: Act, conversation_id: uuid.UUID) -> None:
    thread = act.session.get_one(Conversation, conversation_id, populate_existing=True)
    if thread.waiting is Waiting.SETTLED:
        stand(act, conversation_id, Waiting.FOR_US)
        act.announce("conversation.waits", object_id=conversation_id)
