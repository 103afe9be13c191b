"""Absences and who covers them, citizens handed over, meetings rearranged, and working hours."""

from functools import partial

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.vault.sealed import SealedType, sealed_form

revision = "0004"
down_revision = "0003"

word = partial(sa.Enum, native_enum=False, create_constraint=True, length=32)
TABLES = ("absences", "working_hours", "cover_notices", "covered_openings", "rearrangements", "transfers")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "absences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "caseworker_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_absences_caseworker_id"),
            nullable=False,
        ),
        sa.Column("deputy_id", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_absences_deputy_id"), nullable=True),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column(
            "reason",
            word("leave", "unplanned", "other_duty", name="absencereason"),
            nullable=False,
        ),
        sa.Column(
            "reported_by", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_absences_reported_by"), nullable=False
        ),
        sa.Column("reported_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.CheckConstraint("since < until", name=op.f("ck_absences_in_order")),
        sa.CheckConstraint("deputy_id IS NULL OR deputy_id <> caseworker_id", name=op.f("ck_absences_another_covers")),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
    )
    op.create_index("ix_absences_caseworker_id", "absences", ["caseworker_id"])
    op.create_index("ix_absences_deputy_id", "absences", ["deputy_id"])
    op.create_table(
        "working_hours",
        sa.Column(
            "caseworker_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_working_hours_caseworker_id"),
            nullable=False,
        ),
        sa.Column("weekday", WHOLE, nullable=False),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_working_hours_a_weekday")),
        sa.CheckConstraint("begins < ends", name=op.f("ck_working_hours_in_order")),
        sa.PrimaryKeyConstraint("caseworker_id", "weekday", name="pk_working_hours"),
    )
    op.create_table(
        "cover_notices",
        sa.Column(
            "absence_id", sa.Uuid(), sa.ForeignKey("absences.id", name="fk_cover_notices_absence_id"), nullable=False
        ),
        sa.Column(
            "citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_cover_notices_citizen_id"), nullable=False
        ),
        sa.Column(
            "deputy_id", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_cover_notices_deputy_id"), nullable=False
        ),
        sa.Column("told_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("absence_id", "citizen_id", "deputy_id", name="pk_cover_notices"),
    )
    op.create_table(
        "covered_openings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "caseworker_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_covered_openings_caseworker_id"),
            nullable=False,
        ),
        sa.Column(
            "citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_covered_openings_citizen_id"), nullable=False
        ),
        sa.Column(
            "absence_id", sa.Uuid(), sa.ForeignKey("absences.id", name="fk_covered_openings_absence_id"), nullable=True
        ),
        sa.Column(
            "because",
            word("danger", "waiting", "meeting", "opened_today", name="because"),
            nullable=False,
        ),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_covered_openings"),
    )
    op.create_index("ix_covered_openings_citizen_id", "covered_openings", ["citizen_id"])
    op.create_index("ix_covered_openings_reader", "covered_openings", ["caseworker_id", "opened_at"])
    op.create_table(
        "rearrangements",
        sa.Column(
            "appointment_id",
            sa.Uuid(),
            sa.ForeignKey("appointments.id", name="fk_rearrangements_appointment_id"),
            nullable=False,
        ),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column(
            "absence_id", sa.Uuid(), sa.ForeignKey("absences.id", name="fk_rearrangements_absence_id"), nullable=False
        ),
        sa.Column(
            "decision",
            word("stand_in", "cancelled", name="decision"),
            nullable=False,
        ),
        sa.Column(
            "stand_in_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_rearrangements_stand_in_id"),
            nullable=True,
        ),
        sa.Column(
            "message_id", sa.Uuid(), sa.ForeignKey("messages.id", name="fk_rearrangements_message_id"), nullable=True
        ),
        sa.Column("unreachable", sa.Text(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.Column(
            "decided_by",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_rearrangements_decided_by"),
            nullable=False,
        ),
        sa.Column(
            "number_shown_to",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_rearrangements_number_shown_to"),
            nullable=True,
        ),
        sa.Column("called_at", Moment(), nullable=True),
        sa.Column(
            "called_by", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_rearrangements_called_by"), nullable=True
        ),
        sa.CheckConstraint(
            "(decision = 'stand_in') = (stand_in_id IS NOT NULL)", name=op.f("ck_rearrangements_somebody_holds")
        ),
        sa.PrimaryKeyConstraint("appointment_id", "revision", name="pk_rearrangements"),
    )
    op.create_index("ix_rearrangements_absence_id", "rearrangements", ["absence_id"])
    op.create_index("ix_rearrangements_stand_in_id", "rearrangements", ["stand_in_id"])
    op.create_table(
        "transfers",
        sa.Column(
            "caseload_id", sa.Uuid(), sa.ForeignKey("caseload.id", name="fk_transfers_caseload_id"), nullable=False
        ),
        sa.Column(
            "citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_transfers_citizen_id"), nullable=False
        ),
        sa.Column("from_id", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_transfers_from_id"), nullable=False),
        sa.Column("to_id", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_transfers_to_id"), nullable=False),
        sa.Column("by_id", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_transfers_by_id"), nullable=False),
        sa.Column(
            "note",
            SealedType(),
            sa.CheckConstraint(sealed_form("note"), name=op.f("ck_transfers_note_sealed")),
            nullable=True,
        ),
        sa.Column("transferred_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("caseload_id", name="pk_transfers"),
    )
    op.create_index("ix_transfers_citizen_id", "transfers", ["citizen_id"])


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        op.drop_table(table)
