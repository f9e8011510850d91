"""The roster in force: read from the file, looked at again and again, replaced only by a good one.

A refused, half-written or deleted file changes nothing but what is reported. The last good roster
is kept in the instance folder, and a process that starts beside a bad file starts from that one.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from hotline import logs, metrics
from hotline.roster.disk import Mark, mark_of, read_start, write_whole
from routing.reading import Problem, read_roster
from routing.roster import Roster

log = logs.get_logger(__name__)

#: Why there is no file to read: nobody's work would be lost by writing one.
MISSING = "FileNotFoundError"


@dataclass(frozen=True, slots=True)
class InForce:
    """The roster calls are routed by, its text, since when; what is wrong with the file if it is not its.

    `refused` holds the file's errors and `refused_text` what stands in it; `unreadable` says in a word why
    it could not be read at all.
    """

    roster: Roster | None
    since: datetime
    refused: tuple[Problem, ...] = ()
    unreadable: str = ""
    text: str = ""
    refused_text: str = ""

    @property
    def is_the_files(self) -> bool:
        return self.roster is not None and not self.refused and not self.unreadable

    @property
    def version(self) -> str:
        """Of the roster; "" while there is none."""
        return self.roster.version if self.roster else ""


class RosterFile:
    """Watches one file. `roster()` costs nothing; `look()` reads the file when it has changed.

    `found` is what stood in the file when it was last read and was a roster; None when it was none.
    """

    def __init__(self, file: Path, instance_dir: Path) -> None:
        self.path = file
        self.instance_dir = instance_dir
        self._last_good = instance_dir / "last-good-roster.yaml"
        self._lock = threading.Lock()
        self._seen: Mark | None = None
        self._glimpsed: Mark | None = None
        self.found: bytes | None = None
        self.in_force = InForce(None, datetime.now(UTC), unreadable="not read yet")

    def roster(self) -> Roster | None:
        return self.in_force.roster

    def start(self) -> None:
        """Reads the file; where that gives no roster, the last good one."""
        self.look()
        if self.in_force.roster is None and self._last_good.is_file():
            data = self._last_good.read_bytes()
            reading = read_roster(data)
            if reading.roster is not None:
                was = self.in_force
                self.in_force = replace(
                    was, roster=reading.roster, since=datetime.now(UTC), text=data.decode()
                )
                log.error("roster last good in force", version=reading.roster.version)

    def look_twice(self) -> bool:
        """Like `look`, for a change that was there the last time too: nobody is still writing it."""
        with self._lock:
            seen = self._stat()
            if seen is not None and seen not in {self._seen, self._glimpsed}:
                self._glimpsed = seen
                return False
        return self.look()

    def look(self) -> bool:
        """Reads the file if it changed since the last look; True when another roster came into force."""
        with self._lock:
            try:
                seen = mark_of(self.path.stat())
                if seen == self._seen:
                    return False
                data = read_start(self.path)
            except OSError as fault:
                return self._unreadable(fault)
            self._seen = seen
            return self._read(data)

    def take(self, data: bytes, roster: Roster, mark: Mark | None = None) -> None:
        """Puts a roster in force that was not read from the file; `mark` is the file's that it was put in."""
        with self._lock:
            text, now, was = data.decode(), datetime.now(UTC), self.in_force
            since = was.since if was.version == roster.version else now
            if mark is not None:
                # Not what is there now: that may already be somebody else's.
                self.found, self._seen = data, mark
                self.in_force = InForce(roster, since, text=text)
                metrics.roster_refused.set(0)
            else:
                self.in_force = replace(was, roster=roster, since=since, text=text)
            if was.version != roster.version:
                self._took_over(roster, data)

    def _stat(self) -> Mark | None:
        try:
            return mark_of(self.path.stat())
        except OSError:
            return None

    def _unreadable(self, fault: OSError) -> bool:
        word = type(fault).__name__
        if self.in_force.unreadable != word:
            log.error("roster file unreadable", fault=word)
        self._seen = self.found = None
        self._keep(unreadable=word)
        return False

    def _read(self, data: bytes) -> bool:
        reading = read_roster(data)
        if reading.roster is None:
            log.error("roster file refused", count=len(reading.problems))
            self.found = None
            self._keep(refused=reading.problems, refused_text=data.decode(errors="replace"))
            return False
        metrics.roster_refused.set(0)
        self.found, was = data, self.in_force
        if was.version == reading.roster.version:
            self.in_force = InForce(was.roster, was.since, text=was.text)
            return False
        self.in_force = InForce(reading.roster, datetime.now(UTC), text=data.decode())
        self._took_over(reading.roster, data, first=was.roster is None)
        return True

    def _took_over(self, roster: Roster, data: bytes, *, first: bool = False) -> None:
        if not first:
            log.info("another roster is in force", version=roster.version)
        try:
            write_whole(self._last_good, data)
        except OSError as fault:
            # A disk that refuses stops no call.
            log.error("roster not kept", fault=type(fault).__name__)

    def _keep(self, refused: tuple[Problem, ...] = (), unreadable: str = "", refused_text: str = "") -> None:
        metrics.roster_refused.set(1)
        self.in_force = replace(
            self.in_force, refused=refused, unreadable=unreadable, refused_text=refused_text
        )
