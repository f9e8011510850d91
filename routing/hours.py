"""Whether a line is open: its weekly hours, public holidays, and the dates of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Literal

import holidays

from routing.roster import Holidays, Line, Roster
from routing.walltime import DAY, Instant, WallTime, Zone, day_of, weekday_of

WhyOpen = Literal["hours", "off hours", "holiday", "closed"]

# A change further away than this is "never": longer than a year with its holidays.
_SEARCHED = 400 * DAY
_LUSTRUM = 5


@dataclass(frozen=True, slots=True)
class Opening:
    """`until` is the next change between open and closed, None when there is none in 400 days."""

    open: bool
    why: WhyOpen
    until: Instant | None
    policy: str


@dataclass(frozen=True, slots=True)
class OpeningSpan:
    """A stretch in which a line is open or closed for one reason, and the policy it uses then."""

    start: Instant
    end: Instant
    open: bool
    why: WhyOpen
    policy: str


def opening_at(roster: Roster, line_id: str, at: Instant) -> Opening:
    """Whether the line is open, why, until when, and the policy it uses. KeyError for an unknown line."""
    line = roster.lines[line_id]
    spans = _spans_from(line, roster.zone, at, at + _SEARCHED)
    now = next(spans)
    until = next((span.start for span in spans if span.open != now.open), None)
    return Opening(now.open, now.why, until, now.policy)


def openings_between(roster: Roster, line_id: str, start: Instant, end: Instant) -> list[OpeningSpan]:
    """Spans that cover start to end without a hole, clipped; neighbours differ."""
    return list(_spans_from(roster.lines[line_id], roster.zone, start, end))


def _spans_from(line: Line, zone: Zone, start: Instant, end: Instant) -> Iterator[OpeningSpan]:
    waiting: OpeningSpan | None = None
    for piece in _pieces(line, zone, start, end):
        if waiting and (waiting.open, waiting.why) == (piece.open, piece.why):
            waiting = OpeningSpan(waiting.start, piece.end, waiting.open, waiting.why, waiting.policy)
        else:
            if waiting:
                yield waiting
            waiting = piece
    if waiting:
        yield waiting


def _pieces(line: Line, zone: Zone, start: Instant, end: Instant) -> Iterator[OpeningSpan]:
    """Open and closed stretches date by date, clipped to start and end."""
    wall = zone.wall(start) // DAY * DAY
    at = start
    while at < end:
        day_ends_at = min(zone.instant(wall + DAY), end)
        closed_for = _why_closed(line.holidays, wall)
        for opens, closes in () if closed_for else line.hours[weekday_of(wall)]:
            opens_at = min(max(zone.instant(wall + opens), at), end)
            closes_at = min(zone.instant(wall + closes), end)
            if closes_at > opens_at:
                if opens_at > at:
                    yield OpeningSpan(at, opens_at, False, "off hours", line.closed)
                yield OpeningSpan(opens_at, closes_at, True, "hours", line.open)
                at = closes_at
        if day_ends_at > at:
            yield OpeningSpan(at, day_ends_at, False, closed_for or "off hours", line.closed)
            at = day_ends_at
        wall += DAY


def _why_closed(rule: Holidays, wall: WallTime) -> Literal["holiday", "closed"] | None:
    """Why the whole date is closed, or None. A date under `open` is never closed."""
    if rule.country is None and not rule.closed:
        return None
    day = day_of(wall)
    if day in rule.open:
        return None
    if rule.country and day in _days_off(rule.country, rule.good_friday, rule.liberation_day, day.year):
        return "holiday"
    return "closed" if day in rule.closed else None


@lru_cache(maxsize=512)
def _days_off(country: str, good_friday: str, liberation_day: str, year: int) -> frozenset[date]:
    days = set(holidays.country_holidays(country, years=year))
    switches = {easter_sunday(year) - timedelta(days=2): good_friday == "closed"}
    if country == "NL":
        # No Dutch law gives a day off; most staff have 5 May off in lustrum years only.
        lustrum = year % _LUSTRUM == 0
        switches[date(year, 5, 5)] = liberation_day == "always" or (liberation_day == "lustrum" and lustrum)
    for day, is_off in switches.items():
        if is_off:
            days.add(day)
        else:
            days.discard(day)
    return frozenset(days)


@cache
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


def is_country(code: str) -> bool:
    """True for a country whose public holidays are known, in two letters: NL."""
    return code in _countries()


def easter_sunday(year: int) -> date:
    """Western Easter (the Gregorian computus of Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
