"""What is printed: a machine line, and plain tables."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("flask", "waitress", "twilio", "SQLAlchemy", "recurring-ical-events")


def print_machine() -> None:
    print(f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, load {_load()}")
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}", flush=True)


def print_table(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()
) -> None:
    print(f"\n{title}")
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        first, *others = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  " + "  ".join([first, *(cell.strip().rjust(len(cell)) for cell in others)]).rstrip())
    for note in notes:
        print(f"  {note}")
    print(end="", flush=True)


def verdict(claim: str, is_so: bool) -> str:
    """ "at least 60 %: reached"."""
    return f"{claim}: {'reached' if is_so else 'MISSED'}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"
