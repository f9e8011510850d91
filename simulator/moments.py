"""What can happen on a channel, each with its words for the transcript ("" where it says nothing).

One stream of moments feeds the people on the line, the transcript and the practice page alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_E164 = re.compile(r"\+[1-9]\d{6,14}")


def masked(number: str | None) -> str:
    """Its last two digits; "withheld" for what is no number."""
    return f"…{number[-2:]}" if number and _E164.fullmatch(number) else "withheld"


def masked_keys(keys: str) -> str:
    """Short keys in full; what may be a telephone number by its last two digits."""
    return keys if len(keys) < 5 else f"…{keys[-2:]}"


@dataclass(frozen=True, slots=True)
class Dialled:
    to: str
    shown: str | None

    def __str__(self) -> str:
        return f"dials {masked(self.to)}, number {masked(self.shown)}"


@dataclass(frozen=True, slots=True)
class Posted:
    """A webhook and what came back: `answer` is a status with the verbs of the document, or an error."""

    kind: str
    method: str
    path: str
    answer: str

    def __str__(self) -> str:
        return f"webhook {self.kind}: {self.method} {self.path} -> {self.answer}"


@dataclass(frozen=True, slots=True)
class Answered:
    """The channel is open; from here silence can be heard."""

    def __str__(self) -> str:
        return "is connected"


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    language: str
    voice: str
    seconds: float

    def __str__(self) -> str:
        return f"hears ({self.language}): {self.text}"


@dataclass(frozen=True, slots=True)
class Played:
    url: str
    seconds: float

    def __str__(self) -> str:
        return f"hears the recording {self.url.rpartition('/')[2]}"


@dataclass(frozen=True, slots=True)
class GatherBegan:
    """Keys count from here; `text` is what its prompts will say."""

    text: str

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class GatherWaits:
    """The prompts have been heard to their end; `seconds` remain for the first key."""

    seconds: float

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class GatherEnded:
    digits: str

    def __str__(self) -> str:
        return f"keys taken: {masked_keys(self.digits)}" if self.digits else "no keys taken"


@dataclass(frozen=True, slots=True)
class Pressed:
    key: str

    def __str__(self) -> str:
        return f"presses {self.key}"


@dataclass(frozen=True, slots=True)
class RingBegan:
    """On the caller's channel: the network rings `number`. `shown` is the number on its display."""

    number: str
    shown: str
    seconds: float

    def __str__(self) -> str:
        return f"hears it ring: {masked(self.number)}"


@dataclass(frozen=True, slots=True)
class RingEnded:
    number: str
    status: str
    bridged: bool

    def __str__(self) -> str:
        joined = "bridged" if self.bridged else "not bridged"
        return f"the ring of {masked(self.number)} is over: {self.status}, {joined}"


@dataclass(frozen=True, slots=True)
class Rings:
    """On a leg: the telephone rings."""

    shown: str

    def __str__(self) -> str:
        return f"rings, shows {masked(self.shown)}"


@dataclass(frozen=True, slots=True)
class Greeted:
    """A voicemail says its own sentence."""

    seconds: float

    def __str__(self) -> str:
        return "speaks its voicemail greeting"


@dataclass(frozen=True, slots=True)
class Bridged:
    """The two hear each other; `number` is the one that was dialled, empty on the leg."""

    number: str

    def __str__(self) -> str:
        return f"talks with {masked(self.number) if self.number else 'the caller'}"


@dataclass(frozen=True, slots=True)
class Parted:
    """The conversation is over and this party is still on the line."""

    def __str__(self) -> str:
        return "is alone on the line"


@dataclass(frozen=True, slots=True)
class Ended:
    status: str
    by: str

    def __str__(self) -> str:
        return f"is off the line: {self.status}, by {self.by}"


@dataclass(frozen=True, slots=True)
class WentWrong:
    code: int
    message: str

    def __str__(self) -> str:
        return f"ERROR {self.code or ''} {self.message}".replace("  ", " ")


@dataclass(frozen=True, slots=True)
class FellBack:
    """The fallback document takes over."""

    def __str__(self) -> str:
        return "goes on with the fallback document"


Moment = (
    Dialled | Posted | Answered | Said | Played | GatherBegan | GatherWaits | GatherEnded | Pressed
    | RingBegan | RingEnded | Rings | Greeted | Bridged | Parted | Ended | WentWrong | FellBack
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """`who`: "caller", or the name or masked number of a phone."""

    at: datetime
    who: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class WrongUse:
    """An error the provider would have logged. `code` is the provider's, 0 where it has none."""

    at: datetime
    code: int
    message: str
    url: str = ""
    call_sid: str = ""
