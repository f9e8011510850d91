"""Wall clocks: between instants and what a clock on the wall of the roster's zone shows.

Both are whole seconds: an `Instant` since 1970-01-01T00:00Z, a `WallTime` since 1970-01-01T00:00
on the wall. A zone's clock changes are looked up once, for 2000 to 2099; after that all is arithmetic.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

Instant = int
WallTime = int

MINUTE = 60
HOUR = 3_600
DAY = 86_400
WEEK = 7 * DAY

FIRST_YEAR = 2000
LAST_YEAR = 2099

_EPOCH = date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY = 3


class UnknownZone(ValueError):
    """There is no time zone of this name."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone of the IANA database, such as `Europe/Amsterdam`.

    Raises UnknownZone for a name the database does not have. Before 2000 and after 2099 the offset
    of the nearest known year is used.
    """

    name: str
    _changes: tuple[Instant, ...] = field(init=False, repr=False, compare=False)
    _settled: tuple[WallTime, ...] = field(init=False, repr=False, compare=False)
    _offsets: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        changes, offsets = _clock_changes(self.name)
        # Read by RFC 5545 section 3.3.5, a wall time that occurs twice and one that never occurs
        # both take the offset before the change. So that offset holds until the later of the two
        # clocks has passed the change.
        settled = tuple(
            at + max(before, after) for at, before, after in zip(changes, offsets, offsets[1:], strict=False)
        )
        object.__setattr__(self, "_changes", changes)
        object.__setattr__(self, "_settled", settled)
        object.__setattr__(self, "_offsets", offsets)

    def instant(self, wall: WallTime) -> Instant:
        """The instant of a wall time, by RFC 5545 section 3.3.5.

        A wall time that occurs twice is the first of the two; one that never occurs is read with
        the offset in force before the jump.
        """
        return wall - self._offsets[bisect_right(self._settled, wall)]

    def wall(self, at: Instant) -> WallTime:
        """What the wall clock shows at an instant."""
        return at + self._offsets[bisect_right(self._changes, at)]

    def steady_until(self, at: Instant) -> tuple[int, Instant | None]:
        """The offset at an instant, and the next clock change after it (None: never)."""
        index = bisect_right(self._changes, at)
        return self._offsets[index], self._changes[index] if index < len(self._changes) else None


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=64)
def _clock_changes(name: str) -> tuple[tuple[Instant, ...], tuple[int, ...]]:
    """The instants at which the offset changes, and the offsets before, between and after them."""
    if name not in _zone_names():
        raise UnknownZone(name)
    zone = ZoneInfo(name)

    def offset_at(at: Instant) -> int:
        offset = datetime.fromtimestamp(at, zone).utcoffset() or timedelta()
        return int(offset.total_seconds())

    at = wall_time(FIRST_YEAR, 1, 1) - DAY
    end = wall_time(LAST_YEAR + 1, 1, 1) + DAY
    changes: list[Instant] = []
    offsets = [offset_at(at)]
    while at < end:
        following = at + DAY
        if (offset := offset_at(following)) != offsets[-1]:
            low, high = at, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset_at(middle) == offsets[-1] else (low, middle)
            changes.append(high)
            offsets.append(offset)
        at = following
    return tuple(changes), tuple(offsets)


def wall_time(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> WallTime:
    """The wall time of a date and time of day. Raises ValueError for a date that does not exist."""
    return midnight(date(year, month, day)) + hour * HOUR + minute * MINUTE + second


def midnight(day: date) -> WallTime:
    """The first second of a date on the wall."""
    return (day.toordinal() - _EPOCH) * DAY


def day_of(wall: WallTime) -> date:
    """The date on the wall. Raises OverflowError or ValueError outside the years 1 to 9999."""
    return date.fromordinal(wall // DAY + _EPOCH)


def weekday_of(wall: WallTime) -> int:
    """0 for Monday to 6 for Sunday."""
    return (wall // DAY + _EPOCH_WEEKDAY) % 7


_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d))?\s?(Z|z|[+-]\d\d:?\d\d)?)?", re.ASCII
)


def parse_moment(text: str, zone: Zone) -> Instant:
    """The instant of an ISO time: wall clock in `zone` unless it carries an offset or `Z`.

    A date alone is its first second. Raises ValueError for anything else.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(f"not a time such as 2026-12-24T17:00: {text[:40]!r}")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"no such time of day: {text!r}")
    wall = wall_time(year, month, day, hour, minute, second)
    offset = found[7]
    if offset is None:
        return zone.instant(wall)
    if offset in "Zz":
        return wall
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 23 or minutes > 59:
        raise ValueError(f"no such offset: {text!r}")
    return wall - (hours * HOUR + minutes * MINUTE) * (-1 if offset[0] == "-" else 1)


def iso_z(at: Instant) -> str:
    """ISO 8601 in UTC, as in `2026-12-24T16:00:00Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local_text(at: Instant, zone: Zone) -> str:
    """Date and time on the wall for people, as in `2026-12-24 17:00`."""
    wall = zone.wall(at)
    return f"{day_of(wall).isoformat()} {wall // HOUR % 24:02}:{wall // MINUTE % 60:02}"
