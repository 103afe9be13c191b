"""The two questions: codes, tallies, waves and who of the staff has answered."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

ARMS = ("sms", "app", "control")
WAVES = ("before", "during", "after")
QUESTIONS = ("contact", "purpose", "reaching", "in_time")
RATINGS = ("yes", "mostly", "hardly", "no", "unsure")


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=32, name=name)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _cell() -> list[sa.Column[str]]:
    return [
        sa.Column("arm", _word("arm", *ARMS), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("meeting_type", sa.Text(), nullable=False),
    ]


def _answered() -> list[sa.Column[str]]:
    return [
        sa.Column("question", _word("question", *QUESTIONS), nullable=False),
        sa.Column("rating", _word("rating", *RATINGS), nullable=False),
    ]


def _wave() -> sa.Column[str]:
    return sa.Column("wave", _word("wave", *WAVES), nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "pulse_cells",
        *_cell(),
        *(_count(name) for name in ("stocked", "handed_out", "returned", "answered")),
        sa.PrimaryKeyConstraint("arm", "month", "meeting_type", name="pk_pulse_cells"),
    )
    op.create_table(
        "pulse_codes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        *_cell(),
        sa.PrimaryKeyConstraint("digest", name="pk_pulse_codes"),
        sa.ForeignKeyConstraint(
            ["arm", "month", "meeting_type"],
            ["pulse_cells.arm", "pulse_cells.month", "pulse_cells.meeting_type"],
            name="fk_pulse_codes_arm_month_meeting_type",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pulse_tallies",
        *_cell(),
        *_answered(),
        _count("answers"),
        sa.PrimaryKeyConstraint("arm", "month", "meeting_type", "question", "rating", name="pk_pulse_tallies"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "wave_days",
        _wave(),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name="ends_after_it_begins"),
        sa.PrimaryKeyConstraint("wave", name="pk_wave_days"),
    )
    op.create_table(
        "staff_answered",
        _wave(),
        sa.Column(
            "caseworker_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_staff_answered_caseworker_id"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("wave", "caseworker_id", name="pk_staff_answered"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "staff_tallies",
        _wave(),
        sa.Column("staff_group", _word("group", "sms", "app", "control", "none"), nullable=False),
        *_answered(),
        _count("answers"),
        sa.PrimaryKeyConstraint("wave", "staff_group", "question", "rating", name="pk_staff_tallies"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("staff_tallies", "staff_answered", "wave_days", "pulse_tallies", "pulse_codes", "pulse_cells"):
        op.drop_table(name)
