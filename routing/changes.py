"""What another version of the roster changes for each person: the time on call gained, and the time lost."""

from __future__ import annotations

from dataclasses import dataclass

from routing.effects import handed_over
from routing.roster import Roster, Span
from routing.spans import runs
from routing.walltime import Instant


@dataclass(frozen=True, slots=True)
class Changed:
    """In order of time. The same span in another rotation is neither: then `moved` is True."""

    gained: tuple[Span, ...] = ()
    lost: tuple[Span, ...] = ()
    moved: bool = False


def changes_between(before: Roster, after: Roster, start: Instant, end: Instant) -> dict[str, Changed]:
    """For everybody whose duties differ between start and end, what differs."""
    gained: dict[str, list[Span]] = {}
    lost: dict[str, list[Span]] = {}
    for rotation in dict.fromkeys((*before.rotations, *after.rotations)):
        pieces = handed_over(before, after, rotation, start, end)
        for side, found in ((0, lost), (1, gained)):
            for since, until, person in runs((piece[0], piece[1], piece[2][side]) for piece in pieces):
                if person is not None:
                    found.setdefault(person, []).append(Span(since, until))
    return {
        person: _changed(gained.get(person, []), lost.get(person, []))
        for person in sorted(gained.keys() | lost.keys())
    }


def _changed(gained: list[Span], lost: list[Span]) -> Changed:
    both = set(gained) & set(lost)
    return Changed(_without(both, gained), _without(both, lost), bool(both))


def _without(both: set[Span], spans: list[Span]) -> tuple[Span, ...]:
    return tuple(sorted(set(spans) - both, key=lambda span: (span.start, span.end)))
