"""All rows of a database, to tell whether anything was written."""

import sqlalchemy as sa

from messaging.database.engine import Database
from messaging.vault.keystore import KeystoreBase


def snapshot(keystore: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table of the keystore."""
    with keystore.read() as session:
        return {
            table.name: sorted(tuple(row) for row in session.execute(sa.select(table)))
            for table in KeystoreBase.metadata.sorted_tables
        }
