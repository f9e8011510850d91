"""Databases with all tables: the migrations run once for all tests, and each gets a copy of the result."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hotline.storage.engine import make_engine
from hotline.storage.schema import upgrade


def make_sqlite(file: Path) -> str:
    """The address of a new database in this file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_sqlite())
    return f"sqlite:///{file}"


def migrate(url: str) -> None:
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()


@cache
def _sqlite() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "hotline.db"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()
