"""The evaluation's own extract of the trial, and apart from it the links to whom it counts."""

import uuid

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0031"
down_revision = "0030"

EXTRACTS = "evaluation_extracts.trial_id"


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=32, name=name)


def _to(table: str, column: str, target: str) -> sa.Column[uuid.UUID]:
    key = sa.ForeignKey(target, name=f"fk_{table}_{column}")
    return sa.Column(column, sa.Uuid(), key, nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "evaluation_extracts",
        _to("evaluation_extracts", "trial_id", "trials.id"),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("filled_at", Moment(), nullable=False),
        sa.Column("delete_at", Moment(), nullable=False),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("trial_id", name="pk_evaluation_extracts"),
    )
    op.create_table(
        "evaluation_clusters",
        sa.Column("id", sa.Uuid(), nullable=False),
        _to("evaluation_clusters", "trial_id", EXTRACTS),
        sa.Column("stratum", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("baseline_rate", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation_clusters"),
    )
    op.create_index("ix_evaluation_clusters_trial_id", "evaluation_clusters", ["trial_id"])
    op.create_table(
        "evaluation_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        _to("evaluation_lines", "trial_id", EXTRACTS),
        _to("evaluation_lines", "cluster_id", "evaluation_clusters.id"),
        sa.Column("citizen", sa.Uuid(), nullable=False),
        sa.Column("arm", _word("arm", "sms", "app", "control"), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("meeting_type", sa.Text(), nullable=False),
        sa.Column("target_group", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            _word("officialword", "held", "no_show", "cancelled_by_citizen", "cancelled_by_us"),
            nullable=True,
        ),
        sa.Column("held_within", sa.Boolean(), nullable=False),
        sa.Column("has", _word("has", "number", "app", "push"), nullable=True),
        _count("sms_sent"),
        _count("sms_delivered"),
        _count("app_placed"),
        _count("app_shown"),
        _count("withheld"),
        sa.Column("reminded_elsewhere", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation_lines"),
    )
    op.create_index("ix_evaluation_lines_trial_id", "evaluation_lines", ["trial_id"])
    op.create_table(
        "evaluation_cluster_links",
        _to("evaluation_cluster_links", "trial_id", EXTRACTS),
        _to("evaluation_cluster_links", "caseworker_id", "caseworkers.id"),
        _to("evaluation_cluster_links", "cluster_id", "evaluation_clusters.id"),
        sa.PrimaryKeyConstraint("trial_id", "caseworker_id", name="pk_evaluation_cluster_links"),
    )
    op.create_table(
        "evaluation_citizen_links",
        _to("evaluation_citizen_links", "citizen_id", "citizens.id"),
        _to("evaluation_citizen_links", "trial_id", EXTRACTS),
        sa.Column("citizen", sa.Uuid(), nullable=False),
        _to("evaluation_citizen_links", "cluster_id", "evaluation_clusters.id"),
        sa.Column("arm", _word("arm", "sms", "app", "control"), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("target_group", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("citizen_id", name="pk_evaluation_citizen_links"),
    )
    op.create_index("ix_evaluation_citizen_links_trial_id", "evaluation_citizen_links", ["trial_id"])
    op.create_table(
        "evaluation_line_links",
        _to("evaluation_line_links", "appointment_id", "appointments.id"),
        sa.Column("planned_for", Moment(), nullable=False),
        _to("evaluation_line_links", "trial_id", EXTRACTS),
        _to("evaluation_line_links", "citizen_id", "citizens.id"),
        _to("evaluation_line_links", "line_id", "evaluation_lines.id"),
        sa.PrimaryKeyConstraint("appointment_id", "planned_for", name="pk_evaluation_line_links"),
    )
    op.create_index("ix_evaluation_line_links_line_id", "evaluation_line_links", ["line_id"], unique=True)
    op.create_index("ix_evaluation_line_links_trial_id", "evaluation_line_links", ["trial_id"])
    op.create_index("ix_evaluation_line_links_citizen_id", "evaluation_line_links", ["citizen_id"])


def downgrade() -> None:
    """Drop them."""
    for table in (
        "evaluation_line_links",
        "evaluation_citizen_links",
        "evaluation_cluster_links",
        "evaluation_lines",
        "evaluation_clusters",
        "evaluation_extracts",
    ):
        op.drop_table(table)
