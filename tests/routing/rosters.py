"""Small rosters made of values, for tests that need no file."""

from __future__ import annotations

from collections.abc import Mapping

from routing.roster import Holidays, Line, Override, Person, Policy, Roster, Rotation, Span, Step
from routing.walltime import Zone, parse_moment, wall_time

AMSTERDAM = Zone("Europe/Amsterdam")
OFFICE = {day: ((9 * 3600, 17 * 3600),) if day < 5 else () for day in range(7)}


def at(text: str) -> int:
    return parse_moment(text, AMSTERDAM)


CHRISTMAS_NIGHT = at("2026-12-25T03:00")
TUESDAY_MORNING = at("2026-12-01T10:00")


def person(name: str, number: int, away: tuple[Span, ...] = ()) -> Person:
    return Person(name, name.title(), f"+467017406{number:02d}", ("nl", "en"), away=away)


def roster(
    crisis: tuple[Step, ...] = (Step(("first",), 25), Step(("second",), 20), Step(("chi", "dee"), 15)),
    rounds: int = 2,
    away: Mapping[str, tuple[Span, ...]] | None = None,
    languages: tuple[str, ...] = ("nl", "en"),
    overrides: tuple[Override, ...] = (),
    policies: dict[str, Policy] | None = None,
) -> Roster:
    """ada is first and bo is second for ever; the desk is ada's and falls back to the crisis ladder."""
    away = away or {}
    people = {
        name: person(name, number, away.get(name, ()))
        for number, name in enumerate(("ada", "bo", "chi", "dee"), 5)
    }
    starts = wall_time(2026, 1, 5, 9)
    return Roster(
        version="0123456789ab",
        zone=AMSTERDAM,
        people=people,
        rotations={
            "first": Rotation("first", ("ada",), starts, 7 * 86_400),
            "second": Rotation("second", ("bo",), starts, 7 * 86_400),
        },
        overrides=overrides,
        policies=policies
        or {
            "desk": Policy("desk", (Step(("ada",), 20),), otherwise="crisis"),
            "crisis": Policy("crisis", crisis, rounds),
        },
        lines={
            "helpdesk": Line(
                "helpdesk", "+442079460001", "Helpdesk", languages, OFFICE, "desk", "crisis", Holidays("NL")
            )
        },
    )
