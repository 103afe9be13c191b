"""What citizens were shown of our use of their data, and that somebody in the app said that she is somebody else."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "data_use_shown",
        sa.Column(
            "citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_data_use_shown_citizen_id"), nullable=False
        ),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shown_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("citizen_id", "version", name="pk_data_use_shown"),
    )
    op.create_table(
        "wrong_persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_wrong_persons_citizen_id"), nullable=False
        ),
        sa.Column("medium", sa.Text(), nullable=False),
        sa.Column("reported_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_persons"),
    )
    op.create_index("ix_wrong_persons_citizen_id", "wrong_persons", ["citizen_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("wrong_persons")
    op.drop_table("data_use_shown")
