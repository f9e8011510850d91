"""Whom a call on a line could reach over a stretch of time, rung by rung.

The ladder itself, with its rounds and what happens on it, is not known here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from routing.duty import duties_between, reached_by
from routing.hours import openings_between
from routing.roster import Policy, Roster
from routing.walltime import Instant


@dataclass(frozen=True, slots=True)
class Cover:
    """One step of one policy of the chain, and the people it would ring."""

    policy: str
    step: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """A stretch in which a line uses one policy and each rung rings the same people."""

    start: Instant
    end: Instant
    open: bool
    policy: str
    rungs: tuple[Cover, ...]

    def people(self) -> tuple[str, ...]:
        """Everybody who can be reached, once each, in the order in which they are rung."""
        return tuple(dict.fromkeys(person for rung in self.rungs for person in rung.people))


def policy_chain(roster: Roster, policy_id: str) -> list[Policy]:
    """The policy and those that follow by `otherwise`, in order."""
    chain = [roster.policies[policy_id]]
    while (following := chain[-1].otherwise) is not None:
        chain.append(roster.policies[following])
    return chain


def reaches_between(roster: Roster, line_id: str, start: Instant, end: Instant) -> Iterator[Reach]:
    """Stretches that cover start to end without a hole, clipped."""
    line = roster.lines[line_id]
    changes = {
        policy: _changes(roster, policy, start, end) for policy in dict.fromkeys((line.open, line.closed))
    }
    for span in openings_between(roster, line_id, start, end):
        edges = changes[span.policy]
        inside = edges[bisect_right(edges, span.start) : bisect_left(edges, span.end)]
        for since, until in zip((span.start, *inside), (*inside, span.end), strict=True):
            yield Reach(since, until, span.open, span.policy, rungs_at(roster, span.policy, since))


def rungs_at(roster: Roster, policy_id: str, at: Instant) -> tuple[Cover, ...]:
    """The rungs of the policy and of those that follow it, at one instant."""
    return tuple(
        Cover(
            policy.id,
            index,
            tuple(person for name in step.ring if (person := reached_by(roster, name, at)[0])),
        )
        for policy in policy_chain(roster, policy_id)
        for index, step in enumerate(policy.steps)
    )


def first_people_between(
    roster: Roster, policy_id: str, start: Instant, end: Instant
) -> Iterator[tuple[Instant, Instant, str | None]]:
    """Who would be rung first by the policy, and until when; None where nobody would be."""
    edges = _changes(roster, policy_id, start, end)
    inside = edges[bisect_right(edges, start) : bisect_left(edges, end)]
    for since, until in zip((start, *inside), (*inside, end), strict=True):
        people = (person for rung in rungs_at(roster, policy_id, since) for person in rung.people)
        yield since, until, next(people, None)


def _changes(roster: Roster, policy_id: str, start: Instant, end: Instant) -> list[Instant]:
    """Every instant at which a rung of the chain may ring others than before."""
    names = dict.fromkeys(
        name for policy in policy_chain(roster, policy_id) for step in policy.steps for name in step.ring
    )
    edges: set[Instant] = set()
    for name in names:
        if name in roster.rotations:
            edges.update(since for since, _, _ in duties_between(roster, name, start, end))
        else:
            edges.update(edge for span in roster.people[name].away for edge in (span.start, span.end))
    return sorted(edges)
