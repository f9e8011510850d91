"""The ladder: who is rung next for a policy, rung by rung, round by round, policy after policy.

Decides whom to ring and why they; who is on duty is asked of `duty`, and what a call does with
the answer is `call`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from routing.duty import Why, reached_by
from routing.roster import Instant, Roster

#: The provider lets a phone ring this much longer than it was asked to (`<Dial timeout>`).
RING_MARGIN = 5

#: Why a rung yields somebody or nobody: the reasons of a rotation, a person `named` in the step
#: itself, or `again`: the advisor a caller was cut off from.
RungWhy = Why | Literal["named", "again"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the ladder: `entry` counts the names within the step. All but `policy` count from 1."""

    policy: str
    round: int = 1
    step: int = 1
    entry: int = 0


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A name on the ladder that yielded nobody, and why."""

    ring: str
    why: RungWhy


@dataclass(frozen=True, slots=True)
class Rung:
    """Somebody to ring: `ring` is the name in the step that led to `person`, `why` how it did."""

    place: Place
    person: str
    ring: str
    why: RungWhy
    seconds: int
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class LadderEnds:
    """Nobody is left to ring."""

    passed_over: tuple[PassedOver, ...] = ()


def next_rung(roster: Roster, after: Place, at: Instant) -> Rung | LadderEnds:
    """The first rung behind `after` that yields somebody at `at`.

    A policy the roster no longer has ends the ladder; a step it no longer has is passed over.
    """
    passed_over: list[PassedOver] = []
    for place, ring, seconds in _places(roster, after):
        person, why = reached_by(roster, ring, at)
        if person is not None:
            return Rung(place, person, ring, why, seconds, tuple(passed_over))
        passed_over.append(PassedOver(ring, why))
    return LadderEnds(tuple(passed_over))


def ladder(roster: Roster, policy: str, at: Instant) -> list[Rung]:
    """Every rung a call would climb from the foot of `policy` if nobody answered and time stood still."""
    rungs: list[Rung] = []
    after = Place(policy)
    while isinstance(rung := next_rung(roster, after, at), Rung):
        rungs.append(rung)
        after = rung.place
    return rungs


def longest_climb(roster: Roster, policy: str) -> int:
    """Seconds until the ladder has surely ended, when every name on it yields somebody."""
    return sum(seconds + RING_MARGIN for _, _, seconds in _places(roster, Place(policy)))


def _places(roster: Roster, after: Place) -> Iterator[tuple[Place, str, int]]:
    policy = roster.policies.get(after.policy)
    if policy is None:
        return
    for round_ in range(after.round, policy.rounds + 1):
        first_step = after.step if round_ == after.round else 1
        for number, step in enumerate(policy.steps[first_step - 1 :], first_step):
            done = after.entry if (round_, number) == (after.round, after.step) else 0
            for entry, ring in enumerate(step.ring[done:], done + 1):
                yield Place(policy.id, round_, number, entry), ring, step.seconds
    if policy.otherwise is not None:
        yield from _places(roster, Place(policy.otherwise))
