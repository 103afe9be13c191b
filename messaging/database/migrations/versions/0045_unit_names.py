"""Names that sign what we send, as dated and signed data. While there are none the settings' name signs."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "unit_names",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("written_by_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("signed_by_id", sa.Uuid(), nullable=True),
        sa.Column("signed_at", Moment(), nullable=True),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (signed_by_id IS NULL)", name=op.f("ck_unit_names_signed_by_somebody")
        ),
        sa.CheckConstraint(
            "signed_by_id IS NULL OR signed_by_id <> written_by_id", name=op.f("ck_unit_names_signed_by_another")
        ),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_unit_names_in_order")),
        sa.ForeignKeyConstraint(["written_by_id"], ["caseworkers.id"], name="fk_unit_names_written_by_id"),
        sa.ForeignKeyConstraint(["signed_by_id"], ["caseworkers.id"], name="fk_unit_names_signed_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_unit_names"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("unit_names")
