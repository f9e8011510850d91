"""A call told line by line, numbers masked to their last two digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from simulator.channels import Call
from simulator.moments import Entry, Posted


@dataclass(frozen=True, slots=True)
class Transcript:
    """The entries of one call in order; `str()` prints a line for each that has words."""

    entries: Sequence[Entry]

    def lines(self, zone: tzinfo = UTC, *, webhooks: bool = True) -> list[str]:
        """E.g. "03:00:12  caller  hears (nl-NL): Goedenacht.", the time on the wall clock of `zone`."""
        shown = [entry for entry in self.entries if webhooks or not isinstance(entry.moment, Posted)]
        width = max((len(entry.who) for entry in shown), default=0)
        return [
            f"{entry.at.astimezone(zone):%H:%M:%S}  {entry.who:<{width}}  {entry.moment}"
            for entry in shown
            if str(entry.moment)
        ]

    def __str__(self) -> str:
        return "\n".join(self.lines())


def transcript(call: Call) -> Transcript:
    return Transcript(sorted(call.entries, key=lambda entry: entry.at))
