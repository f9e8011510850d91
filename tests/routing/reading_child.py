"""Reads a roster in a process of its own, where nothing else happens meanwhile."""

from __future__ import annotations

import tracemalloc
from multiprocessing.connection import Connection

from routing.reading import read_roster


def tell_the_memory_for(asked: Connection, data: bytes) -> None:
    """The most bytes that reading took."""
    tracemalloc.start()
    read_roster(data)
    asked.send(tracemalloc.get_traced_memory()[1])
