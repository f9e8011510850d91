"""The calendar as values: for each day and each rotation or person what is so, and what is an exception.

Nobody is decided on here: `routing` says who is on call and where nobody can be reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from operator import attrgetter

from hotline.web.roster.period import Period
from routing.coverage import gaps_between, thin_between
from routing.duty import Duty, Why, duties_between, duty_at
from routing.effects import handed_over
from routing.roster import Instant, Override, Roster, Span
from routing.walltime import HOUR, midnight


@dataclass(frozen=True, slots=True)
class Day:
    """A date on the wall; `hours` is how long it really lasts."""

    on: date
    start: Instant
    end: Instant
    today: bool = False
    outside: bool = False

    @property
    def hours(self) -> float:
        return (self.end - self.start) / HOUR


@dataclass(frozen=True, slots=True)
class Stretch:
    """One rotation, one cause, one answer. `base` is who would be on call without any exception.

    `override` is what puts somebody else there. `was` is who was on call before the change that is
    previewed, and `changed` is true where that is somebody else.
    """

    rotation: str
    start: Instant
    end: Instant
    person: str | None
    why: Why
    base: str | None = None
    override: Override | None = None
    was: str | None = None
    changed: bool = False

    @property
    def who(self) -> str | None:
        """Whose stretch it is: whoever is on call, or would be if they were not away."""
        return self.person or (self.override.person if self.override else self.base)


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a stretch that falls on one day, from `start` to `end`."""

    stretch: Stretch
    start: Instant
    end: Instant
    past: bool
    now: bool


@dataclass(frozen=True, slots=True)
class Absence:
    """The part of somebody's absence that falls on one day."""

    start: Instant
    end: Instant
    span: Span


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch of one day in which a line reaches nobody (`person` None), or one person only."""

    line: str
    person: str | None
    start: Instant
    end: Instant
    whole: Span
    past: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A rotation or a person, with what they have on each day of the week."""

    id: str
    cells: tuple[tuple[Piece | Absence, ...], ...]

    @property
    def empty(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True, slots=True)
class Cover:
    """A line, with its holes on each day of the week."""

    line: str
    cells: tuple[tuple[Hole, ...], ...]


@dataclass(frozen=True, slots=True)
class Week:
    days: tuple[Day, ...]
    rows: tuple[Row, ...]
    covers: tuple[Cover, ...]


def make_calendar(roster: Roster, period: Period, now: Instant, before: Roster | None = None) -> list[Week]:
    """The weeks of a period. With `before`, what differs from that roster is marked as changed."""
    start, end = period.bounds(roster.zone)
    stretches = {
        rotation: stretches_between(roster, rotation, start, end, before) for rotation in roster.rotations
    }
    holes = [
        *((gap.line, None, gap.start, gap.end) for gap in gaps_between(roster, start, end)),
        *((thin.line, thin.person, thin.start, thin.end) for thin in thin_between(roster, start, end)),
    ]
    weeks = []
    for dates in period.weeks():
        days = tuple(_day(roster, on, period) for on in dates)
        if period.by == "rotation":
            rows = tuple(_row(rotation, found, days, now) for rotation, found in stretches.items())
        else:
            everything = [stretch for found in stretches.values() for stretch in found]
            rows = tuple(_person_row(roster, person, everything, days, now) for person in roster.people)
        covers = tuple(
            Cover(line, tuple(_holes(line, holes, day, now) for day in days)) for line in roster.lines
        )
        weeks.append(Week(days, rows, covers))
    return weeks


def stretches_between(
    roster: Roster, rotation: str, start: Instant, end: Instant, before: Roster | None = None
) -> list[Stretch]:
    """All that is so for a rotation, in order; where it has no duty there is no stretch."""
    overrides = [override for override in roster.overrides if override.rotation == rotation]
    bare = _without_exceptions(roster)
    changes = handed_over(before, roster, rotation, start, end) if before is not None else []
    found = []
    for since, until, duty in _cut(list(duties_between(roster, rotation, start, end)), changes):
        was = next(((had,) for begins, ends, (had, _) in changes if begins <= since < ends), None)
        if duty.why in ("off hours", "not started") and was is None:
            continue
        override = next(
            (each for each in reversed(overrides) if each.span.start <= since < each.span.end), None
        )
        base = duty_at(bare, rotation, since).person
        found.append(
            Stretch(
                rotation,
                since,
                until,
                duty.person,
                duty.why,
                base,
                override,
                was[0] if was else None,
                was is not None,
            )
        )
    return found


def _cut(
    duties: Sequence[tuple[Instant, Instant, Duty]], changes: Sequence[tuple[Instant, Instant, object]]
) -> Iterator[tuple[Instant, Instant, Duty]]:
    """The duties, cut also where a change begins or ends."""
    edges = {edge for begins, ends, _ in changes for edge in (begins, ends)}
    for since, until, duty in duties:
        inside = sorted(edge for edge in edges if since < edge < until)
        for start, end in zip((since, *inside), (*inside, until), strict=True):
            yield start, end, duty


def _without_exceptions(roster: Roster) -> Roster:
    people = {name: replace(person, away=()) for name, person in roster.people.items()}
    return replace(roster, overrides=(), people=people)


def _day(roster: Roster, on: date, period: Period) -> Day:
    start = roster.zone.instant(midnight(on))
    end = roster.zone.instant(midnight(on + timedelta(days=1)))
    outside = period.view == "month" and on.month != period.on.month
    return Day(on, start, end, on == period.today, outside)


def _row(rotation: str, found: Sequence[Stretch], days: Sequence[Day], now: Instant) -> Row:
    return Row(rotation, tuple(tuple(_pieces(found, day, now)) for day in days))


def _pieces(found: Iterable[Stretch], day: Day, now: Instant) -> Iterator[Piece]:
    for stretch in found:
        start, end = max(stretch.start, day.start), min(stretch.end, day.end)
        if start < end:
            yield Piece(stretch, start, end, end <= now, start <= now < end)


def _person_row(
    roster: Roster, person: str, found: Sequence[Stretch], days: Sequence[Day], now: Instant
) -> Row:
    mine = [
        stretch
        for stretch in found
        if stretch.person == person or (stretch.changed and stretch.was == person)
    ]
    cells = []
    for day in days:
        away = [
            Absence(max(span.start, day.start), min(span.end, day.end), span)
            for span in roster.people[person].away
            if span.start < day.end and span.end > day.start
        ]
        entries: list[Piece | Absence] = [*away, *_pieces(mine, day, now)]
        cells.append(tuple(sorted(entries, key=attrgetter("start"))))
    return Row(person, tuple(cells))


def _holes(
    line: str, holes: Iterable[tuple[str, str | None, Instant, Instant]], day: Day, now: Instant
) -> tuple[Hole, ...]:
    return tuple(
        Hole(
            line, person, max(start, day.start), min(end, day.end), Span(start, end), min(end, day.end) <= now
        )
        for where, person, start, end in sorted(holes, key=lambda hole: hole[2])
        if where == line and start < day.end and end > day.start
    )
