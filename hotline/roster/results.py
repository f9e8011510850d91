"""What becomes of a change that somebody asked for: saved, refused, in conflict, in need of a reason."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from routing.coverage import Gap
from routing.differences import Difference
from routing.effects import Effects
from routing.problems import Problem
from routing.roster import Roster
from routing.wording import Language


@dataclass(frozen=True, slots=True)
class Author:
    """Who changed the roster; `account` is None for a command and for the file's own hand."""

    name: str
    account: int | None = None


#: Whoever wrote into the file.
HAND = Author("hand")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the roster as it was published. `sequence` counts from 1 over all replicas.

    `words` has for each language what changed from the version before, `diff` the same line by line,
    and `base` is that version's sequence, None for the first.
    """

    sequence: int
    version: str
    text: str
    author: Author
    at: datetime
    why: str
    words: Mapping[Language, tuple[str, ...]]
    diff: str
    base: int | None


@dataclass(frozen=True, slots=True)
class Published:
    """A version that has just been published: the rosters before and after it."""

    before: Roster
    after: Roster
    version: Version


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is to be the next version, the roster in it, and who wants it and why."""

    text: str
    roster: Roster
    author: Author
    why: str


@dataclass(frozen=True, slots=True)
class Saved:
    """It is in force and in the file. Nothing to change: `version` is the one that was there."""

    version: Version


@dataclass(frozen=True, slots=True)
class Refused:
    """The text is no roster."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class NeedsReason:
    """It opens these gaps within 72 hours, and nobody said why."""

    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """The roster changed meanwhile. Both texts, and the difference from `theirs` to `ours`.

    With `problems`, theirs is what stands in the file and is refused. `by` is "" and `at` None where
    nobody knows. `ours` is "" for an edit of a version that is no longer known.
    """

    theirs: str
    theirs_version: str
    by: str
    at: datetime | None
    problems: tuple[Problem, ...]
    ours: str
    diff: str


Obstacle = Literal["database", "folder", "full", "busy", "file", "unknown"]


@dataclass(frozen=True, slots=True)
class NotSaved:
    """Nothing changed: the database is away, the folder or the disk refuses, or there is no such version."""

    why: Obstacle


Result = Saved | Refused | NeedsReason | Conflict | NotSaved


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would do. Nothing is written."""

    text: str
    roster: Roster
    effects: Effects
    differences: tuple[Difference, ...]
    needs_reason: tuple[Gap, ...]


def diff_of(before: str, after: str, name: str = "oncall_schedule.yaml") -> str:
    """The difference of two texts, line by line, as `diff -u` has it; "" when there is none."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    return "\n".join(lines)


def not_saved_sentence(why: Obstacle, language: Language) -> str:
    """What to do about an obstacle."""
    dutch, english = _OBSTACLES[why]
    return dutch if language == "nl" else english


_OBSTACLES: dict[Obstacle, tuple[str, str]] = {
    "database": (
        "De database is weg; er is niets bewaard. Probeer het straks, of wijzig bij haast het bestand.",
        "The database is away; nothing was saved. Try again later, or change the file if it cannot wait.",
    ),
    "folder": (
        "Het bestand mag niet gewijzigd worden; er is niets bewaard. Laat de beheerder de rechten nakijken.",
        "The file may not be changed; nothing was saved. Have the administrator check its rights.",
    ),
    "full": (
        "De schijf is vol; er is niets bewaard. Laat de beheerder ruimte maken en probeer het dan weer.",
        "The disk is full; nothing was saved. Have the administrator make room, then try again.",
    ),
    "busy": (
        "Iemand anders is aan het bewaren; er is niets bewaard. Probeer het over een paar tellen weer.",
        "Somebody else is saving; nothing was saved. Try again in a few seconds.",
    ),
    "file": (
        "Het bestand is nu niet te lezen; er is niets bewaard. Laat de beheerder ernaar kijken.",
        "The file cannot be read now; nothing was saved. Have the administrator look at it.",
    ),
    "unknown": (
        "Deze versie is er niet. Kies een versie uit de lijst.",
        "There is no such version. Choose a version from the list.",
    ),
}
