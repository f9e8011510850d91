"""Which days a calendar shows, read from its address; and the addresses of those before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast

from routing.roster import Instant
from routing.walltime import FIRST_YEAR, LAST_YEAR, Zone, day_of, midnight

View = Literal["week", "month"]
Side = Literal["rotation", "person"]

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Period:
    """The whole weeks that hold `on`: one, or all that touch its month. `today` is a date on the wall.

    `unread` is a date that was asked for and does not exist; `length` is how many weeks a view by week has.
    """

    view: View
    by: Side
    on: date
    today: date
    unread: str = ""
    length: int = 1

    @property
    def first(self) -> date:
        day = self.on if self.view == "week" else self.on.replace(day=1)
        return day - timedelta(days=day.weekday())

    @property
    def last(self) -> date:
        """The day after the last one shown, a Monday."""
        if self.view == "week":
            return self.first + self.length * _WEEK
        following = (self.on.replace(day=1) + timedelta(days=31)).replace(day=1)
        return following + timedelta(days=-following.weekday() % 7)

    def weeks(self) -> list[list[date]]:
        return [
            [monday + timedelta(days=day) for day in range(7)]
            for monday in (self.first + week * _WEEK for week in range((self.last - self.first).days // 7))
        ]

    def bounds(self, zone: Zone) -> tuple[Instant, Instant]:
        return zone.instant(midnight(self.first)), zone.instant(midnight(self.last))

    @property
    def before(self) -> date:
        return (
            self.on - _WEEK
            if self.view == "week"
            else (self.on.replace(day=1) - timedelta(days=1)).replace(day=1)
        )

    @property
    def after(self) -> date:
        return (
            self.on + _WEEK
            if self.view == "week"
            else (self.on.replace(day=1) + timedelta(days=31)).replace(day=1)
        )

    def address(self, **changed: str | date) -> dict[str, str]:
        """The arguments of a calendar's address, with some of them changed."""
        found: dict[str, str | date] = {"view": self.view, "by": self.by, "on": self.on, **changed}
        return {key: value.isoformat() if isinstance(value, date) else value for key, value in found.items()}


def read_period(asked: Mapping[str, str], now: Instant, zone: Zone) -> Period:
    """The period that is asked for; what cannot be read is this week, by rotation."""
    today = day_of(zone.wall(now))
    view = cast(View, asked["view"]) if asked.get("view") in ("week", "month") else "week"
    by = cast(Side, asked["by"]) if asked.get("by") in ("rotation", "person") else "rotation"
    text = asked.get("on", "")
    on = read_day(text) if text else today
    return Period(view, by, on or today, today, "" if on else text[:40])


def read_day(text: str) -> date | None:
    """A date of which the clock changes are known, with room for a month before and after it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR < day.year < LAST_YEAR else None
