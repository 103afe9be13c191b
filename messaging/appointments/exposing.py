"""Writing down, when a meeting of a citizen in the trial has begun, what she really got before it."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.exposure_models import Exposure
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.other_reminders import REMINDED_BY
from messaging.appointments.states import CANCELLED, ReminderState
from messaging.conversations.channel_choice import Means, MeansOf
from messaging.conversations.models import Message
from messaging.conversations.states import PROOF, MessageState
from messaging.people.acting import Act
from messaging.people.arm_models import Arm, TrialArm
from messaging.people.reaching import APP

BATCH = 200
LOOKED_BACK = timedelta(days=14)
"""How long after its beginning a meeting is still written down, if nobody did before."""

LEFT = frozenset({MessageState.SENT, MessageState.UNCLEAR, *PROOF})
"""What she may have got. An unclear one perhaps left; of a failed one it is certain that it did not come."""


def is_any_to_record(session: Session, *, at: datetime) -> bool:
    """Whether a meeting has begun that is not written down; a look that takes no lock."""
    return session.scalar(_begun(at).limit(1).with_only_columns(Appointment.id)) is not None


def record_begun(act: Act, *, means_of: MeansOf, limit: int = BATCH) -> int:
    """Write down up to `limit` meetings that have begun; return how many."""
    rows = act.session.execute(_begun(act.now).order_by(Appointment.starts_at, Appointment.id).limit(limit)).all()
    got = _got(act.session, [appointment.id for appointment, _ in rows])
    drawn = _drawn(act.session, [appointment.id for appointment, _ in rows])
    means = means_of(act.session, {appointment.citizen_id for appointment, _ in rows})
    for appointment, arm in rows:
        counted = got[appointment.id, appointment.revision]
        act.session.add(
            Exposure(
                appointment_id=appointment.id,
                planned_for=appointment.starts_at,
                arm=arm,
                has=means.get(appointment.citizen_id, Means()).has,
                sms_sent=counted["sms_sent"],
                sms_delivered=counted["sms_delivered"],
                app_placed=counted["app_placed"],
                app_shown=counted["app_shown"],
                withheld=counted["withheld"],
                reminded_by_huskeservice=appointment.reminded_by_huskeservice,
                reminded_by_nemsms=appointment.reminded_by_nemsms,
                reminded_by_booking_system=appointment.reminded_by_booking_system,
                wordings=drawn.get((appointment.id, appointment.revision)),
                recorded_at=act.now,
            )
        )
    return len(rows)


def learn_told(act: Act, appointments: Iterable[Appointment]) -> None:
    """Let what is written down of these meetings know what has been told since of others' reminders of this time.

    Systems often tell of a reminder only once it has left. What is told no longer has been told all the same.
    """
    for appointment in appointments:
        told = {name: getattr(appointment, name) for name in REMINDED_BY if getattr(appointment, name) is not None}
        if told:
            written = sa.update(Exposure).filter_by(appointment_id=appointment.id, planned_for=appointment.starts_at)
            act.session.execute(written.values(told))


def _begun(at: datetime) -> sa.Select[Appointment, Arm]:
    written = sa.exists().where(
        Exposure.appointment_id == Appointment.id, Exposure.planned_for == Appointment.starts_at
    )
    return (
        sa.select(Appointment, TrialArm.arm)
        .join(TrialArm, TrialArm.citizen_id == Appointment.citizen_id)
        .where(
            Appointment.starts_at <= at,
            Appointment.starts_at > at - LOOKED_BACK,
            Appointment.state.not_in(CANCELLED),
            TrialArm.since <= Appointment.starts_at,
            sa.or_(TrialArm.ended_at.is_(None), TrialArm.ended_at > Appointment.starts_at),
            ~written,
        )
    )


def _drawn(session: Session, appointment_ids: Collection[uuid.UUID]) -> Mapping[tuple[uuid.UUID, int], str]:
    """Return which texts were drawn for the reminders of each time of these meetings."""
    rows = session.execute(
        sa.select(Reminder.appointment_id, Reminder.revision, Reminder.step, Reminder.wording)
        .where(Reminder.appointment_id.in_(appointment_ids), Reminder.wording.is_not(None))
        .order_by(Reminder.due_at, Reminder.step)
    )
    drawn: dict[tuple[uuid.UUID, int], list[str]] = defaultdict(list)
    for appointment_id, revision, step, wording in rows:
        drawn[appointment_id, revision].append(f"{step}={wording}")
    return {key: " ".join(words) for key, words in drawn.items()}


def _got(session: Session, appointment_ids: Collection[uuid.UUID]) -> Mapping[tuple[uuid.UUID, int], Counter[str]]:
    rows = session.execute(
        sa.select(Reminder.appointment_id, Reminder.revision, Reminder.state, Message.medium, Message.state)
        .outerjoin(Message, Message.id == Reminder.message_id)
        .where(Reminder.appointment_id.in_(appointment_ids))
    )
    got: dict[tuple[uuid.UUID, int], Counter[str]] = defaultdict(Counter)
    for appointment_id, revision, decided, medium, state in rows:
        counted = got[appointment_id, revision]
        if decided is ReminderState.WITHHELD:
            counted["withheld"] += 1
        elif medium == APP:
            counted["app_placed"] += state in LEFT
            counted["app_shown"] += state is MessageState.READ
        elif medium is not None:
            counted["sms_sent"] += state in LEFT
            counted["sms_delivered"] += state in PROOF
    return got
