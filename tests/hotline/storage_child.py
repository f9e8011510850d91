"""A process that starts: it brings the database to the shape this version needs."""

from __future__ import annotations

from multiprocessing.connection import Connection

from hotline.storage import schema
from hotline.storage.engine import make_engine


def upgrading(said: Connection, url: str) -> None:
    """A whole process: it says when it is ready, and begins when it is told."""
    said.send("ready")
    said.recv()
    engine = make_engine(url)
    schema.upgrade(engine)
    assert schema.is_current(engine)
    engine.dispose()
