"""How duty is shared among people over a stretch of time: hours, nights, weekends, holidays, broken nights.

Counted from shifts as they are after every exception. What a fair share is, people decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from routing.duty import shifts_between
from routing.hours import openings_between
from routing.problems import Problem
from routing.reach import reaches_between
from routing.rest import RECKONED, rest_warnings
from routing.roster import Instant, Roster
from routing.spans import Spans, merged
from routing.walltime import DAY, HOUR, WallTime, Zone, day_of, weekday_of

#: A night is from 23:00 to 07:00 on the wall, and belongs to the date on which it begins.
NIGHT_FROM: Final = 23 * HOUR
NIGHT_UNTIL: Final = 31 * HOUR
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Load:
    """One person's share. `seconds` on call, each second once however many rotations they are on.

    A night, weekend or holiday counts when any part of it is duty; `night_calls` are calls they took
    at night while on the roster or not, `broken_nights` the nights in which that happened.
    """

    person: str
    seconds: int
    nights: int
    weekends: int
    holidays: int
    night_calls: int = 0
    broken_nights: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """The loads in the order of the roster, and what `rest` says of the same time."""

    loads: tuple[Load, ...]
    warnings: tuple[Problem, ...]

    def mean(self, measure: str) -> float:
        """The mean of a measure over everybody; 0.0 where there is nobody."""
        values = [getattr(load, measure) for load in self.loads]
        return sum(values) / len(values) if values else 0.0


def share_between(
    roster: Roster, start: Instant, end: Instant, accepted: Mapping[str, Iterable[Instant]] | None = None
) -> Share:
    """How duty is shared from start to end. `accepted`: when each person took calls, at night or not.

    Rest is judged over the 28 days before start as well: its windows may have begun there.
    """
    holidays = holidays_between(roster, start, end)
    loads = []
    for person in roster.people:
        duty = duty_of(roster, person, start, end)
        taken = [at for at in (accepted or {}).get(person, ()) if start <= at < end]
        nights_of_calls = [night for at in taken if (night := night_at(at, roster.zone)) is not None]
        loads.append(
            Load(
                person,
                sum(until - since for since, until in zip(duty.starts, duty.ends, strict=True)),
                len(_nights(duty, roster.zone)),
                len(_weekends(duty, roster.zone)),
                len(_dates(duty, roster.zone) & holidays),
                len(nights_of_calls),
                len(set(nights_of_calls)),
            )
        )
    early = start - RECKONED
    reaches = {line: list(reaches_between(roster, line, early, end)) for line in roster.lines}
    return Share(tuple(loads), tuple(rest_warnings(roster, reaches, early, end)))


def duty_of(roster: Roster, person: str, start: Instant, end: Instant) -> Spans:
    """When somebody is on call for any rotation, as spans that do not touch."""
    return merged(
        (shift.start, shift.end)
        for rotation in roster.rotations
        for shift in shifts_between(roster, rotation, start, end)
        if shift.person == person
    )


def night_at(at: Instant, zone: Zone) -> date | None:
    """The date on which the night of an instant began; None by day."""
    wall = zone.wall(at)
    time = wall % DAY
    if time >= NIGHT_FROM:
        return day_of(wall)
    return day_of(wall - DAY) if time < NIGHT_UNTIL - DAY else None


def holidays_between(roster: Roster, start: Instant, end: Instant) -> frozenset[date]:
    """The dates on which any line is closed for a public holiday."""
    return frozenset(
        day_of(midnight)
        for line in roster.lines
        for span in openings_between(roster, line, start, end)
        if span.why == "holiday"
        for midnight in _midnights(roster.zone.wall(span.start), roster.zone.wall(span.end))
    )


def _midnights(start: WallTime, end: WallTime) -> range:
    """The first second of each date that has a part of start to end."""
    return range(start // DAY * DAY, end, DAY)


def _on_the_wall(duty: Spans, zone: Zone) -> Iterable[tuple[WallTime, WallTime]]:
    return ((zone.wall(since), zone.wall(until)) for since, until in zip(duty.starts, duty.ends, strict=True))


def _dates(duty: Spans, zone: Zone) -> set[date]:
    return {day_of(at) for since, until in _on_the_wall(duty, zone) for at in _midnights(since, until)}


def _nights(duty: Spans, zone: Zone) -> set[WallTime]:
    return {
        at
        for since, until in _on_the_wall(duty, zone)
        for at in _midnights(since - DAY, until)
        if since < at + NIGHT_UNTIL and until > at + NIGHT_FROM
    }


def _weekends(duty: Spans, zone: Zone) -> set[WallTime]:
    """The Saturdays of the weekends, Saturday 00:00 to Monday 00:00, that have duty."""
    return {
        at - (weekday_of(at) - _SATURDAY) * DAY
        for since, until in _on_the_wall(duty, zone)
        for at in _midnights(since, until)
        if weekday_of(at) >= _SATURDAY
    }
