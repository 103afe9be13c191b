"""Whether the trial may count a planned meeting is noted with it."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Add the column; what was decided on before stays without."""
    op.add_column("planned_meetings", sa.Column("eligible", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("planned_meetings") as table:
        table.drop_column("eligible")
