"""The declarative base of every table, the types its columns use, and the row ids."""

import enum
import re
import uuid
from datetime import UTC, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.types import TypeDecorator
from uuid_utils.compat import uuid7

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> uuid.UUID:
    """Return a fresh UUIDv7: ids sort by the time they were made, which keeps indexes compact."""
    return uuid7()


class Moment(TypeDecorator[datetime]):
    """An aware moment. PostgreSQL keeps `timestamptz`, SQLite UTC text of fixed width, which sorts as time does."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive datetimes: nobody can say what they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Give every moment back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def sqlite_moment(value: datetime) -> str:
    """Write a moment as SQLite's columns hold it, for statements that go past the column type."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def word_of(words: type[enum.StrEnum]) -> sa.Enum:
    """Return a column type that keeps the words of `words` as text, with a CHECK that allows nothing else."""
    return sa.Enum(
        words,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
        length=32,
        name=words.__name__.lower(),
    )


_ONE_OF_WORDS = re.compile(r"(\w+) IN \(([^)]*)\)")


@compiles(sa.CheckConstraint, "postgresql")
def _brief_check(constraint: sa.CheckConstraint, compiler: DDLCompiler, **options: Any) -> str:
    """Write a list of words as one constant: PostgreSQL parses every CHECK of a table anew with each INSERT."""
    spelled: str = compiler.visit_check_constraint(constraint, **options)  # type: ignore[no-untyped-call]
    return _ONE_OF_WORDS.sub(_as_array, spelled)


def _as_array(one_of_words: re.Match[str]) -> str:
    column, words = one_of_words.groups()
    array = words.replace("'", "").replace(" ", "")
    return f"{column} = ANY ('{{{array}}}'::text[])"


class Base(DeclarativeBase):
    """Base of every table of the service's own database."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: dict[Any, Any] = {  # noqa: RUF012
        datetime: Moment(),
        uuid.UUID: sa.Uuid(),
        bytes: sa.LargeBinary(),
        str: sa.Text(),
        int: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    }


def table_of(model: type[Base]) -> sa.Table:
    """Return a model's table, for statements over so many rows that what the mapper adds to each would cost."""
    return cast("sa.Table", model.__table__)
