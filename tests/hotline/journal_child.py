"""A process that appends events and says which are on disk. Arguments: PATH PREFIX FIRST COUNT."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from hotline.events import Event
from hotline.journal import Journal


def main(path: str, prefix: str, first: str, count: str) -> None:
    journal = Journal(Path(path), reserve_bytes=4096)
    at = datetime(2026, 12, 25, 2, 0, tzinfo=UTC)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(first), int(first) + int(count)):
        key = f"{prefix}/{number}"
        if not journal.append([Event(key, prefix, "menu", at, {"step": number})], timeout=10):
            sys.exit(f"{key} is not on disk")
        print(key, flush=True)
    journal.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
