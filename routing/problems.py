"""What is wrong with a roster: a place in the file and a code; `wording` makes the sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """`line` counts from 1; `path` is as in `policies.crisis.steps[1].ring`, "" for the whole file."""

    line: int
    path: str
    code: str
    details: Mapping[str, str] = field(default_factory=dict)


def shown(text: str) -> str:
    """Text from a file, short and printable enough to stand in a sentence."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in text[: _SHOWN + 1])
    return clean if len(clean) <= _SHOWN else clean[:_SHOWN] + "..."
