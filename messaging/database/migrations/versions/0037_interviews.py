"""Interviews held, and the themes that came up."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=32, name=name)


def _cell() -> list[sa.Column[str]]:
    return [
        sa.Column("wave", _word("wave", "before", "during", "after"), nullable=False),
        sa.Column("arm", _word("arm", "sms", "app", "control"), nullable=False),
        sa.Column("side", _word("side", "citizen", "staff"), nullable=False),
    ]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "interviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_cell(),
        sa.PrimaryKeyConstraint("id", name="pk_interviews"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_interviews_cell", "interviews", ["wave", "arm", "side"])
    op.create_table(
        "interview_themes",
        *_cell(),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("mentions", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("wave", "arm", "side", "theme", name="pk_interview_themes"),
        sa.CheckConstraint("mentions > 0", name="came_up"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("interview_themes")
    op.drop_table("interviews")
