"""Who is on call, and a year of shifts: ours against recurring-ical-events on the same roster."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

from bench.calendars import END, START, Calendars, calendars, clock_changes, fresh_roster
from bench.report import print_table, verdict
from routing.duty import duty_at, shifts_between
from routing.roster import Roster
from routing.walltime import HOUR, Instant

_LOOKUP_LIMIT, _YEAR_LIMIT = 5e-6, 4e-3
_LOOKUP_TIMES, _YEAR_TIMES = 2000, 20


def measure_duty(repeats: int) -> None:
    roster = fresh_roster()
    theirs = calendars(roster)
    moments = _moments(roster, repeats)
    agreed = sum(duty_at(roster, name, at).person == theirs.on_call_at(name, at) for name, at in moments)
    rotations = list(roster.rotations)

    def year(asked: Roster) -> None:
        for name in rotations:
            shifts_between(asked, name, START, END)

    def their_year(asked: Calendars) -> None:
        for name in rotations:
            asked.expand(name, START, END)

    def look_up_all() -> None:
        for name, at in moments:
            duty_at(roster, name, at)

    rosters = [replace(roster) for _ in range(2 * repeats)]
    calendars_anew = [calendars(roster) for _ in range(2 * (repeats // 5))]
    lookup = median(_time(look_up_all) for _ in range(100)) / len(moments)
    their_lookup = median(_time(theirs.on_call_at, name, at) for name, at in moments)
    first = median(_time(duty_at, rosters.pop(), name, at) for name, at in moments)
    their_first = median(
        _time(calendars_anew.pop().on_call_at, name, at) for name, at in moments[: repeats // 5]
    )
    warm = median(_time(year, roster) for _ in range(repeats))
    their_warm = median(_time(their_year, theirs) for _ in range(repeats // 5))
    cold = median(_time(year, rosters.pop()) for _ in range(repeats))
    their_cold = median(_time(their_year, calendars_anew.pop()) for _ in range(repeats // 5))
    rows = [
        _row("a lookup", lookup, their_lookup),
        _row("the first lookup, roster just read", first, their_first),
        _row("a year of three rotations again", warm, their_warm),
        _row("a year of three rotations, roster just read", cold, their_cold),
    ]
    notes = [
        f"Both gave the same person at {agreed} of {len(moments)} moments.",
        "Their years are counted without what it takes to lay overrides over turns.",
        verdict("a lookup under 5 us", lookup < _LOOKUP_LIMIT)
        + "; "
        + verdict(f"{_LOOKUP_TIMES:,} times as fast", their_lookup / lookup >= _LOOKUP_TIMES),
        verdict("a year under 4 ms, roster just read", cold < _YEAR_LIMIT)
        + "; "
        + verdict(f"{_YEAR_TIMES} times as fast as theirs again", their_warm / cold >= _YEAR_TIMES),
    ]
    title = "Who is on call: 8 people, 3 rotations, 50 overrides"
    print_table(title, ["", "ours", "recurring-ical-events", "times as fast"], rows, notes)


def _moments(roster: Roster, count: int) -> list[tuple[str, Instant]]:
    """The same ones every time; not in the hours around a clock change, at which the library is wrong."""
    chance = random.Random(8)
    changes = clock_changes(roster)
    rotations = list(roster.rotations)
    found: list[tuple[str, Instant]] = []
    while len(found) < count:
        at = chance.randrange(START, END)
        if all(abs(at - change) > 2 * HOUR for change in changes):
            found.append((rotations[len(found) % len(rotations)], at))
    return found


def _time(work: Callable[..., object], *arguments: object) -> float:
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def _row(name: str, ours: float, theirs: float) -> list[str]:
    return [name, _duration(ours), _duration(theirs), f"{theirs / ours:,.0f}"]


def _duration(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.2f} us"
