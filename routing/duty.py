"""Who is on call for a rotation. Calendar, board, feed, command line and call routing all ask here.

`_decide` holds the four rules. It is asked once at every instant at which its answer could change;
the answers are kept in blocks of eight weeks, and everything else is looked up in these.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Literal, cast

from routing.roster import Override, Roster, Rotation, Window
from routing.spans import Layer, Spans, merged, overlaid
from routing.walltime import DAY, LAST_YEAR, WEEK, Instant, Zone, wall_time, weekday_of

Why = Literal["turn", "override", "away", "off hours", "not started"]

_BLOCK: Final = 8 * WEEK
_MOST_BLOCKS: Final = 512
_HORIZON: Final = wall_time(LAST_YEAR + 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Duty:
    """The person on call, or None and why nobody is."""

    person: str | None
    why: Why


@dataclass(frozen=True, slots=True)
class DutySpan:
    """`since` and `until` bound the stretch in which this is so for one cause; None: no bound."""

    person: str | None
    why: Why
    since: Instant | None
    until: Instant | None


@dataclass(frozen=True, slots=True)
class Shift:
    """One person, one half-open span, one cause."""

    rotation: str
    person: str
    start: Instant
    end: Instant
    why: Why


def duty_at(roster: Roster, rotation_id: str, at: Instant) -> Duty:
    """Who is on call for the rotation. Raises KeyError for a rotation that is not in the roster."""
    number = at // _BLOCK
    block = roster.memo.blocks.get((rotation_id, number)) or _block(roster, rotation_id, number)
    return cast(Duty, block.duties[bisect_right(block.starts, at) - 1])


def duty_span_at(roster: Roster, rotation_id: str, at: Instant) -> DutySpan:
    """Like `duty_at`, with the whole stretch around `at`.

    `since` is None when it was never otherwise before, `until` when nothing changes before 2100.
    """
    number = at // _BLOCK
    block = _block(roster, rotation_id, number)
    index = bisect_right(block.starts, at) - 1
    duty = block.duties[index]
    since = _since(roster, rotation_id, number, index)
    until = _until(roster, rotation_id, number, index)
    return DutySpan(duty.person, duty.why, since, until)


def duties_between(
    roster: Roster, rotation_id: str, start: Instant, end: Instant
) -> Iterator[tuple[Instant, Instant, Duty]]:
    """Stretches of one cause that cover start to end without a hole, clipped; nobody's stretches too."""
    if end <= start:
        return
    since, duty, cause = start, _NOBODY_YET, 0
    for number in range(start // _BLOCK, (end - 1) // _BLOCK + 1):
        block = _block(roster, rotation_id, number)
        for at, following, following_cause in zip(block.starts, block.duties, block.causes, strict=True):
            if at >= end:
                break
            if at <= start:
                duty, cause = following, following_cause
            elif following_cause != cause or following != duty:
                yield since, at, duty
                since, duty, cause = at, following, following_cause
    yield since, end, duty


def shifts_between(roster: Roster, rotation_id: str, start: Instant, end: Instant) -> list[Shift]:
    """The shifts from start to end, clipped to it, in order. KeyError for an unknown rotation."""
    return [
        Shift(rotation_id, duty.person, since, until, duty.why)
        for since, until, duty in duties_between(roster, rotation_id, start, end)
        if duty.person is not None
    ]


def is_present(roster: Roster, person_id: str, at: Instant) -> bool:
    """False while the person is away. Raises KeyError for a person who is not in the roster."""
    return not any(span.start <= at < span.end for span in roster.people[person_id].away)


def reached_by(roster: Roster, name: str, at: Instant) -> tuple[str | None, Why | Literal["named"]]:
    """The person a name in a step leads to, and why: on call for the rotation, or `named` in person.

    None, and why, when it leads to nobody.
    """
    if name in roster.people:
        return (name, "named") if is_present(roster, name, at) else (None, "away")
    duty = duty_at(roster, name, at)
    return duty.person, duty.why


_NOBODY_YET: Final = Duty(None, "not started")
_OFF_HOURS: Final = Duty(None, "off hours")


@dataclass(frozen=True, slots=True)
class _Plan:
    """A rotation with all that bears on it, ready to be asked."""

    zone: Zone
    rotation: Rotation
    starts_at: Instant
    overrides: tuple[Override, ...]
    on_top: Layer
    away: dict[str, Spans]
    known: dict[tuple[str | None, Why], Duty]

    def duty(self, person: str | None, why: Why) -> Duty:
        duty = self.known.get((person, why))
        if duty is None:
            duty = self.known[person, why] = Duty(person, why)
        return duty


@dataclass(frozen=True, slots=True)
class _Turns:
    """Handoffs in order; the first of them is handoff number `first`."""

    first: int
    handoffs: list[Instant]

    def number_at(self, at: Instant) -> int:
        return self.first - 1 + bisect_right(self.handoffs, at)


@dataclass(frozen=True, slots=True)
class _Block:
    """Who is on call from each of `starts` to the next; the first is where the block begins."""

    starts: list[Instant]
    duties: list[Duty]
    causes: list[int]


def _decide(plan: _Plan, turns: _Turns, hours: Spans | None, at: Instant) -> tuple[Duty, int]:
    """The rules. With the duty comes its cause: the number of the turn, or below 0 of the override."""
    why: Why
    if (top := plan.on_top.top_at(at)) >= 0:
        person, why, cause = plan.overrides[top].person, "override", -1 - top
    elif at < plan.starts_at:
        return _NOBODY_YET, 0
    elif hours is not None and not hours.covers(at):
        return _OFF_HOURS, 0
    else:
        cause = turns.number_at(at)
        person, why = plan.rotation.members[cause % len(plan.rotation.members)], "turn"
    if person in plan.away and plan.away[person].covers(at):
        return plan.duty(None, "away"), cause
    return plan.duty(person, why), cause


def _block(roster: Roster, rotation_id: str, number: int) -> _Block:
    blocks = roster.memo.blocks
    if (kept := blocks.get((rotation_id, number))) is not None:
        return cast(_Block, kept)
    plan = _plan(roster, rotation_id)
    start, end = number * _BLOCK, (number + 1) * _BLOCK
    turns = _turns(plan, start, end)
    hours = None if plan.rotation.hours is None else _windows(plan.rotation.hours, plan.zone, start, end)
    edges = {start, plan.starts_at, *turns.handoffs, *plan.on_top.edges(start, end)}
    if hours is not None:
        edges.update(hours.edges(start, end))
    for away in plan.away.values():
        edges.update(away.edges(start, end))

    block = _Block([], [], [])
    last: tuple[Duty, int] | None = None
    for edge in sorted(edge for edge in edges if start <= edge < end):
        if (decision := _decide(plan, turns, hours, edge)) != last:
            last = decision
            block.starts.append(edge)
            block.duties.append(decision[0])
            block.causes.append(decision[1])
    if len(blocks) >= _MOST_BLOCKS:
        blocks.clear()
    blocks[rotation_id, number] = block
    return block


def _plan(roster: Roster, rotation_id: str) -> _Plan:
    if (kept := roster.memo.plans.get(rotation_id)) is not None:
        return cast(_Plan, kept)
    rotation = roster.rotations[rotation_id]
    overrides = tuple(override for override in roster.overrides if override.rotation == rotation_id)
    people = dict.fromkeys((*rotation.members, *(override.person for override in overrides)))
    away = {
        person: merged((span.start, span.end) for span in roster.people[person].away)
        for person in people
        if roster.people[person].away
    }
    plan = _Plan(
        zone=roster.zone,
        rotation=rotation,
        starts_at=roster.zone.instant(rotation.starts),
        overrides=overrides,
        on_top=overlaid([(override.span.start, override.span.end) for override in overrides]),
        away=away,
        known={},
    )
    roster.memo.plans[rotation_id] = plan
    return plan


def _turns(plan: _Plan, start: Instant, end: Instant) -> _Turns:
    """The handoffs of a stretch, and some before and after it."""
    rotation, zone = plan.rotation, plan.zone
    # No clock was ever changed by two days.
    first = max(0, (zone.wall(start) - 2 * DAY - rotation.starts) // rotation.turn)
    last = (zone.wall(end) + 2 * DAY - rotation.starts) // rotation.turn
    handoffs = [zone.instant(rotation.starts + n * rotation.turn) for n in range(first, last + 1)]
    # Where the clock skips more than a turn, a handoff can come after the one that follows it: it
    # has then passed together with that one.
    return _Turns(first, list(accumulate(reversed(handoffs), min))[::-1])


def _windows(windows: tuple[Window, ...], zone: Zone, start: Instant, end: Instant) -> Spans:
    """The hours of duty of a stretch: spans that touch or overlap are one."""
    first = zone.wall(start) // DAY * DAY - 2 * DAY
    return merged(
        (zone.instant(midnight + window.start), zone.instant(midnight + window.end))
        for midnight in range(first, zone.wall(end) + DAY, DAY)
        for window in windows
        if weekday_of(midnight) in window.days
    )


def _since(roster: Roster, rotation_id: str, number: int, index: int) -> Instant | None:
    plan = _plan(roster, rotation_id)
    earliest = min((plan.starts_at, *plan.on_top.starts[:1]))
    block = _block(roster, rotation_id, number)
    this = block.duties[index], block.causes[index]
    while index == 0:
        if block.starts[0] < earliest:
            return None
        before = _block(roster, rotation_id, number - 1)
        if (before.duties[-1], before.causes[-1]) != this:
            break
        block, number, index = before, number - 1, len(before.starts) - 1
    return block.starts[index]


def _until(roster: Roster, rotation_id: str, number: int, index: int) -> Instant | None:
    block = _block(roster, rotation_id, number)
    this = block.duties[index], block.causes[index]
    while index == len(block.starts) - 1:
        if (number + 1) * _BLOCK >= _HORIZON:
            return None
        block, number, index = _block(roster, rotation_id, number + 1), number + 1, -1
        if (block.duties[0], block.causes[0]) != this:
            return block.starts[0]
        index = 0
    return block.starts[index + 1]
