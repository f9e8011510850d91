"""The few statements that both databases spell alike but SQLAlchemy does not: once, upsert, lock, count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hotline.storage import tables

Row = Mapping[str, Any]


def insert_once(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Inserts the rows whose primary key is not there yet; how many those were. All have the same columns."""
    if not rows:
        return 0
    # Counted by what comes back: of an insert not every driver keeps how many rows it was.
    return len(connection.execute(_once(connection.dialect.name, table), rows).all())


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Inserts the rows; where the primary key is there, the row's other columns become these.

    All have the same columns.
    """
    if rows:
        connection.execute(_upsert(connection.dialect.name, table, tuple(rows[0])), rows)


def lock_calls(connection: Connection, calls: Sequence[str]) -> None:
    """Until the transaction ends nobody else rebuilds these calls. Sorted, so that nobody waits in a ring.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        for call in calls:
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(call, 0))))


def next_in_year(connection: Connection, year: int) -> int:
    """The next number of the year's sequence; given back if the transaction fails."""
    statement = _next_in_year(connection.dialect.name)
    number: int = connection.execute(statement, {"year": year, "last": 1}).scalar_one()
    return number


# To build a statement takes several times as long as to execute it: each is built once.
@cache
def _once(dialect: str, table: Table) -> Any:
    statement = _insert(dialect, table).on_conflict_do_nothing().returning(*table.primary_key.columns)
    # SQLite's driver keeps what it prepared for every number of rows: short pages keep that small.
    return statement.execution_options(insertmanyvalues_page_size=30)


@cache
def _upsert(dialect: str, table: Table, columns: tuple[str, ...]) -> Any:
    keys = [column.name for column in table.primary_key.columns]
    statement = _insert(dialect, table)
    changed = {name: statement.excluded[name] for name in columns if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


@cache
def _next_in_year(dialect: str) -> Any:
    table = tables.case_sequences
    statement = _insert(dialect, table)
    counted = statement.on_conflict_do_update(index_elements=["year"], set_={"last": table.c.last + 1})
    return counted.returning(table.c.last)


def _insert(dialect: str, table: Table) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)
