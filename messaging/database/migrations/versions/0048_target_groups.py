"""Entries of the list of target groups, as dated and signed data. While there are none the packaged list holds."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "target_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("takes_part", sa.Boolean(), nullable=False),
        sa.Column("is_end", sa.Boolean(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("written_by_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("signed_by_id", sa.Uuid(), nullable=True),
        sa.Column("signed_at", Moment(), nullable=True),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (signed_by_id IS NULL)", name=op.f("ck_target_groups_signed_by_somebody")
        ),
        sa.CheckConstraint(
            "signed_by_id IS NULL OR signed_by_id <> written_by_id", name=op.f("ck_target_groups_signed_by_another")
        ),
        sa.CheckConstraint("signed_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_target_groups_decided_once")),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_target_groups_in_order")),
        sa.CheckConstraint("NOT is_end OR last_day IS NULL", name=op.f("ck_target_groups_ends_for_good")),
        sa.ForeignKeyConstraint(["written_by_id"], ["caseworkers.id"], name="fk_target_groups_written_by_id"),
        sa.ForeignKeyConstraint(["signed_by_id"], ["caseworkers.id"], name="fk_target_groups_signed_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_target_groups"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("target_groups")
