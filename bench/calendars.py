"""One roster twice: as ours, and as calendars for recurring-ical-events, a library for recurring dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events  # type: ignore[import-untyped]

from bench.served import ROSTER
from routing.reading import read_roster
from routing.roster import Override, Roster, Rotation, Span
from routing.walltime import DAY, HOUR, Instant

ZONE = ZoneInfo("Europe/Amsterdam")
START = int(datetime(2049, 1, 4, 8, tzinfo=UTC).timestamp())
END = int(datetime(2050, 1, 4, 8, tzinfo=UTC).timestamp())
_OVERRIDES = 50


def fresh_roster() -> Roster:
    """Eight people, three rotations and fifty overrides within the year, with nothing worked out yet."""
    roster = read_roster(ROSTER.read_bytes()).roster
    assert roster is not None
    people, rotations = list(roster.people), list(roster.rotations)
    overrides = []
    for number in range(_OVERRIDES):
        # One a week, from four hours to two and a half days long.
        start = START + number * 7 * DAY + (number * 5 % 24) * HOUR
        span = Span(start, start + (4 + number * 7 % 57) * HOUR)
        overrides.append(Override(rotations[number % 3], span, people[number * 3 % 8]))
    return replace(roster, overrides=tuple(overrides))


@dataclass(frozen=True)
class Calendars:
    """One calendar for each rotation, ready to be asked."""

    queries: dict[str, Any]

    def on_call_at(self, rotation: str, at: Instant) -> str | None:
        """The override of that moment, otherwise the turn."""
        moment = datetime.fromtimestamp(at, UTC)
        found = self.queries[rotation].between(moment, moment + timedelta(seconds=1))
        return max(((int(event["PRIORITY"]), str(event["SUMMARY"])) for event in found), default=(0, None))[1]

    def expand(self, rotation: str, start: Instant, end: Instant) -> list[Any]:
        """All turns and overrides from start to end; what lies over what is not worked out yet."""
        found: list[Any] = self.queries[rotation].between(
            datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
        )
        return found


def calendars(roster: Roster) -> Calendars:
    return Calendars(
        {
            rotation.id: recurring_ical_events.of(_calendar(roster, rotation))
            for rotation in roster.rotations.values()
        }
    )


def _calendar(roster: Roster, rotation: Rotation) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    begin = datetime.fromtimestamp(rotation.starts, UTC).replace(tzinfo=ZONE)
    days = rotation.turn // DAY
    frequency, interval = ("DAILY", days) if days % 7 else ("WEEKLY", days // 7)
    for place, person in enumerate(rotation.members):
        starts = begin + timedelta(seconds=place * rotation.turn)
        ends = starts + timedelta(seconds=rotation.turn)
        rule = {"FREQ": frequency, "INTERVAL": interval * len(rotation.members)}
        calendar.add_component(_event(f"{rotation.id}-{person}", starts, ends, person, 0, rule))
    for number, override in enumerate(roster.overrides, 1):
        if override.rotation == rotation.id:
            span = override.span
            starts, ends = datetime.fromtimestamp(span.start, UTC), datetime.fromtimestamp(span.end, UTC)
            calendar.add_component(_event(f"override-{number}", starts, ends, override.person, number))
    return calendar


def _event(
    uid: str, starts: datetime, ends: datetime, person: str, priority: int, rule: dict[str, Any] | None = None
) -> icalendar.Event:
    event = icalendar.Event()
    event.add("UID", uid)
    event.add("DTSTART", starts)
    event.add("DTEND", ends)
    event.add("SUMMARY", person)
    event.add("PRIORITY", priority)
    if rule:
        event.add("RRULE", rule)
    return event


def clock_changes(roster: Roster) -> Sequence[Instant]:
    """The instants within the year at which the clock is changed."""
    changes = []
    at: Instant | None = START
    while at is not None and at < END:
        _, at = roster.zone.steady_until(at)
        if at is not None and at < END:
            changes.append(at)
    return changes
