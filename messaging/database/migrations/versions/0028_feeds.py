"""What sources call off, how far an import was believed, and how the fetching of feeds goes."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0028"
down_revision = "0027"

DOUBTS = ("too_many", "nothing_to_come", "unread_lines")


def upgrade() -> None:
    """Make the tables."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "import_verdicts",
        sa.Column(
            "import_id", sa.Uuid(), sa.ForeignKey("imports.id", name="fk_import_verdicts_import_id"), nullable=False
        ),
        sa.Column("coming", number, nullable=False),
        sa.Column("cancelled", number, nullable=False),
        sa.Column(
            "doubt",
            sa.Enum(*DOUBTS, name="doubt", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("import_id", name="pk_import_verdicts"),
    )
    op.create_table(
        "called_off_meetings",
        sa.Column(
            "appointment_id",
            sa.Uuid(),
            sa.ForeignKey("appointments.id", name="fk_called_off_meetings_appointment_id"),
            nullable=False,
        ),
        sa.Column("called_off_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("appointment_id", name="pk_called_off_meetings"),
    )
    op.create_table(
        "feeds",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("tries", number, nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_digest", sa.LargeBinary(), nullable=True),
        sa.Column("profile_digest", sa.LargeBinary(), nullable=True),
        sa.Column("good_at", Moment(), nullable=True),
        sa.Column("import_id", sa.Uuid(), sa.ForeignKey("imports.id", name="fk_feeds_import_id"), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_since", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("source", name="pk_feeds"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("feeds")
    op.drop_table("called_off_meetings")
    op.drop_table("import_verdicts")
