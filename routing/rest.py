"""Whether the roster lets people rest: the limits for standing by, counted over any 28 days.

Counted on the wall clock, in days of 24 hours from the start of somebody's duty, so that a clock
change or an hour of handing over does not count as another day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from routing.cautions import caution
from routing.problems import Problem
from routing.reach import Reach, first_people_between
from routing.roster import Line, Roster
from routing.spans import Spans, merged
from routing.walltime import DAY, HOUR, Instant, WallTime, Zone, day_of

RECKONED = 28 * DAY
# Arbeidstijdenwet art. 5:9: in each 28 days, 14 days and two spans of 48 hours without being on call.
MOST_DAYS = 14
FREE_SPAN = 48 * HOUR
LEAST_FREE_SPANS = 2


@dataclass(frozen=True, slots=True)
class Standby:
    """Each person's spans of duty: as the first who is rung, and on any rung."""

    first: Mapping[str, Sequence[tuple[Instant, Instant]]]
    any_rung: Mapping[str, Sequence[tuple[Instant, Instant]]]


def standby_between(
    roster: Roster, reaches: Mapping[str, Sequence[Reach]], start: Instant, end: Instant
) -> Standby:
    """`reaches` has those of each line from start to end."""
    first: dict[str, list[tuple[Instant, Instant]]] = {}
    any_rung: dict[str, list[tuple[Instant, Instant]]] = {}
    for policy in dict.fromkeys(_standby_policy(roster.lines[line], reaches[line]) for line in reaches):
        for since, until, person in first_people_between(roster, policy, start, end):
            if person is not None:
                first.setdefault(person, []).append((since, until))
    for reach in chain.from_iterable(reaches.values()):
        for person in reach.people():
            any_rung.setdefault(person, []).append((reach.start, reach.end))
    return Standby(first, any_rung)


def rest_warnings(
    roster: Roster, reaches: Mapping[str, Sequence[Reach]], start: Instant, end: Instant
) -> Iterator[Problem]:
    """For each person at most one warning of either kind, for 28 days between start and end.

    `reaches` has those of each line from start to end.
    """
    standby = standby_between(roster, reaches, start, end)
    for each in roster.people.values():
        first, any_rung = standby.first.get(each.id, ()), standby.any_rung.get(each.id, ())
        for code, window in broken_rules(first, any_rung, roster.zone, end).items():
            day = day_of(window).isoformat()
            yield caution(roster, f"people.{each.id}", code, name=each.name, since=day)


def broken_rules(
    first: Iterable[tuple[Instant, Instant]],
    any_rung: Iterable[tuple[Instant, Instant]],
    zone: Zone,
    end: Instant,
) -> dict[str, WallTime]:
    """The code of each rule somebody's spans of duty break, with the start of the first 28 days that do."""
    last = zone.wall(end) - RECKONED
    found = {}
    for code, duty, windows in (("rest.days", first, _overburdened), ("rest.spans", any_rung, _restless)):
        window = next((start for start in windows(_on_the_wall(duty, zone)) if start <= last), None)
        if window is not None:
            found[code] = window
    return found


def _standby_policy(line: Line, reaches: Sequence[Reach]) -> str:
    """The policy whose first person stands by: office hours at the desk are work, not standing by."""
    return line.open if all(reach.open for reach in reaches) else line.closed


def _on_the_wall(spans: Iterable[tuple[Instant, Instant]], zone: Zone) -> Spans:
    whole = merged(spans)
    return merged(
        (zone.wall(start), zone.wall(end)) for start, end in zip(whole.starts, whole.ends, strict=True)
    )


def _overburdened(duty: Spans) -> Iterator[WallTime]:
    """Starts of 28 days of which more than 14 have duty in them."""
    for start in _starts(duty):
        days: set[int] = set()
        for since, until in _within(duty, start):
            days.update(range((since - start) // DAY, -((start - until) // DAY)))
        if len(days) > MOST_DAYS:
            yield start


def _restless(duty: Spans) -> Iterator[WallTime]:
    """Starts of 28 days with fewer than two free spans of 48 hours."""
    for start in _starts(duty):
        free, at = 0, start
        for since, until in _within(duty, start):
            free += (since - at) // FREE_SPAN
            at = until
        free += (start + RECKONED - at) // FREE_SPAN
        if free < LEAST_FREE_SPANS:
            yield start


def _starts(duty: Spans) -> Iterator[WallTime]:
    for index, (start, end) in enumerate(zip(duty.starts, duty.ends, strict=True)):
        # The first may have begun before we look: its days would be counted from a wrong hour.
        if index > 0 or end - start > MOST_DAYS * DAY:
            yield start


def _within(duty: Spans, start: WallTime) -> Iterator[tuple[WallTime, WallTime]]:
    """The duty of the 28 days from `start`, clipped."""
    end = start + RECKONED
    for since, until in zip(duty.starts, duty.ends, strict=True):
        if since < end and until > start:
            yield max(since, start), min(until, end)
