"""What changes when one roster takes the place of another: shifts, gaps, thin cover, ladders, warnings.

Only compares; who is on call, who could be reached and what is unwise is asked of `duty`, `reach` and
`coverage`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeVar

from routing.coverage import Gap, Thin, examine
from routing.duty import duties_between
from routing.problems import Problem
from routing.reach import reaches_between
from routing.roster import Instant, Roster
from routing.spans import runs

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span on a rotation that somebody gains or loses; `other` had it before or has it then, if anybody."""

    rotation: str
    start: Instant
    end: Instant
    other: str | None


@dataclass(frozen=True, slots=True)
class LadderChange:
    """A stretch in which a call on the line would ring others, or in another order: everybody once each."""

    line: str
    start: Instant
    end: Instant
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effects:
    """`gained` and `lost` by person, in order of time; a gap or thin cover only as far as it is new, or gone.

    Thin cover in the place of a gap is no worse: it is a gap closed and no thin cover opened. The
    warnings leave out gaps and thin cover, which are told as such.
    """

    gained: Mapping[str, tuple[Stretch, ...]]
    lost: Mapping[str, tuple[Stretch, ...]]
    gaps_opened: tuple[Gap, ...]
    gaps_closed: tuple[Gap, ...]
    thin_opened: tuple[Thin, ...]
    thin_closed: tuple[Thin, ...]
    warnings_new: tuple[Problem, ...]
    warnings_gone: tuple[Problem, ...]
    ladders: tuple[LadderChange, ...]


def effects(
    before: Roster, after: Roster, start: Instant, end: Instant, now: Instant | None = None
) -> Effects:
    """What changes from start to end. Warnings are those of the 60 days from `now` (without it: `start`)."""
    gained: dict[str, list[Stretch]] = {}
    lost: dict[str, list[Stretch]] = {}
    for rotation in dict.fromkeys((*before.rotations, *after.rotations)):
        for since, until, (had, has) in handed_over(before, after, rotation, start, end):
            if had is not None:
                lost.setdefault(had, []).append(Stretch(rotation, since, until, has))
            if has is not None:
                gained.setdefault(has, []).append(Stretch(rotation, since, until, had))
    compared = _compared(before, after, start, end)
    at = start if now is None else now
    were, are = examine(before, at).warnings, examine(after, at).warnings
    return Effects(
        gained=_in_order(gained),
        lost=_in_order(lost),
        gaps_opened=_gaps(compared, _opened),
        gaps_closed=_gaps(compared, _closed),
        thin_opened=_thin(compared, _left_alone),
        thin_closed=_thin(compared, _no_longer_alone),
        warnings_new=_without(are, were),
        warnings_gone=_without(were, are),
        ladders=tuple(
            LadderChange(each.line, each.start, each.end, each.before or (), each.after or ())
            for each in compared
        ),
    )


def gaps_opened(before: Roster, after: Roster, start: Instant, end: Instant) -> tuple[Gap, ...]:
    """Stretches in which somebody could be reached before, or the line was not there, and nobody can then."""
    return _gaps(_compared(before, after, start, end), _opened)


def handed_over(
    before: Roster, after: Roster, rotation: str, start: Instant, end: Instant
) -> list[tuple[Instant, Instant, tuple[str | None, str | None]]]:
    """Spans in which another is on call for the rotation than before: (start, end, (before, then))."""
    pieces = _side_by_side(_people(before, rotation, start, end), _people(after, rotation, start, end))
    return [piece for piece in runs(pieces) if piece[2][0] != piece[2][1]]


def _people(
    roster: Roster, rotation: str, start: Instant, end: Instant
) -> list[tuple[Instant, Instant, str | None]]:
    if rotation not in roster.rotations:
        return [(start, end, None)] if start < end else []
    return [
        (since, until, duty.person) for since, until, duty in duties_between(roster, rotation, start, end)
    ]


def _side_by_side(
    left: list[tuple[Instant, Instant, T]], right: list[tuple[Instant, Instant, T]]
) -> Iterator[tuple[Instant, Instant, tuple[T, T]]]:
    """Two rows of pieces that cover the same time, cut at the edges of both."""
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        yield start, end, (left[i][2], right[j][2])
        if left[i][1] == end:
            i += 1
        if right[j][1] == end:
            j += 1


@dataclass(frozen=True, slots=True)
class _Compared:
    """Whom a line could reach before, and others after; None while it does not exist."""

    line: str
    start: Instant
    end: Instant
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None


def _compared(before: Roster, after: Roster, start: Instant, end: Instant) -> list[_Compared]:
    """The stretches in which it is not the same, line by line, in order of time."""
    return [
        _Compared(line, since, until, had, has)
        for line in dict.fromkeys((*before.lines, *after.lines))
        for since, until, (had, has) in runs(
            _side_by_side(_reached(before, line, start, end), _reached(after, line, start, end))
        )
        if had != has
    ]


def _reached(
    roster: Roster, line: str, start: Instant, end: Instant
) -> list[tuple[Instant, Instant, tuple[str, ...] | None]]:
    if line not in roster.lines:
        return [(start, end, None)] if start < end else []
    return [(reach.start, reach.end, reach.people()) for reach in reaches_between(roster, line, start, end)]


def _opened(each: _Compared) -> bool:
    return each.after == ()


def _closed(each: _Compared) -> bool:
    return each.before == ()


def _left_alone(each: _Compared) -> str | None:
    more = each.before is None or len(each.before) > 1
    return each.after[0] if more and each.after is not None and len(each.after) == 1 else None


def _no_longer_alone(each: _Compared) -> str | None:
    more = each.after is None or len(each.after) > 1
    return each.before[0] if more and each.before is not None and len(each.before) == 1 else None


def _gaps(compared: list[_Compared], is_one: Callable[[_Compared], bool]) -> tuple[Gap, ...]:
    pieces = runs((each.start, each.end, each.line) for each in compared if is_one(each))
    return tuple(sorted((Gap(line, since, until) for since, until, line in pieces), key=attrgetter("start")))


def _thin(compared: list[_Compared], alone: Callable[[_Compared], str | None]) -> tuple[Thin, ...]:
    pieces = runs((each.start, each.end, (each.line, alone(each))) for each in compared)
    found = [Thin(line, person, since, until) for since, until, (line, person) in pieces if person]
    return tuple(sorted(found, key=attrgetter("start")))


def _in_order(stretches: Mapping[str, list[Stretch]]) -> dict[str, tuple[Stretch, ...]]:
    return {
        person: tuple(sorted(stretches[person], key=lambda each: (each.start, each.rotation)))
        for person in sorted(stretches)
    }


# Details that change with everything else in the file, though the warning is the same.
_PLACES = frozenset({"other", "more", "count"})
_TOLD_AS_SPANS = frozenset({"cover.gap", "cover.thin"})
_NUMBERED = re.compile(r"\[\d+\]")


def _without(warnings: tuple[Problem, ...], known: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The warnings that are not among those known, wherever in the file they stand."""
    seen = {_identity(warning) for warning in known}
    return tuple(
        warning
        for warning in warnings
        if warning.code not in _TOLD_AS_SPANS and _identity(warning) not in seen
    )


def _identity(warning: Problem) -> tuple[str, str, frozenset[tuple[str, str]]]:
    details = frozenset(item for item in warning.details.items() if item[0] not in _PLACES)
    return warning.code, _NUMBERED.sub("", warning.path), details
