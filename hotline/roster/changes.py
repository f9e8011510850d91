"""A change as small steps on the text of the file, and the roster that is meant by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hotline.roster import surgery
from hotline.roster.positions import Source
from routing.roster import Instant, Override, Roster, Span
from routing.walltime import MINUTE, Zone, iso_z, local_text

Step = Callable[[Source], str]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """The steps, each on the text that the one before it left; `roster` is what they should give."""

    steps: tuple[Step, ...]
    roster: Roster


def appended(path: Path, key: str, value: object, after: str = "") -> Step:
    return lambda source: surgery.append_item(source, source.table(*path), key, value, after)


def taken_out(path: Path, key: str, index: int, *, or_key: bool = False) -> Step:
    return lambda source: surgery.remove_item(source, source.table(*path), key, index, or_key=or_key)


def put(path: Path, key: str, value: object) -> Step:
    return lambda source: surgery.put_entry(source, source.table(*path), key, value)


def put_item(path: Path, value: object) -> Step:
    return lambda source: surgery.put_value(source, source.at(*path), value)


def dropped(path: Path, key: str) -> Step:
    return lambda source: surgery.remove_entry(source, source.table(*path), key)


def override_entry(override: Override, zone: Zone) -> dict[str, str]:
    entry = {"rotation": override.rotation, **span_entry(override.span, zone), "person": override.person}
    return {**entry, "reason": override.reason} if override.reason else entry


def span_entry(span: Span, zone: Zone) -> dict[str, str]:
    return {"from": moment_text(span.start, zone), "until": moment_text(span.end, zone)}


def span_steps(path: Path, old: Span, new: Span, zone: Zone) -> tuple[Step, ...]:
    """Sets the ends of a span that changed; one that stays keeps the spelling it has."""
    ends = (("from", old.start, new.start), ("until", old.end, new.end))
    return tuple(put(path, key, moment_text(at, zone)) for key, was, at in ends if was != at)


def moment_text(at: Instant, zone: Zone) -> str:
    """A moment as it is written in the file: on the wall clock, and in UTC where that could mean another."""
    wall = zone.wall(at)
    if zone.instant(wall) != at:
        return iso_z(at)
    seconds = f":{wall % MINUTE:02}" if wall % MINUTE else ""
    return local_text(at, zone).replace(" ", "T") + seconds
