"""Since when the evaluation no longer knows which of its lines are a citizen's. Nobody is forgotten yet."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """Add the column."""
    op.add_column("trial_arms", sa.Column("forgotten_at", Moment(), nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("trial_arms", "forgotten_at")
