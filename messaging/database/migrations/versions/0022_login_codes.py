"""Codes by SMS, what is spent of their budgets, and words that leave but are read by nobody here."""

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.vault.sealed import SealedType, sealed_form

revision = "0022"
down_revision = "0021"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SPENDING = ("number_hour", "number_day", "address_hour", "sent")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "login_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("browser_digest", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("seen_to_at", Moment(), nullable=True),
        sa.Column(
            "citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_login_codes_citizen_id"), nullable=True
        ),
        sa.Column(
            "message_id", sa.Uuid(), sa.ForeignKey("messages.id", name="fk_login_codes_message_id"), nullable=True
        ),
        sa.Column("code_digest", sa.LargeBinary(), nullable=True),
        sa.Column("tries", WHOLE, nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_login_codes"),
        sa.UniqueConstraint("browser_digest", name="uq_login_codes_browser_digest"),
    )
    op.create_index(
        "ix_login_codes_unseen",
        "login_codes",
        ["asked_at"],
        sqlite_where=sa.text("seen_to_at IS NULL"),
        postgresql_where=sa.text("seen_to_at IS NULL"),
    )
    op.create_index("ix_login_codes_citizen_id", "login_codes", ["citizen_id"])
    op.create_index("ix_login_codes_message_id", "login_codes", ["message_id"])
    op.create_table(
        "code_budgets",
        sa.Column(
            "spending",
            sa.Enum(*SPENDING, native_enum=False, create_constraint=True, length=32, name="spending"),
            nullable=False,
        ),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("slot", WHOLE, autoincrement=False, nullable=False),
        sa.Column("spent_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("spending", "subject", "slot", name="pk_code_budgets"),
    )
    op.create_index("ix_code_budgets_spent_at", "code_budgets", ["spent_at"])
    op.create_table(
        "secret_texts",
        sa.Column(
            "message_id", sa.Uuid(), sa.ForeignKey("messages.id", name="fk_secret_texts_message_id"), nullable=False
        ),
        sa.Column(
            "text",
            SealedType(),
            sa.CheckConstraint(sealed_form("text"), name=op.f("ck_secret_texts_text_sealed")),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("message_id", name="pk_secret_texts"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("secret_texts")
    op.drop_table("code_budgets")
    op.drop_table("login_codes")
