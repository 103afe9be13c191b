"""When we are open, as dated data."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0007"
down_revision = "0006"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HOURS = ("office_opens", "office_closes", "weekdays_open", "weekdays_close", "weekends_open", "weekends_close")


def upgrade() -> None:
    """Make the tables; while they are empty the settings hold."""
    op.create_table(
        "opening_times",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        *(sa.Column(name, WHOLE, nullable=False) for name in HOURS),
        sa.Column("noted_by_id", sa.Uuid(), nullable=True),
        sa.Column("noted_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "office_opens < office_closes AND weekdays_open < weekdays_close AND weekends_open < weekends_close",
            name=op.f("ck_opening_times_in_order"),
        ),
        sa.ForeignKeyConstraint(["noted_by_id"], ["caseworkers.id"], name="fk_opening_times_noted_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_opening_times"),
    )
    op.create_table(
        "closed_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("noted_by_id", sa.Uuid(), nullable=True),
        sa.Column("noted_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["noted_by_id"], ["caseworkers.id"], name="fk_closed_days_noted_by_id"),
        sa.PrimaryKeyConstraint("day", name="pk_closed_days"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("closed_days")
    op.drop_table("opening_times")
