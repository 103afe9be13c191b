"""Tables of appointments: meetings, their reminders, how answers were read, what became of them, and imports."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.appointments.other_reminders import OtherReminders
from messaging.appointments.states import Action, AppointmentState, OutcomeWord, ReminderState
from messaging.conversations.models import Message
from messaging.database.base import Base, new_id, word_of
from messaging.people.absence_models import Absence
from messaging.people.models import Caseworker, Citizen
from messaging.vault.sealed import Sealed, sealed_column


class Form(enum.StrEnum):
    """How the meeting is held; decides the wording of its reminders."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"


class LineOutcome(enum.StrEnum):
    """What became of one line of an imported file."""

    REJECTED = "rejected"
    WARNING = "warning"


class Decision(enum.StrEnum):
    """What was done about a meeting whose caseworker is away."""

    STAND_IN = "stand_in"
    CANCELLED = "cancelled"


class Import(Base):
    """One imported file: when, by whom, and how many lines did what."""

    __tablename__ = "imports"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]
    lines: Mapped[int]
    created: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    rejected: Mapped[int]
    missing: Mapped[int]
    """Meetings still to come that the file does not name: reported, never deleted."""


class ImportLine(Base):
    """A line that could not be used, or was used with a doubt; the reason, never the content."""

    __tablename__ = "import_lines"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    import_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Import.id), index=True)
    line: Mapped[int]
    outcome: Mapped[LineOutcome] = mapped_column(word_of(LineOutcome))
    code: Mapped[str]
    external_id: Mapped[str | None]
    sentence: Mapped[str]


class Appointment(OtherReminders, Base):
    """A meeting of one citizen with one caseworker, as the booking system has it.

    `revision` moves with time, place or form: what the citizen must hear anew. Reminders belong to a revision; all
    else they say is looked at again when they are due.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_appointments_citizen", "citizen_id", "starts_at"),
        sa.Index("ix_appointments_starts_at", "starts_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str]
    external_id: Mapped[str]
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), index=True)
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    meeting_type: Mapped[str]
    form: Mapped[Form] = mapped_column(word_of(Form))
    place: Mapped[str | None]
    """Name of an approved place; only its approved text leaves by SMS."""
    note: Mapped[Sealed | None] = sealed_column("note", nullable=True)
    """The booking system's free text; for staff, never for SMS or push."""
    self_booked: Mapped[bool] = mapped_column(default=False)
    state: Mapped[AppointmentState] = mapped_column(word_of(AppointmentState), default=AppointmentState.BOOKED)
    state_since: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    booked_at: Mapped[datetime]
    row_digest: Mapped[bytes | None]
    """Keyed digest of the imported row: an unchanged row is known without opening anything. None: never imported."""


class Reminder(Base):
    """One step of the reminder plan for one revision of a meeting; its own entry in the planning queue."""

    __tablename__ = "reminders"
    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "revision", "step"),
        sa.Index(
            "ix_reminders_due",
            "due_at",
            sqlite_where=sa.text("state = 'planned'"),
            postgresql_where=sa.text("state = 'planned'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Appointment.id))
    revision: Mapped[int]
    step: Mapped[str]
    due_at: Mapped[datetime]
    state: Mapped[ReminderState] = mapped_column(word_of(ReminderState))
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    message_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Message.id), index=True)
    plan_id: Mapped[uuid.UUID | None]
    """The plan it is a step of (plans are never deleted); None: the settings have it so."""
    wording: Mapped[str | None]
    """The key of the text that was drawn for it; None: the text of its place among the steps."""
    words: Mapped[Sealed | None] = sealed_column("words", nullable=True)
    """What it is to say, as of when it was planned, while it waits; None: that is composed when it is due."""
    words_digest: Mapped[bytes | None]
    """Keyed digest of all that the words are made of: as long as it is the same, they are still true."""


class ReplyReading(Base):
    """How an inbound message was understood, by which rule, and what was done with it. One per message."""

    __tablename__ = "reply_readings"

    message_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Message.id), primary_key=True)
    label: Mapped[str]
    rule: Mapped[str | None]
    whole_text: Mapped[bool]
    suggestion: Mapped[str | None]
    """What it may mean, where no rule was sure: for the human who reads it."""
    appointment_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Appointment.id), index=True)
    action: Mapped[Action] = mapped_column(word_of(Action))
    read_at: Mapped[datetime]


