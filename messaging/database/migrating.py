"""Bringing a database to the newest version of its tables, and telling whether it is there."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from messaging.database.base import Base
from messaging.database.engine import Database

HERE = Path(__file__).parent / "migrations"
VERSIONS = HERE / "versions"


def migrate(database: Database, *, versions: Path = VERSIONS, metadata: sa.MetaData = Base.metadata) -> None:
    """Bring the database to the newest version, in one transaction."""
    with database.writing() as connection:
        command.upgrade(_settings(connection, versions=versions, metadata=metadata), "head")


def is_current(database: Database, *, versions: Path = VERSIONS) -> bool:
    """Whether the database is at the newest version."""
    newest = ScriptDirectory(str(HERE), version_locations=[str(versions)]).get_current_head()
    with database.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision() == newest


def _settings(connection: sa.Connection, *, versions: Path, metadata: sa.MetaData) -> AlembicConfig:
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("version_locations", str(versions))
    settings.set_main_option("path_separator", "os")
    settings.attributes.update(connection=connection, metadata=metadata)
    return settings
