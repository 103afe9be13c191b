"""The citizen's card: how she is best met, her numbers' records, her closed case, her welcome, and her arm."""

from functools import partial

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.vault.sealed import SealedType, sealed_form

revision = "0006"
down_revision = "0005"

word = partial(sa.Enum, native_enum=False, create_constraint=True, length=32)
TABLES = ("preferences", "number_records", "case_closings", "welcomes", "trial_arms")
PRESENT = sa.text("reopened_at IS NULL")


def upgrade() -> None:
    """Make the tables."""
    _preferences()
    _number_records()
    _case_closings()
    _welcomes()
    _trial_arms()


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_table(table)


def _preferences() -> None:
    op.create_table(
        "preferences",
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column("medium", word("sms", "app", "call", name="medium"), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("interpreter", sa.Text(), nullable=True),
        sa.Column("no_number_since", Moment(), nullable=True),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name="fk_preferences_citizen_id"),
        sa.PrimaryKeyConstraint("citizen_id", name="pk_preferences"),
    )


def _number_records() -> None:
    op.create_table(
        "number_records",
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("verified_at", Moment(), nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["contact_point_id"], ["contact_points.id"], name="fk_number_records_contact_point_id"),
        sa.ForeignKeyConstraint(["entered_by"], ["caseworkers.id"], name="fk_number_records_entered_by"),
        sa.ForeignKeyConstraint(["verified_by"], ["caseworkers.id"], name="fk_number_records_verified_by"),
        sa.PrimaryKeyConstraint("contact_point_id", name="pk_number_records"),
    )


def _case_closings() -> None:
    op.create_table(
        "case_closings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=False),
        sa.Column(
            "closing_reason",
            SealedType(),
            sa.CheckConstraint(sealed_form("closing_reason"), name=op.f("ck_case_closings_closing_reason_sealed")),
            nullable=False,
        ),
        sa.Column("reopened_at", Moment(), nullable=True),
        sa.Column("reopened_by", sa.Uuid(), nullable=True),
        sa.Column(
            "reopening_reason",
            SealedType(),
            sa.CheckConstraint(sealed_form("reopening_reason"), name=op.f("ck_case_closings_reopening_reason_sealed")),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name="fk_case_closings_citizen_id"),
        sa.ForeignKeyConstraint(["closed_by"], ["caseworkers.id"], name="fk_case_closings_closed_by"),
        sa.ForeignKeyConstraint(["reopened_by"], ["caseworkers.id"], name="fk_case_closings_reopened_by"),
        sa.PrimaryKeyConstraint("id", name="pk_case_closings"),
    )
    op.create_index("ix_case_closings_citizen_id", "case_closings", ["citizen_id"])
    op.create_index(
        "uq_case_closings_present",
        "case_closings",
        ["citizen_id"],
        unique=True,
        sqlite_where=PRESENT,
        postgresql_where=PRESENT,
    )


def _welcomes() -> None:
    op.create_table(
        "welcomes",
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name="fk_welcomes_citizen_id"),
        sa.PrimaryKeyConstraint("citizen_id", name="pk_welcomes"),
        sa.UniqueConstraint("message_id", name="uq_welcomes_message_id"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_welcomes_message_id"),
    )


def _trial_arms() -> None:
    op.create_table(
        "trial_arms",
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column("arm", word("sms", "app", "control", name="arm"), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name="fk_trial_arms_citizen_id"),
        sa.PrimaryKeyConstraint("citizen_id", name="pk_trial_arms"),
    )
