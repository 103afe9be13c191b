"""Tables of people: who works here, who is served, by which number, and who looks after whom."""

import enum
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from messaging.database.base import Base, new_id, word_of
from messaging.vault.sealed import Sealed, sealed_column


class Role(enum.StrEnum):
    """What a member of staff may do; the words of the customer's staff list in English."""

    CASEWORKER = "caseworker"
    TEAM_LEADER = "team_leader"
    SUPERUSER = "superuser"
    AUDITOR = "auditor"


class Standing(enum.StrEnum):
    """How a number stands to a citizen. PROPOSED: an import named it beside one in use; shown, never used by itself."""

    IN_USE = "in_use"
    PROPOSED = "proposed"
    ENDED = "ended"


class PauseReason(enum.StrEnum):
    """Why nothing is sent to a number until a human has looked."""

    WRONG_NUMBER = "wrong_number"
    STOP_FROM_SHARED = "stop_from_shared"
    STOP_FROM_UNKNOWN = "stop_from_unknown"


class Unit(Base):
    """A team of caseworkers."""

    __tablename__ = "units"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)


class Caseworker(Base):
    """A member of staff. `initials` is the name the booking system knows her by."""

    __tablename__ = "caseworkers"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    initials: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str | None]
    unit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Unit.id))
    role: Mapped[Role] = mapped_column(word_of(Role))
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None]

    @property
    def first_name(self) -> str:
        """The name she signs her messages with."""
        return self.name.split()[0]


class Citizen(Base):
    """A young citizen. The id is also the owner of the key that seals everything about this person."""

    __tablename__ = "citizens"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    cpr_index: Mapped[bytes] = mapped_column(unique=True)
    cpr: Mapped[Sealed] = sealed_column("cpr")
    first_name: Mapped[Sealed] = sealed_column("first_name")
    last_name: Mapped[Sealed] = sealed_column("last_name")
    created_at: Mapped[datetime]


class PhoneNumber(Base):
    """A number as such, known by its keyed index. `version` moves with every change of whom it belongs to.

    A number may belong to nobody yet (an unknown sender), to one person or to several.
    """

    __tablename__ = "phone_numbers"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    number_index: Mapped[bytes] = mapped_column(unique=True)
    shared: Mapped[bool] = mapped_column(default=False)
    paused_since: Mapped[datetime | None]
    pause_reason: Mapped[PauseReason | None] = mapped_column(word_of(PauseReason))
    provider_blocked_since: Mapped[datetime | None]
    """The provider itself refuses to send to it since its own keyword handling acted; START lifts that."""
    version: Mapped[int] = mapped_column(default=1)


class ContactPoint(Base):
    """A number of a citizen from a day until a day; the number itself is sealed under the citizen's key."""

    __tablename__ = "contact_points"
    __table_args__ = (
        sa.Index(
            "uq_contact_points_in_use",
            "citizen_id",
            unique=True,
            sqlite_where=sa.text("standing = 'in_use'"),
            postgresql_where=sa.text("standing = 'in_use'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id), index=True)
    number_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(PhoneNumber.id), index=True)
    number: Mapped[Sealed] = sealed_column("number")
    standing: Mapped[Standing] = mapped_column(word_of(Standing))
    source: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class OptOut(Base):
    """A person's wish to get nothing by a medium (`sms`), from a moment until it is lifted."""

    __tablename__ = "opt_outs"
    __table_args__ = (
        sa.Index(
            "uq_opt_outs_standing",
            "citizen_id",
            "medium",
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    medium: Mapped[str]
    since: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class CaseloadEntry(Base):
    """Which caseworker looks after a citizen, from a day until a day."""

    __tablename__ = "caseload"
    __table_args__ = (
        sa.Index(
            "uq_caseload_present",
            "citizen_id",
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), index=True)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class ApiKey(Base):
    """A key of another system. Only a keyed digest of the secret is kept; `scopes` are words apart by spaces.

    A key that takes the place of another one is the same system's: `system_id` is the id of that system's first key,
    None in the first key itself.
    """

    __tablename__ = "api_keys"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    secret_digest: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    system_id: Mapped[uuid.UUID | None]

    @property
    def system(self) -> uuid.UUID:
        """By which the system is known as the source of what it tells, whichever of its keys it uses."""
        return self.system_id or self.id


class SignInSession(Base):
    """A signed-in browser of a member of staff; only a keyed digest of its cookie is kept."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StatedReason(Base):
    """Why a team leader opened a citizen's content, and until when that holds."""

    __tablename__ = "stated_reasons"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    caseworker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Caseworker.id), index=True)
    citizen_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Citizen.id))
    reason: Mapped[Sealed] = sealed_column("reason")
    stated_at: Mapped[datetime]
    valid_until: Mapped[datetime]
