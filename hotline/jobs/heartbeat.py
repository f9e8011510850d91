"""APScheduler as the heartbeat of every process.

What is due is a row in the database, so two heartbeats harm nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from hotline import logs, metrics

log = logs.get_logger(__name__)

#: Seconds without a beat after which the process no longer counts as ready.
STALE_AFTER = 30


@dataclass(frozen=True, slots=True)
class Job:
    """Something done again and again, `every` so many seconds. It may fail: the next time it runs again."""

    name: str
    every: int
    run: Callable[[], object]


class Heartbeat:
    def __init__(self, jobs: list[Job]) -> None:
        # A job that is late runs late, once: the default would leave it out after one second.
        defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=defaults)
        self._beat_at = time.monotonic()
        for job in [Job("beat", 5, self._beat), *jobs]:
            trigger = IntervalTrigger(seconds=job.every, timezone="UTC")
            self._scheduler.add_job(_guarded(job), trigger, id=job.name, name=job.name)

    def start(self) -> None:
        self._beat()
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def seconds_since_beat(self) -> float:
        return time.monotonic() - self._beat_at

    def _beat(self) -> None:
        self._beat_at = time.monotonic()
        metrics.heartbeat.set_to_current_time()


def _guarded(job: Job) -> Callable[[], None]:
    def run() -> None:
        try:
            job.run()
        except Exception:
            log.exception("job failed", job=job.name)

    return run
