"""Whether a plan reminds of two meetings of one day in one text, and which texts were drawn for those of the trial."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Add the columns; plans from before go on reminding of each meeting by itself."""
    op.add_column("reminder_plans", sa.Column("combines", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("exposures", sa.Column("wordings", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("exposures", "wordings")
    op.drop_column("reminder_plans", "combines")
