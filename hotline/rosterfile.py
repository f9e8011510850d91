"""The roster in force: read from the file, looked at again and again, replaced only by a good one.

A refused, half-written or deleted file changes nothing but what is reported. The last good roster
is kept in the instance folder, and a process that starts beside a bad file starts from that one.
"""

from __future__ import annotations

import os
import tempfile
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hotline import logs, metrics
from routing.reading import MAX_BYTES, Problem, read_roster
from routing.roster import Roster

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class InForce:
    """The roster calls are routed by, since when, and what is wrong with the file if it is not the file's.

    `refused` holds the file's errors; `unreadable` says in a word why it could not be read at all.
    """

    roster: Roster | None
    since: datetime
    refused: tuple[Problem, ...] = ()
    unreadable: str = ""

    @property
    def is_the_files(self) -> bool:
        return self.roster is not None and not self.refused and not self.unreadable


class RosterFile:
    """Watches one file. `roster()` costs nothing; `look()` reads the file when it has changed."""

    def __init__(self, file: Path, instance_dir: Path) -> None:
        self._file = file
        self._last_good = instance_dir / "last-good-roster.yaml"
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self.in_force = InForce(None, datetime.now(UTC), unreadable="not read yet")

    def roster(self) -> Roster | None:
        return self.in_force.roster

    def start(self) -> None:
        """Reads the file; where that gives no roster, the last good one."""
        self.look()
        if self.in_force.roster is None and self._last_good.is_file():
            reading = read_roster(self._last_good.read_bytes())
            if reading.roster is not None:
                was = self.in_force
                self.in_force = InForce(reading.roster, datetime.now(UTC), was.refused, was.unreadable)
                log.error("roster last good in force", version=reading.roster.version)

    def look(self) -> bool:
        """Reads the file if it changed since the last look; True when another roster came into force."""
        with self._lock:
            try:
                stat = self._file.stat()
                seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                if seen == self._seen:
                    return False
                with self._file.open("rb") as file:
                    data = file.read(MAX_BYTES + 1)
            except OSError as fault:
                return self._unreadable(fault)
            self._seen = seen
            return self._read(data)

    def _unreadable(self, fault: OSError) -> bool:
        word = type(fault).__name__
        if self.in_force.unreadable != word:
            log.error("roster file unreadable", fault=word)
        self._seen = None
        self._keep(unreadable=word)
        return False

    def _read(self, data: bytes) -> bool:
        reading = read_roster(data)
        if reading.roster is None:
            log.error("roster file refused", count=len(reading.problems))
            self._keep(refused=reading.problems)
            return False
        metrics.roster_refused.set(0)
        current = self.in_force.roster
        if current is not None and current.version == reading.roster.version:
            self.in_force = InForce(current, self.in_force.since)
            return False
        if current is not None:
            log.info("another roster is in force", version=reading.roster.version)
        self.in_force = InForce(reading.roster, datetime.now(UTC))
        self._remember(data)
        return True

    def _keep(self, refused: tuple[Problem, ...] = (), unreadable: str = "") -> None:
        metrics.roster_refused.set(1)
        self.in_force = InForce(self.in_force.roster, self.in_force.since, refused, unreadable)

    def _remember(self, data: bytes) -> None:
        """Keeps the last good roster on disk, whole or not at all. A disk that refuses stops no call."""
        try:
            self._last_good.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._last_good.parent, prefix=".last-good-roster-")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, self._last_good)
            except OSError:
                os.unlink(name)
                raise
        except OSError as fault:
            log.error("roster not kept", fault=type(fault).__name__)
