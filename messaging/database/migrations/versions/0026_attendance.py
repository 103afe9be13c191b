"""Which meetings count, what the employment system says became of them, and what became of those before the trial."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0026"
down_revision = "0025"

WORDS = ("held", "no_show", "cancelled_by_citizen", "cancelled_by_us")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "planned_meetings",
        sa.Column(
            "appointment_id",
            sa.Uuid(),
            sa.ForeignKey("appointments.id", name="fk_planned_meetings_appointment_id"),
            nullable=False,
        ),
        sa.Column("planned_for", Moment(), nullable=False),
        sa.Column("stood", sa.Boolean(), nullable=False),
        sa.Column(
            "caseworker_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_planned_meetings_caseworker_id"),
            nullable=False,
        ),
        sa.Column("meeting_type", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("appointment_id", "planned_for", name="pk_planned_meetings"),
    )
    op.create_index("ix_planned_meetings_caseworker_id", "planned_meetings", ["caseworker_id"])
    op.create_table(
        "official_outcomes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "appointment_id",
            sa.Uuid(),
            sa.ForeignKey("appointments.id", name="fk_official_outcomes_appointment_id"),
            nullable=False,
        ),
        sa.Column("planned_for", Moment(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(*WORDS, name="officialword", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("noticed_at", Moment(), nullable=True),
        sa.Column(
            "import_id", sa.Uuid(), sa.ForeignKey("imports.id", name="fk_official_outcomes_import_id"), nullable=False
        ),
        sa.Column("imported_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_official_outcomes"),
        sa.UniqueConstraint(
            "appointment_id",
            "planned_for",
            "import_id",
            name="uq_official_outcomes_appointment_id_planned_for_import_id",
        ),
    )
    op.create_table(
        "baseline_counts",
        sa.Column(
            "caseworker_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_baseline_counts_caseworker_id"),
            nullable=False,
        ),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("meeting_type", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(*WORDS, name="officialword", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("meetings", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("caseworker_id", "month", "meeting_type", "outcome", name="pk_baseline_counts"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("baseline_counts")
    op.drop_table("official_outcomes")
    op.drop_table("planned_meetings")
