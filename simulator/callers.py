"""The callers: what they press, when they hang up, how their number looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from simulator.channels import Channel
from simulator.exchange import Exchange
from simulator.moments import (
    Bridged,
    GatherBegan,
    GatherWaits,
    Moment,
    Parted,
    Played,
    RingBegan,
    Said,
)
from simulator.phones import press_later

# How a withheld number arrives: words in any case, old keypad spellings of them, nothing at all.
WITHHELD: tuple[str | None, ...] = (
    None, "", "anonymous", "Anonymous", "ANONYMOUS", "unknown", "Unknown", "Restricted", "restricted",
    "Blocked", "unavailable", "Unavailable", "private", "266696687", "+266696687", "+1266696687",
    "7378742833", "+7378742833", "+17378742833", "2562533", "+2562533", "+12562533", "8656696", "+8656696",
    "+18656696", "86282452253", "+86282452253", "+186282452253",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class After:
    """Hangs up `seconds` after dialling."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WhileRinging:
    """Hangs up `after` seconds into the given ring (from 1) of an advisor."""

    ring: int = 1
    after: float = 2


@dataclass(frozen=True, slots=True)
class DuringPrompt:
    """Hangs up `after` seconds into the given prompt (from 1; each Say or Play is one)."""

    prompt: int = 1
    after: float = 0.5


@dataclass(frozen=True, slots=True)
class DuringTalk:
    """Hangs up `after` seconds into the given conversation (from 1)."""

    talk: int = 1
    after: float = 30


@dataclass(frozen=True, slots=True)
class AfterTalk:
    """Stays when the advisor is gone and hangs up `after` seconds later."""

    talk: int = 1
    after: float = 1


Leaving = After | WhileRinging | DuringPrompt | DuringTalk | AfterTalk


@dataclass(frozen=True, slots=True)
class Caller:
    """What a caller does. `keys`: one entry for each Gather, "" is silence, silence when they run out; or a
    function of what the Gather says. `leaves` None: stays until the network hangs up.

    Keys are pressed `reacts_after` seconds after the prompts, with `interrupts` that long after their start.
    """

    keys: Sequence[str] | Callable[[str], str] = ()
    leaves: Leaving | None = None
    reacts_after: float = 1
    interrupts: bool = False


@dataclass(slots=True, eq=False)
class CallerPhone:
    """Acts for one caller in one call."""

    exchange: Exchange
    caller: Caller
    name: str = "caller"
    gathers: int = 0
    counts: dict[type, int] = field(default_factory=dict)
    to_press: str = ""

    def notice(self, channel: Channel, moment: Moment) -> None:
        counted = Said if isinstance(moment, Played) else type(moment)
        self.counts[counted] = self.counts.get(counted, 0) + 1
        match moment:
            case GatherBegan(text):
                self.to_press = self._keys(text)
                if self.caller.interrupts:
                    self._press(channel)
            case GatherWaits():
                if not self.caller.interrupts:
                    self._press(channel)
            case _:
                pass
        if self.caller.leaves is not None:
            self._leave(channel, moment, self.caller.leaves)

    def dialled(self, channel: Channel) -> None:
        if isinstance(self.caller.leaves, After):
            self._hang_up_after(channel, self.caller.leaves.seconds)

    def _keys(self, text: str) -> str:
        if callable(self.caller.keys):
            return self.caller.keys(text)
        self.gathers += 1
        return self.caller.keys[self.gathers - 1] if self.gathers <= len(self.caller.keys) else ""

    def _press(self, channel: Channel) -> None:
        press_later(self.exchange, channel, self.to_press, self.caller.reacts_after)

    def _leave(self, channel: Channel, moment: Moment, leaves: Leaving) -> None:
        match leaves:
            case After():
                pass
            case WhileRinging(nth, after):
                self._hang_up_at(channel, moment, RingBegan, nth, after)
            case DuringPrompt(nth, after):
                self._hang_up_at(channel, moment, (Said, Played), nth, after)
            case DuringTalk(nth, after):
                self._hang_up_at(channel, moment, Bridged, nth, after)
            case AfterTalk(nth, after):
                self._hang_up_at(channel, moment, Parted, nth, after)
            case _:
                assert_never(leaves)

    def _hang_up_at(
        self, channel: Channel, moment: Moment, kind: type | tuple[type, ...], nth: int, after: float
    ) -> None:
        counted = kind[0] if isinstance(kind, tuple) else kind
        if isinstance(moment, kind) and self.counts[counted] == nth:
            self._hang_up_after(channel, after)

    def _hang_up_after(self, channel: Channel, seconds: float) -> None:
        self.exchange.loop.after(seconds, lambda: self.exchange.end(channel, by="caller"))
