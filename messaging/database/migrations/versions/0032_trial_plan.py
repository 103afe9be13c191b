"""The file of the analysis that was fixed when the trial was locked."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Add the column."""
    op.add_column("trials", sa.Column("plan", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("trials", "plan")
