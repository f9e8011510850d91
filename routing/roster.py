"""The duty roster as values: what `reading` makes of the file and everything else asks about.

Instants are whole seconds since 1970-01-01T00:00Z; wall times are the same count read off a
wall clock in the roster's zone (see `walltime`). Spans are half-open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from routing.walltime import Instant, WallTime, Zone

__all__ = [
    "Holidays",
    "Instant",
    "Line",
    "Memo",
    "Override",
    "Person",
    "Policy",
    "Roster",
    "Rotation",
    "Span",
    "Step",
    "WallTime",
    "Window",
]


@dataclass(frozen=True, slots=True)
class Span:
    """`start` belongs to it, `end` does not."""

    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Person:
    """An advisor: somebody a step can ring."""

    id: str
    name: str
    phone: str
    languages: tuple[str, ...]
    email: str | None = None
    away: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A daily stretch of duty: seconds after the local midnight of each day in `days` (0 = Monday).

    `end` is greater than `start`; above 86,400 it lies on the next date.
    """

    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Rotation:
    """Members take turns; handoff n is `starts + n * turn` on the wall clock."""

    id: str
    members: tuple[str, ...]
    starts: WallTime
    turn: int
    hours: tuple[Window, ...] | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """Puts `person` on call for `rotation` during `span`; of several, the last in the file wins."""

    rotation: str
    span: Span
    person: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: the people and rotations in `ring`, one after the other, `seconds` each."""

    ring: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The steps, climbed `rounds` times; then the policy `otherwise`, or the call-back offer (None)."""

    id: str
    steps: tuple[Step, ...]
    rounds: int = 1
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class Holidays:
    """Which dates a line is closed, besides the weekly hours."""

    country: str | None = None
    good_friday: Literal["open", "closed"] = "open"
    liberation_day: Literal["lustrum", "always", "never"] = "lustrum"
    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """A dialled number.

    `hours` gives for each weekday (0 = Monday) the opening spans in seconds after midnight.
    """

    id: str
    number: str
    name: str
    languages: tuple[str, ...]
    hours: Mapping[int, tuple[tuple[int, int], ...]]
    open: str
    closed: str
    holidays: Holidays = Holidays()


@dataclass(frozen=True, slots=True)
class Memo:
    """What was worked out of a roster, so that it is done once; kept and understood by `duty` alone."""

    plans: dict[str, Any] = field(default_factory=dict)
    blocks: dict[tuple[str, int], Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Roster:
    """The file and all in it. `version` is the first 12 hex digits of the SHA-256 of its bytes.

    `places` gives the line in the file for a path such as `policies.crisis.steps[1].ring`, for
    warnings that are found after reading.
    """

    version: str
    zone: Zone
    people: Mapping[str, Person]
    rotations: Mapping[str, Rotation]
    overrides: tuple[Override, ...]
    policies: Mapping[str, Policy]
    lines: Mapping[str, Line]
    places: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    memo: Memo = field(default_factory=Memo, init=False, compare=False, repr=False)
