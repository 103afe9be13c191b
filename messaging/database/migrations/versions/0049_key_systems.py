"""Of which system a key is: one that takes the place of another key goes on as the same source."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    """Add the column; each key from before is a system of its own."""
    op.add_column("api_keys", sa.Column("system_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("api_keys", "system_id")
