"""Processes that write a journal, in what may happen to a process."""

from __future__ import annotations

import resource
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from hotline.events import Event
from hotline.journal import Journal

AT = datetime(2026, 12, 25, 2, 0, tzinfo=UTC)


def appending(said: Connection, path: Path, prefix: str, first: int, count: int) -> None:
    """A whole process: it begins when it is told, and says of every event that it is on disk."""
    journal = Journal(path, reserve_bytes=4096)
    said.send("ready")
    said.recv()
    for number in range(first, first + count):
        key = f"{prefix}/{number}"
        assert journal.append([Event(key, prefix, "menu", AT, {"step": number})], timeout=10), key
        said.send(key)
    journal.close()


def appending_to_a_file_that_may_not_grow(said: Connection, path: Path) -> None:
    """A whole process: it says which events it told, and which of them are in the journal at the end."""
    journal = Journal(path, reserve_bytes=4096)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    told: list[str] = []
    while len(told) < 3 or (journal.holds(told[-1]) and journal.status().in_memory == 0):
        told.append(f"k{len(told)}")
        journal.append([Event(told[-1], "CA1", "menu", AT, {"padding": "x" * 2000})])
    assert all(map(journal.holds, told)) and journal.status().fault
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert journal.append([Event("last", "CA1", "menu", AT)])
    said.send(([*told, "last"], [event.key for _, event in journal.read(0, 100_000)]))
    journal.close()
