"""Warnings about what is written in a roster: overrides, ladders, names and numbers.

Who can be reached when is `coverage`; who gets too little rest is `rest`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from routing.duty import duties_between, duty_at
from routing.ladder import longest_climb
from routing.numbers import is_fictional
from routing.problems import Problem, shown
from routing.roster import Override, Roster
from routing.spans import overlaid
from routing.walltime import Instant

# As long as a caller should at most wait for the last ring to end.
LONGEST_LADDER = 180


def caution(roster: Roster, path: str, code: str, **details: str) -> Problem:
    """A warning at a path of the roster's file."""
    return Problem(
        roster.places.get(path, 1), path, code, {key: shown(value) for key, value in details.items()}
    )


def override_warnings(roster: Roster, now: Instant) -> Iterator[Problem]:
    """Overrides that overlap, that change nothing, and that are over."""
    rotations: dict[str, list[int]] = {}
    over: list[int] = []
    for index, override in enumerate(roster.overrides):
        if override.span.end <= now:
            over.append(index)
        else:
            rotations.setdefault(override.rotation, []).append(index)
    if over:
        yield caution(roster, f"overrides[{over[0]}]", "override.past", count=str(len(over)))
    without = replace(roster, overrides=())
    for rotation, indexes in rotations.items():
        spans = [(roster.overrides[index].span.start, roster.overrides[index].span.end) for index in indexes]
        visible = {indexes[top] for top in overlaid(spans).tops if top >= 0}
        overlapping = _overlapping(roster, indexes)
        for index in indexes:
            if index in overlapping:
                other = roster.places.get(f"overrides[{overlapping[index]}]", 1)
                yield caution(
                    roster, f"overrides[{index}]", "override.overlap", rotation=rotation, other=str(other)
                )
            override = roster.overrides[index]
            if index not in visible:
                yield caution(roster, f"overrides[{index}]", "override.hidden")
            elif index not in overlapping and _changes_nothing(roster, without, override):
                name = roster.people[override.person].name
                yield caution(roster, f"overrides[{index}]", "override.same", person=name)


def _overlapping(roster: Roster, indexes: list[int]) -> dict[int, int]:
    """Each override that overlaps one before it in the file, with that one."""
    found: dict[int, int] = {}
    by_start = sorted(indexes, key=lambda index: roster.overrides[index].span.start)
    longest = by_start[0]
    for index in by_start[1:]:
        if roster.overrides[index].span.start < roster.overrides[longest].span.end:
            found.setdefault(max(index, longest), min(index, longest))
        if roster.overrides[index].span.end > roster.overrides[longest].span.end:
            longest = index
    return found


def _changes_nothing(roster: Roster, without: Roster, override: Override) -> bool:
    """True when the same people would be on call throughout if no override were there."""
    start, end = override.span.start, override.span.end
    return all(
        duty_at(roster, override.rotation, edge).person == duty_at(without, override.rotation, edge).person
        for either in (without, roster)
        for edge, _, _ in duties_between(either, override.rotation, start, end)
    )


def ladder_warnings(roster: Roster) -> Iterator[Problem]:
    """Policies a line uses whose ladder, with all that follows, takes over three minutes."""
    used = dict.fromkeys(policy for line in roster.lines.values() for policy in (line.open, line.closed))
    for policy_id in used:
        seconds = longest_climb(roster, policy_id)
        if seconds > LONGEST_LADDER:
            yield caution(
                roster,
                f"policies.{policy_id}",
                "ladder.long",
                policy=policy_id,
                seconds=str(seconds),
                most=str(LONGEST_LADDER),
            )


def number_warnings(roster: Roster) -> Iterator[Problem]:
    """Telephones of two people, a line's number as somebody's telephone, numbers nobody has."""
    lines = {line.number: line.name for line in roster.lines.values()}
    owners: dict[str, str] = {}
    for person in roster.people.values():
        path = f"people.{person.id}.phone"
        if person.phone in owners:
            other = roster.people[owners[person.phone]].name
            yield caution(roster, path, "person.phone", name=person.name, other=other)
        owners.setdefault(person.phone, person.id)
        if person.phone in lines:
            yield caution(roster, path, "phone.line", name=person.name, line=lines[person.phone])
        if is_fictional(person.phone):
            yield caution(roster, path, "number.fictional", name=person.name)
    for line in roster.lines.values():
        if is_fictional(line.number):
            yield caution(roster, f"lines.{line.id}.number", "number.fictional", name=line.name)


def language_warnings(roster: Roster, spoken: Collection[str]) -> Iterator[Problem]:
    """Languages of a line that are not among those `spoken` to callers: the menu leaves them out."""
    for line in roster.lines.values():
        for index, language in enumerate(line.languages):
            if language not in spoken:
                yield caution(
                    roster,
                    f"lines.{line.id}.languages[{index}]",
                    "language.unspoken",
                    name=line.name,
                    language=language,
                )


def name_warnings(roster: Roster) -> Iterator[Problem]:
    """Two people with one name: colleagues could not tell whom the roster means."""
    owners: dict[str, str] = {}
    for person in roster.people.values():
        name = " ".join(person.name.casefold().split())
        if name in owners:
            yield caution(
                roster, f"people.{person.id}.name", "person.name", name=person.name, other=owners[name]
            )
        owners.setdefault(name, person.id)
