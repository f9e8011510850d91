"""What each form of the roster offers to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from hotline.web.roster.filling import Fields, Held, read_held, swappable, torn_by
from hotline.web.roster.reading import FormRefused, read_span
from hotline.web.roster.suggestions import Suggestion, suggest
from hotline.web.roster.words import Words
from routing.roster import Instant, Roster

#: For more shifts than this nobody is suggested: an absence of months is covered turn by turn.
_MOST_TORN = 20


def choices(
    act: str, fields: Fields, roster: Roster, words: Words, now: Instant, *, previewed: bool
) -> Mapping[str, Any]:
    match act:
        case "cover":
            return {"people": _suggested(fields, roster, words)}
        case "override":
            return {"people": _with_chosen(fields, _suggested(fields, roster, words), words)}
        case "swap":
            return _shifts(fields, roster, words, now)
        case "away":
            return {"torn": _torn(fields, roster, words, now) if previewed else []}
        case _:
            return {}


def _suggested(fields: Fields, roster: Roster, words: Words) -> list[Suggestion]:
    """Who could take over; everybody, without reasons, while the span is not known."""
    try:
        span = read_span(fields, roster.zone)
    except FormRefused:
        return [Suggestion(person.id, person.name, True, ()) for person in roster.people.values()]
    return suggest(roster, fields.get("rotation", ""), span.start, span.end, words)


def _with_chosen(fields: Fields, people: list[Suggestion], words: Words) -> list[Suggestion]:
    """Whoever has it already is not suggested for it, and stays the choice."""
    chosen = fields.get("person", "")
    if chosen not in words.roster.people or any(each.person == chosen for each in people):
        return people
    return [Suggestion(chosen, words.name(chosen), True, (_("takes over already"),)), *people]


def _shifts(fields: Fields, roster: Roster, words: Words, now: Instant) -> Mapping[str, Any]:
    """The shifts that can be swapped. One that was chosen and is not there any more is still offered."""
    offered = swappable(roster, now)
    known = {held.token for found in offered.values() for held in found}
    for name in ("first", "second"):
        shift = read_held(fields.get(name, ""))
        if shift is not None and Held(shift).token not in known and shift.rotation in offered:
            known.add(Held(shift).token)
            offered[shift.rotation].insert(0, Held(shift))
    first = read_held(fields.get("first", ""))
    return {"shifts": offered, "first": first}


def _torn(fields: Fields, roster: Roster, words: Words, now: Instant) -> list[tuple[Held, list[Suggestion]]]:
    """The shifts an absence tears open, with who could take each."""
    try:
        span = read_span(fields, roster.zone)
    except FormRefused:
        return []
    person = fields.get("person", "")
    torn = torn_by(roster, person, max(span.start, now), span.end)[:_MOST_TORN]
    return [
        (
            Held(shift),
            [
                each
                for each in suggest(roster, shift.rotation, shift.start, shift.end, words)
                if each.person != person
            ],
        )
        for shift in torn
    ]
