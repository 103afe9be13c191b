"""Why team leaders have opened citizens' content."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.vault.sealed import SealedType, sealed_form

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of reasons."""
    op.create_table(
        "stated_reasons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("caseworker_id", sa.Uuid(), nullable=False),
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reason",
            SealedType(),
            sa.CheckConstraint(sealed_form("reason"), name=op.f("ck_stated_reasons_reason_sealed")),
            nullable=False,
        ),
        sa.Column("stated_at", Moment(), nullable=False),
        sa.Column("valid_until", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["caseworker_id"], ["caseworkers.id"], name="fk_stated_reasons_caseworker_id"),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name="fk_stated_reasons_citizen_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stated_reasons"),
    )
    op.create_index("ix_stated_reasons_caseworker_id", "stated_reasons", ["caseworker_id"])


def downgrade() -> None:
    """Drop the reasons."""
    op.drop_table("stated_reasons")
