"""Reports on the trial that were asked for, and how far they are."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0035"
down_revision = "0034"


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "evaluation_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=True),
        _count("done"),
        _count("total"),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation_runs"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("evaluation_runs")
