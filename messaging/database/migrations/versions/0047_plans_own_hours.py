"""A plan's own hours, whether it spares the weekends, and by which ways its reminders go."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns; plans from before go on by the hours and the ways of the service."""
    op.add_column("reminder_plans", sa.Column("opens", WHOLE, nullable=True))
    op.add_column("reminder_plans", sa.Column("closes", WHOLE, nullable=True))
    op.add_column(
        "reminder_plans", sa.Column("spares_weekends", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("reminder_plans", sa.Column("ways", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    for column in ("ways", "spares_weekends", "closes", "opens"):
        op.drop_column("reminder_plans", column)
