"""Virtual time: events in order, and processes that wait for time, for a message or for HTTP.

Fast, time jumps to the next event; live, the same loop runs on a thread of its own beside the wall
clock. Everything that touches the network's state holds `Loop.lock`; HTTP runs without it.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, assert_never

import structlog

T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Listen:
    """Resume with the next message, or with None after `seconds` (None: wait for ever)."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class Sleep:
    """Resume after `seconds`, whatever arrives meanwhile."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Fetch:
    """Run `job` without the lock and resume with what it returns."""

    job: Callable[[], Any]


Wish = Listen | Sleep | Fetch
Flow = Generator[Wish, Any, T]


@dataclass(slots=True, eq=False)
class Timer:
    action: Callable[[], None]
    cancelled: bool = False


@dataclass(slots=True, eq=False)
class Process:
    """A generator the loop keeps going. Messages wait in `mailbox` until it listens."""

    loop: Loop
    body: Flow[None]
    mailbox: deque[object] = field(default_factory=deque)
    timeout: Timer | None = None
    listening: bool = False
    running: bool = False
    stopped: bool = False

    def send(self, message: object) -> None:
        self.mailbox.append(message)
        if self.listening:
            self.loop.wake(self)

    def stop(self) -> None:
        self.stopped = True
        if self.timeout:
            self.timeout.cancelled = True
        # A process that ends its own call is inside its body now; the loop closes it at the next wish.
        if not self.running:
            self.body.close()

    def unless_stopped(self, wish: Wish) -> Wish | None:
        if self.stopped:
            self.body.close()
            return None
        return wish


class Loop:
    """`now` is an aware UTC datetime. `speed` (live only): virtual seconds per second of the wall."""

    def __init__(self, starts_at: datetime, *, live: bool = False, speed: float = 1.0) -> None:
        self.lock = threading.Condition(threading.RLock())
        self.live = live
        self._speed = speed
        self._now = starts_at
        self._started_at = 0.0
        self._heap: list[tuple[datetime, int, Timer]] = []
        self._order = itertools.count()
        self._jobs: list[tuple[Process, Callable[[], Any]]] = []
        self._thread: threading.Thread | None = None
        self._workers: ThreadPoolExecutor | None = None

    @property
    def now(self) -> datetime:
        if self._thread is None:
            return self._now
        return self._now + timedelta(seconds=(time.monotonic() - self._started_at) * self._speed)

    def at(self, when: datetime, action: Callable[[], None]) -> Timer:
        timer = Timer(action)
        with self.lock:
            heapq.heappush(self._heap, (max(when, self.now), next(self._order), timer))
            self.lock.notify_all()
        return timer

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        return self.at(self.now + timedelta(seconds=seconds), action)

    def spawn(self, body: Flow[None]) -> Process:
        process = Process(self, body)
        self.after(0, lambda: self._advance(process, None))
        return process

    def wake(self, process: Process) -> None:
        process.listening = False
        if process.timeout:
            process.timeout.cancelled = True
        self.after(0, lambda: self._advance(process, process.mailbox.popleft()))

    def _advance(self, process: Process, value: Any) -> None:
        while (wish := _next_wish(process, value)) is not None:
            match wish:
                case Fetch(job):
                    self._jobs.append((process, job))
                    return
                case Sleep(seconds):
                    process.timeout = self.after(seconds, lambda: self._advance(process, None))
                    return
                case Listen(seconds):
                    if not process.mailbox:
                        self._listen(process, seconds)
                        return
                    value = process.mailbox.popleft()
                case _:
                    assert_never(wish)

    def _listen(self, process: Process, seconds: float | None) -> None:
        def give_up() -> None:
            process.listening = False
            self._advance(process, None)

        process.listening = True
        process.timeout = None if seconds is None else self.after(seconds, give_up)

    def _fire(self, until: datetime | None) -> bool:
        """Runs the next event that is due; False where there is none."""
        while self._heap and self._heap[0][2].cancelled:
            heapq.heappop(self._heap)
        if not self._heap or (until is not None and self._heap[0][0] > until):
            return False
        when, _, timer = heapq.heappop(self._heap)
        if self._thread is None:
            self._now = max(self._now, when)
        timer.action()
        return True

    def run(self, until: datetime | None = None) -> None:
        """Fast: runs every event up to `until` (None: until nothing is left to happen)."""
        if self._thread is not None:
            raise RuntimeError("this network is live: its clock runs by itself")
        fired = True
        while fired:
            with self.lock:
                fired = self._fire(until)
            self._run_jobs()
        if until is not None:
            self._now = max(self._now, until)

    def _run_jobs(self) -> None:
        while self._jobs:
            process, job = self._jobs.pop(0)
            result = job()
            with self.lock:
                self._advance(process, result)

    def start(self) -> None:
        self._workers = ThreadPoolExecutor(max_workers=16, thread_name_prefix="network-http")
        self._started_at = time.monotonic()
        self._thread = threading.Thread(target=self._run_live, name="network", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        thread, workers = self._thread, self._workers
        if thread is None or workers is None:
            return
        with self.lock:
            self._now, self._thread = self.now, None
            self.lock.notify_all()
        thread.join()
        workers.shutdown(wait=True, cancel_futures=True)

    def _run_live(self) -> None:
        with self.lock:
            while self._thread is not None:
                try:
                    fired = self._fire(self.now)
                except Exception:
                    log.exception("network.event_failed")
                    continue
                self._submit_jobs()
                if not fired:
                    self.lock.wait(self._seconds_to_next())

    def _seconds_to_next(self) -> float | None:
        if not self._heap:
            return None
        return max(0.0, (self._heap[0][0] - self.now).total_seconds() / self._speed)

    def _submit_jobs(self) -> None:
        while self._jobs and self._workers is not None:
            self._workers.submit(self._work, *self._jobs.pop(0))

    def _work(self, process: Process, job: Callable[[], Any]) -> None:
        try:
            result = job()
            with self.lock:
                self._advance(process, result)
                if self._thread is not None:
                    self._submit_jobs()
        except Exception:
            log.exception("network.request_failed")


def _next_wish(process: Process, value: Any) -> Wish | None:
    """Resumes the body with `value`; None when it is over."""
    if process.stopped:
        return None
    process.running = True
    try:
        wish = process.body.send(value)
    except StopIteration:
        process.stopped = True
        return None
    finally:
        process.running = False
    return process.unless_stopped(wish)
