"""Who else reminds of a meeting: Huskeservice as a yes, a no or not told, and NemSMS and the booking system beside it.

A no from before stands only for meetings of the booking system's own export, which always had the column. Elsewhere it
may have been what stood where nobody had said anything, and becomes not told until its source changes the meeting.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"

TABLES = ("appointments", "exposures", "evaluation_lines")
TOLD = "SELECT id FROM appointments WHERE source = 'booking_system'"
NOES = {
    "appointments": f"id IN ({TOLD})",
    "exposures": f"appointment_id IN ({TOLD})",
    "evaluation_lines": f"id IN (SELECT line_id FROM evaluation_line_links WHERE appointment_id IN ({TOLD}))",  # noqa: S608
}
"""Of which rows a no was said."""


def upgrade() -> None:
    """Make the columns, and keep in the first what was said."""
    for table in TABLES:
        for name in ("reminded_by_huskeservice", "reminded_by_nemsms", "reminded_by_booking_system"):
            op.add_column(table, sa.Column(name, sa.Boolean(), nullable=True))
        op.execute(
            f"UPDATE {table} SET reminded_by_huskeservice = reminded_elsewhere"  # noqa: S608
            f" WHERE reminded_elsewhere OR (NOT reminded_elsewhere AND {NOES[table]})"
        )
        op.drop_column(table, "reminded_elsewhere")


def downgrade() -> None:
    """Keep only whether Huskeservice is said to remind."""
    for table in TABLES:
        op.add_column(
            table,
            sa.Column(
                "reminded_elsewhere",
                sa.Boolean(),
                nullable=table == "evaluation_lines",
                server_default=None if table == "evaluation_lines" else sa.false(),
            ),
        )
        op.execute(
            f"UPDATE {table} SET reminded_elsewhere = reminded_by_huskeservice"  # noqa: S608
            " WHERE reminded_by_huskeservice IS NOT NULL"
        )
        for name in ("reminded_by_huskeservice", "reminded_by_nemsms", "reminded_by_booking_system"):
            op.drop_column(table, name)
