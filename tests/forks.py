"""Processes of their own for tests, forked from a clean one that has read the code once.

Starting an interpreter and importing everything takes a second or two; a fork takes next to nothing.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.remembered", "tests.forks_preloaded"])


@contextmanager
def forked(does: Callable[..., None], *arguments: Any) -> Iterator[tuple[Connection, BaseProcess]]:
    """A process that does this, given the other end of a connection first. At the end it is killed."""
    ours, its = FORKS.Pipe()
    process = FORKS.Process(target=does, args=(its, *arguments), daemon=True)
    with ours:
        with its:
            process.start()
        try:
            yield ours, process
        finally:
            process.kill()
            process.join()
            process.close()
