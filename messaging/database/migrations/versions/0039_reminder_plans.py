"""Which reminders meetings get, as dated data; of each reminder its plan and the text that was drawn for it."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0039"
down_revision = "0038"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _refers(name: str, to: str, *, table: str = "reminder_plans", nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(to, name=f"fk_{table}_{name}"), nullable=nullable)


def upgrade() -> None:
    """Make the tables and columns; while there is no plan the settings hold."""
    op.create_table(
        "reminder_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        _refers("unit_id", "units.id"),
        sa.Column("meeting_type", sa.Text(), nullable=True),
        sa.Column("target_group", sa.Text(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("most_per_day", WHOLE, nullable=True),
        sa.Column("most_per_meeting", WHOLE, nullable=True),
        sa.Column("stops_when_confirmed", sa.Boolean(), nullable=False),
        _refers("written_by_id", "caseworkers.id", nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        _refers("signed_by_id", "caseworkers.id"),
        sa.Column("signed_at", Moment(), nullable=True),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.CheckConstraint("signed_by_id <> written_by_id", name=op.f("ck_reminder_plans_four_eyes")),
        sa.CheckConstraint(
            "(signed_by_id IS NULL) = (signed_at IS NULL)", name=op.f("ck_reminder_plans_signed_by_somebody")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reminder_plans"),
    )
    op.create_table(
        "reminder_plan_steps",
        _refers("plan_id", "reminder_plans.id", table="reminder_plan_steps", nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("days", WHOLE, nullable=False),
        sa.Column("hour", WHOLE, nullable=True),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "key", name="pk_reminder_plan_steps"),
    )
    op.add_column("reminders", sa.Column("plan_id", sa.Uuid(), nullable=True))
    op.add_column("reminders", sa.Column("wording", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("reminders", "wording")
    op.drop_column("reminders", "plan_id")
    op.drop_table("reminder_plan_steps")
    op.drop_table("reminder_plans")
