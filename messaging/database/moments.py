"""The database's own clock as an SQL expression: leases and retry delays are set and judged by it alone."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from messaging.database.base import Moment

NOW_POSTGRESQL = "statement_timestamp()"
"""When the statement arrived. An index can be asked for what is before it, which `clock_timestamp()` forbids."""
NOW_SQLITE = "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"


class database_now(FunctionElement[datetime]):  # noqa: N801
    """The database's present moment; `database_now(90)` is 90 seconds later, `database_now(-60)` a minute ago."""

    type = Moment()
    inherit_cache = True


class database_clock(FunctionElement[datetime]):  # noqa: N801
    """The moment at which a row is written: the default of columns."""

    type = Moment()
    inherit_cache = True


@compiles(database_now, "postgresql")
def _postgresql(element: database_now, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"({NOW_POSTGRESQL} + make_interval(secs => {seconds}))" if seconds else NOW_POSTGRESQL


@compiles(database_now, "sqlite")
def _sqlite(element: database_now, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    # SQLite 3.40 knows milliseconds only; the zeros give its text the width of every other moment.
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', ({seconds}) || ' seconds') || '000')" if seconds else NOW_SQLITE


@compiles(database_clock, "postgresql")
def _clock_postgresql(_element: database_clock, _compiler: SQLCompiler, **_: Any) -> str:
    return "clock_timestamp()"


@compiles(database_clock, "sqlite")
def _clock_sqlite(_element: database_clock, _compiler: SQLCompiler, **_: Any) -> str:
    return NOW_SQLITE
