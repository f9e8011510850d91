"""Who is on call, read slowly from the rules with the calendar of the standard library.

Nothing here is shared with `routing.duty`: it is what that is compared with.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from routing.roster import Override, Person, Policy, Roster, Rotation, Span, Window
from routing.walltime import Zone, wall_time

ORIGIN = datetime(1970, 1, 1)  # noqa: DTZ001


@lru_cache(maxsize=100_000)
def instant_of(zone: str, wall: int) -> int:
    naive = ORIGIN + timedelta(seconds=wall)
    return int(naive.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC).timestamp())


def slow_duty(roster: Roster, rotation_id: str, at: int) -> tuple[str | None, str]:
    rotation, zone = roster.rotations[rotation_id], roster.zone.name
    person, why = None, ""
    for override in roster.overrides:
        if override.rotation == rotation_id and override.span.start <= at < override.span.end:
            person, why = override.person, "override"
    if person is None:
        if at < instant_of(zone, rotation.starts):
            return None, "not started"
        if rotation.hours is not None and not any(_in_window(zone, each, at) for each in rotation.hours):
            return None, "off hours"
        # Every handoff so far, from well before to well after; the last that has come counts.
        about = (at - rotation.starts) // rotation.turn
        margin = 3 * 86_400 // rotation.turn + 2
        numbers = range(max(0, about - margin), about + margin)
        number = max(n for n in numbers if instant_of(zone, rotation.starts + n * rotation.turn) <= at)
        person, why = rotation.members[number % len(rotation.members)], "turn"
    if any(span.start <= at < span.end for span in roster.people[person].away):
        return None, "away"
    return person, why


def _in_window(zone: str, window: Window, at: int) -> bool:
    today = datetime.fromtimestamp(at, ZoneInfo(zone)).date()
    for back in range(-1, 4):
        day = today - timedelta(days=back)
        midnight = (day - ORIGIN.date()).days * 86_400
        start = instant_of(zone, midnight + window.start)
        end = instant_of(zone, midnight + window.end)
        if day.weekday() in window.days and start <= at < end:
            return True
    return False


def small_roster(
    zone: str,
    rotations: dict[str, Rotation],
    overrides: tuple[Override, ...] = (),
    away: Mapping[str, tuple[Span, ...]] | None = None,
) -> Roster:
    members = dict.fromkeys(
        [member for rotation in rotations.values() for member in rotation.members]
        + [override.person for override in overrides]
    )
    people = {
        name: Person(name, name.title(), f"+467017406{number:02d}", ("nl",), away=(away or {}).get(name, ()))
        for number, name in enumerate(members, 5)
    }
    return Roster("0" * 12, Zone(zone), people, rotations, overrides, dict[str, Policy](), {})


HOUR = 3600
DAY = 24 * HOUR


def varied_roster(zone: str, year: int) -> Roster:
    """Rotations that hand off near the clock changes of `year`, with overrides and absences on top."""
    night = Window(frozenset(range(5)), 17 * HOUR, 33 * HOUR)
    weekend = Window(frozenset({5, 6}), 0, 24 * HOUR)
    small_hours = Window(frozenset(range(7)), 2 * HOUR + 1800, 3 * HOUR + 900)
    start = wall_time(year, 1, 4, 2, 30)
    rotations = {
        rotation.id: rotation
        for rotation in (
            Rotation("weekly", ("ada", "bo", "chi"), wall_time(year, 1, 5, 9), 7 * DAY),
            Rotation("at-half-past-two", ("ada", "bo"), start, 7 * DAY),
            Rotation("twelve-hours", ("ada", "bo", "chi"), wall_time(year, 1, 4, 9), 12 * HOUR),
            Rotation("hourly", ("ada", "bo", "chi", "dee", "eva"), start, HOUR),
            Rotation("nights", ("bo", "chi"), wall_time(year, 1, 5, 9), DAY, (night, weekend)),
            Rotation("small-hours", ("chi", "dee"), start, DAY, (small_hours,)),
            Rotation("from-spring", ("ada",), wall_time(year, 3, 28, 2, 45), 5 * HOUR),
        )
    }
    zone_ = Zone(zone)

    def span(first: tuple[int, int, int], hours: int) -> Span:
        at = zone_.instant(wall_time(year, *first))
        return Span(at, at + hours * HOUR)

    overrides = tuple(
        Override(rotation, span(first, hours), person)
        for rotation in rotations
        for first, hours, person in (
            ((3, 27, 20), 12, "bo"),
            ((3, 28, 1), 3, "chi"),
            ((10, 24, 18), 24, "dee"),
            ((10, 25, 1), 2, "bo"),
            ((10, 25, 2), 30, "ada"),
        )
    )
    away = {"bo": (span((3, 28, 0), 5), span((10, 25, 2), 48)), "dee": (span((10, 24, 23), 4),)}
    return small_roster(zone, rotations, overrides, away)
