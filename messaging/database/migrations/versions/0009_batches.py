"""Messages to several: what was written to many at once, and a row for each who was to get it."""

from functools import partial

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.vault.sealed import SealedType, sealed_form

revision = "0009"
down_revision = "0008"

word = partial(sa.Enum, native_enum=False, create_constraint=True, length=32)
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WRITING = sa.text("state = 'writing'")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("writer_id", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_batches_writer_id"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("segments", WHOLE, nullable=False),
        sa.Column(
            "state",
            word("waiting_for_approval", "writing", "written", "cancelled", name="batchstate"),
            nullable=False,
        ),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column(
            "decided_by", sa.Uuid(), sa.ForeignKey("caseworkers.id", name="fk_batches_decided_by"), nullable=True
        ),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> writer_id", name=op.f("ck_batches_four_eyes")),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_index("ix_batches_writer_id", "batches", ["writer_id"])
    op.create_index("ix_batches_writing", "batches", ["id"], sqlite_where=WRITING, postgresql_where=WRITING)
    op.create_table(
        "batch_recipients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "batch_id", sa.Uuid(), sa.ForeignKey("batches.id", name="fk_batch_recipients_batch_id"), nullable=False
        ),
        sa.Column(
            "citizen_id", sa.Uuid(), sa.ForeignKey("citizens.id", name="fk_batch_recipients_citizen_id"), nullable=False
        ),
        sa.Column(
            "state",
            word("planned", "written", "left_out", "cancelled", name="recipientstate"),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("content_free", sa.Boolean(), nullable=False),
        *(
            sa.Column(
                name,
                SealedType(),
                sa.CheckConstraint(sealed_form(name), name=op.f(f"ck_batch_recipients_{name}_sealed")),
                nullable=True,
            )
            for name in ("body", "original")
        ),
        sa.Column(
            "message_id", sa.Uuid(), sa.ForeignKey("messages.id", name="fk_batch_recipients_message_id"), nullable=True
        ),
        sa.UniqueConstraint("batch_id", "citizen_id", name="uq_batch_recipients_batch_id_citizen_id"),
        sa.UniqueConstraint("message_id", name="uq_batch_recipients_message_id"),
        sa.CheckConstraint(
            "(state = 'written') = (message_id IS NOT NULL)", name=op.f("ck_batch_recipients_written_is_a_message")
        ),
        sa.CheckConstraint("state = 'left_out' OR body IS NOT NULL", name=op.f("ck_batch_recipients_has_words")),
        sa.PrimaryKeyConstraint("id", name="pk_batch_recipients"),
    )
    op.create_index("ix_batch_recipients_citizen_id", "batch_recipients", ["citizen_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("batch_recipients")
    op.drop_table("batches")
