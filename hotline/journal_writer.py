"""The one thread of a process that writes the journal: what comes together meanwhile goes in one commit.

It decides what is done when the disk refuses: try again, give up the reserve, begin anew, answer "not yet".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from hotline import metrics
from hotline.journal_file import JournalFile, Row, fault_of
from hotline.logs import get_logger
from hotline.reserve import Reserve

_GROUP = 500
_RETRY_SECONDS = 0.25
_PATIENCE_SECONDS = 2.0
_UPKEEP_SECONDS = 5.0
_CLOSING_SECONDS = 5.0
log = get_logger(__name__)


class Ticket:
    """What one caller wants on disk. A bare lock to wait at is several times faster than an Event."""

    __slots__ = ("_answered", "_done", "_on_disk", "rows", "upto")

    def __init__(self, rows: Sequence[Row] = (), upto: int = 0) -> None:
        """`upto` is the number of the last event that is recorded elsewhere."""
        self.rows = rows
        self.upto = upto
        self._answered = False
        self._on_disk = False
        self._done = Lock()
        self._done.acquire()

    def wait(self, timeout: float) -> bool:
        """True when it is on disk. For one caller, once."""
        return self._done.acquire(timeout=timeout) and self._on_disk

    def answer(self, on_disk: bool) -> None:
        self._on_disk = on_disk
        if not self._answered:
            self._answered = True
            self._done.release()


class JournalWriter:
    """Writes tickets in the order they were put. `written` is called with those that need no more waiting."""

    def __init__(
        self,
        path: Path,
        written: Callable[[Sequence[Ticket]], None],
        keep_seconds: float,
        reserve_bytes: int,
    ) -> None:
        self._failing: str | None = None
        self._nearly_full = False
        self._path = path
        self._written = written
        self._keep_seconds = keep_seconds
        self._reserve = Reserve(path.with_name(f"{path.name}.reserve"), reserve_bytes)
        self._queue: SimpleQueue[Ticket | None] = SimpleQueue()
        self._waiting: list[Ticket] = []
        self._file: JournalFile | None = None
        self._known_damaged = False
        self._failing_since = 0.0
        self._upkeep_at = 0.0
        self._thread = Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def fault(self) -> str | None:
        """The word for what stands in the way of writing, or soon will; None when nothing does."""
        return self._failing or ("nearly full" if self._nearly_full else None)

    def put(self, ticket: Ticket) -> Ticket:
        """Not after `close` was called."""
        self._queue.put(ticket)
        return ticket

    def close(self) -> None:
        """Tries for a few seconds to write what is left."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while self._take():
            if self._failing and not self._waiting:
                # An empty ticket finds out whether the disk is well again.
                self._waiting.append(Ticket())
            self._write()
            self._keep_up()
        give_up_at = time.monotonic() + _CLOSING_SECONDS
        self._write()
        while self._waiting and time.monotonic() < give_up_at:
            time.sleep(_RETRY_SECONDS)
            self._write()
        self._let_go()

    def _take(self) -> bool:
        """Waits for a ticket and takes all there are; False when it is time to close."""
        try:
            ticket = self._queue.get(timeout=_RETRY_SECONDS if self._failing else _UPKEEP_SECONDS)
            while ticket is not None:
                self._waiting.append(ticket)
                ticket = self._queue.get_nowait()
        except Empty:
            return True
        return False

    def _write(self) -> None:
        """Writes what waits, in order, and stops at the first fault."""
        while self._waiting:
            group = self._waiting[:_GROUP]
            fault = self._write_group(group)
            if fault == "refused" and len(group) > 1:
                # One event that can never be stored must not hold up the others.
                group = group[:1]
                fault = self._write_group(group)
            if fault is not None and fault != "refused":
                self._note(fault)
                return
            self._note(None)
            if fault == "refused":
                metrics.journal_lost.inc(len(group[0].rows))
                log.critical("the journal lost events", count=len(group[0].rows))
            del self._waiting[: len(group)]
            self._written(group)
            for ticket in group:
                ticket.answer(fault is None)

    def _write_group(self, group: Sequence[Ticket]) -> str | None:
        rows = [row for ticket in group for row in ticket.rows]
        upto = max(ticket.upto for ticket in group)
        fault = self._attempt(rows, upto)
        if fault == "damaged" or (fault == "full" and self._reserve.give_up()):
            log.critical("the journal makes room or begins anew", fault=fault)
            fault = self._attempt(rows, upto)
        if fault is None:
            metrics.journal_events.inc(len(rows))
        return fault

    def _attempt(self, rows: Sequence[Row], upto: int) -> str | None:
        try:
            # Twice, for when another process replaced the file under us, or somebody removed it.
            for _ in range(2):
                if self._file is None:
                    self._file = JournalFile(self._path, self._known_damaged)
                    self._known_damaged = False
                self._file.write(rows, upto, time.time() - self._keep_seconds if upto else None)
                if self._file.is_in_place():
                    return None
                self._let_go()
            return "absent"
        except Exception as error:
            fault = fault_of(error)
            metrics.journal_faults.labels(fault).inc()
            if fault == "refused":
                log.exception("the journal refused an event")
            elif fault not in ("locked", "full"):
                self._known_damaged = (
                    fault == "damaged" and self._file is not None and self._file.is_in_place()
                )
                self._let_go()
            return fault

    def _let_go(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _note(self, fault: str | None) -> None:
        now = time.monotonic()
        if fault != self._failing:
            if self._failing is None:
                self._failing_since = now
            self._failing = fault
            if fault is None:
                self._upkeep_at = now
                log.warning("the journal is on disk again", seconds=now - self._failing_since)
            else:
                log.critical("the journal cannot be written: events wait in memory", fault=fault)
        # A lock passes; anything else would keep callers waiting for an answer that cannot come in time.
        if fault is not None and (fault != "locked" or now - self._failing_since > _PATIENCE_SECONDS):
            for ticket in self._waiting:
                ticket.answer(False)
            self._waiting = [ticket for ticket in self._waiting if ticket.rows]

    def _keep_up(self) -> None:
        now = time.monotonic()
        if now >= self._upkeep_at and self._failing is None:
            self._upkeep_at = now + _UPKEEP_SECONDS
            before, self._nearly_full = self._nearly_full, not self._reserve.make()
            if self._nearly_full and not before:
                log.warning("the journal has no reserve: the disk is nearly full")
