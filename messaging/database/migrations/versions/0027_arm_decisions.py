"""What the arms of the trial withheld or let through, when an arm ends, and what a message is to them."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.vault.sealed import SealedType, sealed_form

revision = "0027"
down_revision = "0026"

SORTS = (
    "reminder",
    "free",
    "answer",
    "batch",
    "document_request",
    "cancellation",
    "safety",
    "receipt",
    "keyword_answer",
    "welcome",
    "closing",
    "login_notice",
    "login_code",
    "push",
)


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=32, name=name)


def upgrade() -> None:
    """Add the table and the columns."""
    op.add_column("messages", sa.Column("sort", sa.Text(), nullable=True))
    op.add_column("trial_arms", sa.Column("ended_at", Moment(), nullable=True))
    op.create_table(
        "arm_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_arm_decisions_citizen_id"), nullable=False
        ),
        sa.Column("arm", _word("arm", "sms", "app", "control"), nullable=False),
        sa.Column("sort", _word("sort", *SORTS), nullable=False),
        sa.Column("way", _word("way", "sms", "app", "push"), nullable=False),
        sa.Column("verdict", _word("verdict", "withheld", "overridden"), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.Column("by_id", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_arm_decisions_by_id"), nullable=True),
        sa.Column(
            "reason",
            SealedType(),
            sa.CheckConstraint(sealed_form("reason"), name=op.f("ck_arm_decisions_reason_sealed")),
            nullable=True,
        ),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(verdict = 'overridden') = (reason IS NOT NULL AND by_id IS NOT NULL)",
            name=op.f("ck_arm_decisions_override_has_a_reason"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_arm_decisions"),
    )
    op.create_index("ix_arm_decisions_citizen_id", "arm_decisions", ["citizen_id"])
    op.create_index("ix_arm_decisions_message_id", "arm_decisions", ["message_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("arm_decisions")
    op.drop_column("trial_arms", "ended_at")
    op.drop_column("messages", "sort")
