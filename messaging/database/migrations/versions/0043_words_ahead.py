"""The words of reminders, from when they are planned. What is planned already is composed when it is due, as before."""

import sqlalchemy as sa
from alembic import op

from messaging.vault.sealed import SealedType, sealed_form

revision = "0043"
down_revision = "0042"

NAME = "ck_reminders_words_sealed"


def upgrade() -> None:
    """Add the columns."""
    database = op.get_bind().dialect
    # SQLite adds a CHECK to a table only together with its column, for which Alembic has no words.
    form, type_ = (piece.compile(dialect=database) for piece in (sealed_form("words"), SealedType()))
    op.execute(f"ALTER TABLE reminders ADD COLUMN words {type_} CONSTRAINT {NAME} CHECK ({form})")
    op.add_column("reminders", sa.Column("words_digest", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("reminders", "words_digest")
    op.drop_column("reminders", "words")
