"""Sets of half-open spans: merged, overlaid, and asked whether they cover an instant."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TypeVar

from routing.walltime import Instant

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans in order that neither overlap nor touch."""

    starts: tuple[Instant, ...] = ()
    ends: tuple[Instant, ...] = ()

    def covers(self, at: Instant) -> bool:
        index = bisect_right(self.starts, at)
        return index > 0 and at < self.ends[index - 1]

    def edges(self, start: Instant, end: Instant) -> Iterable[Instant]:
        """Where spans begin or end, from start up to end."""
        for edges in (self.starts, self.ends):
            yield from edges[bisect_left(edges, start) : bisect_left(edges, end)]


def merged(spans: Iterable[tuple[Instant, Instant]]) -> Spans:
    """Spans that overlap or touch become one; empty ones vanish."""
    starts: list[Instant] = []
    ends: list[Instant] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return Spans(tuple(starts), tuple(ends))


@dataclass(frozen=True, slots=True)
class Layer:
    """Which of many spans lies on top, by its index; -1 where there is none."""

    starts: tuple[Instant, ...] = ()
    tops: tuple[int, ...] = ()

    def top_at(self, at: Instant) -> int:
        index = bisect_right(self.starts, at)
        return self.tops[index - 1] if index else -1

    def edges(self, start: Instant, end: Instant) -> Iterable[Instant]:
        return self.starts[bisect_left(self.starts, start) : bisect_left(self.starts, end)]


def overlaid(spans: Sequence[tuple[Instant, Instant]]) -> Layer:
    """Each span lies on top of all before it."""
    coming = sorted((start, index) for index, (start, _) in enumerate(spans))
    starts: list[Instant] = []
    tops: list[int] = []
    active: list[int] = []
    arrived = 0
    for edge in sorted({edge for span in spans for edge in span}):
        while arrived < len(coming) and coming[arrived][0] <= edge:
            heappush(active, -coming[arrived][1])
            arrived += 1
        while active and spans[-active[0]][1] <= edge:
            heappop(active)
        top = -active[0] if active else -1
        if not tops or tops[-1] != top:
            starts.append(edge)
            tops.append(top)
    return Layer(tuple(starts), tuple(tops))


def runs(pieces: Iterable[tuple[Instant, Instant, T]]) -> list[tuple[Instant, Instant, T]]:
    """Pieces that follow each other with equal values become one."""
    found: list[tuple[Instant, Instant, T]] = []
    for start, end, value in pieces:
        if found and found[-1][1] == start and found[-1][2] == value:
            found[-1] = (found[-1][0], end, value)
        else:
            found.append((start, end, value))
    return found
