"""Who stands by: the ladders of each line at one instant, and one person's place in them.

Asks `duty` who is on call; adds until when it stays the same person, who relieves them, who is behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from routing.duty import Shift, Why, duty_at, duty_span_at, is_present, shifts_between
from routing.hours import Opening, opening_at
from routing.ladder import Place, Rung, next_rung
from routing.reach import policy_chain, rungs_at
from routing.roster import Policy, Roster
from routing.walltime import WEEK, Instant

# Whoever is on call for longer than this is shown without an end.
_FAR = 60 * WEEK


@dataclass(frozen=True, slots=True)
class Standing:
    """How long a name on the ladder leads to the same person, or to nobody, and what follows.

    `why` and `next_why` are a rotation's reasons, or `named` for a person named in the step itself.
    `until` is None when nothing changes in more than a year; then `next` says nothing.
    """

    ring: str
    person: str | None
    why: Why | Literal["named"]
    until: Instant | None
    next: str | None
    next_why: Why | Literal["named"] | None


@dataclass(frozen=True, slots=True)
class StepNow:
    """A rung of a policy, counted from 1, with what each of its names leads to."""

    number: int
    seconds: int
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class PolicyNow:
    """`in_use`: a call at this instant begins with it."""

    policy: Policy
    in_use: bool
    steps: tuple[StepNow, ...]


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line at one instant: every policy it may come to, the one in use first."""

    line: str
    opening: Opening
    policies: tuple[PolicyNow, ...]
    reaches_somebody: bool


def lines_at(roster: Roster, at: Instant) -> tuple[LineNow, ...]:
    """Every line of the roster at one instant, in the order of the file."""
    return tuple(_line(roster, line, at) for line in roster.lines)


def _line(roster: Roster, line_id: str, at: Instant) -> LineNow:
    line, opening = roster.lines[line_id], opening_at(roster, line_id, at)
    other = line.closed if opening.open else line.open
    chains = [*policy_chain(roster, opening.policy), *policy_chain(roster, other)]
    policies = {policy.id: policy for policy in chains}
    return LineNow(
        line_id,
        opening,
        tuple(
            PolicyNow(policy, policy.id == opening.policy, _steps(roster, policy, at))
            for policy in policies.values()
        ),
        isinstance(next_rung(roster, Place(opening.policy), at), Rung),
    )


def _steps(roster: Roster, policy: Policy, at: Instant) -> tuple[StepNow, ...]:
    return tuple(
        StepNow(number, step.seconds, tuple(standing_at(roster, name, at) for name in step.ring))
        for number, step in enumerate(policy.steps, 1)
    )


def standing_at(roster: Roster, name: str, at: Instant) -> Standing:
    """What a name in a step leads to from `at` on. KeyError for a name that is not in the roster."""
    if name in roster.people:
        return _named(roster, name, at)
    span = duty_span_at(roster, name, at)
    until = span.until
    while until is not None and duty_at(roster, name, until).person == span.person:
        until = None if until - at > _FAR else duty_span_at(roster, name, until).until
    if until is None:
        return Standing(name, span.person, span.why, None, None, None)
    after = duty_at(roster, name, until)
    return Standing(name, span.person, span.why, until, after.person, after.why)


def _named(roster: Roster, person: str, at: Instant) -> Standing:
    edges = {edge for span in roster.people[person].away for edge in (span.start, span.end) if edge > at}
    here = is_present(roster, person, at)
    until = next((edge for edge in sorted(edges) if is_present(roster, person, edge) != here), None)
    if here:
        return Standing(person, person, "named", until, None, "away" if until is not None else None)
    if until is None:
        return Standing(person, None, "away", None, None, None)
    return Standing(person, None, "away", until, person, "named")


def behind(roster: Roster, person: str, at: Instant) -> dict[str, tuple[str, ...]]:
    """For each line that could ring the person now: everybody who is rung after them, in order."""
    found: dict[str, tuple[str, ...]] = {}
    for line in roster.lines:
        rungs = rungs_at(roster, opening_at(roster, line, at).policy, at)
        ladder = list(dict.fromkeys(each for rung in rungs for each in rung.people))
        if person in ladder:
            found[line] = tuple(ladder[ladder.index(person) + 1 :])
    return found


def whole_shifts(roster: Roster, rotation: str, start: Instant, end: Instant) -> list[Shift]:
    """The shifts that touch start to end, with their true edges, in order."""
    shifts = shifts_between(roster, rotation, start, end)
    if shifts and shifts[0].start == start:
        since = duty_span_at(roster, rotation, start).since
        shifts[0] = replace(shifts[0], start=start if since is None else since)
    if shifts and shifts[-1].end == end:
        until = duty_span_at(roster, rotation, end - 1).until
        shifts[-1] = replace(shifts[-1], end=end if until is None else until)
    return shifts


def shifts_of(roster: Roster, person: str, start: Instant, end: Instant) -> list[Shift]:
    """The person's shifts that touch start to end, of all rotations, whole, in order of time."""
    return in_order(
        shift
        for rotation in roster.rotations
        for shift in whole_shifts(roster, rotation, start, end)
        if shift.person == person
    )


def in_order(shifts: Iterable[Shift]) -> list[Shift]:
    return sorted(shifts, key=lambda shift: (shift.start, shift.end, shift.rotation))


def holds(roster: Roster, rotation: str, person: str, start: Instant, end: Instant) -> bool:
    """True when the person is on call for the rotation throughout; False for a rotation that is gone."""
    if rotation not in roster.rotations or end <= start:
        return False
    shifts = shifts_between(roster, rotation, start, end)
    covered = sum(shift.end - shift.start for shift in shifts if shift.person == person)
    return covered == end - start
