"""The moments a practice call can be made at: now, or as if it were another time on the wall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from routing.hours import Opening, opening_at
from routing.roster import Instant, Line, Roster
from routing.walltime import DAY, FIRST_YEAR, HOUR, LAST_YEAR, day_of, parse_moment, wall_time, weekday_of

_DAYS_SEARCHED = 400


class NoSuchMoment(ValueError):
    """What was filled in is no time on the wall between 2000 and 2099."""


@dataclass(frozen=True, slots=True)
class Moment:
    """`key`: now, christmas, weekday or holiday."""

    key: str
    at: Instant
    opening: Opening


def moments(roster: Roster, line: Line, now: Instant) -> list[Moment]:
    """What can be chosen, now first. What does not occur in a year to come is left out."""
    christmas = _christmas_night(roster, now)
    tens, elevens = (_days(roster, now, hour) for hour in (10, 11))
    weekday = next(
        (at for at in tens if _is_weekday(roster, at) and opening_at(roster, line.id, at).open), None
    )
    holiday = next(
        (at for at in elevens if opening_at(roster, line.id, at).why == "holiday" and at - christmas > DAY),
        None,
    )
    return [
        Moment(key, at, opening_at(roster, line.id, at))
        for key, at in (("now", now), ("christmas", christmas), ("weekday", weekday), ("holiday", holiday))
        if at is not None
    ]


def chosen_moment(roster: Roster, line: Line, now: Instant, key: str, text: str) -> Instant | None:
    """The instant for a key of `moments`, or for `other` that of `text`; None is now. Raises NoSuchMoment."""
    if key == "now":
        return None
    if key != "other":
        return next((moment.at for moment in moments(roster, line, now) if moment.key == key), None)
    try:
        at = parse_moment(text, roster.zone)
    except ValueError as unreadable:
        raise NoSuchMoment(text[:40]) from unreadable
    if not FIRST_YEAR <= day_of(roster.zone.wall(at)).year <= LAST_YEAR:
        raise NoSuchMoment(text[:40])
    return at


def _christmas_night(roster: Roster, now: Instant) -> Instant:
    year = day_of(roster.zone.wall(now)).year
    nights = (roster.zone.instant(wall_time(year + later, 12, 25, 3)) for later in (0, 1))
    return next(at for at in nights if at > now)


def _days(roster: Roster, now: Instant, hour: int) -> Iterator[Instant]:
    today = roster.zone.wall(now) // DAY * DAY
    for day in range(1, _DAYS_SEARCHED):
        yield roster.zone.instant(today + day * DAY + hour * HOUR)


def _is_weekday(roster: Roster, at: Instant) -> bool:
    return weekday_of(roster.zone.wall(at)) < 5
