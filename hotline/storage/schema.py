"""Brings the database to the shape this version needs, and tells whether it has it. Forward only."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from hotline.storage.engine import reading

_MIGRATIONS = Path(__file__).with_name("migrations")
# Any number will do that nobody else who shares the database uses for a lock.
_LOCK = 7_221_041_186
# Of what it is migrating, alembic knows one in a process: two threads would be given each other's database.
_ONE_AT_A_TIME = threading.Lock()


class SchemaUnknown(Exception):
    """The database was made by a newer version of this software, or by another one."""


def upgrade(engine: Engine) -> None:
    """Runs the migrations that are missing, all or none. Processes that start at once wait for each other.

    Raises SchemaUnknown, and sqlalchemy.exc.OperationalError when the database is away.
    """
    if is_current(engine):
        return
    with _ONE_AT_A_TIME, engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise SchemaUnknown("the database is of a version this software does not know") from error


def is_current(engine: Engine) -> bool:
    """True when the database has exactly the shape this version needs."""
    with reading(engine) as connection:
        return _revisions(connection) == _heads()


@cache
def _heads() -> set[str]:
    return set(ScriptDirectory.from_config(_config()).get_heads())


def _revisions(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
