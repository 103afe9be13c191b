"""The call centre's weeks."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def _count(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "call_weeks",
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        _count("calls"),
        _count("answered"),
        _count("seconds_waited", nullable=True),
        sa.Column("import_id", sa.Uuid(), sa.ForeignKey("imports.id", name="fk_call_weeks_import_id"), nullable=False),
        sa.PrimaryKeyConstraint("week", "line", name="pk_call_weeks"),
        sa.CheckConstraint("calls >= answered AND answered >= 0", name="answered_of_calls"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("call_weeks")