class ReadingCorrection(Base):
    """What a caseworker says that a message means, where it was read as something else. The last one counts."""

    __tablename__ = "reading_corrections"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(ReplyReading.message_id), index=True)
    label: Mapped[str]
    corrected_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    corrected_at: Mapped[datetime]


class Outcome(Base):
    """What became of a meeting at one of its times. A correction is a new row that names the one it corrects."""

    __tablename__ = "outcomes"
    __table_args__ = (
        sa.Index(
            "uq_outcomes_first",
            "appointment_id",
            "revision",
            unique=True,
            sqlite_where=sa.text("corrects_id IS NULL"),
            postgresql_where=sa.text("corrects_id IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Appointment.id), index=True)
    revision: Mapped[int]
    """A meeting that we cancelled and the booking system moved has an outcome for each of its times."""
    outcome: Mapped[OutcomeWord] = mapped_column(word_of(OutcomeWord))
    reason: Mapped[Sealed | None] = sealed_column("reason", nullable=True)
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("outcomes.id"), unique=True)


class OutcomeTap(Base):
    """What a caseworker has just said became of a meeting, while she can still undo it; recorded when it is due."""

    __tablename__ = "outcome_taps"

    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Appointment.id), primary_key=True)
    revision: Mapped[int]
    outcome: Mapped[OutcomeWord] = mapped_column(word_of(OutcomeWord))
    tapped_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    tapped_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)


class PersonalLine(Base):
    """What a caseworker adds to one planned reminder, after its approved words. It never goes with another time."""

    __tablename__ = "personal_lines"

    reminder_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Reminder.id), primary_key=True)
    line: Mapped[Sealed] = sealed_column("line")
    added_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    added_at: Mapped[datetime]


class Rearrangement(Base):
    """What was done about a meeting because its caseworker is away, how the citizen was told, and who rang her.

    A meeting keeps its caseworker: whoever stands in holds this one, and nothing else changes hands.
    """

    __tablename__ = "rearrangements"
    __table_args__ = (sa.CheckConstraint("(decision = 'stand_in') = (stand_in_id IS NOT NULL)", name="somebody_holds"),)

    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Appointment.id), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    absence_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Absence.id), index=True)
    decision: Mapped[Decision] = mapped_column(word_of(Decision))
    stand_in_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id), index=True)
    message_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Message.id))
    """The urgent text; None if the citizen cannot be reached by SMS, as `unreachable` says."""
    unreachable: Mapped[str | None]
    decided_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    number_shown_to: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    called_at: Mapped[datetime | None]
    called_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))


class MeetingText(Base):
    """The approved purpose and next step of a meeting type: the only words about it that may leave by SMS."""

    __tablename__ = "meeting_texts"
    __table_args__ = (sa.UniqueConstraint("meeting_type", "valid_from"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    meeting_type: Mapped[str]
    purpose: Mapped[str]
    next_step: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    approved_by: Mapped[str]


class Place(Base):
    """An approved place: its name in the booking system and the words for it in an SMS."""

    __tablename__ = "places"

    name: Mapped[str] = mapped_column(primary_key=True)
    words: Mapped[str]
    approved_by: Mapped[str]


class WordKind(enum.StrEnum):
    """What approved words are for."""

    PLACE = "place"
    MEETING_TYPE = "meeting_type"


class MeetingWordsDraft(Base):
    """Words for a place, or purpose and next step of a meeting type, that wait until somebody else approves them."""

    __tablename__ = "meeting_words_drafts"
    __table_args__ = (
        sa.CheckConstraint("approved_by_id <> written_by_id", name="four_eyes"),
        sa.CheckConstraint("(kind = 'place') = (next_step IS NULL)", name="next_step_of_a_type"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[WordKind] = mapped_column(word_of(WordKind))
    name: Mapped[str]
    """As the booking system has it."""
    words: Mapped[str]
    next_step: Mapped[str | None]
    written_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    written_at: Mapped[datetime]
    approved_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    approved_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
