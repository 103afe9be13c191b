"""The trial itself: its design and seed, the caseworkers allocated, and citizens' target groups."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment

revision = "0029"
down_revision = "0028"


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=32, name=name)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "trials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("design", _word("design", "caseworker", "citizen"), nullable=False),
        sa.Column("seed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("locked_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("under_way", sa.Boolean(), nullable=True, unique=True),
        sa.PrimaryKeyConstraint("id", name="pk_trials"),
    )
    op.create_table(
        "trial_caseworkers",
        sa.Column(
            "trial_id", sa.Uuid(), sa.ForeignKey("trials.id", name="fk_trial_caseworkers_trial_id"), nullable=False
        ),
        sa.Column(
            "caseworker_id",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_trial_caseworkers_caseworker_id"),
            nullable=False,
        ),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("baseline_rate", sa.Double(), nullable=True),
        sa.Column("arm", _word("arm", "sms", "app", "control"), nullable=True),
        sa.Column(
            "successor_of",
            sa.Uuid(),
            sa.ForeignKey("caseworkers.id", name="fk_trial_caseworkers_successor_of"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("trial_id", "caseworker_id", name="pk_trial_caseworkers"),
    )
    op.create_table(
        "citizen_target_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "citizen_id",
            sa.Uuid(),
            sa.ForeignKey("citizens.id", name="fk_citizen_target_groups_citizen_id"),
            nullable=False,
        ),
        sa.Column("target_group", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid_from", Moment(), nullable=False),
        sa.Column("valid_to", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_target_groups"),
    )
    op.create_index(
        "uq_citizen_target_groups_present",
        "citizen_target_groups",
        ["citizen_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("citizen_target_groups")
    op.drop_table("trial_caseworkers")
    op.drop_table("trials")
