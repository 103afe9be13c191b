"""What booking sources say is free, and which of it was offered to whom."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "free_times",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column(
            "caseworker_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_free_times_caseworker_id"),
            nullable=True,
        ),
        sa.Column("unit_id", sa.Uuid(), sa.ForeignKey("units.id", name="fk_free_times_unit_id"), nullable=True),
        sa.Column("meeting_type", sa.Text(), nullable=False),
        sa.Column(
            "form",
            sa.Enum("in_person", "phone", "video", native_enum=False, create_constraint=True, length=32, name="form"),
            nullable=False,
        ),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_free_times"),
        sa.UniqueConstraint("source", "external_id", name="uq_free_times_source_external_id"),
        sa.CheckConstraint("(caseworker_id IS NULL) <> (unit_id IS NULL)", name="whose"),
    )
    op.create_index("ix_free_times_meeting_type", "free_times", ["meeting_type", "starts_at"])
    op.create_table(
        "offered_times",
        sa.Column(
            "appointment_id",
            sa.Uuid(),
            sa.ForeignKey("appointments.id", name="fk_offered_times_appointment_id"),
            nullable=False,
        ),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offered_at", Moment(), nullable=False),
        sa.Column("wished_at", Moment(), nullable=True),
        sa.Column(
            "message_id", sa.Uuid(), sa.ForeignKey("messages.id", name="fk_offered_times_message_id"), nullable=True
        ),
        sa.PrimaryKeyConstraint("appointment_id", "revision", "number", name="pk_offered_times"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("offered_times")
    op.drop_table("free_times")
