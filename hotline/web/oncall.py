"""Who answers now and where a hole lies ahead: worked out once a minute, however many look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from threading import Lock

from routing.coverage import gaps_between, thin_between
from routing.roster import Instant, Roster
from routing.standby import LineNow, lines_at
from routing.walltime import HOUR, MINUTE, day_of

#: How far ahead we look for gaps and thin cover.
AHEAD = 72 * HOUR


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch in which a line reaches nobody, or `person` only.

    `start` is None when it is there already, `end` when it goes on beyond what we look at.
    """

    line: str
    person: str | None
    start: Instant | None
    end: Instant | None


@dataclass(frozen=True, slots=True)
class OnCall:
    """What follows from the roster and the time alone; equal as long as nothing of it changes."""

    version: str
    today: date
    lines: tuple[LineNow, ...]
    holes: tuple[Hole, ...]

    @property
    def nobody(self) -> tuple[str, ...]:
        """The lines on which a call would reach nobody."""
        return tuple(line.line for line in self.lines if not line.reaches_somebody)


class OnCallNow:
    """Keeps the answers of the last minutes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], OnCall] = {}
        self._lock = Lock()

    def at(self, roster: Roster, at: Instant) -> OnCall:
        minute = at // MINUTE
        found = self._kept.get((roster.version, minute))
        if found is None:
            found = on_call(roster, at)
            with self._lock:
                if len(self._kept) > 8:
                    self._kept.clear()
                self._kept[roster.version, minute] = found
        return found


def on_call(roster: Roster, at: Instant) -> OnCall:
    """Who answers at an instant, and every hole in the three days after it, the first one first."""
    until = at + AHEAD
    gaps = [(gap.start, gap.line, None, gap.end) for gap in gaps_between(roster, at, until)]
    thin = [(each.start, each.line, each.person, each.end) for each in thin_between(roster, at, until)]
    return OnCall(
        roster.version,
        day_of(roster.zone.wall(at)),
        lines_at(roster, at),
        tuple(
            Hole(line, person, None if start == at else start, None if end == until else end)
            for start, line, person, end in sorted([*gaps, *thin], key=lambda hole: (hole[0], hole[1]))
        ),
    )
