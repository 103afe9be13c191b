"""The table of who reads along with a citizen: a mentor, a guardian, an interpreter, a companion."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id, word_of
from messaging.people.models import Caseworker, Citizen
from messaging.vault.sealed import Sealed, sealed_column


class HelperKind(enum.StrEnum):
    """What somebody who reads along is to the citizen. COMPANION: who comes along to her meetings (bisidder)."""

    MENTOR = "mentor"
    GUARDIAN = "guardian"
    INTERPRETER = "interpreter"
    COMPANION = "companion"


class Basis(enum.StrEnum):
    """By what right somebody reads along: the citizen says yes in her app or before her caseworker, or the law does."""

    CONSENT_IN_APP = "consent_in_app"
    CONSENT_AT_DESK = "consent_at_desk"
    MANDATE = "mandate"


class HelpEndedBy(enum.StrEnum):
    """Who ended it; a planned end needs nobody."""

    CITIZEN = "citizen"
    STAFF = "staff"


class Helper(Base):
    """That somebody may read what is written to and by one citizen from `from_at` on, until it ends.

    Whoever helps several citizens is as many helpers: nothing leads from one citizen to another. `from_at` is empty
    while the citizen's yes in her app is waited for. Nobody but a guardian reads along without the citizen's consent.
    """

    __tablename__ = "helpers"
    __table_args__ = (
        sa.CheckConstraint("from_at IS NOT NULL OR basis = 'consent_in_app'", name="waits_for_consent"),
        sa.CheckConstraint("basis <> 'mandate' OR (kind = 'guardian' AND words IS NOT NULL)", name="mandated"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    kind: Mapped[HelperKind] = mapped_column(word_of(HelperKind))
    name: Mapped[Sealed] = sealed_column("name")
    basis: Mapped[Basis] = mapped_column(word_of(Basis))
    words: Mapped[Sealed | None] = sealed_column("words", nullable=True)
    """What the mandate is, or how consent was given."""
    sees_login_only: Mapped[bool]
    """Reads what the citizen herself reads only after a sign-in, too; still nothing that is sensitive."""
    recorded_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    recorded_at: Mapped[datetime]
    from_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    """When it ends by itself, such as at the citizen's 18th birthday."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[HelpEndedBy | None] = mapped_column(word_of(HelpEndedBy))
