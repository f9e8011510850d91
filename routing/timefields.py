"""Reads places of the outline that tell a time: a moment, a date, a turn, hours, days of the week.

As in `fields`, each reader gives the value, or reports what is wrong at that place and gives None.
"""

from __future__ import annotations

import re
from datetime import date

from routing.fields import Spot
from routing.problems import shown
from routing.roster import Span
from routing.walltime import (
    DAY,
    FIRST_YEAR,
    HOUR,
    LAST_YEAR,
    MINUTE,
    WEEK,
    Instant,
    WallTime,
    Zone,
    midnight,
    parse_moment,
    wall_time,
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_WALL = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TURN = re.compile(r"([0-9]{1,6}) ?(hour|day|week)s?")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_OPENING = re.compile(r"([0-9:]{3,5}) ?[-\u2013] ?([0-9:]{3,5})")

_UNITS = {"hour": HOUR, "day": DAY, "week": WEEK}
_LONGEST_TURN = 520 * WEEK


def read_wall(spot: Spot) -> WallTime | None:
    """Date and time on the wall clock, without an offset."""
    found = spot.matching(_WALL, "moment.wall")
    if found is None:
        return None
    try:
        # In UTC the wall clock and the instant are one number.
        return _within_years(spot, parse_moment(found[0], Zone("UTC")))
    except ValueError:
        spot.report("moment.shape", text=shown(found[0]))
        return None


def read_moment(spot: Spot, zone: Zone) -> Instant | None:
    """Date and time, on the wall clock of `zone` or with an offset of its own."""
    text = spot.text()
    if text is None:
        return None
    try:
        if _DATE.fullmatch(text):
            raise ValueError(text)
        at = parse_moment(text, zone)
    except ValueError:
        spot.report("moment.shape", text=shown(text))
        return None
    return at if _within_years(spot, zone.wall(at)) is not None else None


def _within_years(spot: Spot, wall: WallTime) -> WallTime | None:
    if wall_time(FIRST_YEAR, 1, 1) <= wall < wall_time(LAST_YEAR + 1, 1, 1):
        return wall
    spot.report("moment.range", first=str(FIRST_YEAR), last=str(LAST_YEAR))
    return None


def read_day(spot: Spot) -> date | None:
    """A date such as 2026-12-24."""
    found = spot.matching(_DATE, "date")
    if found is None:
        return None
    try:
        day = date.fromisoformat(found[0])
    except ValueError:
        spot.report("date", text=shown(found[0]))
        return None
    return day if _within_years(spot, midnight(day)) is not None else None


def read_turn(spot: Spot) -> int | None:
    """`N hours`, `N days` or `N weeks`, in seconds."""
    found = spot.matching(_TURN, "turn")
    if found is None:
        return None
    turn = int(found[1]) * _UNITS[found[2]]
    if turn == 0 or turn > _LONGEST_TURN:
        spot.report("turn.zero" if turn == 0 else "turn.long")
        return None
    return turn


def read_clock(spot: Spot, *, last: int) -> int | None:
    """A time of day in seconds after midnight, up to `last`."""
    found = spot.matching(_CLOCK, "clock")
    if found is None:
        return None
    seconds = _seconds(found[0], last)
    if seconds is None:
        spot.report("clock", text=shown(found[0]))
    return seconds


def read_opening(spot: Spot) -> tuple[int, int] | None:
    """`09:00-17:00` in seconds after midnight."""
    found = spot.matching(_OPENING, "opening")
    if found is None:
        return None
    start, end = _seconds(found[1], DAY - MINUTE), _seconds(found[2], DAY)
    if start is None or end is None:
        spot.report("opening", text=shown(found[0]))
    elif end <= start:
        spot.report("opening.order", text=shown(found[0]))
    else:
        return start, end
    return None


def read_days(spot: Spot) -> frozenset[int]:
    """A day, a range, `daily`, or a list of these; 0 is Monday."""
    found: set[int] = set()
    for place in spot.some(or_one=True):
        text = place.text()
        if text is None:
            continue
        days = days_named(text)
        if days is None:
            place.report("days", text=shown(text))
        else:
            found |= days
    return frozenset(found)


def read_span(start: Spot | None, end: Spot | None, zone: Zone) -> Span | None:
    """The span between two moments; reported at the second when it does not come after the first."""
    start_at = read_moment(start, zone) if start else None
    end_at = read_moment(end, zone) if end else None
    if end is None or start_at is None or end_at is None:
        return None
    if end_at <= start_at:
        end.report("span.order")
        return None
    return Span(start_at, end_at)


def _seconds(text: str, last: int) -> int | None:
    """Seconds after midnight of `17:00`; None when it is no time of day up to `last`."""
    found = _CLOCK.fullmatch(text)
    if found is None or int(found[2]) > 59:
        return None
    seconds = int(found[1]) * HOUR + int(found[2]) * MINUTE
    return seconds if seconds <= last else None


def days_named(text: str) -> frozenset[int] | None:
    """The weekdays of `mon`, `mon-fri`, `sat, sun` or `daily`; None when it names none."""
    found: set[int] = set()
    for part in re.split(r" ?, ?| ", text):
        if part == "daily":
            found |= set(range(7))
            continue
        first, _, last = part.partition("-")
        if first not in DAYS or (last and last not in DAYS) or part.endswith("-"):
            return None
        start = DAYS.index(first)
        length = (DAYS.index(last) - start) % 7 if last else 0
        found |= {(start + step) % 7 for step in range(length + 1)}
    return frozenset(found)
