"""Tables of what sources take back: meetings they called off, and how far an import was believed."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.appointments.models import Appointment, Import
from messaging.database.base import Base, word_of


class Doubt(enum.StrEnum):
    """Why meetings that a whole file no longer names are not held to be cancelled."""

    TOO_MANY = "too_many"
    """More vanished at once than its profile lets be believed."""
    NOTHING_TO_COME = "nothing_to_come"
    """The file names not one meeting to come."""
    UNREAD_LINES = "unread_lines"
    """Of some lines not even the id could be read: what is missed may stand there."""


class ImportVerdict(Base):
    """What an import made of the meetings its source cancelled, or no longer named."""

    __tablename__ = "import_verdicts"

    import_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Import.id), primary_key=True)
    coming: Mapped[int]
    """Meetings of the source that were to come when the import began."""
    cancelled: Mapped[int]
    doubt: Mapped[Doubt | None] = mapped_column(word_of(Doubt))


class CalledOffMeeting(Base):
    """A meeting that its source has called off, by a word or by naming it no more; gone when the source names it again.

    What we cancelled ourselves stays cancelled whatever the source says; what the source called off it can restore.
    """

    __tablename__ = "called_off_meetings"

    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Appointment.id), primary_key=True)
    called_off_at: Mapped[datetime]


class Feed(Base):
    """How the fetching of one source goes. What the feed is and where it lies is configuration."""

    __tablename__ = "feeds"

    source: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    tries: Mapped[int]
    """Fetches that failed in a row."""
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    """What the other side called the file that was last taken in."""
    body_digest: Mapped[bytes | None]
    """Keyed digest of that file."""
    profile_digest: Mapped[bytes | None]
    """The same of the profile it was read by; by another profile it must be had again."""
    good_at: Mapped[datetime | None]
    """When a file was last taken in, or was as before."""
    import_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Import.id))
    error: Mapped[str | None]
    """The code of the last failure, until it goes well."""
    error_since: Mapped[datetime | None]
