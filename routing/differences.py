"""The difference of two rosters, told as a coordinator would: who instead of whom, who is away, what changed.

Overrides are told by what they do, everything else by what is written. `wording_differences` has the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar

from routing.effects import handed_over
from routing.problems import shown
from routing.roster import Line, Override, Person, Policy, Roster, Rotation, Span
from routing.spans import merged
from routing.walltime import DAY

T = TypeVar("T")

# An override of years, or one that takes over dozens of turns, is told as it is written.
_LONGEST = 400 * DAY
_MOST_PIECES = 6


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed: `code` has words in `wording_differences`, `span` is when it holds."""

    code: str
    details: Mapping[str, str] = field(default_factory=dict)
    span: Span | None = None


def differences(before: Roster, after: Roster) -> tuple[Difference, ...]:
    """What changed, overrides first. One `nothing` when only notes or layout did."""
    found = tuple(
        chain(
            _zone(before, after),
            _overrides(before, after),
            _people(before, after),
            _named("rotation", before.rotations, after.rotations, _rotation),
            _named("policy", before.policies, after.policies, _policy),
            _named("line", before.lines, after.lines, _line),
        )
    )
    return found or (Difference("nothing"),)


def _zone(before: Roster, after: Roster) -> Iterator[Difference]:
    if before.zone.name != after.zone.name:
        yield Difference("zone", {"name": after.zone.name})


def _overrides(before: Roster, after: Roster) -> Iterator[Difference]:
    removed, added = _only_in(before.overrides, after.overrides), _only_in(after.overrides, before.overrides)
    for rotation in dict.fromkeys(override.rotation for override in (*removed, *added)):
        gone = [override for override in removed if override.rotation == rotation]
        new = [override for override in added if override.rotation == rotation]
        pieces = _taken_over(before, after, rotation, [each.span for each in (*gone, *new)])
        if pieces is not None:
            yield from pieces
        elif [replace(each, reason="") for each in gone] == [replace(each, reason="") for each in new]:
            yield from (_entry("override.reason", each, after) for each in new)
        else:
            yield from (_entry("override.removed", each, before) for each in gone)
            yield from (_entry("override.added", each, after) for each in new)
    if not removed and not added and before.overrides != after.overrides:
        yield Difference("overrides.order")


def _taken_over(before: Roster, after: Roster, rotation: str, spans: list[Span]) -> list[Difference] | None:
    """Who is on call instead of whom in the spans; None where that is no good way to tell it."""
    whole = merged((span.start, span.end) for span in spans)
    found: list[Difference] = []
    for start, end in zip(whole.starts, whole.ends, strict=True):
        if end - start > _LONGEST:
            return None
        for since, until, (had, has) in handed_over(before, after, rotation, start, end):
            details = {"rotation": rotation}
            if had is not None:
                details["before"] = _name(before, had)
            if has is not None:
                details["after"] = _name(after, has)
            code = "duty.instead" if had and has else "duty.nobody" if had else "duty.somebody"
            found.append(Difference(code, details, Span(since, until)))
    return found if 0 < len(found) <= _MOST_PIECES else None


def _entry(code: str, override: Override, roster: Roster) -> Difference:
    details = {"person": _name(roster, override.person), "rotation": override.rotation}
    return Difference(code, details, override.span)


def _only_in(these: tuple[T, ...], others: tuple[T, ...]) -> list[T]:
    """What is in the first and not in the second, as often as it is there more."""
    left = Counter(others)
    found = []
    for each in these:
        left[each] -= 1
        if left[each] < 0:
            found.append(each)
    return found


def _people(before: Roster, after: Roster) -> Iterator[Difference]:
    for person in _gone(before.people, after.people):
        yield Difference("person.removed", {"person": shown(person.name)})
    for person in _gone(after.people, before.people):
        yield Difference("person.added", {"person": shown(person.name)})
        yield from (_away("away.added", person, span) for span in person.away)
    for name, was in before.people.items():
        if name in after.people and after.people[name] != was:
            yield from _person(was, after.people[name])
    if before.people == after.people and list(before.people) != list(after.people):
        yield Difference("people.order")


def _person(was: Person, person: Person) -> Iterator[Difference]:
    who = {"person": shown(person.name)}
    if was.name != person.name:
        yield Difference("person.name", {**who, "before": shown(was.name)})
    if was.phone != person.phone:
        # The number itself stays out: these words go into messages and on pages.
        yield Difference("person.phone", who)
    if was.languages != person.languages:
        yield Difference("person.languages", {**who, "languages": ", ".join(person.languages)})
    if was.email != person.email:
        yield Difference("person.email" if person.email else "person.email.removed", who)
    gone, new = _only_in(was.away, person.away), _only_in(person.away, was.away)
    if len(gone) == len(new) == 1:
        yield _away("away.changed", person, new[0])
    else:
        yield from (_away("away.removed", person, span) for span in gone)
        yield from (_away("away.added", person, span) for span in new)
    if not gone and not new and was.away != person.away:
        yield Difference("nothing")


def _away(code: str, person: Person, span: Span) -> Difference:
    return Difference(code, {"person": shown(person.name)}, span)


def _named(
    kind: str,
    before: Mapping[str, T],
    after: Mapping[str, T],
    changed: Callable[[T, T], Iterator[Difference]],
) -> Iterator[Difference]:
    yield from (Difference(f"{kind}.removed", {"name": name}) for name in before if name not in after)
    yield from (Difference(f"{kind}.added", {"name": name}) for name in after if name not in before)
    for name, was in before.items():
        if name in after and after[name] != was:
            yield from changed(was, after[name])


def _rotation(was: Rotation, rotation: Rotation) -> Iterator[Difference]:
    name = {"name": rotation.id}
    if was.members != rotation.members:
        yield Difference("rotation.members", {**name, "members": ", ".join(map(shown, rotation.members))})
    if (was.starts, was.turn) != (rotation.starts, rotation.turn):
        yield Difference("rotation.turn", name)
    if was.hours != rotation.hours:
        yield Difference("rotation.hours", name)


def _policy(was: Policy, policy: Policy) -> Iterator[Difference]:
    name = {"name": policy.id}
    if was.steps != policy.steps:
        yield Difference("policy.steps", name)
    if was.rounds != policy.rounds:
        yield Difference("policy.rounds", {**name, "rounds": str(policy.rounds)})
    if was.otherwise != policy.otherwise:
        yield Difference("policy.otherwise", {**name, "next": policy.otherwise or "callback"})


def _line(was: Line, line: Line) -> Iterator[Difference]:
    name = {"name": shown(line.name)}
    for part in ("number", "name", "languages", "hours", "holidays", "open", "closed"):
        if getattr(was, part) != getattr(line, part):
            yield Difference(f"line.{part}", {**name, "policy": str(getattr(line, part))})


def _gone(these: Mapping[str, Person], others: Mapping[str, Person]) -> Iterator[Person]:
    return (person for name, person in these.items() if name not in others)


def _name(roster: Roster, person: str) -> str:
    return shown(roster.people[person].name)
