"""The first tables of the keystore: one file of statements for each kind of database, as they were on the first day."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    statements = Path(__file__).with_name(f"0001_first_tables.{op.get_bind().dialect.name}.sql")
    for statement in statements.read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """There is nothing before the first tables."""
    raise NotImplementedError("nothing comes before the first tables")
