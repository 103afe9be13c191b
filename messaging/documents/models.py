"""Tables of documents: the documents, their sealed pieces, what we have asked for, and how much came on a day."""

import enum
import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id, word_of
from messaging.documents.kinds import Declared, Kind
from messaging.documents.states import DocumentState, Refusal
from messaging.people.models import Caseworker, Citizen
from messaging.vault.sealed import Sealed, sealed_column


class Origin(enum.StrEnum):
    """Who sent a document, and which way: the citizen, staff to the citizen, or the citizen's telephone by MMS."""

    CITIZEN = "citizen"
    STAFF = "staff"
    MMS = "mms"


class Part(enum.StrEnum):
    """Which pieces these are: those that were sent, or those that the inspection wrote in their place."""

    SENT = "sent"
    KEPT = "kept"


class AskedDocument(Base):
    """Something we have asked a citizen for, in words such as "lønseddel"; a document that is kept answers it."""

    __tablename__ = "asked_documents"
    __table_args__ = (sa.Index("ix_asked_documents_citizen", "citizen_id", "asked_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    asked_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    words: Mapped[Sealed] = sealed_column("words")
    asked_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Document(Base):
    """One document of a citizen, and its own entry in the queue of inspections. Its id is made by who sends it.

    `size` and `pieces` are those declared until it is kept, then those of what is kept.
    """

    __tablename__ = "documents"
    __table_args__ = (
        sa.Index("ix_documents_citizen", "citizen_id", "created_at"),
        sa.Index(
            "ix_documents_open",
            "state",
            "next_try_at",
            sqlite_where=sa.text("state IN ('receiving', 'waiting', 'parked')"),
            postgresql_where=sa.text("state IN ('receiving', 'waiting', 'parked')"),
        ),
        sa.CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refused_for_a_reason"),
        sa.CheckConstraint("(state = 'clean') = (kind IS NOT NULL)", name="clean_is_of_a_kind"),
        sa.CheckConstraint("(state IN ('receiving', 'refused')) OR (manifest IS NOT NULL)", name="whole"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    name: Mapped[Sealed] = sealed_column("name")
    """Cleaned, without a suffix."""
    declared: Mapped[Declared] = mapped_column(word_of(Declared))
    kind: Mapped[Kind | None] = mapped_column(word_of(Kind))
    origin: Mapped[Origin] = mapped_column(word_of(Origin))
    by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    """Which of the staff sent it; None: the citizen."""
    asked_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(AskedDocument.id))
    """What it answers."""
    size: Mapped[int]
    pieces: Mapped[int]
    part: Mapped[Part] = mapped_column(word_of(Part), default=Part.SENT)
    manifest: Mapped[Sealed | None] = sealed_column("manifest", nullable=True)
    state: Mapped[DocumentState] = mapped_column(word_of(DocumentState))
    state_since: Mapped[datetime]
    refusal: Mapped[Refusal | None] = mapped_column(word_of(Refusal))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    """When its last piece was here."""
    opened_at: Mapped[datetime | None]
    """When it was first opened by who it was sent to."""
    opened_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Caseworker.id))
    """Who of the staff that was."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often the virus scanner could not be asked."""
    next_try_at: Mapped[datetime | None]
    """By the database's clock."""
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    deaths: Mapped[int] = mapped_column(default=0)
    """How often a process died holding this row; three park it."""


class DocumentPiece(Base):
    """One piece of a document's content. `digest` is keyed: it tells a piece that is sent again from another one."""

    __tablename__ = "document_pieces"

    document_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Document.id, ondelete="CASCADE"), primary_key=True)
    part: Mapped[Part] = mapped_column(word_of(Part), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[Sealed] = sealed_column("content")
    digest: Mapped[bytes]


class UploadDay(Base):
    """How much a citizen has begun to send on a day."""

    __tablename__ = "upload_days"

    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    documents: Mapped[int]
    bytes: Mapped[int]
