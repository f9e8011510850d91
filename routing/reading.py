"""Reads the bytes of `oncall_schedule.yaml`: a roster, or every problem at once.

The sections of the file, one function each; how a single place is read is `fields`, how text becomes
a tree is `outline`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from routing.fields import Spot
from routing.hours import is_country
from routing.outline import MAX_BYTES, Text, read_outline
from routing.problems import Problem, shown
from routing.roster import Holidays, Line, Override, Person, Policy, Roster, Rotation, Span, Step, Window
from routing.timefields import (
    DAYS,
    days_named,
    read_clock,
    read_day,
    read_days,
    read_opening,
    read_span,
    read_turn,
    read_wall,
)
from routing.walltime import DAY, MINUTE, UnknownZone, Zone

__all__ = ["MAX_BYTES", "Problem", "Reading", "read_roster"]

SECONDS = (10, 60)
ROUNDS = (1, 10)
CALLBACK = "callback"
MOST_PROBLEMS = 500
_MOST_LANGUAGES = 9


@dataclass(frozen=True, slots=True)
class Reading:
    """Either `roster`, or None and at least one problem, in the order of the file."""

    roster: Roster | None
    problems: tuple[Problem, ...]


@lru_cache(maxsize=8)
def read_roster(data: bytes) -> Reading:
    """The roster of a file, or all that is wrong with it. Any bytes give a Reading; never raises.

    After 500 problems the last one tells how many more there are. The last few files are remembered: a page,
    what it saves and the watch over the file ask for the same bytes one after the other.
    """
    outline = read_outline(data)
    if outline.root is None:
        return Reading(None, _told(outline.problems))
    problems = list(outline.problems)
    version = hashlib.sha256(data).hexdigest()[:12]
    roster = _roster(Spot(outline.root, "", problems), version, outline.places)
    return Reading(None if problems else roster, _told(problems))


def _told(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    told = sorted(problems, key=lambda problem: problem.line)
    if len(told) > MOST_PROBLEMS:
        more = {"count": str(len(told) - MOST_PROBLEMS)}
        told[MOST_PROBLEMS:] = [Problem(told[MOST_PROBLEMS].line, "", "more", more)]
    return tuple(told)


def _roster(spot: Spot, version: str, places: Mapping[str, int]) -> Roster | None:
    keys = spot.keys(
        required=("version", "timezone", "people", "policies", "lines"), optional=("rotations", "overrides")
    )
    if "version" in keys and keys["version"].node != Text(keys["version"].node.line, "1", plain=True):
        keys["version"].report("version")
    zone = _zone(keys.get("timezone"))
    # Names are known before their sections are read, so that one bad entry is one problem.
    people = _named(keys.get("people"))
    rotations = _named(keys.get("rotations"))
    policies = _named(keys.get("policies"))
    lines = _named(keys.get("lines"))
    for section in ("people", "policies", "lines"):
        if section in keys and keys[section].is_nothing():
            keys[section].report("list.empty")
    ringable = {**people, **rotations}
    next_policies = {**policies, CALLBACK: None}
    for name in rotations.keys() & people.keys():
        rotations[name].report("id.twice", name=shown(name))
    if CALLBACK in policies:
        policies[CALLBACK].report("policy.callback")

    overrides = keys["overrides"].items() if "overrides" in keys else ()
    read_people = {name: _person(name, place, zone) for name, place in people.items()}
    read_rotations = {name: _rotation(name, place, people) for name, place in rotations.items()}
    read_overrides = [_override(place, zone, people, rotations) for place in overrides]
    read_policies = {name: _policy(name, place, ringable, next_policies) for name, place in policies.items()}
    _report_loops(read_policies, policies)
    read_lines = {name: _line(name, place, policies) for name, place in lines.items()}
    _report_shared_numbers(read_lines, lines)
    if spot.problems:
        return None
    # Without a problem, everything was read.
    return Roster(
        version=version,
        zone=zone,
        people=cast(dict[str, Person], read_people),
        rotations=cast(dict[str, Rotation], read_rotations),
        overrides=tuple(cast(list[Override], read_overrides)),
        policies=read_policies,
        lines=cast(dict[str, Line], read_lines),
        places=places,
    )


def _named(spot: Spot | None) -> dict[str, Spot]:
    return spot.named() if spot else {}


def _zone(spot: Spot | None) -> Zone:
    """The time zone; UTC when it cannot be read, so that the times are checked all the same."""
    name = spot.text() if spot else None
    try:
        return Zone(name or "UTC")
    except UnknownZone:
        assert spot is not None
        spot.report("zone", name=shown(name or ""))
        return Zone("UTC")


def _person(name: str, spot: Spot, zone: Zone) -> Person | None:
    keys = spot.keys(required=("name", "phone", "languages"), optional=("email", "away"))
    shown_name = keys["name"].text() if "name" in keys else None
    phone = keys["phone"].phone() if "phone" in keys else None
    languages = keys["languages"].languages() if "languages" in keys else ()
    email = keys["email"].email() if "email" in keys else None
    away = [_span(place, zone) for place in keys["away"].items()] if "away" in keys else []
    if shown_name is None or phone is None:
        return None
    return Person(name, shown_name, phone, languages, email, tuple(span for span in away if span))


def _span(spot: Spot, zone: Zone) -> Span | None:
    keys = spot.keys(required=("from", "until"))
    return read_span(keys.get("from"), keys.get("until"), zone)


def _rotation(name: str, spot: Spot, people: Mapping[str, Spot]) -> Rotation | None:
    keys = spot.keys(required=("members", "starts", "turn"), optional=("hours",))
    members: tuple[str, ...] = ()
    if "members" in keys:
        found = [member.known(people, "person.unknown") for member in keys["members"].some()]
        members = tuple(member for member in found if member)
    starts = read_wall(keys["starts"]) if "starts" in keys else None
    turn = read_turn(keys["turn"]) if "turn" in keys else None
    hours: tuple[Window, ...] | None = None
    if "hours" in keys:
        windows = [_window(place) for place in keys["hours"].some()]
        hours = tuple(window for window in windows if window)
    if starts is None or turn is None:
        return None
    return Rotation(name, members, starts, turn, hours)


def _window(spot: Spot) -> Window | None:
    keys = spot.keys(required=("days", "from", "until"))
    days = read_days(keys["days"]) if "days" in keys else frozenset()
    start = read_clock(keys["from"], last=DAY - MINUTE) if "from" in keys else None
    end = read_clock(keys["until"], last=DAY) if "until" in keys else None
    if start is None or end is None:
        return None
    return Window(days, start, end if end > start else end + DAY)


def _override(
    spot: Spot, zone: Zone, people: Mapping[str, Spot], rotations: Mapping[str, Spot]
) -> Override | None:
    keys = spot.keys(required=("rotation", "from", "until", "person"), optional=("reason",))
    rotation = keys["rotation"].known(rotations, "rotation.unknown") if "rotation" in keys else None
    person = keys["person"].known(people, "person.unknown") if "person" in keys else None
    span = read_span(keys.get("from"), keys.get("until"), zone)
    reason = keys["reason"].text() if "reason" in keys and not keys["reason"].is_nothing() else ""
    if rotation is None or person is None or span is None:
        return None
    return Override(rotation, span, person, reason or "")


def _policy(
    name: str, spot: Spot, ringable: Mapping[str, object], next_policies: Mapping[str, object]
) -> Policy:
    keys = spot.keys(required=("steps",), optional=("rounds", "otherwise"))
    places = keys["steps"].some() if "steps" in keys else ()
    steps = [_step(place, ringable) for place in places]
    rounds = keys["rounds"].whole(*ROUNDS) if "rounds" in keys else 1
    otherwise = keys["otherwise"].known(next_policies, "policy.unknown") if "otherwise" in keys else None
    return Policy(
        name, tuple(step for step in steps if step), rounds or 1, None if otherwise == CALLBACK else otherwise
    )


def _step(spot: Spot, ringable: Mapping[str, object]) -> Step | None:
    keys = spot.keys(required=("ring", "seconds"))
    seconds = keys["seconds"].whole(*SECONDS) if "seconds" in keys else None
    ring: tuple[str, ...] = ()
    if "ring" in keys:
        found = [each.known(ringable, "ring.unknown") for each in keys["ring"].some(or_one=True)]
        ring = tuple(name for name in found if name)
    return None if seconds is None else Step(ring, seconds)


def _report_loops(policies: Mapping[str, Policy], spots: Mapping[str, Spot]) -> None:
    """Reports every policy that leads back to itself."""
    finished: set[str] = set()
    for start in policies:
        trail: dict[str, None] = {}
        name: str | None = start
        while name is not None and name not in finished and name not in trail:
            trail[name] = None
            name = policies[name].otherwise if name in policies else None
        if name in trail:
            names = list(trail)
            for looping in names[names.index(name) :]:
                spots[looping].table()["otherwise"].report("policy.loop", name=shown(looping))
        finished |= trail.keys()


def _line(name: str, spot: Spot, policies: Mapping[str, Spot]) -> Line | None:
    keys = spot.keys(
        required=("number", "name", "languages", "hours", "open", "closed"), optional=("holidays",)
    )
    number = keys["number"].phone() if "number" in keys else None
    shown_name = keys["name"].text() if "name" in keys else None
    languages = keys["languages"].languages() if "languages" in keys else ()
    if len(languages) > _MOST_LANGUAGES:
        keys["languages"].report("language.many", most=str(_MOST_LANGUAGES))
    hours = _weekly(keys["hours"]) if "hours" in keys else {}
    holidays = _holidays(keys["holidays"]) if "holidays" in keys else Holidays()
    when_open = keys["open"].known(policies, "policy.unknown") if "open" in keys else None
    when_closed = keys["closed"].known(policies, "policy.unknown") if "closed" in keys else None
    if number is None or shown_name is None or when_open is None or when_closed is None:
        return None
    return Line(name, number, shown_name, languages, hours, when_open, when_closed, holidays)


def _weekly(spot: Spot) -> dict[int, tuple[tuple[int, int], ...]]:
    week: dict[int, tuple[tuple[int, int], ...]] = {}
    for key, place in spot.table().items():
        days = days_named(key)
        if days is None:
            place.report("days", text=shown(key))
            continue
        if twice := sorted(day for day in days if day in week):
            place.report("days.twice", day=DAYS[twice[0]])
        openings = [read_opening(each) for each in place.several()]
        spans = tuple(sorted(opening for opening in openings if opening))
        week |= dict.fromkeys(days, spans)
    return {day: week.get(day, ()) for day in range(7)}


def _holidays(spot: Spot) -> Holidays:
    if spot.is_nothing():
        return Holidays()
    keys = spot.keys(required=(), optional=("country", "good_friday", "liberation_day", "closed", "open"))
    country = keys["country"].text() if "country" in keys else None
    if country is not None and not is_country(country):
        keys["country"].report("country", name=shown(country))
    good_friday = keys["good_friday"].chosen("open", "closed") if "good_friday" in keys else None
    liberation_day = None
    if "liberation_day" in keys:
        liberation_day = keys["liberation_day"].chosen("lustrum", "always", "never")
    dates = {
        key: frozenset(day for place in keys[key].items() if (day := read_day(place)))
        if key in keys
        else frozenset()
        for key in ("closed", "open")
    }
    return Holidays(
        country,
        cast(Literal["open", "closed"], good_friday or "open"),
        cast(Literal["lustrum", "always", "never"], liberation_day or "lustrum"),
        dates["closed"],
        dates["open"],
    )


def _report_shared_numbers(lines: Mapping[str, Line | None], spots: Mapping[str, Spot]) -> None:
    first: dict[str, str] = {}
    for name, line in lines.items():
        if line is None:
            continue
        if line.number in first:
            spots[name].table()["number"].report("line.number", other=shown(first[line.number]))
        else:
            first[line.number] = name
