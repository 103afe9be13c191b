"""The column type of content: it takes what the vault has sealed and refuses everything else.

Raw SQL goes past a column type, so every sealed column has a CHECK on the form of its value as well.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator

OVERHEAD = 78
"""Bytes a sealed value is longer than its content: version, algorithm, key id, commitment, nonce and tag."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Content as the database holds it. Only the vault makes one from content, and only the vault opens it."""

    blob: bytes

    def __repr__(self) -> str:
        return f"<Sealed {len(self.blob)} bytes>"


class SealedType(TypeDecorator[Sealed]):
    """Binary column that takes and gives `Sealed`; text, bytes and all else are a TypeError."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> bytes | None:  # noqa: ARG002
        """Take the blob out of its wrapper. The error names the type, never the value."""
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError(f"a sealed column takes only what the vault has sealed, not {type(value).__name__}")
        return value.blob

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> Sealed | None:  # noqa: ARG002
        """Wrap the blob again."""
        return None if value is None else Sealed(bytes(value))


class sealed_form(sa.ColumnElement[bool]):  # noqa: N801
    """SQL condition that a column is empty or has a sealed value's form: binary, long enough, a known version."""

    inherit_cache = False
    type = sa.Boolean()

    def __init__(self, column: str) -> None:
        self.column = column


@compiles(sealed_form, "sqlite")
def _sqlite(element: sealed_form, compiler: SQLCompiler, **_: Any) -> str:
    name = compiler.preparer.quote(element.column)
    form = f"typeof({name}) = 'blob' AND length({name}) >= {OVERHEAD} AND substr({name}, 1, 1) = x'01'"
    return f"({name} IS NULL OR ({form}))"


@compiles(sealed_form, "postgresql")
def _postgresql(element: sealed_form, compiler: SQLCompiler, **_: Any) -> str:
    name = compiler.preparer.quote(element.column)
    # substring and not get_byte: the latter is an error on an empty value, and AND promises no order.
    form = f"octet_length({name}) >= {OVERHEAD} AND substring({name} from 1 for 1) = '\\x01'::bytea"
    return f"({name} IS NULL OR ({form}))"


def sealed_column(name: str, *, nullable: bool = False) -> MappedColumn[Any]:
    """Return the mapped column of sealed content called `name`, with its CHECK."""
    check = sa.CheckConstraint(sealed_form(name), name=f"{name}_sealed")
    return mapped_column(name, SealedType(), check, nullable=nullable)
