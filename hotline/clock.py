"""What time it is: the machine's clock, or in practice mode the one the practice telephone network shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

PRACTICE_TIME_HEADER = "X-Simulated-Time"


class Headers(Protocol):
    def get(self, name: str, /) -> str | None: ...


class Clock(Protocol):
    def now(self, headers: Headers) -> datetime:
        """The aware instant at which a request with these headers happens."""


class SystemClock:
    def now(self, headers: Headers) -> datetime:
        return datetime.now(UTC)


class PracticeClock:
    """Takes the time from the practice network's own header, so that a call can happen on Christmas night."""

    def now(self, headers: Headers) -> datetime:
        told = headers.get(PRACTICE_TIME_HEADER)
        if told:
            try:
                at = datetime.fromisoformat(told)
            except ValueError:
                return datetime.now(UTC)
            if at.tzinfo is not None:
                return at.astimezone(UTC)
        return datetime.now(UTC)
