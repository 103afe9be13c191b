"""Who reads along with a citizen, the codes that let their phones in, and the browsers in which they read."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.vault.sealed import SealedType, sealed_form

revision = "0021"
down_revision = "0020"


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=32, name=name)


def _sealed(name: str, *, nullable: bool) -> sa.Column[object]:
    check = sa.CheckConstraint(sealed_form(name), name=op.f(f"ck_helpers_{name}_sealed"))
    return sa.Column(name, SealedType(), check, nullable=nullable)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "helpers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_helpers_citizen_id"), nullable=False),
        sa.Column("kind", _word("helperkind", "mentor", "guardian", "interpreter", "companion"), nullable=False),
        _sealed("name", nullable=False),
        sa.Column("basis", _word("basis", "consent_in_app", "consent_at_desk", "mandate"), nullable=False),
        _sealed("words", nullable=True),
        sa.Column("sees_login_only", sa.Boolean(), nullable=False),
        sa.Column(
            "recorded_by", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_helpers_recorded_by"), nullable=False
        ),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("from_at", Moment(), nullable=True),
        sa.Column("ends_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ended_by", _word("helpendedby", "citizen", "staff"), nullable=True),
        sa.CheckConstraint(
            "from_at IS NOT NULL OR basis = 'consent_in_app'", name=op.f("ck_helpers_waits_for_consent")
        ),
        sa.CheckConstraint(
            "basis <> 'mandate' OR (kind = 'guardian' AND words IS NOT NULL)", name=op.f("ck_helpers_mandated")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_helpers_ended_by_somebody")),
        sa.PrimaryKeyConstraint("id", name="pk_helpers"),
    )
    op.create_index("ix_helpers_citizen_id", "helpers", ["citizen_id"])
    op.create_table(
        "helper_offers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "helper_id", sa.Uuid(), sa.ForeignKey("helpers.id", name="fk_helper_offers_helper_id"), nullable=False
        ),
        sa.Column(
            "caseworker_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_helper_offers_caseworker_id"),
            nullable=False,
        ),
        sa.Column("seen_as", _word("seenas", "photo_id", "health_card", "known"), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_helper_offers"),
    )
    op.create_index("ix_helper_offers_helper_id", "helper_offers", ["helper_id"])
    op.create_table(
        "helper_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "helper_id", sa.Uuid(), sa.ForeignKey("helpers.id", name="fk_helper_sessions_helper_id"), nullable=False
        ),
        sa.Column(
            "offer_id",
            sa.Uuid(),
            sa.ForeignKey("helper_offers.id", name="fk_helper_sessions_offer_id"),
            nullable=False,
            unique=True,
        ),
        sa.Column("device_name", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_helper_sessions"),
    )
    op.create_index("ix_helper_sessions_helper_id", "helper_sessions", ["helper_id"])
    op.create_index(
        "uq_helper_sessions_open",
        "helper_sessions",
        ["helper_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("helper_sessions")
    op.drop_table("helper_offers")
    op.drop_table("helpers")
