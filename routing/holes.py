"""Gaps and thin cover ahead, and how near each has come: in two weeks, three days, a day, an hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

from routing.coverage import gaps_between, thin_between
from routing.roster import Roster
from routing.spans import merged
from routing.walltime import DAY, HOUR, Instant

HoleKind = Literal["gap", "thin"]
Nearness = Literal["14 days", "3 days", "24 hours", "1 hour"]

#: From far to near; the last holds on until the hole is over.
_NEARNESS: tuple[tuple[Nearness, int], ...] = (
    ("14 days", 14 * DAY),
    ("3 days", 3 * DAY),
    ("24 hours", DAY),
    ("1 hour", HOUR),
)
_FAR_AHEAD = 14 * DAY
#: A hole that began longer ago than this is known by its end.
_LOOK_BACK = 14 * DAY


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch in which nobody (gap) or one person only (thin) could be reached on a line.

    `start` and `end` are None where they lie beyond what we look at.
    """

    kind: HoleKind
    line: str
    start: Instant | None
    end: Instant | None
    nearness: Nearness

    @property
    def name(self) -> tuple[HoleKind, str, str]:
        """The same for the same hole, whichever version of the roster it is in."""
        if self.start is not None:
            return self.kind, self.line, f"from {self.start}"
        return self.kind, self.line, "always" if self.end is None else f"until {self.end}"


def holes_at(roster: Roster, now: Instant) -> list[Hole]:
    """Every hole that has come near or is here, in order of time."""
    begin, end = now - _LOOK_BACK, now + _FAR_AHEAD + _LOOK_BACK
    gaps = [(gap.line, gap.start, gap.end) for gap in gaps_between(roster, begin, end)]
    thin = [(each.line, each.start, each.end) for each in thin_between(roster, begin, end)]
    found = [*_holes("gap", gaps, begin, end, now), *_holes("thin", thin, begin, end, now)]
    return sorted(found, key=attrgetter("line", "kind"))


def _holes(
    kind: HoleKind,
    spans: Iterable[tuple[str, Instant, Instant]],
    begin: Instant,
    end: Instant,
    now: Instant,
) -> list[Hole]:
    by_line: dict[str, list[tuple[Instant, Instant]]] = {}
    for line, start, until in spans:
        by_line.setdefault(line, []).append((start, until))
    found = []
    for line, mine in by_line.items():
        # Thin cover by one person and then by another is one hole all the same.
        whole = merged(mine)
        for start, until in zip(whole.starts, whole.ends, strict=True):
            if until > now and (nearness := _nearness(start - now)) is not None:
                known_start, known_end = start if start > begin else None, until if until < end else None
                found.append(Hole(kind, line, known_start, known_end, nearness))
    return found


def _nearness(ahead: int) -> Nearness | None:
    near = [nearness for nearness, seconds in _NEARNESS if ahead <= seconds]
    return near[-1] if near else None
