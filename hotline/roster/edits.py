"""What a page can ask to be changed in the roster: values only. What becomes of them is decided in `editing`.

Times are instants. What begins before now begins now, and what has begun can only be ended: the past stays.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from routing.roster import Instant, Override, Roster, Span


@dataclass(frozen=True, slots=True)
class AddOverride:
    """With `instead_of` it is refused when that person is not on call there throughout any more."""

    rotation: str
    start: Instant
    end: Instant
    person: str
    reason: str = ""
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeOverride:
    """Of one that has begun only the end and the reason can change."""

    old: Override
    new: Override


@dataclass(frozen=True, slots=True)
class RemoveOverride:
    """One that has begun ends now."""

    override: Override


@dataclass(frozen=True, slots=True)
class Held:
    """A shift, or a part of one, and who has it: what somebody offers or asks for."""

    rotation: str
    person: str
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class SwapShifts:
    """Either person takes over from the other. Refused when a shift has changed hands meanwhile."""

    first: Held
    second: Held
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AddAway:
    person: str
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class ChangeAway:
    person: str
    old: Span
    new: Span


@dataclass(frozen=True, slots=True)
class RemoveAway:
    """An absence that has begun ends now."""

    person: str
    span: Span


@dataclass(frozen=True, slots=True)
class SetPerson:
    """None leaves a field as it is; an empty `email` removes it; `phone` in any usual spelling."""

    person: str
    name: str | None = None
    phone: str | None = None
    languages: tuple[str, ...] | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class AddPerson:
    """`person` is the short name the file uses; see `propose_person_id`."""

    person: str
    name: str
    phone: str
    languages: tuple[str, ...]
    email: str = ""


@dataclass(frozen=True, slots=True)
class RemovePerson:
    """Refused while a rotation, a policy or an override that is not over names the person."""

    person: str


ShiftEdit = AddOverride | ChangeOverride | RemoveOverride | SwapShifts | AddAway | ChangeAway | RemoveAway
PersonEdit = SetPerson | AddPerson | RemovePerson
Edit = ShiftEdit | PersonEdit


def override_key(override: Override) -> str:
    """A short name for an override, for addresses and forms: equal for equal overrides."""
    return _key(override.rotation, override.span.start, override.span.end, override.person, override.reason)


def find_override(roster: Roster, key: str) -> Override | None:
    """The override of this key, or None: it was changed or removed meanwhile."""
    return next((each for each in roster.overrides if override_key(each) == key), None)


def span_key(span: Span) -> str:
    """A short name for an absence of one person."""
    return _key(span.start, span.end)


def find_away(roster: Roster, person: str, key: str) -> Span | None:
    """The person's absence of this key, or None: it, or the person, is not there any more."""
    spans = roster.people[person].away if person in roster.people else ()
    return next((span for span in spans if span_key(span) == key), None)


def _key(*parts: object) -> str:
    return hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()[:16]


def propose_person_id(name: str, roster: Roster) -> str:
    """A short name that is still free, made of a person's first name: `Adèle Voorbeeld` is `adele`."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words: list[str] = re.findall("[a-z0-9]+", ascii_name) or ["person"]
    taken = {*roster.people, *roster.rotations}
    tries = (
        words[0][:60],
        "-".join(words)[:60],
        *(f"{words[0][:50]}-{number}" for number in range(2, 10_000)),
    )
    return next(each for each in tries if each not in taken)
