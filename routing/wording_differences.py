"""The words for what changed between two rosters, in Dutch and English, with dates as people say them."""

from __future__ import annotations

from routing.differences import Difference
from routing.roster import Instant
from routing.walltime import HOUR, MINUTE, Zone, day_of
from routing.wording import Language

_MONTHS = {
    "nl": ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}
_TO = {"nl": "tot", "en": "to"}


def difference_words(difference: Difference, zone: Zone, language: Language, now: Instant) -> str:
    """What changed, in a few words. The year is told where it is not that of `now`.

    KeyError for a code without words.
    """
    dutch, english = _WORDS[difference.code]
    words = (dutch if language == "nl" else english).format_map(difference.details)
    if difference.span is None:
        return words
    when = span_words(difference.span.start, difference.span.end, zone, language, now)
    place = f" ({difference.details['rotation']})" if "rotation" in difference.details else ""
    return f"{words}, {when}{place}"


def span_words(start: Instant, end: Instant, zone: Zone, language: Language, now: Instant) -> str:
    """From when to when, as in `24 Dec 17:00 to 25 Dec 09:00`; the date is told once if it is one."""
    first, last = (moment_words(at, zone, language, now) for at in (start, end))
    if day_of(zone.wall(start)) == day_of(zone.wall(end)) and zone.wall(start) < zone.wall(end):
        last = last[-len("00:00") :]
    return f"{first} {_TO[language]} {last}"


def moment_words(at: Instant, zone: Zone, language: Language, now: Instant) -> str:
    """A moment on the wall clock, as in `24 Dec 17:00`, with the year where it is not that of `now`."""
    wall = zone.wall(at)
    day = day_of(wall)
    year = "" if day.year == day_of(zone.wall(now)).year else f" {day.year}"
    month = _MONTHS[language][day.month - 1]
    return f"{day.day} {month}{year} {wall // HOUR % 24:02}:{wall // MINUTE % 60:02}"


_WORDS: dict[str, tuple[str, str]] = {
    "nothing": ("Alleen notities of opmaak", "Only notes or layout"),
    "zone": ("De tijdzone is nu {name}", "The time zone is now {name}"),
    # Who is on call
    "duty.instead": ("{after} in plaats van {before}", "{after} instead of {before}"),
    "duty.somebody": ("{after} waar niemand dienst had", "{after} where nobody was on call"),
    "duty.nobody": ("Niemand meer in plaats van {before}", "Nobody any more instead of {before}"),
    "override.added": ("Inval van {person} erbij", "Override of {person} added"),
    "override.removed": ("Inval van {person} weg", "Override of {person} removed"),
    "override.reason": (
        "Andere reden bij de inval van {person}",
        "Another reason for the override of {person}",
    ),
    "overrides.order": ("De volgorde van de invallers", "The order of the overrides"),
    # People
    "person.added": ("{person} erbij", "{person} added"),
    "person.removed": ("{person} weg", "{person} removed"),
    "person.name": ("{before} heet nu {person}", "{before} is now called {person}"),
    "person.phone": ("Ander telefoonnummer voor {person}", "Another telephone number for {person}"),
    "person.languages": ("Talen van {person}: {languages}", "Languages of {person}: {languages}"),
    "person.email": ("Ander e-mailadres voor {person}", "Another e-mail address for {person}"),
    "person.email.removed": ("E-mailadres van {person} weg", "E-mail address of {person} removed"),
    "people.order": ("De volgorde van de mensen", "The order of the people"),
    "away.added": ("{person} afwezig", "{person} away"),
    "away.removed": ("{person} toch niet afwezig", "{person} not away after all"),
    "away.changed": ("Andere tijden van afwezigheid van {person}", "{person} away at other times"),
    # Rotations, policies, lines
    "rotation.added": ("Rotatie {name} erbij", "Rotation {name} added"),
    "rotation.removed": ("Rotatie {name} weg", "Rotation {name} removed"),
    "rotation.members": ("Rotatie {name} heeft nu {members}", "Rotation {name} now has {members}"),
    "rotation.turn": ("Andere wisselmomenten voor {name}", "Other handoffs for {name}"),
    "rotation.hours": ("Andere uren voor {name}", "Other hours for {name}"),
    "policy.added": ("Policy {name} erbij", "Policy {name} added"),
    "policy.removed": ("Policy {name} weg", "Policy {name} removed"),
    "policy.steps": ("Andere stappen in {name}", "Other steps in {name}"),
    "policy.rounds": ("Aantal rondes van {name}: {rounds}", "Rounds of {name}: {rounds}"),
    "policy.otherwise": ("Na {name} komt nu {next}", "After {name} now comes {next}"),
    "line.added": ("Lijn {name} erbij", "Line {name} added"),
    "line.removed": ("Lijn {name} weg", "Line {name} removed"),
    "line.number": ("Ander nummer voor de lijn {name}", "Another number for the line {name}"),
    "line.name": ("Een lijn heet nu {name}", "A line is now called {name}"),
    "line.languages": ("Andere talen voor de lijn {name}", "Other languages for the line {name}"),
    "line.hours": ("Andere openingstijden voor de lijn {name}", "Other opening hours for the line {name}"),
    "line.holidays": ("Andere gesloten dagen voor de lijn {name}", "Other closed days for the line {name}"),
    "line.open": ("Als {name} open is, geldt nu {policy}", "While {name} is open, {policy} now holds"),
    "line.closed": ("Als {name} dicht is, geldt nu {policy}", "While {name} is closed, {policy} now holds"),
}
