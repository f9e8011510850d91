"""Where a roster leaves a line without anybody, or with one person only, and what else to warn of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from routing.cautions import caution, ladder_warnings, name_warnings, number_warnings, override_warnings
from routing.problems import Problem
from routing.reach import Reach, reaches_between
from routing.rest import RECKONED, rest_warnings
from routing.roster import Roster
from routing.spans import runs
from routing.walltime import DAY, Instant, local_text

EXAMINED = 60 * DAY


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which nobody could be reached on a line."""

    line: str
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Thin:
    """A stretch in which exactly one person could be reached on a line."""

    line: str
    person: str
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Examination:
    """What is legal and yet unwise, in the order of the file, and the gaps in order of time."""

    warnings: tuple[Problem, ...]
    gaps: tuple[Gap, ...]


def gaps_between(roster: Roster, start: Instant, end: Instant) -> list[Gap]:
    """Stretches in which the policy a line would use, and those that follow it, yield nobody."""
    return [gap for line in roster.lines for gap in _gaps(line, reaches_between(roster, line, start, end))]


def thin_between(roster: Roster, start: Instant, end: Instant) -> list[Thin]:
    """Stretches in which exactly one person could be reached, whichever rungs lead there."""
    return [thin for line in roster.lines for thin in _thin(line, reaches_between(roster, line, start, end))]


def examine(roster: Roster, now: Instant) -> Examination:
    """Every warning for the 60 days from `now`; times in them are wall clock in the roster's zone."""
    end = now + EXAMINED
    # Rest is counted over any 28 days, also over those that began before now.
    long_before = now - RECKONED
    reaches = {line: list(reaches_between(roster, line, long_before, end)) for line in roster.lines}
    ahead = {line: list(reaches_between(roster, line, now, end)) for line in roster.lines}
    gaps = [gap for line, found in ahead.items() for gap in _gaps(line, found)]
    thin = [each for line, found in ahead.items() for each in _thin(line, found)]
    warnings = [
        *_gap_warnings(roster, gaps),
        *_thin_warnings(roster, thin),
        *_double_warnings(roster, [reach for found in ahead.values() for reach in found]),
        *rest_warnings(roster, reaches, long_before, end),
        *override_warnings(roster, now),
        *ladder_warnings(roster),
        *number_warnings(roster),
        *name_warnings(roster),
    ]
    warnings.sort(key=attrgetter("line"))
    return Examination(tuple(warnings), tuple(sorted(gaps, key=attrgetter("start"))))


def _gaps(line: str, reaches: Iterable[Reach]) -> list[Gap]:
    found = runs((reach.start, reach.end, not reach.people()) for reach in reaches)
    return [Gap(line, start, end) for start, end, nobody in found if nobody]


def _thin(line: str, reaches: Iterable[Reach]) -> list[Thin]:
    def only(reach: Reach) -> str | None:
        people = reach.people()
        return people[0] if len(people) == 1 else None

    found = runs((reach.start, reach.end, only(reach)) for reach in reaches)
    return [Thin(line, person, start, end) for start, end, person in found if person is not None]


def _gap_warnings(roster: Roster, gaps: list[Gap]) -> Iterator[Problem]:
    """One for each line: its first gap, and how many follow."""
    for line in roster.lines:
        if mine := [gap for gap in gaps if gap.line == line]:
            yield caution(
                roster,
                f"lines.{line}",
                "cover.gap",
                name=roster.lines[line].name,
                start=local_text(mine[0].start, roster.zone),
                end=local_text(mine[0].end, roster.zone),
                more=str(len(mine) - 1),
            )


def _thin_warnings(roster: Roster, thin: list[Thin]) -> Iterator[Problem]:
    """One for each line: its first thin stretch, and how many follow."""
    for line in roster.lines:
        if mine := [each for each in thin if each.line == line]:
            yield caution(
                roster,
                f"lines.{line}",
                "cover.thin",
                name=roster.lines[line].name,
                person=roster.people[mine[0].person].name,
                start=local_text(mine[0].start, roster.zone),
                end=local_text(mine[0].end, roster.zone),
                more=str(len(mine) - 1),
            )


def _double_warnings(roster: Roster, reaches: list[Reach]) -> Iterator[Problem]:
    """Steps that yield only people who are on an earlier step of the policy: nobody is behind these."""
    first: dict[tuple[str, int], Reach] = {}
    for reach in reaches:
        seen: dict[str, set[str]] = {}
        for rung in reach.rungs:
            before = seen.setdefault(rung.policy, set())
            if rung.people and before.issuperset(rung.people):
                first.setdefault((rung.policy, rung.step), reach)
            before.update(rung.people)
    for (policy, step), reach in first.items():
        rung = next(rung for rung in reach.rungs if (rung.policy, rung.step) == (policy, step))
        yield caution(
            roster,
            f"policies.{policy}.steps[{step}].ring",
            "cover.double",
            person=roster.people[rung.people[0]].name,
            start=local_text(reach.start, roster.zone),
            end=local_text(reach.end, roster.zone),
        )
